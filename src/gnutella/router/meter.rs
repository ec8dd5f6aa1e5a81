use super::neighbour::Neighbour;
use super::quotas::Quotas;
use crate::base::limits::{FORWARDED_EVERY_MS, FORWARDED_SHARE_BURST, FORWARDED_SHARE_EVERY_MS};
use crate::base::time::Time;

/// How much has gone on from here, against a rate: until when it is paid for, in turns of some
/// milliseconds. There are enough turns for a year.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meter {
    paid_until: u32,
}

impl Meter {
    #[inline]
    fn has_room(self, every_ms: u64, burst: u32, now: Time) -> bool {
        self.paid_until.saturating_sub(turn(every_ms, now)) < burst
    }

    /// One more has gone on. What is owed is bounded, so that nobody waits for it long.
    #[inline]
    fn pay(&mut self, every_ms: u64, burst: u32, now: Time) {
        let turn = turn(every_ms, now);
        let most = turn.saturating_add(burst.saturating_mul(2));
        self.paid_until = self.paid_until.max(turn).saturating_add(1).min(most);
    }
}

/// Whether one more new message of a neighbour may go on from here (TTL-23): there is something left
/// of its own share, or of what the others leave. What a leaf sends is bounded by what is remembered
/// of it.
#[inline]
pub(super) fn may_go_on(all: Meter, sender: &Neighbour, quotas: &Quotas, now: Time) -> bool {
    sender.is_leaf
        || quotas.is_unmetered()
        || sender.forwarded.has_room(FORWARDED_SHARE_EVERY_MS, FORWARDED_SHARE_BURST, now)
        || all.has_room(FORWARDED_EVERY_MS, quotas.forwarded_burst, now)
}

/// A new message of a neighbour has gone on.
#[inline]
pub(super) fn count_onward(all: &mut Meter, sender: &mut Neighbour, quotas: &Quotas, now: Time) {
    if sender.is_leaf || quotas.is_unmetered() {
        return;
    }
    let share = &mut sender.forwarded;
    if share.has_room(FORWARDED_SHARE_EVERY_MS, FORWARDED_SHARE_BURST, now) {
        share.pay(FORWARDED_SHARE_EVERY_MS, FORWARDED_SHARE_BURST, now);
    }
    all.pay(FORWARDED_EVERY_MS, quotas.forwarded_burst, now);
}

/// The turn that a moment belongs to.
#[inline]
fn turn(every_ms: u64, now: Time) -> u32 {
    let micros = every_ms.saturating_mul(1_000);
    u32::try_from(now.as_micros().checked_div(micros).unwrap_or(0)).unwrap_or(u32::MAX)
}
