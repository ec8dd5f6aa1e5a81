//! What a neighbour is told, and when.

use std::collections::BTreeMap;

use filbert::base::limits::{
    FASTTRACK_DISTANCE_MAX, FASTTRACK_RECORDS_MS, FASTTRACK_RECORDS_TOLD_MAX,
    FASTTRACK_TABLE_EVERY_MS, FASTTRACK_TABLE_GATHER_MS,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::wire::TableRecord;

use super::lone::{Lone, in_short, record};
use super::net::address;

/// Neighbours 1 and 2, who have been told what there is.
fn two() -> (Lone, [Slot; 2]) {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    lone.run_ms(60_000);
    lone.take();
    (lone, slots)
}

fn told(lone: &mut Lone, slot: Slot) -> Vec<(std::net::SocketAddrV4, u16, u8)> {
    let tables = lone.told(slot);
    assert!(tables.len() <= 1);
    in_short(&tables.concat())
}

/// FTPEER-11: changes are gathered for a second, and go to all but the one that they came from.
#[test]
fn changes_are_gathered_and_told_to_others() {
    let (mut lone, [first, second]) = two();
    lone.tell(first, &[record(1, 5, 0), record(5, 9, 2)]);
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS - 1);
    lone.tell(first, &[record(1, 5, 0), record(6, 9, 1)]);
    assert!(lone.take().is_empty());
    lone.run_ms(1);
    assert_eq!(told(&mut lone, second), [(address(5), 9, 3), (address(6), 9, 2)]);
    lone.run_ms(60_000);
    assert!(lone.told(first).is_empty());
}

/// FTPEER-11: the next table comes ten seconds after the last.
#[test]
fn tables_follow_each_other_slowly() {
    let (mut lone, [first, second]) = two();
    lone.tell(first, &[record(1, 5, 0), record(5, 9, 2)]);
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
    assert_eq!(told(&mut lone, second).len(), 1);
    lone.tell(first, &[record(1, 5, 0), record(5, 10, 2)]);
    lone.run_ms(FASTTRACK_TABLE_EVERY_MS - 1);
    assert!(lone.told(second).is_empty());
    lone.run_ms(1);
    assert_eq!(told(&mut lone, second), [(address(5), 10, 3)]);
}

/// FTPEER-11: what is not so any more is taken back within a second, from those who were told.
#[test]
fn what_is_lost_is_taken_back_soon() {
    let (mut lone, [first, second]) = two();
    lone.tell(first, &[record(1, 5, 0), record(5, 9, 2), record(6, 9, 1)]);
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
    assert_eq!(told(&mut lone, second).len(), 2);
    lone.tell(first, &[record(1, 5, 0), record(5, 9, 255)]);
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS - 1);
    assert!(lone.told(second).is_empty());
    lone.run_ms(1);
    assert_eq!(told(&mut lone, second), [(address(5), 9, 255)]);
    // Nobody is told twice, nor of what it never heard of.
    lone.tell(first, &[record(1, 5, 0), record(7, 9, 1)]);
    lone.tell(first, &[record(1, 5, 0), record(7, 9, 255)]);
    lone.run_ms(60_000);
    assert!(lone.told(second).concat().is_empty());
    assert!(lone.told(first).concat().is_empty());
    lone.close(first);
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
    let gone = [(address(1), 5, 255), (address(6), 9, 255)];
    assert_eq!(told(&mut lone, second), gone);
}

/// FTPEER-11: who turns out to be nearer than we are is not told of our way through it any more.
#[test]
fn a_way_is_taken_back_from_the_one_it_leads_through() {
    let (mut lone, [first, second]) = two();
    lone.tell(first, &[record(1, 5, 0), record(5, 9, 3)]);
    lone.run_ms(60_000);
    assert_eq!(told(&mut lone, second), [(address(5), 9, 4)]);
    lone.tell(second, &[record(2, 5, 0), record(5, 9, 1)]);
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
    let outputs = lone.take();
    let records = |slot: Slot| {
        let tables = outputs.iter().filter_map(|it| match it {
            filbert::fasttrack::neighbours::Output::Send {
                to,
                message: filbert::fasttrack::wire::Message::Table(table),
            } if *to == slot => Some(table.records().skip(1).collect::<Vec<_>>()),
            _ => None,
        });
        in_short(&tables.collect::<Vec<_>>().concat())
    };
    assert_eq!(records(second), [(address(5), 9, 255)]);
    assert_eq!(records(first), [(address(5), 9, 2)]);
}

