//! Things that may be done seldom only: so often in so much time for one address, one peer, one
//! name.

use std::collections::{BTreeMap, VecDeque};

use super::time::Time;

/// How often something may be done for one key, and for how many keys this is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seldom {
    /// How often in [`every_ms`](Self::every_ms).
    pub times: u16,
    /// Milliseconds.
    pub every_ms: u64,
    /// How often in that time for all keys together: what is remembered has an end, and where it is
    /// reached nothing more is done for anybody.
    pub total: usize,
}

/// What was done for whom in the last while.
#[derive(Clone, Debug)]
pub struct Done<K> {
    counts: BTreeMap<K, u16>,
    /// The oldest first.
    log: VecDeque<(Time, K)>,
}

impl<K> Default for Done<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> Done<K> {
    /// Nothing was done yet.
    pub const fn new() -> Self {
        Self { counts: BTreeMap::new(), log: VecDeque::new() }
    }
}

impl<K: Ord + Copy> Done<K> {
    /// Whether it may be done for this key now; if so, it counts as done.
    pub fn allow(&mut self, rule: Seldom, key: K, now: Time) -> bool {
        let count = self.count(rule, key, now);
        if count >= rule.times || self.len() >= rule.total {
            return false;
        }
        self.note(key, now);
        true
    }

    /// Counts it as done, whether it may be or not.
    pub fn note(&mut self, key: K, now: Time) {
        let count = self.counts.entry(key).or_default();
        *count = count.saturating_add(1);
        self.log.push_back((now, key));
    }

    /// It was not done the last time after all.
    pub fn take_back(&mut self, key: K) {
        if let Some(place) = self.log.iter().rposition(|(_, done)| *done == key) {
            self.log.remove(place);
            self.forget_one(key);
        }
    }

    /// How often it was done for this key in the last while.
    pub fn count(&mut self, rule: Seldom, key: K, now: Time) -> u16 {
        self.forget_old(rule, now);
        self.counts.get(&key).copied().unwrap_or(0)
    }

    /// How often it was done for all keys together, as of the last call.
    pub fn len(&self) -> usize {
        self.log.len()
    }

    /// Nothing was done, as of the last call.
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// Whether it was done for this key in the last while.
    pub fn was_done(&mut self, rule: Seldom, key: K, now: Time) -> bool {
        self.forget_old(rule, now);
        self.counts.contains_key(&key)
    }

    fn forget_old(&mut self, rule: Seldom, now: Time) {
        while let Some((done, key)) = self.log.front().copied() {
            if now < done.after_ms(rule.every_ms) {
                break;
            }
            self.log.pop_front();
            self.forget_one(key);
        }
        if self.log.is_empty() {
            self.log = VecDeque::new();
        }
    }

    fn forget_one(&mut self, key: K) {
        let Some(count) = self.counts.get_mut(&key) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Seldom = Seldom { times: 2, every_ms: 1_000, total: 3 };

    #[test]
    fn what_was_not_done_after_all_may_be_done_again() {
        let mut done = Done::new();
        let at = Time::from_millis;
        assert!(done.allow(RULE, 'a', at(0)) && done.allow(RULE, 'b', at(1)));
        assert!(done.allow(RULE, 'a', at(2)) && !done.allow(RULE, 'a', at(3)));
        done.take_back('a');
        done.take_back('c');
        assert_eq!((done.count(RULE, 'a', at(3)), done.count(RULE, 'b', at(3))), (1, 1));
        assert!(done.allow(RULE, 'a', at(999)) && !done.was_done(RULE, 'b', at(1_001)));
        assert_eq!(done.count(RULE, 'a', at(1_001)), 1);
    }

    #[test]
    fn a_key_has_its_times_and_gets_them_back_one_by_one() {
        let mut done = Done::new();
        let at = Time::from_millis;
        assert!(done.allow(RULE, 'a', at(0)) && done.allow(RULE, 'a', at(400)));
        assert!(!done.allow(RULE, 'a', at(999)));
        assert!(done.allow(RULE, 'a', at(1_000)));
        assert!(!done.allow(RULE, 'a', at(1_399)));
        assert!(done.allow(RULE, 'a', at(1_400)));
        assert!(done.was_done(RULE, 'a', at(2_399)) && !done.was_done(RULE, 'a', at(2_400)));
        assert!(done.counts.is_empty() && done.log.capacity() == 0);
    }

    #[test]
    fn all_keys_together_have_a_limit() {
        let mut done = Done::new();
        let now = Time::ZERO;
        assert!("abc".chars().all(|key| done.allow(RULE, key, now)));
        assert!(!done.allow(RULE, 'd', now) && !done.was_done(RULE, 'd', now));
        assert!(done.allow(RULE, 'd', Time::from_millis(1_000)));
    }
}
