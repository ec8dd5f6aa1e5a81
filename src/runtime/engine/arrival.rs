use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::hall::Hall;
use super::line::AGAIN_MS;
use super::stream::Stream;
use crate::base::time::Time;
use crate::gnutella::link::Opening;

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
    hall: Arc<Hall>,
}

impl Wire {
    /// A connection that was counted already.
    pub(super) const fn new(stream: Stream, hall: Arc<Hall>) -> Self {
        Self { stream, hall }
    }

    /// What the clock shows that nodes and transfers share.
    pub fn now(&self) -> Time {
        self.hall.clock.now()
    }

    /// When that clock will show this; none if that is never.
    pub fn instant(&self, time: Time) -> Option<Instant> {
        self.hall.clock.instant(time)
    }

    /// Reads once, as much as there is, and hands it to `take`. Nothing is the end.
    pub async fn read<T>(&mut self, mut take: impl FnMut(&[u8]) -> T) -> io::Result<T> {
        let hall = &self.hall;
        let mut counted = |bytes: &[u8]| {
            hall.totals.count_received(bytes.len());
            take(bytes)
        };
        poll_fn(|cx| self.stream.poll_read(cx, &mut counted)).await
    }

    /// Sends all of this, as fast as the user allows.
    pub async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let allowed = self.reserve(bytes.len()).await;
            let part = bytes.get(..allowed).unwrap_or(bytes);
            let written = poll_fn(|cx| self.stream.poll_write(cx, part)).await;
            self.sent(allowed, *written.as_ref().unwrap_or(&0));
            let written = written?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            bytes = bytes.get(written..).unwrap_or_default();
        }
        poll_fn(|cx| self.stream.poll_flush(cx)).await
    }

    /// Says that no more will be sent.
    pub async fn shut_down(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.stream.poll_shutdown(cx)).await
    }

    /// Waits until some of so many bytes may be sent. They are ours then.
    pub async fn reserve(&self, wanted: usize) -> usize {
        loop {
            let allowed = self.hall.line.sending.reserve(wanted, self.now());
            if allowed > 0 || wanted == 0 {
                return allowed;
            }
            tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
        }
    }

    /// Of so many reserved bytes, these have gone.
    pub fn sent(&self, reserved: usize, sent: usize) {
        self.hall.line.sending.give_back(reserved.saturating_sub(sent));
        self.hall.totals.count_sent(sent);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.hall.connection_ends();
    }
}
