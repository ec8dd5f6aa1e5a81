use bytes::BytesMut;

use super::Deflater;
use crate::base::limits::{DEFLATE_FLUSH_MS, DEFLATE_KEEP_MS};
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Header};

/// Whether the driver has more messages for a link than it has handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// None: what waits in the compressor has to go out now.
    Dry,
    /// Some: better compressed together, unless it takes too long.
    More,
}

/// One direction of an open link: frames to bytes.
#[derive(Debug)]
pub(super) struct Outgoing {
    deflater: Option<Box<Deflater>>,
    /// When the oldest byte went into the compressor that has not come out.
    unflushed_since: Option<Time>,
    /// When the compressor was used last, while there is one.
    used_at: Option<Time>,
}

impl Outgoing {
    pub(super) fn new(sends_deflate: bool) -> Self {
        let deflater = sends_deflate.then(Box::default);
        Self { deflater, unflushed_since: None, used_at: None }
    }

    pub(super) fn write(&mut self, frame: &Frame, out: &mut BytesMut, now: Time) {
        // Nobody has agreed on flags in the length (LINK-19).
        let header = Header { size_flags: None, ..frame.header() }.encode();
        let Some(deflater) = &mut self.deflater else {
            out.extend_from_slice(&header);
            out.extend_from_slice(&frame.payload);
            return;
        };
        deflater.write(&header, out);
        deflater.write(&frame.payload, out);
        // A full compressor flushes by itself.
        let waits = deflater.has_unflushed();
        self.unflushed_since = waits.then(|| self.unflushed_since.unwrap_or(now));
        self.used_at = Some(now);
    }

    /// Brings out what waits in the compressor, unless it is better to wait for more (HAND-39).
    pub(super) fn flush(&mut self, queue: Queue, out: &mut BytesMut, now: Time) {
        let is_due = self.flush_timeout().is_some_and(|due| queue == Queue::Dry || due <= now);
        if let (true, Some(deflater)) = (is_due, &mut self.deflater) {
            if !mutant!(NeverFlushes) {
                deflater.flush(out);
            }
            self.unflushed_since = None;
        }
    }

    /// Gives up the compressor of a link that has been quiet.
    pub(super) fn rest(&mut self, now: Time) {
        let is_quiet = self.rest_timeout().is_some_and(|due| due <= now);
        if let (true, Some(deflater)) = (is_quiet, &mut self.deflater) {
            deflater.rest();
            self.used_at = None;
        }
    }

    /// When [`flush`](Self::flush) has something to do at the latest.
    pub(super) fn flush_timeout(&self) -> Option<Time> {
        self.unflushed_since.map(|since| since.after_ms(DEFLATE_FLUSH_MS))
    }

    /// When [`rest`](Self::rest) has something to do.
    pub(super) fn rest_timeout(&self) -> Option<Time> {
        match self.unflushed_since {
            None => self.used_at.map(|used| used.after_ms(DEFLATE_KEEP_MS)),
            Some(_) => None,
        }
    }
}
