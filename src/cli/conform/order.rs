//! Which case is played next.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::conform::{Case, Needs};

/// Cases that take as long as this begin before all others, so that nobody waits for them in the end.
const LONG: Duration = Duration::from_secs(10);

/// Cases that have not begun, and what those take that are under way.
pub(super) struct Order {
    waiting: VecDeque<Waiting>,
    /// Cases at the same time, and what they may take together.
    room: Taken,
    under_way: BTreeMap<usize, Waiting>,
}

#[derive(Clone, Copy)]
struct Waiting {
    place: usize,
    takes: Taken,
    is_alone: bool,
}

/// So much of each thing of which there is little: cases, and what [`Needs`] counts.
type Taken = [u32; 5];

impl Order {
    /// Of these cases so many at the same time, which together take no more than that. Those that are played alone
    /// come first, then the long ones, then group after group.
    pub(super) fn new(cases: &[Case], (jobs, room): (u32, Needs), during: Duration) -> Self {
        let room = taken(jobs, room);
        let mut places: Vec<_> = cases.iter().enumerate().collect();
        let mut group = 0_usize;
        let mut groups = Vec::new();
        for (place, case) in &places {
            let before = place.checked_sub(1).and_then(|before| cases.get(before));
            if before.is_some_and(|before| before.group() != case.group()) {
                group = group.saturating_add(1);
            }
            groups.push(group);
        }
        places.sort_by_key(|(place, case)| {
            let takes = case.takes(during);
            (!case.is_alone, takes < LONG, groups.get(*place).copied(), Reverse(takes))
        });
        let waiting = places.into_iter().map(|(place, case)| Waiting {
            place,
            // Who wants more than there is has all of it.
            takes: each(taken(1, case.needs()), room, u32::min),
            is_alone: case.is_alone,
        });
        Self { waiting: waiting.collect(), room, under_way: BTreeMap::new() }
    }

    /// The next case that there is room for. It is under way from now on.
    pub(super) fn next(&mut self) -> Option<usize> {
        if self.under_way.values().any(|one| one.is_alone) {
            return None;
        }
        if self.waiting.front()?.is_alone && !self.under_way.is_empty() {
            return None;
        }
        let mut taken = self
            .under_way
            .values()
            .fold([0; 5], |all, one| each(all, one.takes, u32::saturating_add));
        let mut found = None;
        for (at, one) in self.waiting.iter().enumerate() {
            let with = each(taken, one.takes, u32::saturating_add);
            if (0..5).all(|thing| {
                one.takes.get(thing) == Some(&0) || with.get(thing) <= self.room.get(thing)
            }) {
                found = Some(at);
                break;
            }
            // What it waits for is kept for it, or else those that take much would come last.
            let is_short = |thing: usize| with.get(thing) > self.room.get(thing);
            for thing in (0..5).filter(|thing| is_short(*thing)) {
                if let (Some(taken), Some(room)) = (taken.get_mut(thing), self.room.get(thing)) {
                    *taken = (*taken).max(*room);
                }
            }
        }
        let next = self.waiting.remove(found?)?;
        self.under_way.insert(next.place, next);
        Some(next.place)
    }

    /// It is over.
    pub(super) fn is_over(&mut self, place: usize) {
        self.under_way.remove(&place);
    }

    /// It could not begin, and is the next one again.
    pub(super) fn put_back(&mut self, place: usize) {
        if let Some(one) = self.under_way.remove(&place) {
            self.waiting.push_front(one);
        }
    }
}

const fn taken(cases: u32, needs: Needs) -> Taken {
    [cases, needs.ultrapeers, needs.leaves, needs.uploads, needs.calls]
}

fn each(one: Taken, other: Taken, join: impl Fn(u32, u32) -> u32) -> Taken {
    let mut joined = one;
    joined.iter_mut().zip(other).for_each(|(one, other)| *one = join(*one, other));
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conform::read;
    use crate::node::Network;
    use crate::specification::Specification;

    const ROOM: Needs = Needs { ultrapeers: 2, leaves: 9, uploads: 1, calls: 1 };

    fn case(id: &str, more: &str, script: &str) -> Case {
        let text = format!(
            "[[case]]\nid = \"{id}\"\ntitle = \"It\"\nrequirements = [\"TTL-01\"]\n{more}\nscript = '''\n{script}\n'''\n"
        );
        let specification = Specification::embedded().unwrap();
        read(Network::Gnutella, "own", &text, &specification).unwrap().remove(0)
    }

    fn began(order: &mut Order) -> Vec<usize> {
        std::iter::from_fn(|| order.next()).collect()
    }

    #[test]
    fn what_there_is_little_of_is_shared() {
        let (two, one) = ("ultrapeer a\nultrapeer b", "ultrapeer a");
        let cases = [one, two, one, "udp u"].map(|script| case("c", "", script));
        let mut order = Order::new(&cases, (8, ROOM), Duration::ZERO);
        assert_eq!(began(&mut order), [0, 3], "the second is not overtaken by the third");
        order.is_over(0);
        assert_eq!(began(&mut order), [1]);
        order.is_over(1);
        assert_eq!(began(&mut order), [2]);
    }

    #[test]
    fn so_many_are_under_way_and_no_more() {
        let cases = ["udp u"; 5].map(|script| case("c", "", script));
        let mut order = Order::new(&cases, (3, ROOM), Duration::ZERO);
        assert_eq!(began(&mut order), [0, 1, 2]);
        order.is_over(1);
        assert_eq!(began(&mut order), [3]);
        order.put_back(3);
        assert_eq!(began(&mut order), [3]);
    }

    #[test]
    fn who_wants_more_than_there_is_has_all_of_it() {
        let cases = [case("c", "", "ultrapeer a\nultrapeer b\nultrapeer c")];
        assert_eq!(began(&mut Order::new(&cases, (8, ROOM), Duration::ZERO)), [0]);
    }

    #[test]
    fn the_long_ones_come_before_the_short_ones_and_who_plays_alone_first_of_all() {
        let cases = [
            case("short", "", "udp u"),
            case("longer", "", "udp u\npause 5s"),
            case("long", "", "udp u\npause 20s"),
            case("lonely", "alone = true", "udp u"),
        ];
        let mut order = Order::new(&cases, (8, ROOM), Duration::ZERO);
        assert_eq!(began(&mut order), [3], "and nobody beside it");
        order.is_over(3);
        assert_eq!(began(&mut order), [2, 1, 0]);
    }
}
