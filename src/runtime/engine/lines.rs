use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;

use super::arrival::{Line, Wire};
use super::clock::Clock;
use super::hall::Hall;
use super::sockets::connect;
use super::stream::Stream;
use crate::base::addresses::is_public;
use crate::base::time::Time;
use crate::gnutella::link::{Profile, Role};

/// The line, for whoever calls others for something else than a link. Clones are of the same line.
///
/// All connections of the process together have a limit, and so have those by which we call one host of
/// the internet: several files may name the same one as a source.
#[derive(Clone)]
pub struct Lines {
    hall: Arc<Hall>,
    /// From which address of ours others are called.
    from: Option<IpAddr>,
    connections_max: usize,
}

impl Lines {
    pub(super) const fn new(hall: Arc<Hall>, from: Option<IpAddr>, connections_max: usize) -> Self {
        Self { hall, from, connections_max }
    }

    /// Without a node, in the clear and without a limit, for transfers that stand alone.
    pub fn alone() -> Self {
        let profile = Profile::new(Role::Leaf);
        Self::new(Arc::new(Hall::new(Clock::start(), profile, None)), None, usize::MAX)
    }

    /// Calls somebody. It may take as long as the system lets it.
    ///
    /// # Errors
    /// It cannot be reached, or there is no room for another connection.
    pub async fn call(&self, to: SocketAddr) -> io::Result<Wire> {
        if self.hall.connections() >= self.connections_max {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let host = Some(to.ip()).filter(|ip| is_public(*ip));
        let line = Line::begin(Arc::clone(&self.hall), host);
        let line = line.ok_or(io::ErrorKind::QuotaExceeded)?;
        let stream = connect(to, self.from).await?;
        Ok(Wire::of(Stream::Plain(stream), line))
    }

    /// Speaks TLS over a connection over which nothing was said yet, as its client.
    ///
    /// # Errors
    /// The other side does not, or not with us.
    pub async fn secure(&self, wire: &mut Wire) -> io::Result<()> {
        let securer = self.hall.securer.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        wire.stream.secure(&**securer, Bytes::new(), true);
        poll_fn(|cx| wire.stream.poll_secured(cx)).await
    }

    /// Whether we speak TLS at all.
    pub fn speak_tls(&self) -> bool {
        self.hall.securer.is_some()
    }

    /// What the clock shows that nodes and transfers share.
    pub fn now(&self) -> Time {
        self.hall.clock.now()
    }
}
