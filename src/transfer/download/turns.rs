use std::collections::{BTreeSet, VecDeque};

use crate::base::limits::DOWNLOADS_ACTIVE_MAX;

/// Whose turn it is: so many files are fetched at the same time, and others wait in the order in which they
/// came (DOWN-17).
#[derive(Debug, Default)]
pub struct Turns {
    active: BTreeSet<u64>,
    waiting: VecDeque<u64>,
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
        self.fill();
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
}
