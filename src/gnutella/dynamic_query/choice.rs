//! Whom to ask next, and how far that question goes.

use super::{Candidate, reach};
use crate::base::limits::{DYNAMIC_TTL_MAX, HORIZON_MAX, NEIGHBOUR_REACH_MAX, PROBES_MAX};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::gnutella::wire::Guid;

/// A neighbour that was asked, and the highest TTL that it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) slot: Slot,
    pub(super) ttl: u8,
    /// Results of it that were counted.
    pub(super) results: u16,
}

/// A message to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) to: Slot,
    pub(super) ttl: u8,
    /// Ultrapeers that were not reached before.
    pub(super) adds: u32,
}

/// Why there is nobody to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nobody {
    /// Somebody is left who cannot take it now.
    Now,
    /// Whoever is left would take it too far.
    WithinHorizon,
    /// All were asked.
    Left,
}

/// What is known before a choice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing<'a> {
    pub(super) guid: Guid,
    pub(super) hops: u8,
    pub(super) horizon: u32,
    pub(super) results: u32,
    pub(super) missing: u32,
    pub(super) asked: &'a [Asked],
}

impl Standing<'_> {
    /// The first messages: up to three neighbours whose tables have the words, with TTL 1. Where
    /// there are fewer, others get TTL 2, since a table tells nothing about what lies behind.
    pub(super) fn probes(&self, candidates: &[Candidate], probes: &mut Vec<Choice>) {
        let mut order: Vec<_> = candidates.iter().filter(|one| !one.congested).collect();
        order.sort_by_key(|one| (probe_rank(one), self.lot(one.slot)));
        // Three with TTL 2 do not lead to the horizon.
        probes.extend(order.into_iter().take(PROBES_MAX).filter_map(|candidate| {
            let has_words = probe_rank(candidate) == 0 || mutant!(ProbesWithoutTables);
            let ttl = if has_words { 1 } else { 2 };
            self.fitting(candidate, ttl, 0)
        }));
    }

    /// The next message: to a neighbour that was not asked yet, or else to one that can be asked
    /// again with a higher TTL.
    pub(super) fn next(&self, candidates: &[Candidate]) -> Result<Choice, Nobody> {
        let mut open: Vec<_> =
            candidates.iter().filter_map(|one| Some((self.asked_ttl(one)?, one))).collect();
        let all = open.len();
        open.retain(|(_, one)| !one.congested);
        let is_waited_for = open.len() < all;
        // Who takes it but once comes after the others, when it is better known how far it has to
        // go.
        open.sort_by_key(|(before, one)| {
            (*before, !one.ext_probes, table_rank(one), self.lot(one.slot))
        });
        let wanted = self.wanted_of_each(open.len());
        let choice = open.iter().find_map(|(before, one)| {
            let ttl = self.least_ttl(one, *before, wanted);
            self.fitting(one, ttl, *before)
        });
        choice.ok_or(match (is_waited_for, open.is_empty()) {
            (true, _) => Nobody::Now,
            (false, true) => Nobody::Left,
            (false, false) => Nobody::WithinHorizon,
        })
    }

    /// Ultrapeers that each of the neighbours left has to lead to, at the density of results so
    /// far. Without a result it is taken for one, which is more than can be hoped for.
    fn wanted_of_each(&self, neighbours: usize) -> u64 {
        let hosts = u64::from(self.missing).saturating_mul(u64::from(self.horizon));
        let hosts = hosts.checked_div(u64::from(self.results.max(1))).unwrap_or(hosts);
        hosts.div_ceil(u64::try_from(neighbours.max(1)).unwrap_or(u64::MAX))
    }

    /// The TTL with which a neighbour was asked, 0 if it was not; `None` where it is no use to ask
    /// it (again).
    fn asked_ttl(&self, candidate: &Candidate) -> Option<u8> {
        if least_useful_ttl(candidate) > self.ttl_max(candidate) {
            return None;
        }
        let before = self.asked.iter().find(|asked| asked.slot == candidate.slot);
        let Some(before) = before else { return Some(0) };
        let again = candidate.ext_probes && before.ttl < self.ttl_max(candidate);
        again.then_some(before.ttl)
    }

    /// The least TTL above `before` that leads to so many more; else the highest.
    fn least_ttl(&self, candidate: &Candidate, before: u8, wanted: u64) -> u8 {
        let first = before.saturating_add(1).max(least_useful_ttl(candidate));
        let max = self.ttl_max(candidate);
        (first..max).find(|ttl| adds(candidate, *ttl, before) >= wanted).unwrap_or(max)
    }

    /// The message with this TTL, or with a lower one where it would lead too far.
    fn fitting(&self, candidate: &Candidate, ttl: u8, before: u8) -> Option<Choice> {
        let room = u64::from(HORIZON_MAX.saturating_sub(self.horizon).min(NEIGHBOUR_REACH_MAX));
        let lowest = before.saturating_add(1).max(least_useful_ttl(candidate));
        let highest = ttl.min(self.ttl_max(candidate));
        let ttl = (lowest..=highest).rev().find(|ttl| adds(candidate, *ttl, before) <= room)?;
        let adds = u32::try_from(adds(candidate, ttl, before)).unwrap_or(u32::MAX);
        Some(Choice { to: candidate.slot, ttl, adds })
    }

    /// The neighbour's limit counts hops and TTL together, so that it trims nothing.
    fn ttl_max(&self, candidate: &Candidate) -> u8 {
        candidate.max_ttl.min(DYNAMIC_TTL_MAX).saturating_sub(self.hops).max(1)
    }

    /// Which of several equals comes first: another one for each query, so that no neighbour gets
    /// more than its part.
    fn lot(&self, slot: Slot) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.guid.0;
        let index = u64::try_from(slot.index()).unwrap_or(u64::MAX);
        let mixed = u64::from_le_bytes([a, b, c, d, e, f, g, h])
            ^ index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    }
}

/// Ultrapeers that a neighbour leads to with this TTL and not with the one before.
fn adds(candidate: &Candidate, ttl: u8, before: u8) -> u64 {
    let degree = u32::from(candidate.degree);
    reach(degree, ttl).saturating_sub(reach(degree, before))
}

/// With TTL 1 a neighbour asks itself and its leaves: useless where its table says no.
fn least_useful_ttl(candidate: &Candidate) -> u8 {
    match candidate.table {
        Some(false) if !mutant!(ProbesWithoutTables) => 2,
        _ => 1,
    }
}

const fn probe_rank(candidate: &Candidate) -> u8 {
    match (candidate.ext_probes, candidate.table) {
        (true, Some(true)) => 0,
        (true, None) => 1,
        (true, Some(false)) => 2,
        (false, _) => 3,
    }
}

const fn table_rank(candidate: &Candidate) -> u8 {
    match candidate.table {
        Some(true) => 0,
        None => 1,
        Some(false) => 2,
    }
}
