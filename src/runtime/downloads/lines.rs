use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::BytesMut;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::connection::{Connection, News, Pipe, Told};
use super::pushing;
use super::task::Task;
use crate::gnutella::http::QueueId;
use crate::gnutella::push_proxy::Permit;
use crate::transfer::download::{
    Answer, Ask, CallFailure, Input, Origin, Outcome, PushWay, SourceId,
};

/// Milliseconds until a source is called for which there was no room.
const NO_ROOM_WAIT_MS: u64 = 10_000;

/// A connection, as the task of a file knows it.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) asks: mpsc::Sender<Ask>,
    pub(super) abort: AbortHandle,
    /// Who is at the other end.
    pub(super) peer: IpAddr,
}

impl Task {
    /// A connection tells something. What an earlier one of the same source tells is old.
    pub(super) async fn hear(&mut self, told: Told) {
        let Told { source, connection, news } = told;
        let line = self.lines.get(&source).filter(|line| line.number == connection);
        let Some(peer) = line.map(|line| line.peer) else { return };
        let input = match news {
            News::Connected => Input::Connected { source },
            News::NotConnected => Input::ConnectFailed { source, why: CallFailure::Unreachable },
            News::NoLine => {
                self.take_back_call(source);
                Input::ConnectFailed { source, why: CallFailure::NoLine }
            }
            News::NoRoom => {
                self.take_back_call(source);
                let why = CallFailure::Later { wait_ms: NO_ROOM_WAIT_MS };
                Input::ConnectFailed { source, why }
            }
            News::NotSecret => Input::ConnectFailed { source, why: CallFailure::NotSecret },
            News::Answered(answer) => {
                self.learn(source, peer, &answer);
                Input::Answered { source, answer }
            }
            News::Nonsense => Input::Nonsense { source },
            News::Body(bytes) => Input::Body { source, bytes },
            News::Tree(row) => Input::Tree { source, row },
            News::Held => Input::Held { source },
            News::Lost => Input::Lost { source },
        };
        if matches!(
            input,
            Input::ConnectFailed { .. } | Input::Nonsense { .. } | Input::Lost { .. }
        ) {
            self.lines.remove(&source);
        }
        let is_body = matches!(input, Input::Body { .. });
        self.handle(input).await;
        if is_body && self.download.was_of_use(source) {
            self.note(source, true);
        }
    }

    /// Nothing has left our machine.
    fn take_back_call(&self, source: SourceId) {
        if let Some(finding) = self.download.finding(source) {
            self.shared.calls().was_not_called(finding.address);
        }
    }

    /// What an answer tells besides what is asked for: whether it is a servent, and a place in its queue.
    fn learn(&self, source: SourceId, peer: IpAddr, answer: &Answer) {
        // Whoever only gives bytes may be anybody: they have to be of use.
        if answer.is_servent {
            self.note(source, true);
        }
        if let Outcome::Queued { ticket: Some(ticket), .. } = &answer.outcome
            && let Some(ticket) = QueueId::new(ticket)
        {
            self.shared.awaited().wait_in_queue((ticket, peer), self.id, source);
        }
    }

    pub(super) fn end_lines(&mut self) {
        for line in std::mem::take(&mut self.lines).into_values() {
            line.abort.abort();
        }
        std::mem::take(&mut self.pushes).into_values().for_each(|push| push.abort());
    }

    /// Calls a source, if it may be called now.
    pub(super) fn connect(
        &mut self,
        source: SourceId,
        address: SocketAddr,
    ) -> Result<(), CallFailure> {
        let finding = self.download.finding(source);
        let is_named = finding.is_some_and(|finding| finding.origin == Origin::User);
        match self.shared.may_call(address, is_named) {
            Permit::Now => {}
            Permit::Later { wait_ms } => return Err(CallFailure::Later { wait_ms }),
            Permit::LeftAlone | Permit::Unfit => return Err(CallFailure::Spared),
        }
        let (connection, asks) = self.connection(source, address);
        let abort = tokio::spawn(connection.call()).abort_handle();
        self.called.insert(source);
        self.remember(source, address.ip(), asks, abort);
        Ok(())
    }

    /// A source has called us, as we have asked it to. One that has a connection needs no other.
    pub(super) fn came(&mut self, source: SourceId, from: IpAddr, pipe: Pipe, read: BytesMut) {
        let address = self.download.finding(source).map(|finding| finding.address);
        let Some(address) = address.filter(|_| !self.lines.contains_key(&source)) else { return };
        self.end_push(source);
        let (connection, asks) = self.connection(source, address);
        let abort = tokio::spawn(connection.run(pipe, read)).abort_handle();
        self.called.remove(&source);
        self.remember(source, from, asks, abort);
    }

