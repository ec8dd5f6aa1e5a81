use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::hall::Hall;
use super::line::AGAIN_MS;
use super::stream::Stream;
use crate::base::time::Time;
use crate::gnutella::link::Opening;

/// Of what the user allows in a second, files leave this part to links: one in so many.
const LINKS_SHARE: u32 = 4;

/// Somebody who has connected for something else than a link: a file, or because we have asked it to.
pub struct Arrival {
    /// What it began with.
    pub opening: Opening,
    /// Who it is.
    pub address: SocketAddr,
    /// What it has sent already.
    pub first: BytesMut,
    /// The connection. It counts as one of ours until this is dropped.
    pub wire: Wire,
}

/// A connection that is no link, with its part of the line.
pub struct Wire {
    pub(in crate::runtime) stream: Stream,
    pub(in crate::runtime) line: Line,
}

/// What a connection that is no link has of the line. It counts as one until this is dropped.
pub struct Line {
    hall: Arc<Hall>,
    /// Whom we have called, where it counts (see [`Lines`](super::Lines)).
    called: Option<IpAddr>,
}

impl Wire {
    /// A connection that was counted already.
    pub(super) const fn new(stream: Stream, hall: Arc<Hall>) -> Self {
        Self::of(stream, Line { hall, called: None })
    }

    pub(super) const fn of(stream: Stream, line: Line) -> Self {
        Self { stream, line }
    }

    /// What the clock shows that nodes and transfers share.
    pub fn now(&self) -> Time {
        self.line.now()
    }

    /// When that clock will show this; none if that is never.
    pub fn instant(&self, time: Time) -> Option<Instant> {
        self.line.hall.clock.instant(time)
    }

    /// Reads once, as much as there is, and hands it to `take`. Nothing is the end.
    pub async fn read<T>(&mut self, mut take: impl FnMut(&[u8]) -> T) -> io::Result<T> {
        let Self { stream, line } = self;
        let mut counted = |bytes: &[u8]| {
            line.hall.totals.count_received(bytes.len());
            take(bytes)
        };
        poll_fn(|cx| stream.poll_read(cx, &mut counted)).await
    }

    /// Sends all of this, as fast as the user allows.
    pub async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let allowed = self.line.reserve(bytes.len()).await;
            let part = bytes.get(..allowed).unwrap_or(bytes);
            let written = self.write(part).await;
            self.line.sent(allowed, *written.as_ref().unwrap_or(&0));
            bytes = bytes.get(written?..).unwrap_or_default();
        }
        self.flush().await
    }

    /// Sends some of this, which was reserved; what has gone is told to [`Line::sent`].
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = poll_fn(|cx| self.stream.poll_write(cx, bytes)).await?;
        if written == 0 { Err(io::ErrorKind::WriteZero.into()) } else { Ok(written) }
    }

    /// Sends what is kept back, where something is.
    pub async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.stream.poll_flush(cx)).await
    }

    /// Says that no more will be sent.
    pub async fn shut_down(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.stream.poll_shutdown(cx)).await
    }
}

impl Line {
    /// Of a call that begins, if the host is not called too often at once.
    pub(super) fn begin(hall: Arc<Hall>, called: Option<IpAddr>) -> Option<Self> {
        if let Some(host) = called
            && !hall.call_begins(host)
        {
            return None;
        }
        hall.connection_begins();
        Some(Self { hall, called })
    }

    /// What the clock shows that nodes and transfers share.
    pub fn now(&self) -> Time {
        self.hall.clock.now()
    }

    /// Waits until some of so many bytes may be sent. They are ours then.
    pub async fn reserve(&self, wanted: usize) -> usize {
        self.reserve_all_but(0, wanted).await
    }

    /// The same for what would fill the line for long: links find a part of it free.
    pub async fn reserve_behind_links(&self, wanted: usize) -> usize {
        self.reserve_all_but(LINKS_SHARE, wanted).await
    }

    /// Of so many reserved bytes, these have gone.
    pub fn sent(&self, reserved: usize, sent: usize) {
        self.hall.line.sending.give_back(reserved.saturating_sub(sent));
        self.hall.totals.count_sent(sent);
    }

    async fn reserve_all_but(&self, share: u32, wanted: usize) -> usize {
        loop {
            let allowed = self.hall.line.sending.reserve_all_but(share, wanted, self.now());
            if allowed > 0 || wanted == 0 {
                return allowed;
            }
            tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.hall.connection_ends();
        if let Some(host) = self.called {
            self.hall.call_ends(host);
        }
    }
}
