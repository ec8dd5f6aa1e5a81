//! Connections that we open to those who want a file: because they are not reached by others, or because it is
//! their turn.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::base::time::Time;
use crate::gnutella::link::{Method, Opening};
use crate::runtime::engine::{Arrival, Lines};

/// How long somebody may take to be reached. LimeWire waits for 6 seconds, far hosts need two.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);

/// Brings connections to where files are served.
#[derive(Clone)]
pub struct Door {
    lines: Lines,
    visits: mpsc::Sender<Called>,
}

/// A connection that stands, and whoever waits to hear whether something is asked for over it.
pub(super) struct Called {
    pub(super) arrival: Arrival,
    pub(super) has_asked: oneshot::Sender<bool>,
}

/// What becomes of a call.
pub struct Outcome(oneshot::Receiver<bool>);

impl Outcome {
    /// Waits for the first request over the connection, or for its end without one. None where it was ended by us.
    pub async fn has_asked(self) -> Option<bool> {
        self.0.await.ok()
    }
}

impl Door {
    pub(super) const fn new(lines: Lines, visits: mpsc::Sender<Called>) -> Self {
        Self { lines, visits }
    }

    pub(super) fn now(&self) -> Time {
        self.lines.now()
    }

    /// Calls somebody, says this line, and serves what it asks for.
    ///
    /// # Errors
    /// It could not be reached, or there is no room for it.
    pub async fn call(&self, to: SocketAddr, line: impl fmt::Display) -> io::Result<Outcome> {
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        let call = async {
            let mut wire = self.lines.call(to).await?;
            wire.write_all(line.to_string().as_bytes()).await?;
            io::Result::Ok(wire)
        };
        let wire = timeout(CALL_TIMEOUT, call).await.map_err(late)??;
        let opening = Opening::Http(Method::Get);
        let arrival = Arrival { opening, address: to, first: BytesMut::new(), wire };
        let (has_asked, outcome) = oneshot::channel();
        let room = self.visits.try_send(Called { arrival, has_asked });
        room.map_err(|_| io::ErrorKind::QuotaExceeded)?;
        Ok(Outcome(outcome))
    }
}
