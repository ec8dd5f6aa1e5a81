use super::capacity::{Closed, Meter};
use super::host::{Host, percent};
use super::thresholds::{SlotThresholds, Thresholds};
use crate::base::time::Time;

/// Windows between two changes of the allowance, so that one shows its effect before the next.
const WINDOWS_A_STEP: u8 = 3;

/// How many leaves a supernode takes.
///
/// It begins with what its proven line bears, or with the least, and doubles while nearly all slots
/// are taken and the line is not full; a line that is full takes back a quarter. So a promise grants
/// nothing, and what was granted is what was seen to work.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowance {
    granted: u32,
    /// Windows since it was changed.
    age: u8,
}

impl Allowance {
    /// What a new supernode may take.
    pub(super) fn beginning(
        upload: &Meter,
        host: &Host,
        thresholds: &Thresholds,
        now: Time,
    ) -> Self {
        let slots = &thresholds.slots;
        Self { granted: bearable(upload, host, thresholds, now).max(slots.leaves_least), age: 0 }
    }

    /// A window of traffic has ended while there were so many leaves.
    pub(super) fn window_closed(
        &mut self,
        closed: Closed,
        is_full_line: bool,
        leaves: u32,
        slots: &SlotThresholds,
    ) {
        self.age = self.age.saturating_add(1);
        if self.age < WINDOWS_A_STEP {
            return;
        }
        if is_full_line && closed.congested {
            let fewer = self.granted.min(leaves).saturating_mul(3) / 4;
            self.step(fewer, slots);
        } else if !closed.congested && is_nearly_all(leaves, self.granted) {
            self.step(self.granted.saturating_mul(2), slots);
        }
    }

    /// How many leaves it is now.
    pub(super) const fn granted(self) -> u32 {
        self.granted
    }

    fn step(&mut self, granted: u32, slots: &SlotThresholds) {
        // One who sets a least above the most means the most.
        self.granted = granted.max(slots.leaves_least).min(slots.leaves_max);
        self.age = 0;
    }
}

/// Nine tenths or more.
pub(super) fn is_nearly_all(taken: u32, of: u32) -> bool {
    u64::from(taken).saturating_mul(10) >= u64::from(of).saturating_mul(9)
}

/// The leaves that the proven line bears beside the links to other supernodes.
fn bearable(upload: &Meter, host: &Host, thresholds: &Thresholds, now: Time) -> u32 {
    let (bandwidth, slots) = (&thresholds.bandwidth, &thresholds.slots);
    let proven = host.part_of(upload.proven(bandwidth, now));
    let share = percent(proven, bandwidth.share_percent);
    let links = u64::from(slots.supernodes_target).saturating_mul(bandwidth.supernode_cost);
    let leaves = share.saturating_sub(links).checked_div(bandwidth.leaf_cost);
    let leaves = leaves.and_then(|leaves| u32::try_from(leaves).ok()).unwrap_or(u32::MAX);
    leaves.min(slots.leaves_max)
}
