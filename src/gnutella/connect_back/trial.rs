use crate::base::limits::{
    REACH_ANSWER_MS, REACH_PROVEN_MS, REACH_RETRY_MS, REACH_RETRY_MS_MAX, REACH_ROUNDS,
};
use crate::base::time::Time;

/// What is known of one way of reaching us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Nobody has tried yet.
    #[default]
    Unknown,
    /// Somebody came through.
    Proven,
    /// Several were asked, and nobody came through.
    Unreachable,
}

/// One way of reaching us, and when it is tried next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trial {
    pub(super) reach: Reach,
    /// Rounds of asking, one after another, that nobody answered.
    in_vain: u16,
    /// When to ask next, or until when to wait for those who were asked.
    due: Time,
    is_asked: bool,
    /// It is time to ask, and there is nobody whom to ask.
    lacks_helpers: bool,
}

impl Trial {
    /// Somebody came through.
    pub(super) const fn prove(&mut self, now: Time) {
        *self = Self {
            reach: Reach::Proven,
            in_vain: 0,
            due: now.after_ms(REACH_PROVEN_MS),
            is_asked: false,
            lacks_helpers: false,
        };
    }

    /// Whether somebody is to be asked now. It has to be told whether somebody [was](Self::asked).
    pub(super) fn wants_help(&mut self, now: Time) -> bool {
        if now < self.due {
            return false;
        }
        if self.is_asked {
            self.give_up_round(now);
        }
        now >= self.due
    }

    /// Whether those who were asked have not come.
    pub(super) fn is_missed(&self, now: Time) -> bool {
        self.is_asked && now >= self.due
    }

    /// Others were asked, or there was nobody: then what was proven once is not known any more.
    pub(super) fn asked(&mut self, was_asked: bool, now: Time) {
        (self.is_asked, self.lacks_helpers) = (was_asked, !was_asked);
        if was_asked {
            self.due = now.after_ms(REACH_ANSWER_MS);
        } else if self.reach == Reach::Proven {
            self.reach = Reach::Unknown;
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Time> {
        (!self.lacks_helpers).then_some(self.due)
    }

    /// Nobody answered. After some rounds that means that nobody can, until some time has passed.
    fn give_up_round(&mut self, now: Time) {
        self.is_asked = false;
        self.in_vain = self.in_vain.saturating_add(1);
        if self.in_vain.checked_rem(REACH_ROUNDS) == Some(0) {
            self.reach = Reach::Unreachable;
            let series = self.in_vain.checked_div(REACH_ROUNDS).unwrap_or(0).saturating_sub(1);
            let wait =
                REACH_RETRY_MS.saturating_mul(1_u64.checked_shl(series.into()).unwrap_or(u64::MAX));
            self.due = now.after_ms(wait.min(REACH_RETRY_MS_MAX));
        }
    }
}
