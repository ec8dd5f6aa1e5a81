//! A search of ours: who is asked, when, and what of the answers counts.

use std::collections::BTreeSet;
use std::net::SocketAddrV4;

use filbert::base::limits::{
    FASTTRACK_ASKED_AT_ONCE, FASTTRACK_ASKED_MAX, FASTTRACK_ASKED_NEAREST, FASTTRACK_ASKED_WAIT_MS,
    FASTTRACK_RESULTS_MAX, FASTTRACK_SEARCH_MS, FASTTRACK_SEARCH_RETRY_MS, FASTTRACK_SEARCHES_MAX,
    FASTTRACK_SEARCHES_SENT_BURST, FASTTRACK_SEARCHES_SENT_PER_S, FASTTRACK_SILENT_MS,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::neighbours::{Dropped, Ended, Output, SearchKey};
use filbert::fasttrack::wire::{ForwardedSearch, Logarithm, Media, Message, TableRecord};

use super::lone::{Lone, ME, record, results};
use super::net::{Id, address};

/// A search that went out: to whom, and what it says.
pub type Sent = (SocketAddrV4, ForwardedSearch);

pub fn sent(outputs: &[Output]) -> Vec<Sent> {
    let searches = outputs.iter().filter_map(|output| match output {
        Output::Send { message: Message::Unicast(unicast), .. } => match unicast.message() {
            Ok(Message::ForwardedSearch(search)) => Some((unicast.receiver, search)),
            _ => None,
        },
        _ => None,
    });
    searches.collect()
}

pub fn ended(outputs: &[Output]) -> Option<Ended> {
    outputs.iter().find_map(|output| match output {
        Output::Ended { why, .. } => Some(*why),
        _ => None,
    })
}

pub fn found(outputs: &[Output]) -> Vec<(SearchKey, usize)> {
    let found = outputs.iter().filter_map(|output| match output {
        Output::Found { key, results } => Some((*key, results.results.len())),
        _ => None,
    });
    found.collect()
}

pub fn id_of(address: SocketAddrV4) -> Id {
    let [_, high, low, _] = address.ip().octets();
    u16::from_be_bytes([high, low]).into()
}

/// So many neighbours, each of whom knows as many others at each distance from 1 on as it says.
pub fn among(neighbours: usize, others: &[usize]) -> (Lone, Vec<Slot>) {
    let mut lone = Lone::new();
    let slots = lone.joins(1..=neighbours);
    for (place, slot) in slots.iter().enumerate() {
        let mut records = vec![record(place + 1, 5, 0)];
        for (distance, &count) in (1..).zip(others) {
            let first = 1_000 * usize::from(distance) + 100 * place;
            records.extend((first..first + count).map(|id| record(id, 5, distance)));
        }
        lone.tell(*slot, &records);
    }
    lone.take();
    (lone, slots)
}

/// Says for somebody that it has no more, as its message comes over the session that leads there.
pub fn end(lone: &mut Lone, slots: &[Slot], from: SocketAddrV4, id: u32) {
    answer(lone, slots, from, &Message::SearchEnd { id: (id & 0xffff) as u16 });
}

pub fn answer(lone: &mut Lone, slots: &[Slot], from: SocketAddrV4, message: &Message) {
    let id = id_of(from);
    let slot = if id < 1_000 { slots[id - 1] } else { slots[id % 1_000 / 100] };
    lone.unicast(slot, id, ME, if id < 1_000 { 1 } else { 2 }, message);
}

/// FTPEER-16: six have it at the same time; when one has ended the next is asked, sixty in all, and with
/// the last of them the search ends.
#[test]
fn six_are_asked_at_a_time_and_sixty_in_all() {
    let (mut lone, slots) = among(8, &[5, 5]);
    assert_eq!(lone.room.known_len(), 88);
    lone.search(1, 100);
    let mut waiting = sent(&lone.take());
    let mut asked: BTreeSet<_> = waiting.iter().map(|it| it.0).collect();
    assert_eq!(waiting.len(), FASTTRACK_ASKED_AT_ONCE);
    while let Some((to, search)) = waiting.pop() {
        end(&mut lone, &slots, to, search.id);
        let outputs = lone.take();
        let next = sent(&outputs);
        asked.extend(next.iter().map(|it| it.0));
        waiting.extend(next);
        let is_over = asked.len() == FASTTRACK_ASKED_MAX;
        assert_eq!(waiting.len(), if is_over { waiting.len() } else { FASTTRACK_ASKED_AT_ONCE });
        assert_eq!(ended(&outputs).is_some(), waiting.is_empty());
    }
    assert_eq!((asked.len(), lone.room.searches_len()), (FASTTRACK_ASKED_MAX, 0));
}

/// Everybody who is asked, in their order, where each ends at once.
fn order(lone: &mut Lone, slots: &[Slot], key: u32) -> Vec<SocketAddrV4> {
    lone.search(key, 100);
    let mut order = Vec::new();
    while lone.room.searches_len() > 0 {
        let asked = sent(&lone.take());
        assert!(!asked.is_empty());
        for (to, search) in asked {
            order.push(to);
            end(lone, slots, to, search.id);
        }
    }
    // So that nobody has had too many searches for the next one.
    lone.run_ms(60_000);
    lone.take();
    order
}

/// FTPEER-16: the nearest thirty first, equals by lot; then thirty from anywhere.
#[test]
fn the_nearest_are_asked_first_and_then_anybody() {
    let (mut lone, slots) = among(5, &[10, 20, 20]);
    let orders: Vec<_> = (0..20).map(|key| order(&mut lone, &slots, key)).collect();
    for order in &orders {
        assert_eq!(order.len(), FASTTRACK_ASKED_MAX);
        let distances: Vec<_> = order.iter().map(|it| id_of(*it) / 1_000).collect();
        let (nearest, others) = distances.split_at(FASTTRACK_ASKED_NEAREST);
        assert!(nearest.is_sorted() && nearest[4] == 0 && nearest[5] == 1 && nearest[29] == 1);
        assert!(others.contains(&2) && others.contains(&3) && !others.is_sorted());
    }
    assert_ne!(orders[0], orders[1]);
    // Of 250 others, 25 or more of whom are asked each time beyond the thirty.
    let all: BTreeSet<_> = orders.concat().into_iter().collect();
    assert!(all.len() > 240, "{}", all.len());
}

/// FTPEER-16: who has no files is asked last.
#[test]
fn who_has_no_files_is_asked_last() {
    let mut lone = Lone::new();
    let slots = lone.joins(1..=9);
    let empty = TableRecord { media: [[Logarithm(0); 2]; Media::COUNT], ..record(1, 6, 0) };
    lone.tell(slots[0], &[empty]);
    lone.take();
    for key in 0..5 {
        assert_eq!(order(&mut lone, &slots, key).last(), Some(&address(1)));
    }
}

/// FTPEER-16, FTPEER-17, FTPEER-19: what is still wanted goes down, and nobody brings more than it was
/// asked for.
#[test]
fn what_is_wanted_goes_down_and_no_more_comes() {
    let (mut lone, slots) = among(8, &[]);
    let key = lone.search(9, 48);
    let first = sent(&lone.take());
    assert!(first.iter().all(|(_, search)| search.max == 48));
    let id = first[0].1.id;
    let low = (id & 0xffff) as u16;
    let from = |place: usize| id_of(first[place].0);
    answer(&mut lone, &slots, first[0].0, &results(from(0), low, 8));
    assert_eq!(found(&lone.take()), [(key, 8)]);
    end(&mut lone, &slots, first[0].0, id);
    assert_eq!(sent(&lone.take())[0].1.max, 40);
    // It has ended.
    answer(&mut lone, &slots, first[0].0, &results(from(0), low, 1));
    assert_eq!(found(&lone.take()), []);
    for (to, _) in &first[1..5] {
        answer(&mut lone, &slots, *to, &results(id_of(*to), low, 8));
        assert_eq!(found(&lone.take()), [(key, 8)]);
    }
    answer(&mut lone, &slots, first[5].0, &results(from(5), low, 5));
    assert_eq!(found(&lone.take()), [(key, 5)]);
    answer(&mut lone, &slots, first[5].0, &results(from(5), low, 8));
    let outputs = lone.take();
    assert_eq!((found(&outputs), ended(&outputs)), (vec![(key, 3)], Some(Ended::Enough)));
    answer(&mut lone, &slots, first[3].0, &results(from(3), low, 3));
    assert!(lone.take().is_empty());
}

/// FTPEER-19: results of who was not asked, of another supernode's index, or of a search that does not
/// run are dropped.
#[test]
fn what_nobody_asked_for_is_dropped() {
    let (mut lone, slots) = among(8, &[]);
    lone.search(9, 100);
    let asked = sent(&lone.take());
    let id = (asked[0].1.id & 0xffff) as u16;
    let one = id_of(asked[0].0);
    let other = (1..=8).find(|it| asked.iter().all(|(to, _)| *to != address(*it))).unwrap();
    answer(&mut lone, &slots, address(other), &results(other, id, 3));
    answer(&mut lone, &slots, address(one), &results(one, id.wrapping_add(1), 3));
    answer(&mut lone, &slots, address(one), &results(other, id, 3));
    end(&mut lone, &slots, address(other), id.into());
    assert!(lone.take().is_empty());
    let tally = lone.room.tally();
    assert_eq!((tally.dropped(Dropped::Unasked), tally.dropped(Dropped::Forged)), (3, 1));
}

/// FTPEER-20: after ten seconds the next is asked in its place; what comes later counts as long as the
/// search runs.
#[test]
fn ten_seconds_are_enough() {
    let (mut lone, slots) = among(8, &[]);
    let key = lone.search(9, 100);
    let first = sent(&lone.take());
    lone.run_ms(FASTTRACK_ASKED_WAIT_MS - 1);
    assert_eq!(sent(&lone.take()).len(), 0);
    lone.run_ms(1);
    assert_eq!(sent(&lone.take()).len(), 2);
    let (late, id) = (first[0].0, (first[0].1.id & 0xffff) as u16);
    answer(&mut lone, &slots, late, &results(id_of(late), id, 3));
    assert_eq!(found(&lone.take()), [(key, 3)]);
    lone.run_ms(FASTTRACK_ASKED_WAIT_MS - 1);
    assert_eq!(ended(&lone.take()), None);
    lone.run_ms(1);
    assert_eq!(ended(&lone.take()), Some(Ended::Exhausted));
}

/// FTPEER-16, FTPEER-20: who did not answer while others did is asked last, for five minutes.
#[test]
fn who_did_not_answer_is_asked_last() {
    let (mut lone, slots) = among(8, &[]);
    lone.search(0, 100);
    let first = sent(&lone.take());
    let silent = first[0].0;
    for (to, search) in &first[1..] {
        end(&mut lone, &slots, *to, search.id);
    }
    for (to, search) in sent(&lone.take()) {
        end(&mut lone, &slots, to, search.id);
    }
    lone.run_ms(FASTTRACK_ASKED_WAIT_MS);
    assert_eq!(ended(&lone.take()), Some(Ended::Exhausted));
    lone.run_ms(FASTTRACK_SILENT_MS - 1_000);
    let last = |lone: &mut Lone, key: u32| {
        lone.search(key, 100);
        let is_asked = sent(&lone.take()).iter().any(|(to, _)| *to == silent);
        lone.room.end_search(SearchKey(key));
        !is_asked
    };
    assert!((1..20).all(|key| last(&mut lone, key)));
    lone.run_ms(1_000);
    assert!(!(20..40).all(|key| last(&mut lone, key)));
}

/// FTPEER-17, FTPEER-20: a search lasts a minute; the first half of its id is a number of ours, the second
/// another one each time.
#[test]
fn a_search_has_an_id_and_an_end() {
    let (mut lone, _) = among(50, &[]);
    lone.search(1, 100);
    let first = sent(&lone.take())[0].1.id;
    lone.run_ms(FASTTRACK_SEARCH_MS - 1);
    assert_eq!(ended(&lone.take()), None);
    lone.run_ms(1);
    assert_eq!(ended(&lone.take()), Some(Ended::TimedOut));
    lone.search(2, 100);
    let second = sent(&lone.take())[0].1.id;
    assert_eq!(second >> 16, first >> 16);
    assert!(second != first && second != first + 1);
}

/// FTPEER-16: no more than 200 results of one search, whatever was wanted, and none where none were.
#[test]
fn a_search_wants_so_many_results_at_most() {
    let (mut lone, _) = among(8, &[]);
    for (wanted, asked) in [(199, 199), (200, 200), (201, 200), (u16::MAX, 200)] {
        assert_eq!(usize::from(asked).max(199), usize::from(asked).min(FASTTRACK_RESULTS_MAX));
        lone.search(wanted.into(), wanted);
        assert_eq!(sent(&lone.take())[0].1.max, asked);
        lone.run_ms(2_000);
        lone.take();
    }
    lone.search(0, 0);
    assert_eq!(ended(&lone.take()), Some(Ended::Enough));
}

/// A new search with a key takes the place of the one that had it, without a word.
#[test]
fn a_search_with_the_same_key_takes_its_place() {
    let (mut lone, _) = among(8, &[]);
    lone.search(1, 100);
    lone.search(1, 50);
    assert_eq!((ended(&lone.take()), lone.room.searches_len()), (None, 1));
    lone.room.end_search(SearchKey(1));
    lone.run_ms(2 * FASTTRACK_SEARCH_MS);
    assert_eq!((ended(&lone.take()), lone.room.searches_len()), (None, 0));
}

/// FTPEER-16: so many searches run at the same time, and one more ends at once.
#[test]
fn so_many_searches_run() {
    let (mut lone, _) = among(1, &[]);
    let count = u32::try_from(FASTTRACK_SEARCHES_MAX).unwrap();
    for key in 0..count {
        lone.search(key, 100);
    }
    assert_eq!(ended(&lone.take()), None);
    lone.search(count, 100);
    assert_eq!(ended(&lone.take()), Some(Ended::Busy));
    assert_eq!(lone.room.searches_len(), FASTTRACK_SEARCHES_MAX);
}

/// FTPEER-24: a neighbour is given so many searches of ours; the others wait, and all go out.
#[test]
fn a_neighbour_is_given_so_many_searches() {
    let (mut lone, _) = among(1, &[]);
    let burst = usize::try_from(FASTTRACK_SEARCHES_SENT_BURST).unwrap();
    for key in 0..300 {
        lone.search(key, 100);
    }
    assert_eq!(sent(&lone.take()).len(), burst);
    lone.run_ms(FASTTRACK_SEARCH_RETRY_MS - 1);
    assert_eq!(sent(&lone.take()).len(), 0);
    lone.run_ms(1);
    let per_s = usize::try_from(FASTTRACK_SEARCHES_SENT_PER_S).unwrap();
    let half_a_second = sent(&lone.take()).len();
    assert_eq!(half_a_second, per_s / 2);
    lone.run_ms(9_000);
    let more = sent(&lone.take()).len();
    assert!(burst + half_a_second + more <= 300 && more >= 9 * per_s - 10, "{more}");
    lone.run_ms(1_000);
    assert_eq!(burst + half_a_second + more + sent(&lone.take()).len(), 300);
}
