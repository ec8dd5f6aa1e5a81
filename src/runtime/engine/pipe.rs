use std::io;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};

use super::counters::Counters;
use super::hall::Hall;
use super::line::AGAIN_MS;
use super::stream::Stream;
use crate::base::time::Time;

/// The bytes of a connection with a neighbour, both ways, within the limits of the user.
pub(super) struct Pipe {
    pub(super) stream: Stream,
    /// Bytes that the network had no room for.
    unwritten: Bytes,
    /// The line is full by the user's will; then it is tried again.
    due: Option<Time>,
}

impl Pipe {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, unwritten: Bytes::new(), due: None }
    }

    /// These bytes go next. All that were handed over before must have gone.
    pub(super) fn put(&mut self, bytes: Bytes) {
        self.unwritten = bytes;
    }

    /// Writes what is there. False where the network, or the user, has no room for it now.
    pub(super) fn write(
        &mut self,
        cx: &mut Context<'_>,
        hall: &Hall,
        counters: &Counters,
    ) -> io::Result<bool> {
        while !self.unwritten.is_empty() {
            let now = hall.clock.now();
            let line = &hall.line.sending;
            let allowed = line.reserve(self.unwritten.len(), now);
            let Some(bytes) = self.unwritten.get(..allowed).filter(|bytes| !bytes.is_empty())
            else {
                self.due = Some(now.after_ms(AGAIN_MS));
                return Ok(false);
            };
            let written = self.stream.poll_write(cx, bytes);
            let len = match &written {
                Poll::Ready(Ok(len)) => *len,
                Poll::Ready(Err(_)) | Poll::Pending => 0,
            };
            line.give_back(allowed.saturating_sub(len));
            if written?.is_pending() {
                return Ok(false);
            }
            if len == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.unwritten.advance(len);
            counters.count_sent(len);
            hall.totals.count_sent(len);
        }
        Ok(true)
    }

    /// Reads once, and hands over what has come: nothing at the end.
    pub(super) fn read(
        &mut self,
        cx: &mut Context<'_>,
        hall: &Hall,
        counters: &Counters,
        take: impl FnOnce(&[u8], Time),
    ) -> Poll<io::Result<usize>> {
        let now = hall.clock.now();
        if hall.line.receiving.allow(1, now) == 0 {
            self.due = Some(now.after_ms(AGAIN_MS));
            return Poll::Pending;
        }
        let taken = self.stream.poll_read(cx, |bytes| {
            take(bytes, now);
            bytes.len()
        });
        if let Poll::Ready(Ok(len)) = &taken {
            hall.line.receiving.spend(*len, now);
            counters.count_received(*len);
            hall.totals.count_received(*len);
        }
        taken
    }

    /// When it is tried again.
    pub(super) const fn due(&self) -> Option<Time> {
        self.due
    }

    /// Whether it is to be tried again now.
    pub(super) fn is_due(&mut self, now: Time) -> bool {
        let is_due = self.due.is_some_and(|due| due <= now);
        if is_due {
            self.due = None;
        }
        is_due
    }
}
