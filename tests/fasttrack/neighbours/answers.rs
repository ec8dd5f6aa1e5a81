//! Searches of other supernodes, and what they are answered.

use filbert::base::limits::{
    FASTTRACK_RESULTS_MAX, FASTTRACK_SEARCH_KNOWN_S, FASTTRACK_SEARCHES_KNOWN_MAX,
    FASTTRACK_SEARCHES_TAKEN_BURST, FASTTRACK_SEARCHES_TAKEN_PER_S,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::neighbours::{Dropped, Output, ReplyTo};
use filbert::fasttrack::wire::{Message, Unicast};

use super::lone::{Lone, ME, record, searched};
use super::net::{Id, address, found};

fn asked(lone: &mut Lone) -> Vec<(ReplyTo, u16)> {
    let outputs = lone.take().into_iter();
    let asked = outputs.filter_map(|output| match output {
        Output::Asked { reply, max, .. } => Some((reply, max)),
        _ => None,
    });
    asked.collect()
}

fn ask(lone: &mut Lone, slot: Slot, from: Id, hops: u8, id: u32) -> usize {
    lone.unicast(slot, from, ME, hops, &searched(id, 100));
    asked(lone).len()
}

/// FTPEER-18, FTPEER-19: as many messages with ten results as it takes, and one end, all to who asked,
/// with the second half of the id.
#[test]
fn results_go_home_ten_at_a_time_and_then_an_end() {
    for (max, count) in [(100, 0), (100, 1), (100, 25), (7, 25), (1_000, 900)] {
        let mut lone = Lone::new();
        let slot = lone.join(1);
        lone.tell(slot, &[record(1, 5, 0), record(5, 9, 2)]);
        lone.unicast(slot, 5, ME, 3, &searched(0xa1b2_0102, max));
        let (reply, told) = asked(&mut lone)[0];
        assert_eq!(told, max);
        lone.room.answer(reply, (0..count).map(|number| found(ME, number)));
        let sent = lone.unicasts();
        let mut left = usize::from(count.min(max)).min(FASTTRACK_RESULTS_MAX);
        assert_eq!(sent.len(), left.div_ceil(10) + 1);
        for (place, (to, unicast)) in sent.iter().enumerate() {
            let Unicast { sender, receiver, hops, .. } = unicast;
            assert_eq!((*to, *sender, *receiver, *hops), (slot, address(ME), address(5), 1));
            match unicast.message().unwrap() {
                Message::Results(results) => {
                    assert_eq!((results.supernode, results.id), (address(ME), 0x0102));
                    assert_eq!(results.results.len(), left.min(10));
                    left -= results.results.len();
                }
                end => {
                    assert_eq!((end, place), (Message::SearchEnd { id: 0x0102 }, sent.len() - 1));
                }
            }
        }
        assert_eq!(left, 0);
    }
}

/// FTPEER-18: by the table, or else by who brought it; nobody is answered who has gone.
#[test]
fn who_is_not_in_the_table_is_answered_by_who_brought_it() {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    lone.unicast(slots[0], 5, ME, 3, &searched(7, 100));
    let reply = asked(&mut lone)[0].0;
    let answer = |lone: &mut Lone| {
        lone.room.answer(reply, []);
        lone.unicasts().into_iter().map(|(to, _)| to).collect::<Vec<_>>()
    };
    assert_eq!(answer(&mut lone), [slots[0]]);
    lone.tell(slots[1], &[record(2, 5, 0), record(5, 9, 2)]);
    assert_eq!(answer(&mut lone), [slots[1]]);
    lone.close(slots[0]);
    lone.close(slots[1]);
    assert_eq!(answer(&mut lone), []);
}

/// FTPEER-18: the same search a second time is dropped, for five minutes, whoever brings it.
#[test]
fn a_search_is_answered_once_in_five_minutes() {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    assert_eq!(ask(&mut lone, slots[0], 5, 2, 7), 1);
    assert_eq!(ask(&mut lone, slots[0], 5, 2, 7), 0);
    assert_eq!(ask(&mut lone, slots[1], 5, 3, 7), 0);
    assert_eq!((ask(&mut lone, slots[0], 6, 2, 7), ask(&mut lone, slots[0], 5, 2, 8)), (1, 1));
    assert_eq!(lone.room.tally().dropped(Dropped::Duplicate), 2);
    lone.run_ms(u64::from(FASTTRACK_SEARCH_KNOWN_S) * 1_000);
    assert_eq!(ask(&mut lone, slots[0], 5, 2, 7), 0);
    lone.run_ms(1_000);
    assert_eq!(ask(&mut lone, slots[0], 5, 2, 7), 1);
}

/// FTSAFE-08: what a neighbour has brought is forgotten with it.
#[test]
fn searches_of_a_neighbour_that_has_gone_are_forgotten() {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    assert_eq!(ask(&mut lone, slots[0], 5, 2, 7), 1);
    lone.close(slots[0]);
    assert_eq!(ask(&mut lone, slots[1], 5, 2, 7), 1);
}

/// FTPEER-18, FTSAFE-08: so many are known again of each neighbour; who brings more loses its own.
#[test]
fn a_neighbour_that_brings_many_searches_loses_its_own() {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    assert_eq!(ask(&mut lone, slots[1], 2, 1, 7), 1);
    for id in 0..FASTTRACK_SEARCHES_KNOWN_MAX {
        lone.run_ms(20);
        assert_eq!(ask(&mut lone, slots[0], 1, 1, id), 1);
    }
    assert_eq!(ask(&mut lone, slots[0], 1, 1, 0), 0);
    assert_eq!(ask(&mut lone, slots[0], 1, 1, u32::MAX), 1);
    assert_eq!((ask(&mut lone, slots[0], 1, 1, 0), ask(&mut lone, slots[1], 2, 1, 7)), (1, 0));
}

/// FTPEER-24: each neighbour brings so many, its own and others'; what is beyond is dropped.
#[test]
fn a_neighbour_brings_so_many_searches() {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    let flood = |lone: &mut Lone, first: u32, count: u32| {
        (first..first + count).map(|id| ask(lone, slots[0], 1, 1, id)).sum::<usize>()
    };
    let burst = usize::try_from(FASTTRACK_SEARCHES_TAKEN_BURST).unwrap();
    assert_eq!(flood(&mut lone, 0, FASTTRACK_SEARCHES_TAKEN_BURST + 1), burst);
    assert_eq!((ask(&mut lone, slots[0], 9, 2, 1), ask(&mut lone, slots[1], 2, 1, 1)), (0, 1));
    lone.run_ms(1_000);
    let per_s = usize::try_from(FASTTRACK_SEARCHES_TAKEN_PER_S).unwrap();
    assert_eq!(flood(&mut lone, 10_000, 2 * FASTTRACK_SEARCHES_TAKEN_PER_S), per_s);
}

/// FTWIRE-13: what cannot be read is the fault of who made it, not of who passed it on.
#[test]
fn who_passes_on_is_not_blamed() {
    for (from, hops, faults) in [(1, 1, vec!["FTSAFE-04"]), (5, 2, vec![])] {
        let mut lone = Lone::new();
        let slot = lone.join(1);
        let whole = Unicast::new(address(from), address(ME), &searched(7, 100));
        let mut payload = whole.payload.to_vec();
        // One term more than there is.
        payload[8] = 2;
        lone.receive(slot, &Message::Unicast(Unicast { hops, payload: payload.into(), ..whole }));
        assert_eq!(lone.faults(), faults);
        assert_eq!(lone.room.tally().dropped(Dropped::Unreadable), 1);
    }
}