    fn remember(
        &mut self,
        source: SourceId,
        peer: IpAddr,
        asks: mpsc::Sender<Ask>,
        abort: AbortHandle,
    ) {
        let line = Line { number: self.last_line, asks, abort, peer };
        if let Some(old) = self.lines.insert(source, line) {
            old.abort.abort();
        }
    }

    /// Has a source call us.
    pub(super) fn push(&mut self, source: SourceId, way: PushWay) {
        self.shared.awaited().expect(&way, self.id, source);
        let (shared, unpushed) = (Arc::clone(&self.shared), self.unpushed.0.clone());
        let task = tokio::spawn(async move {
            if !pushing::push(shared, way).await {
                let _ = unpushed.send((source, CallFailure::NoWay)).await;
            }
        });
        if let Some(old) = self.pushes.insert(source, task.abort_handle()) {
            old.abort();
        }
    }

    pub(super) fn end_push(&mut self, source: SourceId) {
        if let Some(push) = self.pushes.remove(&source) {
            push.abort();
        }
    }

    /// What a source has shown to be. One that has called us shows nothing of the address that others named
    /// (PUSH-28).
    pub(super) fn note(&self, source: SourceId, is_servent: bool) {
        let finding = self.download.finding(source).filter(|_| self.called.contains(&source));
        if let Some(address) = finding.map(|finding| finding.address) {
            self.shared.note(address, is_servent);
        }
    }

    fn connection(
        &mut self,
        source: SourceId,
        address: SocketAddr,
    ) -> (Connection, mpsc::Sender<Ask>) {
        self.last_line = self.last_line.saturating_add(1);
        let (asks, asks_receiver) = mpsc::channel(2);
        let finding = self.download.finding(source);
        let connection = Connection {
            source,
            connection: self.last_line,
            address,
            takes_tls: finding.is_some_and(|finding| finding.takes_tls),
            lines: self.shared.lines.clone(),
            sha1: self.download.intent().known_by.sha1(),
            manners: self.shared.manners(),
            throttle: Arc::clone(&self.shared.throttle),
            asks: asks_receiver,
            told: self.told.0.clone(),
        };
        (connection, asks)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;
    use crate::control::desk::Desk;
    use crate::runtime::downloads::{Downloads, Plan};
    use crate::runtime::engine::Lines;
    use crate::runtime::uploads::Unfinished;
    use crate::transfer::download::journal::Intent;
    use crate::transfer::download::{Download, Finding, KnownBy, Manners, Output, Rules};

    /// Whether a stranger may be called at once after a call of which this became.
    async fn is_given_back(news: News) -> bool {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let folder = format!("filbert-lines-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let plan = Plan {
            folder: folder.clone(),
            rules: Rules::default(),
            manners: Manners::default(),
            lines: Lines::alone(),
            unfinished: Unfinished::new(true),
            seed: 1,
            desk: Desk::new().0,
        };
        let (downloads, _pushed) = Downloads::start(plan).await;
        let known_by = KnownBy::Sha1([7; 20]);
        let intent = Intent { name: "a".to_owned(), known_by, size: Some(9), root: None };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut download = Download::new(intent, Rules::default(), &mut rng);
        let address: SocketAddr = "203.1.0.1:6346".parse().unwrap();
        let found = Input::Found(Finding::by_urn(address, Origin::Hit));
        download.handle(found, downloads.0.now(), &mut rng);
        let called = std::iter::from_fn(|| download.poll()).find_map(|output| match output {
            Output::Connect { source, .. } => Some(source),
            _ => None,
        });
        let source = called.unwrap();
        let (mut task, _view) = Task::new(1, download, Arc::clone(&downloads.0), rng);
        // As `connect` does it, and no packet leaves the machine.
        assert_eq!(downloads.0.may_call(address, false), Permit::Now);
        let (_connection, asks) = task.connection(source, address);
        let abort = tokio::spawn(std::future::pending::<()>()).abort_handle();
        task.remember(source, address.ip(), asks, abort);
        task.hear(Told { source, connection: task.last_line, news }).await;
        let permit = downloads.0.may_call(address, false);
        drop(task);
        downloads.end().await;
        let _ = std::fs::remove_dir_all(&folder);
        permit == Permit::Now
    }

    /// DOWN-15: a call that never left our own machine is none.
    #[tokio::test]
    async fn our_own_limits_are_nobodys_failure() {
        for news in [News::NoLine, News::NoRoom] {
            assert!(is_given_back(news).await);
        }
        for news in [News::NotConnected, News::NotSecret, News::Lost] {
            assert!(!is_given_back(news).await);
        }
    }
}
