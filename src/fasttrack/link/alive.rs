use std::time::Duration;

use super::Reason;
use crate::base::limits::{PING_ANSWER_TIMEOUT_MS, QUIET_TIMEOUT_MS};
use crate::base::time::Time;

/// Whether the other side is there, and how far it is.
#[derive(Debug)]
pub(super) struct Alive {
    /// When its last byte came.
    heard: Time,
    /// A ping is to be written.
    asks: bool,
    /// When the ping was written that it has not answered yet.
    asked: Option<Time>,
    /// When it was found to be too quiet, if it still is.
    doubted: Option<Time>,
}

impl Alive {
    pub(super) const fn new(now: Time) -> Self {
        Self { heard: now, asks: false, asked: None, doubted: None }
    }

    /// Bytes have come, whatever they are.
    pub(super) const fn heard(&mut self, now: Time) {
        self.heard = now;
        self.doubted = None;
    }

    /// We want to know. One question at a time is enough.
    pub(super) fn ask(&mut self, now: Time) {
        let answer_due = self.asked.map(|asked| asked.after_ms(PING_ANSWER_TIMEOUT_MS));
        self.asks |= answer_due.is_none_or(|due| due <= now);
    }

    /// Whether a ping is to be written now.
    pub(super) const fn take_ping(&mut self, now: Time) -> bool {
        if self.asks {
            self.asks = false;
            self.asked = Some(now);
            return true;
        }
        false
    }

    /// A pong has come: how long it took, if anybody had asked (FTLINK-21).
    pub(super) fn pong(&mut self, now: Time) -> Option<Duration> {
        self.asked.take().map(|asked| now.since(asked))
    }

    /// It has been quiet for long. Whoever is not listened to cannot be doubted.
    pub(super) fn doubt(&mut self, is_heard: bool, now: Time) {
        self.asks = true;
        if is_heard {
            self.doubted = Some(now);
        } else {
            self.heard = now;
        }
    }

    /// When something has to happen, and what for (FTLINK-29).
    pub(super) fn timeout(&self) -> (Time, Reason) {
        match self.doubted {
            None => (self.heard.after_ms(QUIET_TIMEOUT_MS), Reason::Quiet),
            Some(doubted) => (doubted.after_ms(PING_ANSWER_TIMEOUT_MS), Reason::Answer),
        }
    }
}
