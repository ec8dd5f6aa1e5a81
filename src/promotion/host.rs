use std::time::Duration;

use super::thresholds::{HostThresholds, SlotThresholds};
use crate::base::time::Time;

/// What the machine has left. What nobody has measured is not held against it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Host {
    /// Files and sockets that may be open, less those that others than neighbours may need.
    descriptors: Option<u64>,
    /// Bytes.
    memory: Option<u64>,
    is_short: bool,
    /// A decaying average, in thousandths.
    busy: Option<u16>,
    overloaded_since: Option<Time>,
    stalled_at: Option<Time>,
    searched_at: Option<Time>,
    /// Other networks in which the node is a supernode.
    beside: u8,
}

impl Host {
    pub(super) fn set_descriptors(&mut self, limit: u64, others: u64) {
        self.descriptors = Some(limit.saturating_sub(others));
    }

    pub(super) fn set_memory(&mut self, bytes: u64) {
        self.memory = Some(bytes);
    }

    pub(super) fn set_short(&mut self, is_short: bool) {
        self.is_short = is_short;
    }

    pub(super) const fn set_beside(&mut self, others: u8) {
        self.beside = others;
    }

    /// Among how many networks the line and the machine are divided.
    pub(super) fn parts(&self) -> u64 {
        u64::from(self.beside).saturating_add(1)
    }

    /// What of the whole is for this network.
    pub(super) fn part_of(&self, whole: u64) -> u64 {
        whole.checked_div(self.parts()).unwrap_or(whole)
    }

    pub(super) fn stalled(&mut self, now: Time) {
        self.stalled_at = Some(now);
    }

    pub(super) fn searched(&mut self, now: Time) {
        self.searched_at = Some(now);
    }

    /// Takes a new measurement of the processors; a quarter of it counts at once.
    pub(super) fn worked(&mut self, permille: u16, thresholds: &HostThresholds, now: Time) {
        let permille = permille.min(1_000);
        let busy = self.busy.map_or(permille, |old| {
            let sum = u32::from(old).saturating_mul(3).saturating_add(permille.into());
            u16::try_from(sum / 4).unwrap_or(permille)
        });
        self.busy = Some(busy);
        if busy <= thresholds.overload_permille {
            self.overloaded_since = None;
        } else if self.overloaded_since.is_none() {
            self.overloaded_since = Some(now);
        }
    }

    /// What is known of files and sockets: those there are, and those that so many leaves need.
    pub(super) fn descriptors(
        &self,
        leaves: u32,
        thresholds: &HostThresholds,
        slots: &SlotThresholds,
    ) -> Option<(u64, u64)> {
        let links = u64::from(leaves).saturating_add(slots.supernodes_max.into());
        Some((
            self.part_of(self.descriptors?),
            links.saturating_add(thresholds.descriptors_reserve),
        ))
    }

    /// The same of memory, in bytes; what there is for the overlay, and what so many leaves need.
    pub(super) fn memory(
        &self,
        leaves: u32,
        thresholds: &HostThresholds,
        slots: &SlotThresholds,
    ) -> Option<(u64, u64)> {
        let links = u64::from(leaves).saturating_add(slots.supernodes_max.into());
        let tables = u64::from(leaves).saturating_mul(thresholds.leaf_memory);
        let needed = tables.saturating_add(links.saturating_mul(thresholds.queue_memory));
        Some((percent(self.part_of(self.memory?), thresholds.memory_percent), needed))
    }

    /// The most leaves for which descriptors and memory suffice.
    pub(super) fn leaves_max(&self, thresholds: &HostThresholds, slots: &SlotThresholds) -> u32 {
        let fits = |leaves: u32| {
            let is_enough = |have_and_need: Option<(u64, u64)>| {
                have_and_need.is_none_or(|(have, need)| need < have)
            };
            is_enough(self.descriptors(leaves, thresholds, slots))
                && is_enough(self.memory(leaves, thresholds, slots))
        };
        // What fits is a beginning of all numbers: halve until its end is found.
        let (mut fitting, mut beyond) = (0_u32, slots.leaves_max.saturating_add(1));
        while fitting.saturating_add(1) < beyond {
            let middle = fitting.midpoint(beyond);
            if fits(middle) { fitting = middle } else { beyond = middle }
        }
        fitting
    }

    pub(super) const fn is_short(&self) -> bool {
        self.is_short
    }

    /// How busy the processors are, in thousandths; idle where nobody has looked.
    pub(super) fn busy(&self) -> u16 {
        self.busy.unwrap_or(0)
    }

    pub(super) const fn overloaded_since(&self) -> Option<Time> {
        self.overloaded_since
    }

    /// Until when an upload that stalled tells against the line.
    pub(super) fn stalled_until(&self, life: Duration) -> Option<Time> {
        self.stalled_at.map(|at| at.after(life))
    }

    /// Until when the last search of the user keeps the node from being idle.
    pub(super) fn searching_until(&self, idle_min: Duration) -> Option<Time> {
        self.searched_at.map(|at| at.after(idle_min))
    }
}

/// So many hundredths of a number.
pub(super) fn percent(number: u64, hundredths: u8) -> u64 {
    let product = u128::from(number).saturating_mul(hundredths.into());
    u64::try_from(product / 100).unwrap_or(u64::MAX)
}
