//! After the whole was wrong without a tree, all is fetched from one source, so that it is known who lies
//! (DOWN-06).

use super::Download;
use crate::base::limits::{SOURCE_RATE_MIN, SOURCE_SLOW_MS};
use crate::base::time::Time;
use crate::transfer::download::contract::SourceId;
use crate::transfer::download::source::{Phase, Source};

/// For how long one source is asked alone before it has to have given something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Solo {
    begun: Time,
    pub(super) ends: Time,
    received_len: u64,
    /// How often it had failed when it began.
    failures: u8,
}

impl Download {
    /// One of those that are left is asked alone; another one after it, where nothing comes of it (DOWN-36).
    pub(super) fn choose_who_is_alone(&mut self, now: Time) {
        if !self.trees.one_at_a_time || self.pieces.row().is_some() {
            return;
        }
        self.look_at_alone(now);
        if self.alone.is_some() {
            return;
        }
        let again = self.pieces.throw_taken_away();
        self.fetch_again(again.iter().collect());
        let first = self.could_be_alone().min_by_key(|source| {
            let is_ready = matches!(source.phase, Phase::Ready { .. });
            let waits = matches!(source.phase, Phase::Away { again } if again > now);
            (source.is_shelved(), !is_ready, waits, source.failures, source.solos, source.id)
        });
        self.alone = first.map(|source| source.id);
        if let Some(alone) = self.alone {
            self.begin_solo(alone, now);
            self.believe_size_of(alone, now);
        }
    }

    /// When it is looked at what has come of the one that is asked alone.
    pub(super) fn solo_ends(&self) -> Option<Time> {
        self.alone.and(self.solo).map(|solo| solo.ends)
    }

    fn could_be_alone(&self) -> impl Iterator<Item = &Source> {
        let left = self.sources.values().filter(|source| !source.is_dropped());
        left.filter(|source| !self.says_too_much(source.id))
    }

    fn look_at_alone(&mut self, now: Time) {
        let Some(alone) = self.alone else { return };
        let Some(solo) = self.solo else { return self.begin_solo(alone, now) };
        let source = self.sources.get(&alone).filter(|source| !source.is_dropped());
        let Some(source) = source else {
            self.alone = None;
            return;
        };
        let came = self.received_len.saturating_sub(solo.received_len);
        let has_failed = source.failures > solo.failures && came == 0;
        let is_over = solo.ends <= now;
        let secs = now.since(solo.begun).as_secs();
        let is_slow = is_over && came < secs.saturating_mul(SOURCE_RATE_MIN);
        let is_of_no_use = has_failed || is_slow || source.is_shelved();
        if is_of_no_use && self.could_be_alone().any(|source| source.id != alone) {
            self.relieve_of(alone, now);
            self.alone = None;
        } else if is_over {
            self.begin_solo(alone, now);
        }
    }

    /// Twice as long each time, so that the slow ones come to an end too.
    fn begin_solo(&mut self, alone: SourceId, now: Time) {
        let Some(source) = self.sources.get_mut(&alone) else { return };
        let len_ms = SOURCE_SLOW_MS.saturating_mul(1 << source.solos.min(16));
        source.solos = source.solos.saturating_add(1);
        self.solo = Some(Solo {
            begun: now,
            ends: now.after_ms(len_ms),
            received_len: self.received_len,
            failures: source.failures,
        });
    }
}
