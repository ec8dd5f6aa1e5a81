use std::collections::{BTreeSet, VecDeque};

use crate::base::by_slot::BySlot;
use crate::base::limits::{FASTTRACK_ASKED_WAITING_MAX, FASTTRACK_SEARCHES_WAITING_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};
use crate::fasttrack::neighbours::ReplyTo;
use crate::fasttrack::sought::Sought;
use crate::fasttrack::wire::Search;

/// Searches of others that wait for their turn (FTSAFE-15).
///
/// There is so much work a second for all of them. Where that does not do, whoever had least of it is next,
/// and so each child has its share, however much the others ask. What other supernodes ask comes behind all
/// children.
#[derive(Debug)]
pub(super) struct Desk {
    rate: Rate,
    work: TokenBucket,
    waiting: BySlot<Waiting>,
    /// The children that wait, by the work that each has had.
    turns: BTreeSet<(u64, Slot)>,
    /// The work that the last one had that was served. Who begins to wait has had as much.
    floor: u64,
    asked: VecDeque<(ReplyTo, Sought)>,
    /// When there is work to be done.
    due: Option<Time>,
}

/// What one child waits for.
#[derive(Debug)]
struct Waiting {
    had: u64,
    searches: VecDeque<Search>,
}

/// What is next.
#[derive(Debug)]
pub(super) enum Turn {
    Child {
        slot: Slot,
        search: Search,
        /// It waits for nothing more.
        is_last: bool,
    },
    Supernode(ReplyTo, Sought),
}

/// What became of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It is the first that waits for this child.
    First,
    Behind,
    /// Too many wait.
    Refused,
}

impl Desk {
    pub(super) const fn new(work_per_second: u32) -> Self {
        let rate = Rate::per_second(work_per_second, work_per_second);
        Self {
            rate,
            work: TokenBucket::full(rate, Time::ZERO),
            waiting: BySlot::new(),
            turns: BTreeSet::new(),
            floor: 0,
            asked: VecDeque::new(),
            due: None,
        }
    }

    /// Whether nobody waits and there is work to be had: then nobody has to.
    pub(super) fn is_free(&mut self, now: Time) -> bool {
        self.turns.is_empty() && self.work.tokens(self.rate, now) > 0
    }

    /// The same for what another supernode asks.
    pub(super) fn is_free_for_supernodes(&mut self, now: Time) -> bool {
        self.asked.is_empty() && self.is_free(now)
    }

    /// A search of a child waits, in the place of one with its id that waits already (FTSUPER-14).
    pub(super) fn put(&mut self, slot: Slot, search: Search, now: Time) -> Put {
        if let Some(waiting) = self.waiting.get_mut(slot) {
            if let Some(before) = waiting.searches.iter_mut().find(|it| it.id == search.id) {
                *before = search;
                return Put::Behind;
            }
            if waiting.searches.len() >= FASTTRACK_SEARCHES_WAITING_MAX {
                return Put::Refused;
            }
            waiting.searches.push_back(search);
            return Put::Behind;
        }
        let waiting = Waiting { had: self.floor, searches: VecDeque::from([search]) };
        self.turns.insert((waiting.had, slot));
        self.waiting.insert(slot, waiting);
        self.schedule(now);
        Put::First
    }

    /// A search of another supernode waits. False where too many do.
    pub(super) fn put_asked(&mut self, reply: ReplyTo, sought: Sought, now: Time) -> bool {
        let has_room = self.asked.len() < FASTTRACK_ASKED_WAITING_MAX;
        if has_room {
            self.asked.push_back((reply, sought));
            self.schedule(now);
        }
        has_room
    }

    /// The search that is next, if there is one and work to be had.
    pub(super) fn next(&mut self, now: Time) -> Option<Turn> {
        self.due = None;
        if self.work.tokens(self.rate, now) == 0 {
            self.schedule(now);
            return None;
        }
        let Some((had, slot)) = self.turns.pop_first() else {
            return self.asked.pop_front().map(|(reply, sought)| Turn::Supernode(reply, sought));
        };
        self.floor = had;
        let search = self.waiting.get_mut(slot)?.searches.pop_front()?;
        let is_last = self.waiting.get(slot).is_some_and(|waiting| waiting.searches.is_empty());
        if is_last {
            self.waiting.remove(slot);
        }
        Some(Turn::Child { slot, search, is_last })
    }

