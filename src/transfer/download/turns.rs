use std::collections::{BTreeSet, VecDeque};

use crate::base::limits::DOWNLOADS_ACTIVE_MAX;

/// Whose turn it is: so many files are fetched at the same time, and others wait in the order in which they
/// came (DOWN-17).
#[derive(Debug, Default)]
pub struct Turns {
    active: BTreeSet<u64>,
    waiting: VecDeque<u64>,
    /// Those of which somebody is known who may have them.
    hopeful: BTreeSet<u64>,
}

impl Turns {
    /// Takes a turn, or a place at the end. Returned is whether it is its turn.
    pub fn ask(&mut self, id: u64) -> bool {
        if !self.has(id) && !self.waiting.contains(&id) {
            self.waiting.push_back(id);
            self.fill();
        }
        self.has(id)
    }

    /// Whether it is its turn.
    pub fn has(&self, id: u64) -> bool {
        self.active.contains(&id)
    }

    /// It needs neither turn nor place any more.
    pub fn leave(&mut self, id: u64) {
        self.active.remove(&id);
        self.waiting.retain(|waiting| *waiting != id);
        self.hopeful.remove(&id);
        self.fill();
    }

    /// Somebody is known who may have it, or nobody any more. Returned is whether that is new.
    pub fn hope(&mut self, id: u64, is_hopeful: bool) -> bool {
        match is_hopeful {
            true => self.hopeful.insert(id),
            false => self.hopeful.remove(&id),
        }
    }

    /// Gets nowhere: where others wait it goes behind them. Returned is whether it did (DOWN-18).
    pub fn give_way(&mut self, id: u64) -> bool {
        if self.waiting.is_empty() || !self.active.remove(&id) {
            return false;
        }
        self.waiting.push_back(id);
        self.fill();
        true
    }

    /// Nobody is known who may have it: the first of those that wait and are better off takes its turn, and it
    /// goes to the end. Returned is whether there was one (DOWN-25).
    pub fn hand_over(&mut self, id: u64) -> bool {
        let next = self.waiting.iter().position(|waiting| self.hopeful.contains(waiting));
        let Some(place) = next.filter(|_| self.active.contains(&id)) else { return false };
        let Some(next) = self.waiting.remove(place) else { return false };
        self.active.remove(&id);
        self.active.insert(next);
        self.waiting.push_back(id);
        true
    }

    fn fill(&mut self) {
        while self.active.len() < DOWNLOADS_ACTIVE_MAX
            && let Some(next) = self.waiting.pop_front()
        {
            self.active.insert(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u64 = DOWNLOADS_ACTIVE_MAX as u64;

    /// DOWN-17: at the limit and one past it.
    #[test]
    fn so_many_have_a_turn_and_others_wait_in_order() {
        let mut turns = Turns::default();
        assert!((0..MAX).all(|id| turns.ask(id)));
        assert!(!turns.ask(MAX) && !turns.ask(MAX + 1));
        turns.leave(3);
        assert!(turns.has(MAX) && !turns.has(MAX + 1) && !turns.has(3));
        turns.leave(MAX + 1);
        turns.leave(4);
        assert!(!turns.has(MAX + 1), "whoever has left does not come back by itself");
        assert!(turns.ask(3));
    }

    #[test]
    fn whoever_asks_twice_has_one_turn_and_one_place() {
        let mut turns = Turns::default();
        for _ in 0..2 {
            assert!((0..MAX).all(|id| turns.ask(id)));
            assert!(!turns.ask(MAX));
        }
        turns.leave(MAX);
        turns.leave(0);
        assert!(!turns.has(MAX));
    }

    /// DOWN-18
    #[test]
    fn whoever_gets_nowhere_gives_way_only_where_somebody_waits() {
        let mut turns = Turns::default();
        assert!((0..MAX).all(|id| turns.ask(id)));
        assert!(!turns.give_way(0) && turns.has(0));
        assert!(!turns.ask(MAX) && turns.give_way(0));
        assert!(turns.has(MAX) && !turns.has(0));
        turns.leave(5);
        assert!(turns.has(0), "its turn comes again");
    }

    /// DOWN-25
    #[test]
    fn a_turn_without_hope_goes_to_the_first_that_has_some() {
        let mut turns = Turns::default();
        assert!((0..MAX).all(|id| turns.ask(id)));
        assert!((MAX..MAX + 3).all(|id| !turns.ask(id)));
        assert!(!turns.hand_over(0), "nobody who waits is better off");
        assert!(turns.hope(MAX + 1, true) && !turns.hope(MAX + 1, true));
        assert!(turns.hope(MAX + 2, true) && turns.hope(MAX + 2, false));
        assert!(turns.hand_over(0) && !turns.has(0) && turns.has(MAX + 1));
        assert!(!turns.has(MAX) && !turns.hand_over(0) && !turns.hand_over(1));
        turns.leave(1);
        assert!(turns.has(MAX), "others go on in the order in which they came");
        turns.leave(2);
        turns.leave(3);
        assert!(turns.has(MAX + 2) && turns.has(0));
    }
}
