use std::time::Duration;

use bytes::BytesMut;

use super::alive::Alive;
use super::faults::Recent;
use super::framing::Front;
use super::pace::Pace;
use super::{Cipher, Framing, Item, Reason};
use crate::base::error::Malformed;
use crate::base::limits::FRAME_TIMEOUT_MS;
use crate::base::time::Time;

/// A session that stands, as far as the other side goes: bytes to items.
#[derive(Debug)]
pub(super) struct Open {
    cipher: Cipher,
    framing: Framing,
    /// When the message at the front began to arrive.
    message_since: Option<Time>,
    /// The message at the front is too much; it may be taken then.
    held_until: Option<Time>,
    pace: Pace,
    pub(super) alive: Alive,
    pub(super) faults: Recent,
}

impl Open {
    /// With what the name was deciphered with.
    pub(super) fn new(cipher: Cipher, now: Time) -> Self {
        Self {
            cipher,
            framing: Framing::new(),
            message_since: None,
            held_until: None,
            pace: Pace::new(now),
            alive: Alive::new(now),
            faults: Recent::default(),
        }
    }

    /// Adds what has come to the plain bytes of the inbox.
    pub(super) fn receive(&mut self, bytes: &[u8], inbox: &mut BytesMut, now: Time) {
        let plain_len = inbox.len();
        inbox.extend_from_slice(bytes);
        self.cipher.apply(inbox.get_mut(plain_len..).unwrap_or_default());
        if !bytes.is_empty() {
            self.alive.heard(now);
        }
    }

    /// Takes the next item out of what has arrived. An error is the end of the session.
    pub(super) fn next(
        &mut self,
        inbox: &mut BytesMut,
        now: Time,
    ) -> Result<Option<Item>, Malformed> {
        if self.held_until.is_some_and(|until| now < until) {
            return Ok(None);
        }
        self.held_until = None;
        let front = self.framing.front(inbox)?;
        if let Some(front @ Front::Message { kind, .. }) = front
            && front.len() <= inbox.len()
            && let Err(due) = self.pace.take(kind, now)
        {
            (self.held_until, self.message_since) = (Some(due), None);
            return Ok(None);
        }
        let item = self.framing.take(inbox)?;
        self.message_since = match item {
            None if !inbox.is_empty() => self.message_since.or(Some(now)),
            _ => None,
        };
        if inbox.is_empty() {
            // A link that waits keeps no empty buffer.
            *inbox = BytesMut::new();
        }
        Ok(item)
    }

    /// True while the other side has sent too much.
    pub(super) const fn is_held(&self) -> bool {
        self.held_until.is_some()
    }

    /// It may go on, if the time has come.
    pub(super) const fn go_on(&mut self) {
        self.held_until = None;
    }

    /// It has been quiet for long, or was not listened to.
    pub(super) fn doubt(&mut self, now: Time) {
        self.alive.doubt(!self.is_held(), now);
    }

    /// A pong has come: how long it took, if anybody had asked.
    pub(super) fn pong(&mut self, now: Time) -> Option<Duration> {
        self.alive.pong(now)
    }

    /// The first of what there is to wait for.
    pub(super) fn next_timeout(&self) -> (Time, Reason) {
        let message_due = self.message_since.map(|since| since.after_ms(FRAME_TIMEOUT_MS));
        let waits = [(message_due, Reason::Message), (self.held_until, Reason::Pace)];
        let due = waits.into_iter().filter_map(|(due, reason)| Some((due?, reason)));
        due.fold(self.alive.timeout(), |first, wait| if wait.0 < first.0 { wait } else { first })
    }
}
