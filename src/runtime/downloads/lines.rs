use std::net::SocketAddr;
use std::sync::Arc;

use bytes::BytesMut;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::connection::{Connection, News, Pipe, Told};
use super::task::Task;
use crate::transfer::download::{Ask, CallFailure, Input, Manners, Outcome, SourceId};

/// A connection, as the task of a file knows it.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) asks: mpsc::Sender<Ask>,
    pub(super) abort: AbortHandle,
}

impl Task {
    /// A connection tells something. What an earlier one of the same source tells is old.
    pub(super) async fn hear(&mut self, told: Told) {
        let Told { source, connection, news } = told;
        if self.lines.get(&source).is_none_or(|line| line.number != connection) {
            return;
        }
        let ip = self.download.finding(source).map(|finding| finding.address.ip());
        let input = match news {
            News::Connected => Input::Connected { source },
            News::NotConnected => Input::ConnectFailed { source, why: CallFailure::Unreachable },
            News::Answered(answer) => {
                let gives = matches!(answer.outcome, Outcome::Bytes { .. });
                if let Some(ip) = ip.filter(|_| answer.is_servent || gives) {
                    self.shared.calls().is_servent(ip);
                }
                Input::Answered { source, answer }
            }
            News::Nonsense => Input::Nonsense { source },
            News::Body(bytes) => Input::Body { source, bytes },
            News::Tree(row) => Input::Tree { source, row },
            News::Lost => Input::Lost { source },
        };
        if matches!(
            input,
            Input::ConnectFailed { .. } | Input::Nonsense { .. } | Input::Lost { .. }
        ) {
            self.lines.remove(&source);
        }
        self.handle(input).await;
    }

    pub(super) fn end_lines(&mut self) {
        for line in std::mem::take(&mut self.lines).into_values() {
            line.abort.abort();
        }
    }

    pub(super) fn connect(&mut self, source: SourceId, address: SocketAddr) {
        let (connection, asks) = self.connection(source, address);
        let abort = tokio::spawn(connection.call()).abort_handle();
        self.remember(source, asks, abort);
    }

    /// A source has called us, as we have asked it to. One that has a connection needs no other.
    pub(super) fn came(&mut self, source: SourceId, pipe: Pipe, read: BytesMut) {
        let address = self.download.finding(source).map(|finding| finding.address);
        let Some(address) = address.filter(|_| !self.lines.contains_key(&source)) else { return };
        let (connection, asks) = self.connection(source, address);
        let abort = tokio::spawn(connection.run(pipe, read)).abort_handle();
        self.remember(source, asks, abort);
    }

    pub(super) fn remember(
        &mut self,
        source: SourceId,
        asks: mpsc::Sender<Ask>,
        abort: AbortHandle,
    ) {
        let line = Line { number: self.last_line, asks, abort };
        if let Some(old) = self.lines.insert(source, line) {
            old.abort.abort();
        }
    }

    pub(super) fn connection(
        &mut self,
        source: SourceId,
        address: SocketAddr,
    ) -> (Connection, mpsc::Sender<Ask>) {
        self.last_line = self.last_line.saturating_add(1);
        let (asks, asks_receiver) = mpsc::channel(2);
        let connection = Connection {
            source,
            connection: self.last_line,
            address,
            sha1: self.download.intent().sha1,
            manners: Arc::new(Manners {
                listen: self.shared.listen(),
                ..self.shared.manners.clone()
            }),
            throttle: Arc::clone(&self.shared.throttle),
            asks: asks_receiver,
            told: self.told.0.clone(),
        };
        (connection, asks)
    }
}
