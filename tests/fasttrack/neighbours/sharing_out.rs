//! One supernode of six that answers with more than its share, and what the others get told.

use std::net::SocketAddrV4;

use filbert::base::limits::{
    FASTTRACK_ASKED_AT_ONCE, FASTTRACK_ASKED_WAIT_MS, FASTTRACK_SEARCH_MS,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::neighbours::{Ended, Output};

use super::lone::{Lone, results};
use super::searching::{among, answer, end, ended, found, id_of, sent};

const WANTED: u16 = 200;

/// What one that was asked is entitled to.
const SHARE: usize = 34;

/// A search that was sent to so many, and its number.
struct Asked {
    lone: Lone,
    slots: Vec<Slot>,
    whom: Vec<SocketAddrV4>,
    id: u16,
}

impl Asked {
    fn new(neighbours: usize) -> Self {
        let (mut lone, slots) = among(neighbours, &[]);
        lone.search(1, WANTED);
        let sent = sent(&lone.take());
        let whom: Vec<_> = sent.iter().map(|(to, _)| *to).collect();
        assert_eq!(whom.len(), neighbours.min(FASTTRACK_ASKED_AT_ONCE));
        Self { lone, slots, whom, id: (sent[0].1.id & 0xffff) as u16 }
    }

    /// One of them brings so many; how many are told.
    fn brings(&mut self, place: usize, count: u16) -> usize {
        let from = self.whom[place];
        for at in (0..count).step_by(10) {
            let message = results(id_of(from), self.id, 10.min(count - at));
            answer(&mut self.lone, &self.slots, from, &message);
        }
        let outputs = self.lone.take();
        assert!(sent(&outputs).is_empty() && ended(&outputs).is_none());
        told(&outputs)
    }

    fn ends(&mut self, place: usize) -> Vec<Output> {
        end(&mut self.lone, &self.slots, self.whom[place], self.id.into());
        self.lone.take()
    }
}

fn told(outputs: &[Output]) -> usize {
    found(outputs).iter().map(|(_, count)| count).sum()
}

/// FTPEER-26
#[test]
fn one_that_brings_all_leaves_room_for_five_others() {
    let mut asked = Asked::new(8);
    assert_eq!(asked.brings(0, WANTED), SHARE);
    assert!(sent(&asked.ends(0)).is_empty(), "there are enough, whatever the others say");
    for place in 1..5 {
        assert_eq!(asked.brings(place, 30), 30);
        assert_eq!(told(&asked.ends(place)), 0);
    }
    let outputs = asked.ends(5);
    assert_eq!((told(&outputs), ended(&outputs)), (200 - SHARE - 4 * 30, Some(Ended::Enough)));
    let last = outputs.iter().rev().find_map(|output| match output {
        Output::Found { results, .. } => Some(results.supernode),
        _ => None,
    });
    assert_eq!(last, Some(asked.whom[0]), "what it has beyond its share fills what is left");
}

/// FTPEER-26: whoever says nothing is not waited for longer than otherwise.
#[test]
fn what_is_held_is_told_once_nobody_is_waited_for() {
    let mut asked = Asked::new(8);
    assert_eq!(asked.brings(0, WANTED), SHARE);
    asked.lone.run_ms(FASTTRACK_ASKED_WAIT_MS - 1);
    assert!(asked.lone.take().is_empty());
    asked.lone.run_ms(1);
    let outputs = asked.lone.take();
    assert_eq!((told(&outputs), ended(&outputs)), (200 - SHARE, Some(Ended::Enough)));
    // Fewer than are wanted, and the next ones are asked meanwhile.
    let mut asked = Asked::new(50);
    assert_eq!(asked.brings(0, 60), SHARE);
    asked.lone.run_ms(FASTTRACK_SEARCH_MS - 1);
    let outputs = asked.lone.take();
    assert!(sent(&outputs).len() > 10 && told(&outputs) == 0);
    asked.lone.run_ms(1);
    let outputs = asked.lone.take();
    assert_eq!((told(&outputs), ended(&outputs)), (60 - SHARE, Some(Ended::TimedOut)));
}

/// FTPEER-26: where there are fewer, each has more.
#[test]
fn in_a_small_network_shares_are_large() {
    let mut one = Asked::new(1);
    for at in 1..20 {
        assert_eq!(one.brings(0, 10), 10, "{at}");
    }
    let mut two = Asked::new(2);
    assert_eq!(two.brings(0, WANTED), 100);
    assert_eq!(told(&two.ends(0)), 0);
    let outputs = two.ends(1);
    assert_eq!((told(&outputs), ended(&outputs)), (100, Some(Ended::Enough)));
}
