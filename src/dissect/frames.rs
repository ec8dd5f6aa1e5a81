use bytes::{Buf, BytesMut};

use super::outlet::Outlet;
use super::record::{Body, Packing, Unknown};
use crate::base::error::Faults;
use crate::gnutella::link::Inflater;
use crate::gnutella::wire::{Frame, HEADER_LEN, Header};

/// A stream in which the next descriptor cannot be found any more (FRAME-21).
#[derive(Debug)]
pub(super) struct Lost;

/// Descriptors one after the other.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// Bytes still to come of a descriptor that was not recorded whole.
    to_skip: usize,
}

impl Frames {
    /// Takes every descriptor that is complete off the front of `stream`.
    pub(super) fn take_from(
        &mut self,
        stream: &mut BytesMut,
        out: &mut Outlet<'_, '_>,
    ) -> Result<(), Lost> {
        let skipped = self.to_skip.min(stream.len());
        stream.advance(skipped);
        self.to_skip = self.to_skip.saturating_sub(skipped);
        loop {
            match Frame::take_from(stream) {
                Ok(Some(frame)) => {
                    let mut faults = Faults::new();
                    frame.inspect(&mut faults);
                    out.put_frame(&frame, Packing::Plain, faults);
                }
                Ok(None) => return Ok(()),
                Err(fault) => {
                    let header = stream.get(..HEADER_LEN).unwrap_or(stream);
                    out.put_broken_frame(header, fault);
                    stream.advance(HEADER_LEN.min(stream.len()));
                    return Err(Lost);
                }
            }
        }
    }

    /// Bytes that follow those in `stream` were not recorded. Where they belong to the descriptor
    /// that has begun, only that one is lost.
    pub(super) fn gap(&mut self, stream: &mut BytesMut, gap_len: u64) -> Result<(), Lost> {
        let frame_len = match Header::decode(stream) {
            Ok(header) => header.framed_payload_len().map_err(|_| Lost)?.saturating_add(HEADER_LEN),
            Err(_) => self.to_skip,
        };
        let missing_len = frame_len.checked_sub(stream.len()).ok_or(Lost)?;
        let gap_len = usize::try_from(gap_len).map_err(|_| Lost)?;
        self.to_skip = missing_len.checked_sub(gap_len).ok_or(Lost)?;
        stream.clear();
        Ok(())
    }
}

/// Descriptors within a compressed stream.
#[derive(Debug)]
pub(super) struct DeflatedFrames {
    inflater: Inflater,
    plain: BytesMut,
    frames: Frames,
}

impl DeflatedFrames {
    /// At the start of the compressed stream.
    pub(super) fn new() -> Self {
        Self::within(Inflater::new())
    }

    /// In what this inflater gives.
    pub(super) fn within(inflater: Inflater) -> Self {
        Self { inflater, plain: BytesMut::new(), frames: Frames::default() }
    }

    /// Inflates all of `deflated`, and takes every descriptor that is complete.
    pub(super) fn take_from(
        &mut self,
        deflated: &mut BytesMut,
        out: &mut Outlet<'_, '_>,
    ) -> Result<(), Lost> {
        loop {
            let step = self.inflater.step(deflated, &mut self.plain);
            self.frames.take_from(&mut self.plain, out)?;
            match step {
                Ok(true) => {}
                Ok(false) if self.inflater.has_ended() && !deflated.is_empty() => return Err(Lost),
                Ok(false) => return Ok(()),
                Err(fault) => {
                    let bytes = self.inflater.produced_len();
                    out.put_broken(Body::Unknown(Unknown::Inflated { bytes }), fault);
                    return Err(Lost);
                }
            }
        }
    }

    /// Compressed bytes that were read, of a stream that cannot be followed to its end.
    pub(super) fn consumed_len(&self) -> u64 {
        self.inflater.consumed_len()
    }

    /// True once anything was inflated.
    pub(super) fn has_begun(&self) -> bool {
        self.inflater.has_begun()
    }

    /// Bytes of memory that this holds.
    pub(super) fn footprint_len(&self) -> usize {
        self.plain.capacity().saturating_add(self.inflater.footprint_len())
    }

    /// Bytes of a descriptor that is not complete.
    pub(super) fn unfinished(&self) -> &[u8] {
        &self.plain
    }
}
