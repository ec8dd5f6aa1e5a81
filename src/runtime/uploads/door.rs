//! Connections that we open to those who want a file: because they are not reached by others, or because it is
//! their turn.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::mpsc;
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
    visits: mpsc::Sender<Arrival>,
}

impl Door {
    pub(super) const fn new(lines: Lines, visits: mpsc::Sender<Arrival>) -> Self {
        Self { lines, visits }
    }

    pub(super) fn now(&self) -> Time {
        self.lines.now()
    }

    /// Calls somebody, says this line, and serves what it asks for.
    ///
    /// # Errors
    /// It could not be reached, or there is no room for it.
    pub async fn call(&self, to: SocketAddr, line: impl fmt::Display) -> io::Result<()> {
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        let call = async {
            let mut wire = self.lines.call(to).await?;
            wire.write_all(line.to_string().as_bytes()).await?;
            io::Result::Ok(wire)
        };
        let wire = timeout(CALL_TIMEOUT, call).await.map_err(late)??;
        let opening = Opening::Http(Method::Get);
        let arrival = Arrival { opening, address: to, first: BytesMut::new(), wire };
        self.visits.try_send(arrival).map_err(|_| io::ErrorKind::QuotaExceeded.into())
    }
}
