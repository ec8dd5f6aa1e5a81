use crate::base::limits::{
    ALIVE_LEAF_S, ALIVE_MISSES_MAX, ALIVE_ULTRAPEER_S, ALIVE_WAIT_AS_LEAF_S,
    ALIVE_WAIT_AS_ULTRAPEER_S,
};
use crate::base::mutant::mutant;
use crate::base::time::Time;

/// Signs of life on one link. Moments are whole seconds since the start, so that those of many
/// links fall together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alive {
    heard_s: u32,
    sent_s: u32,
    pinged_s: u32,
    /// Pings since the last sign of life.
    unanswered: u8,
}

/// How long a link may be silent, and how long an answer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    pub(super) silence_s: u32,
    pub(super) answer_s: u32,
}

/// What is due on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Ping,
    GiveUp,
}

impl Patience {
    /// Towards the neighbours of a leaf that has so many. It hears of one of them every quarter of
    /// a minute, however many there are: one that lives is enough.
    pub(super) fn as_leaf(neighbours: u32) -> Self {
        let silence_s = ALIVE_ULTRAPEER_S.saturating_mul(neighbours.max(1)).min(ALIVE_LEAF_S);
        Self { silence_s, answer_s: ALIVE_WAIT_AS_LEAF_S }
    }

    pub(super) const fn with_leaf() -> Self {
        Self { silence_s: ALIVE_LEAF_S, answer_s: ALIVE_WAIT_AS_ULTRAPEER_S }
    }

    pub(super) const fn with_ultrapeer() -> Self {
        Self { silence_s: ALIVE_ULTRAPEER_S, answer_s: ALIVE_WAIT_AS_ULTRAPEER_S }
    }
}

impl Alive {
    pub(super) fn new(now: Time) -> Self {
        let now_s = seconds(now);
        Self { heard_s: now_s, sent_s: now_s, pinged_s: 0, unanswered: 0 }
    }

    pub(super) fn heard(&mut self, now: Time) {
        self.heard_s = seconds(now);
        self.unanswered = 0;
    }

    pub(super) fn sent(&mut self, now: Time) {
        self.sent_s = seconds(now);
    }

    /// A ping goes out.
    pub(super) fn pinged(&mut self, now: Time) {
        self.pinged_s = seconds(now);
        self.unanswered = self.unanswered.saturating_add(1);
    }

    /// The second in which something is due, if nothing happens until then.
    pub(super) fn due_s(&self, patience: Patience) -> u32 {
        if self.unanswered > 0 {
            return self.pinged_s.saturating_add(patience.answer_s);
        }
        // A ping that waits in a queue counts as sent, or there would be one more each second.
        let spoken_s = self.sent_s.max(self.pinged_s);
        spoken_s.min(self.heard_s).saturating_add(patience.silence_s)
    }

    pub(super) fn due(&self, patience: Patience, now: Time) -> Due {
        if seconds(now) < self.due_s(patience) {
            return Due::Nothing;
        }
        if self.unanswered >= ALIVE_MISSES_MAX && !mutant!(KeepsSilentNeighbours) {
            Due::GiveUp
        } else {
            Due::Ping
        }
    }
}

/// Whole seconds since the start.
pub(super) fn seconds(now: Time) -> u32 {
    u32::try_from(now.as_micros() / 1_000_000).unwrap_or(u32::MAX)
}
