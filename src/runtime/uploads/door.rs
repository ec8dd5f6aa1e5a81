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

/// How long somebody may take to be reached, and how long the line to it may wait for what the user allows. LimeWire
/// waits for 6 seconds, far hosts need two.
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
        let mut wire = timeout(CALL_TIMEOUT, self.lines.call(to))
            .await
            .map_err(|_| io::ErrorKind::TimedOut)??;
        // So few bytes wait for nobody but us.
        let line = line.to_string();
        let said = timeout(CALL_TIMEOUT, wire.write_all(line.as_bytes())).await;
        said.map_err(|_| io::ErrorKind::QuotaExceeded)??;
        let opening = Opening::Http(Method::Get);
        let arrival = Arrival { opening, address: to, first: BytesMut::new(), wire };
        let (has_asked, outcome) = oneshot::channel();
        let room = self.visits.try_send(Called { arrival, has_asked });
        room.map_err(|_| io::ErrorKind::QuotaExceeded)?;
        Ok(Outcome(outcome))
    }
}

/// Whether a call failed because nobody was there to take it, and not for want of room or of a way of ours, which says
/// nothing of the host (PUSH-12).
pub fn nobody_was_there(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::TimedOut
            | io::ErrorKind::HostUnreachable
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PUSH-12
    #[test]
    fn what_we_lack_ourselves_is_no_sign_of_an_absent_host() {
        let (files, memory) = (24, 12);
        let ours = [
            io::ErrorKind::QuotaExceeded.into(),
            io::ErrorKind::NetworkUnreachable.into(),
            io::ErrorKind::NetworkDown.into(),
            io::ErrorKind::AddrNotAvailable.into(),
            io::ErrorKind::AddrInUse.into(),
            io::ErrorKind::PermissionDenied.into(),
            io::Error::from_raw_os_error(files),
            io::Error::from_raw_os_error(memory),
            io::Error::other("anything else"),
        ];
        assert_eq!(ours.iter().find(|error| nobody_was_there(error)).map(io::Error::kind), None);
        let theirs = [
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::ConnectionAborted,
            io::ErrorKind::BrokenPipe,
            io::ErrorKind::TimedOut,
            io::ErrorKind::HostUnreachable,
        ];
        assert_eq!(theirs.into_iter().find(|kind| !nobody_was_there(&(*kind).into())), None);
    }
}