/// FTPEER-07: who is five links away is told of, who is six links away is not.
#[test]
fn who_is_six_links_away_is_not_told_of() {
    let (mut lone, [first, second]) = two();
    let near = record(5, 9, FASTTRACK_DISTANCE_MAX - 1);
    let far = record(6, 9, FASTTRACK_DISTANCE_MAX);
    lone.tell(first, &[record(1, 5, 0), near, far]);
    lone.run_ms(60_000);
    assert_eq!(told(&mut lone, second), [(address(5), 9, FASTTRACK_DISTANCE_MAX)]);
    // It moves away.
    lone.tell(first, &[record(1, 5, 0), record(5, 10, FASTTRACK_DISTANCE_MAX)]);
    lone.run_ms(60_000);
    assert_eq!(told(&mut lone, second), [(address(5), 10, 255)]);
    assert_eq!(lone.distance(5), Some(6));
}

/// FTPEER-11: beyond the first table a neighbour is told of a thousand changes in five minutes; the
/// others wait, and each has its turn. What is taken back does not wait.
#[test]
fn changes_come_at_a_bounded_rate_and_each_has_its_turn() {
    let limit = usize::try_from(FASTTRACK_RECORDS_TOLD_MAX).unwrap();
    let mut lone = Lone::new();
    let tellers = lone.joins([3_000, 3_001, 3_002]);
    let listener = lone.join(3_003);
    lone.run_ms(60_000);
    lone.take();
    let (mut at_once, mut all, mut latest) = (0, BTreeMap::new(), BTreeMap::new());
    for second in 0..FASTTRACK_RECORDS_MS / 1_000 {
        if second % 30 == 0 {
            let sequence = 10 + u16::try_from(second / 30).unwrap();
            for (place, teller) in tellers.iter().enumerate() {
                let ids = 300 * place..300 * (place + 1);
                let own = record(3_000 + place, 5, 0);
                let records: Vec<TableRecord> = ids.map(|id| record(id, sequence, 2)).collect();
                lone.tell(*teller, &[&[own][..], &records[..]].concat());
            }
        }
        lone.run_ms(1_000);
        for told in lone.told(listener).concat() {
            *all.entry(told.address).or_insert(0) += 1;
            latest.insert(told.address, told.sequence);
        }
        if second == 20 {
            at_once = all.values().sum::<usize>();
        }
    }
    let told: usize = all.values().sum();
    assert_eq!((at_once, all.len()), (900, 900));
    // What was saved up, and what came since.
    assert!((2 * limit - 50..=2 * limit).contains(&told), "{told}");
    assert!(all.values().all(|times| (2..=3).contains(times)));
    // What was left over comes when nothing new does.
    lone.run_ms(u64::from(FASTTRACK_RECORDS_MS));
    latest.extend(lone.told(listener).concat().iter().map(|told| (told.address, told.sequence)));
    assert!(latest.values().all(|sequence| *sequence == 19));
    lone.close(tellers[0]);
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
    let gone = lone.told(listener).concat().into_iter().filter(|it| it.distance > 5).count();
    assert_eq!(gone, 301);
}

/// FTPEER-11: what somebody was not told is not taken back from it, whoever had its place before.
#[test]
fn what_was_not_told_is_not_taken_back() {
    let (mut lone, slots) = two();
    lone.tell(slots[0], &[record(1, 5, 0), record(5, 9, 1)]);
    lone.run_ms(20_000);
    assert_eq!(in_short(&lone.told(slots[1]).concat()), [(address(5), 9, 2)]);
    lone.close(slots[1]);
    let new = lone.open(*address(3).ip(), true);
    lone.tell(new, &[record(3, 5, 0)]);
    lone.tell(slots[0], &[record(1, 5, 0), record(5, 9, 255)]);
    lone.run_ms(20_000);
    assert_eq!(in_short(&lone.told(new).concat()), [(address(1), 5, 1)]);
}

/// FTPEER-06: who has nothing to hear hears nothing.
#[test]
fn what_came_and_went_is_not_told() {
    let (mut lone, [first, second]) = two();
    lone.tell(first, &[record(1, 5, 0), record(5, 9, 2)]);
    lone.tell(first, &[record(1, 5, 0), record(5, 9, 255)]);
    lone.run_ms(20_000);
    assert!(lone.told(second).is_empty());
}
