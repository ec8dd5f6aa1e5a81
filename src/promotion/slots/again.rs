//! Leaves that come again because nobody has room for them.

use std::net::IpAddr;

use super::{SlotPolicy, hundredths};
use crate::base::limits::{COME_AGAIN_MAX_MS, COME_AGAIN_MIN_MS, TURNED_AWAY_MAX};
use crate::base::slots::{give_back_room, make_room};
use crate::base::time::Time;

/// Leaves that were turned away for want of a slot, and when that was; the one that has waited for
/// longest first.
#[derive(Clone, Debug, Default)]
pub(super) struct TurnedAway(Vec<(IpAddr, Time)>);

impl TurnedAway {
    fn note(&mut self, leaf: IpAddr, now: Time) {
        self.forget(now);
        self.0.retain(|(known, _)| *known != leaf);
        if self.0.len() >= TURNED_AWAY_MAX {
            self.0.remove(0);
        }
        make_room(&mut self.0);
        self.0.push((leaf, now));
    }

    fn forget(&mut self, now: Time) {
        self.0.retain(|(_, since)| since.after_ms(COME_AGAIN_MAX_MS) >= now);
        give_back_room(&mut self.0);
    }

    fn comes_again(&self, leaf: IpAddr, now: Time) -> bool {
        let is_meant = |known: &(IpAddr, Time)| {
            let (from, until) =
                (known.1.after_ms(COME_AGAIN_MIN_MS), known.1.after_ms(COME_AGAIN_MAX_MS));
            known.0 == leaf && from <= now && now <= until
        };
        self.0.iter().any(is_meant)
    }
}

impl SlotPolicy {
    /// A leaf was refused for want of a slot.
    pub fn turned_away(&mut self, leaf: IpAddr, now: Time) {
        if self.guests_max() > 0 {
            self.turned_away.get_or_insert_default().note(leaf.to_canonical(), now);
        }
    }

    /// Whether a leaf gets one of the slots beyond all others.
    pub(super) fn may_come_again(&self, leaf: IpAddr, now: Time) -> bool {
        let is_known = |away: &TurnedAway| away.comes_again(leaf.to_canonical(), now);
        self.guests < self.guests_max() && self.turned_away.as_deref().is_some_and(is_known)
    }

    /// Leaves that have a slot, or one of those beyond.
    pub(super) const fn leaves_with_slot(&self) -> u32 {
        self.leaf_slots.saturating_add(self.guests)
    }

    /// Guests take the slots that others leave.
    pub(super) fn seat_guests(&mut self) {
        self.guests = self.guests.min(self.leaves.saturating_sub(self.leaf_slots));
    }

    fn guests_max(&self) -> u32 {
        let percent = self.slots().come_again_percent;
        if percent == 0 || self.leaf_slots == 0 {
            return 0;
        }
        hundredths(self.leaf_slots, percent).max(1)
    }

    /// Nobody comes again after so long.
    pub(super) fn forget_turned_away(&mut self, now: Time) {
        if let Some(away) = &mut self.turned_away {
            away.forget(now);
            if away.0.is_empty() {
                self.turned_away = None;
            }
        }
    }
}