    /// So much work was done. A child that waits for more takes its turn behind those that had less.
    pub(super) fn charge(&mut self, child: Option<Slot>, units: u32, now: Time) {
        self.work.charge(self.rate, units, now);
        let Some(slot) = child else { return };
        if let Some(waiting) = self.waiting.get_mut(slot) {
            self.turns.remove(&(waiting.had, slot));
            waiting.had = waiting.had.saturating_add(units.max(1).into());
            self.turns.insert((waiting.had, slot));
        }
    }

    /// A child is gone.
    pub(super) fn remove(&mut self, slot: Slot) {
        if let Some(waiting) = self.waiting.remove(slot) {
            self.turns.remove(&(waiting.had, slot));
        }
    }

    /// Nobody waits for anything any more.
    pub(super) fn clear(&mut self) {
        self.waiting = BySlot::new();
        self.turns.clear();
        self.asked = VecDeque::new();
        self.due = None;
    }

    pub(super) const fn next_timeout(&self) -> Option<Time> {
        self.due
    }

    /// Searches are looked at as soon as there is work to be had.
    pub(super) fn schedule(&mut self, now: Time) {
        if self.turns.is_empty() && self.asked.is_empty() {
            self.due = None;
        } else if self.due.is_none() {
            self.due = Some(self.work.due(self.rate, 1, now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::slots::Slots;
    use crate::fasttrack::wire::Realm;

    /// FTSAFE-15
    #[test]
    fn so_much_that_supernodes_ask_waits_and_not_one_more() {
        let (mut desk, now) = (Desk::new(10), Time::ZERO);
        let sought = Sought { max: 1, realm: Realm::EVERYTHING, terms: Vec::new() };
        let reply = ReplyTo::to_nobody();
        desk.charge(None, 10, now);
        for _ in 0..FASTTRACK_ASKED_WAITING_MAX {
            assert!(desk.put_asked(reply, sought.clone(), now));
        }
        assert!(!desk.put_asked(reply, sought, now));
        assert!(!desk.is_free_for_supernodes(now));
    }

    /// FTSAFE-15
    #[test]
    fn who_had_least_is_next_and_supernodes_come_behind_all_children() {
        let (mut desk, mut slots) = (Desk::new(1_000), Slots::new());
        let (dear, cheap) = (slots.insert(()), slots.insert(()));
        let search = |id| {
            let (max, realm, terms) = (1, Realm::EVERYTHING, Vec::new());
            Search { by_hand: true, max, id, realm, terms }
        };
        desk.charge(None, 1_000, Time::ZERO);
        let sought = Sought { max: 1, realm: Realm::EVERYTHING, terms: Vec::new() };
        assert!(desk.put_asked(ReplyTo::to_nobody(), sought, Time::ZERO));
        for id in 0..9 {
            desk.put(dear, search(id), Time::ZERO);
            desk.put(cheap, search(id), Time::ZERO);
        }
        assert!(desk.next(Time::ZERO).is_none());
        assert_eq!(desk.next_timeout(), Some(Time::from_millis(1)));
        let now = Time::from_millis(1_000);
        let mut served = Vec::new();
        while let Some(turn) = desk.next(now) {
            match turn {
                Turn::Child { slot, .. } => {
                    let units = if slot == dear { 30 } else { 10 };
                    desk.charge(Some(slot), units, now);
                    served.push(if slot == dear { 'd' } else { 'c' });
                }
                Turn::Supernode(..) => served.push('s'),
            }
        }
        let served: String = served.into_iter().collect();
        assert_eq!(served, "dcccdcccdcccdddddds");
        assert!(desk.is_free_for_supernodes(now));
    }

    /// FTSAFE-15: whoever begins to wait has no more claim than those who wait already.
    #[test]
    fn who_begins_to_wait_has_had_as_much_as_the_last() {
        let (mut desk, mut slots, now) = (Desk::new(1_000), Slots::new(), Time::ZERO);
        let (first, second) = (slots.insert(()), slots.insert(()));
        let search = |id| {
            let (max, realm, terms) = (1, Realm::EVERYTHING, Vec::new());
            Search { by_hand: true, max, id, realm, terms }
        };
        (0..20).for_each(|id| _ = desk.put(first, search(id), now));
        let serve = |desk: &mut Desk| match desk.next(now) {
            Some(Turn::Child { slot, .. }) => {
                desk.charge(Some(slot), 10, now);
                slot
            }
            _ => panic!("nobody waits"),
        };
        (0..10).for_each(|_| assert_eq!(serve(&mut desk), first));
        (0..10).for_each(|id| _ = desk.put(second, search(id), now));
        let of_first = (0..8).filter(|_| serve(&mut desk) == first).count();
        assert!((3..=4).contains(&of_first), "{of_first} of 8");
    }
}
