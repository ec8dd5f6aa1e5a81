use bytes::BytesMut;

use super::framing::{self, Taken};
use super::{Inflater, Role};
use crate::base::error::Fault;
use crate::base::limits::FRAME_TIMEOUT_MS;
use crate::base::time::Time;

/// One direction of an open link: bytes to frames.
#[derive(Debug)]
pub(super) struct Incoming {
    peer_role: Role,
    inflater: Option<Box<Inflater>>,
    /// Inflated bytes that are no whole frame yet. Empty where nothing is compressed.
    plain: BytesMut,
    /// When the frame at the front began to arrive.
    frame_since: Option<Time>,
}

impl Incoming {
    pub(super) fn new(peer_role: Role, receives_deflate: bool) -> Self {
        let inflater = receives_deflate.then(Box::default);
        Self { peer_role, inflater, plain: BytesMut::new(), frame_since: None }
    }

    /// Takes the next frame out of the bytes that have arrived, if it is complete.
    pub(super) fn next(&mut self, inbox: &mut BytesMut, now: Time) -> Result<Option<Taken>, Fault> {
        let taken = match &mut self.inflater {
            None => framing::take(inbox, self.peer_role)?,
            Some(inflater) => inflated(inflater, inbox, &mut self.plain, self.peer_role)?,
        };
        let has_begun = !inbox.is_empty() || !self.plain.is_empty();
        self.frame_since = match taken {
            None if has_begun => self.frame_since.or(Some(now)),
            _ => None,
        };
        if taken.is_none() {
            give_back(inbox);
            give_back(&mut self.plain);
        }
        Ok(taken)
    }

    /// When the frame at the front must be complete.
    pub(super) fn frame_timeout(&self) -> Option<Time> {
        self.frame_since.map(|since| since.after_ms(FRAME_TIMEOUT_MS))
    }
}

/// Inflates no more than it takes to have a frame.
fn inflated(
    inflater: &mut Inflater,
    deflated: &mut BytesMut,
    plain: &mut BytesMut,
    peer_role: Role,
) -> Result<Option<Taken>, Fault> {
    loop {
        if let Some(taken) = framing::take(plain, peer_role)? {
            return Ok(Some(taken));
        }
        let step = inflater.step(deflated, plain);
        if step == Ok(true) {
            continue;
        }
        // What came out whole in front of an end, or of damage, counts (LINK-13).
        if let Some(taken) = framing::take(plain, peer_role)? {
            return Ok(Some(taken));
        }
        step?;
        return Ok(inflater.has_ended().then_some(Taken::StreamEnd));
    }
}

/// A link that waits keeps no empty buffer.
pub(super) fn give_back(buffer: &mut BytesMut) {
    if buffer.is_empty() {
        *buffer = BytesMut::new();
    }
}
