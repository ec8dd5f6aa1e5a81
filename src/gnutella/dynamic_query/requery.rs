use std::collections::{BTreeMap, VecDeque};

use crate::base::limits::{REQUERIES_MAX, REQUERY_REMEMBERED_MAX, REQUERY_WAIT_MS};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::Query;

/// Keeps leaves from asking the same again and again (DQ-19).
#[derive(Debug, Default)]
pub struct RequeryThrottle {
    leaves: BTreeMap<Slot, VecDeque<Question>>,
}

/// What a leaf asked, and when.
#[derive(Clone, Copy, Debug)]
struct Question {
    fingerprint: u32,
    asked_s: u32,
}

impl RequeryThrottle {
    /// Nothing was asked yet.
    pub const fn new() -> Self {
        Self { leaves: BTreeMap::new() }
    }

    /// A leaf asks. False where it has asked the same too often in the last half an hour: then the query
    /// is to be dropped, and nothing is counted.
    pub fn may_ask(&mut self, leaf: Slot, query: &Query, now: Time) -> bool {
        let Some(fingerprint) = fingerprint(query) else { return true };
        let questions = self.leaves.entry(leaf).or_default();
        while questions.front().is_some_and(|question| question.is_forgotten(now)) {
            questions.pop_front();
        }
        let is_same = |question: &&Question| question.fingerprint == fingerprint;
        let count = questions.iter().filter(is_same).count();
        if count >= REQUERIES_MAX && !mutant!(AsksOverAndOver) {
            return false;
        }
        if questions.len() >= REQUERY_REMEMBERED_MAX {
            questions.pop_front();
        }
        questions.push_back(Question::new(fingerprint, now));
        true
    }

    /// The leaf is gone.
    pub fn close(&mut self, leaf: Slot) {
        self.leaves.remove(&leaf);
        if self.leaves.is_empty() {
            // A tree keeps its last node until it is dropped.
            self.leaves = BTreeMap::new();
        }
    }
}

impl Question {
    fn new(fingerprint: u32, now: Time) -> Self {
        // Rounded up, so that no wait comes out shorter.
        let asked_s = now.as_micros().div_ceil(1_000_000);
        Self { fingerprint, asked_s: u32::try_from(asked_s).unwrap_or(u32::MAX) }
    }

    fn is_forgotten(self, now: Time) -> bool {
        let asked = Time::from_millis(u64::from(self.asked_s).saturating_mul(1_000));
        asked.after_ms(REQUERY_WAIT_MS) <= now
    }
}

/// What a query asks for, as a number; `None` for what may be asked at any time.
fn fingerprint(query: &Query) -> Option<u32> {
    if query.is_for_new() {
        return None;
    }
    let sha1 = query.extensions.urns().find_map(|urn| urn.sha1().copied());
    Some(sha1.map_or_else(|| fnv1a(&query.text), |sha1| fnv1a(&sha1)))
}

/// FNV-1a. A leaf that makes two of its own questions collide harms itself alone.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
