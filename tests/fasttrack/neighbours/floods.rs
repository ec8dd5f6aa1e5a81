//! Neighbours who send too much, or nonsense.

use filbert::base::limits::{
    FASTTRACK_RECORDS_HEARD_MAX, FASTTRACK_RECORDS_MAX, FASTTRACK_RECORDS_MS,
    FASTTRACK_TABLE_GATHER_MS,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::neighbours::Dropped;
use filbert::fasttrack::wire::{Frame, Kind, Message, Side, TableRecord};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::lone::{Lone, record, searched};
use super::net::{Net, address};

/// A table with so many records, its sender's among them, as bytes.
fn table(own: usize, count: usize) -> Frame {
    let mut payload = Vec::new();
    for place in 0..count {
        let it = if place == 0 { record(own, 5, 0) } else { record(999 + place, 5, 1) };
        let one = Message::Table(std::iter::once(it).collect()).to_frame();
        payload.extend(&one.payload);
    }
    Frame { kind: Kind::TABLE, payload: payload.into() }
}

/// FTPEER-06, FTSAFE-01, FTSAFE-03: 0, 1, 1,001, 1,002 and as many records as a message holds, the last
/// one cut; what is behind the 1,001st is passed by.
#[test]
fn tables_of_all_lengths_are_taken() {
    for (count, known) in [
        (0, None),
        (1, Some(1)),
        (2, Some(2)),
        (FASTTRACK_RECORDS_MAX - 1, Some(1_000)),
        (FASTTRACK_RECORDS_MAX, Some(1_000)),
        (FASTTRACK_RECORDS_MAX + 1, Some(1_000)),
        (2_520, Some(1_000)),
    ] {
        for cut in [0, 25] {
            let mut lone = Lone::new();
            let slot = lone.open(*address(1).ip(), false);
            let Frame { kind, payload } = table(1, count);
            let payload = [&payload[..], &[7; 25][..cut]].concat().into();
            lone.receive(slot, &Message::parse(&Frame { kind, payload }, Side::Across).unwrap());
            assert_eq!(lone.room.known_len(), known.unwrap_or(0), "{count} and {cut} bytes");
            assert_eq!(lone.room.len(), usize::from(known.is_some()));
            assert!(lone.faults().is_empty());
            assert_eq!(lone.distance(999 + FASTTRACK_RECORDS_MAX), None);
        }
    }
}

fn flood(lone: &mut Lone, slot: Slot, sequence: u16, count: usize) {
    let records = (0..count).map(|place| record(1_000 + place, sequence, 1));
    lone.tell(slot, &std::iter::once(record(1, 5, 0)).chain(records).collect::<Vec<_>>());
}

/// FTPEER-11: beyond the first table so many records count in five minutes; what is taken back always
/// does.
#[test]
fn a_neighbour_is_heard_at_a_bounded_rate() {
    let limit = usize::try_from(FASTTRACK_RECORDS_HEARD_MAX).unwrap();
    let mut lone = Lone::new();
    let slot = lone.open(*address(1).ip(), false);
    flood(&mut lone, slot, 5, 900);
    for round in 0..limit / 500 {
        flood(&mut lone, slot, 6 + u16::try_from(round).unwrap(), 500);
    }
    assert!(lone.faults().is_empty());
    flood(&mut lone, slot, 50, 1);
    assert_eq!(lone.faults(), ["FTPEER-11"]);
    let sequence = |lone: &Lone| lone.room.known().find(|it| it.record.address == address(1_000));
    assert_eq!(sequence(&lone).map(|it| it.record.sequence), Some(9));
    flood(&mut lone, slot, 50, 800);
    assert_eq!(lone.faults(), ["FTPEER-11"]);
    let gone = TableRecord { distance: 255, ..record(1_000, 9, 1) };
    lone.tell(slot, &[record(1, 5, 0), gone]);
    assert_eq!((lone.distance(1_000), lone.faults().len()), (None, 0));
    lone.run_ms(u64::from(FASTTRACK_RECORDS_MS));
    lone.take();
    for round in 0..limit / 500 {
        flood(&mut lone, slot, 60 + u16::try_from(round).unwrap(), 500);
    }
    assert!(lone.faults().is_empty());
}

/// FTPEER-09, FTPEER-11: its own number is one of the records.
#[test]
fn a_neighbour_that_counts_without_end_is_not_heard() {
    let mut lone = Lone::new();
    let slot = lone.join(1);
    let limit = u16::try_from(FASTTRACK_RECORDS_HEARD_MAX).unwrap();
    for number in 0..limit {
        lone.tell(slot, &[record(1, 6 + number, 0)]);
    }
    assert!(lone.faults().is_empty());
    lone.tell(slot, &[record(1, 6 + limit, 0)]);
    assert_eq!(lone.faults(), ["FTPEER-11"]);
    // The same again is no news.
    lone.tell(slot, &[record(1, 5 + limit, 0)]);
    assert!(lone.faults().is_empty());
}

/// FTPEER-11: whatever a neighbour changes, and takes back again, others hear of it once a second at most.
#[test]
fn a_neighbour_that_changes_its_mind_costs_others_little() {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    lone.run_ms(60_000);
    lone.take();
    let (mut tables, mut records) = (0, 0);
    for step in 0..6_000_u16 {
        let distance = if step % 3 == 0 { 255 } else { 1 };
        lone.tell(slots[0], &[record(1, 5, 0), record(1_000, step / 3, distance)]);
        lone.run_ms(50);
        let told = lone.told(slots[1]);
        tables += told.len();
        records += told.concat().len();
    }
    println!("6,000 changes in five minutes: {tables} tables with {records} records");
    assert!((60..=300).contains(&tables) && records == tables);
}

/// Whatever messages come in whatever order, nothing breaks, and what is kept is bounded.
#[test]
fn any_messages_are_survived() {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    for seed in 0..30 {
        let mut lone = Lone::new();
        let mut slots: Vec<Slot> = Vec::new();
        for step in 0..600 {
            let id = 1 + seed * 600 + step;
            match random.random_range(0..20) {
                0 => slots.push(lone.open(*address(id).ip(), random.random())),
                1 if !slots.is_empty() => {
                    let slot = slots.swap_remove(random.random_range(0..slots.len()));
                    lone.close(slot);
                }
                2 => lone.run_ms(random.random_range(0..40_000)),
                3 => drop(lone.search(random.random_range(0..20), random.random())),
                _ if slots.is_empty() => {}
                4 => {
                    let slot = slots[random.random_range(0..slots.len())];
                    lone.tell(slot, &[record(random.random_range(0..30_000), 5, 0)]);
                }
                _ => {
                    let slot = slots[random.random_range(0..slots.len())];
                    let kinds = [0, 1, 1, 1, 0x09, 0x800a, 0x8007, 0x8008, 0x800d, 0xc024];
                    let kind = Kind(kinds[random.random_range(0..kinds.len())]);
                    let len = random.random_range(0..200);
                    // Small numbers, so that addresses and distances meet.
                    let mut payload: Vec<u8> =
                        (0..len).map(|_| random.random_range(0..8)).collect();
                    payload.chunks_mut(6).for_each(|it| it[0] = 60);
                    let frame = Frame { kind, payload: payload.into() };
                    if let Ok(message) = Message::parse(&frame, Side::Across) {
                        lone.receive(slot, &message);
                    }
                }
            }
            lone.take();
            assert!(lone.room.known_len() <= 1_000 && lone.room.len() <= 50);
        }
    }
}

/// FTSAFE-15, FTPEER-24: one that floods everybody with searches costs the others none of theirs.
#[test]
fn a_flood_of_searches_costs_others_nothing() {
    let mut net = Net::ring(3, 40, 5);
    net.run_ms(60_000);
    for id in 0..40 {
        net.node(id).files.insert("tune".into(), 1);
    }
    let target = net.neighbours(0)[0];
    for step in 0..20 {
        for id in 0..500 {
            net.flood(0, target, &searched(step * 500 + id, 100));
        }
        net.run_ms(100);
    }
    let dropped = net.node(target).room.tally().dropped(Dropped::TooMuch);
    let keys: Vec<_> = (1..40).map(|id| net.search(id, "tune", 200)).collect();
    net.run_ms(30_000);
    println!("of 10,000 searches in two seconds {dropped} were dropped");
    assert!((9_000..10_000).contains(&dropped));
    for key in keys {
        assert!(net.searches[&key].results >= 38, "{:?}", net.searches[&key]);
    }
}

/// FTPEER-11: what is lost by a thousand is told in one table a second at most.
#[test]
fn a_neighbour_with_a_thousand_ways_may_go() {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    lone.run_ms(600_000);
    flood(&mut lone, slots[0], 5, 990);
    lone.run_ms(60_000);
    lone.take();
    lone.close(slots[0]);
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
    let told = lone.told(slots[1]);
    assert_eq!((told.len(), told[0].len()), (1, 991));
    assert!(told[0].iter().all(|it| it.distance == 255));
}

/// FTPEER-07: a neighbour that comes and goes, each time with a thousand others, keeps nobody from being known.
#[test]
fn a_neighbour_that_comes_and_goes_keeps_nobody_out() {
    let mut lone = Lone::new();
    lone.join(1);
    for round in 0..10 {
        let slot = lone.open(*address(2).ip(), false);
        let others = (0..1_000).map(|place| record(1_000 + 1_000 * round + place, 5, 1));
        lone.tell(slot, &std::iter::once(record(2, 5, 0)).chain(others).collect::<Vec<_>>());
        lone.run_ms(1_200);
        lone.close(slot);
        lone.run_ms(100);
        let newcomer = 20_000 + round;
        lone.join(newcomer);
        assert_eq!(lone.distance(newcomer), Some(1), "{round}: {}", lone.room.remembered_len());
        assert!(lone.room.remembered_len() <= 2_000);
    }
}
