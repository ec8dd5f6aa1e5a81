//! Which of several sizes is believed, and for how long (DOWN-07).

use std::collections::BTreeMap;

use super::Download;
use crate::base::limits::{SIZE_ROUNDS_MAX, SIZE_TURN_MS, SOURCE_RATE_MIN};
use crate::base::time::Time;
use crate::transfer::download::contract::{DiskFailure, SourceId};
use crate::transfer::download::pieces::Pieces;

/// How long a size is believed, where others say otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    begun: Time,
    pub(super) ends: Time,
    received_len: u64,
}

impl Download {
    /// Something may have changed in what is said.
    pub(super) fn settle_size(&mut self, now: Time) {
        if self.sure_size().is_some() {
            self.sizes.turn = None;
            return;
        }
        let candidates = self.candidates();
        let best = candidates.iter().max_by_key(|(_, count)| **count).map(|(size, _)| *size);
        let Some(known) = self.size else {
            match best {
                Some(best) => self.change_size(Some(best), now),
                None => self.despair(now),
            }
            return;
        };
        let is_said = self.witnesses(known) > 0;
        if let Some(best) = best.filter(|best| !is_said && *best != known) {
            return self.change_size(Some(best), now);
        }
        if candidates.keys().all(|size| *size == known) {
            self.sizes.turn = None;
            return;
        }
        match self.sizes.turn {
            None => self.begin_turn(candidates.len(), now),
            Some(turn) if turn.ends <= now => self.end_turn(turn, known, &candidates, now),
            Some(_) => {}
        }
    }

    fn begin_turn(&mut self, count: usize, now: Time) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let round = self.sizes.turns.checked_div(count).unwrap_or_default().min(SIZE_ROUNDS_MAX);
        let factor = 2_u64.saturating_pow(u32::try_from(round).unwrap_or_default());
        let len_ms = SIZE_TURN_MS.saturating_mul(factor);
        let turn = Turn { begun: now, ends: now.after_ms(len_ms), received_len: self.received_len };
        self.sizes.turn = Some(turn);
    }

    /// It was not whole in its turn: the next size has one, but for what more networks say and something comes of.
    fn end_turn(&mut self, turn: Turn, known: u64, candidates: &BTreeMap<u64, usize>, now: Time) {
        let next = candidates.range(known.saturating_add(1)..).chain(candidates);
        let next = next.map(|(size, _)| *size).find(|size| *size != known);
        let strongest = candidates.iter().filter(|(size, _)| **size != known);
        let strongest = strongest.map(|(_, count)| *count).max().unwrap_or_default();
        let came = self.received_len.saturating_sub(turn.received_len);
        let is_fast = came >= now.since(turn.begun).as_secs().saturating_mul(SOURCE_RATE_MIN);
        let is_stronger = self.witnesses(known) > strongest && is_fast;
        match next.filter(|_| !is_stronger) {
            Some(next) => {
                self.sizes.turns = self.sizes.turns.saturating_add(1);
                self.change_size(Some(next), now);
                self.begin_turn(candidates.len(), now);
            }
            None => self.begin_turn(candidates.len(), now),
        }
    }

    /// There is no room for what strangers say: whoever says it waits, and others are asked (DOWN-07). Returned
    /// is the failure where several networks say so.
    pub(super) fn is_too_large(
        &mut self,
        failure: DiskFailure,
        now: Time,
    ) -> Result<(), DiskFailure> {
        let Some(size) = self.size.filter(|_| self.sure_size().is_none()) else {
            return Err(failure);
        };
        let is_agreed = self.witnesses(size) >= 2;
        self.store.fall_back();
        self.leave_tree();
        self.pieces = Pieces::new(0, None);
        self.alone = None;
        self.sizes.no_room = Some((size, failure.clone()));
        self.change_size(None, now);
        self.begin_turn(1, now);
        if is_agreed { Err(failure) } else { Ok(()) }
    }

    /// Nobody has said a size for which there is room, and those were asked that could say one.
    fn despair(&mut self, now: Time) {
        let is_over = self.sizes.turn.is_none_or(|turn| turn.ends <= now);
        if let Some((_, failure)) = self.sizes.no_room.clone().filter(|_| is_over) {
            self.get_stuck(failure);
        }
    }

    /// The whole was wrong: what is said of it is looked at anew.
    pub(super) fn doubt_size(&mut self, now: Time) {
        self.sizes.before = None;
        let sources = &self.sources;
        let is_there = |id: &SourceId| sources.get(id).is_some_and(|source| !source.is_dropped());
        self.sizes.said.retain(|id, _| is_there(id));
        let Some(known) = self.size.filter(|_| self.sure_size().is_none()) else { return };
        let candidates = self.candidates();
        let own = self.witnesses(known);
        let best = candidates.iter().max_by_key(|(_, count)| **count);
        match best {
            Some((best, count)) if *count > own => self.change_size(Some(*best), now),
            None if own == 0 => self.change_size(None, now),
            _ => {}
        }
    }
}
