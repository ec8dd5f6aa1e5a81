//! Who is kept where there are more supernodes than the table holds.

use filbert::base::limits::{FASTTRACK_SUPERNODES_MAX, FASTTRACK_SUPERNODES_OF_NEIGHBOUR_MIN};
use filbert::base::slots::Slot;
use filbert::fasttrack::wire::TableRecord;

use super::lone::{Lone, record};
use super::net::{Id, Net};

fn tell(lone: &mut Lone, slot: Slot, own: Id, ids: std::ops::Range<Id>, distance: u8) {
    let ids: Vec<_> = ids.collect();
    for ids in ids.chunks(1_000) {
        let records = ids.iter().map(|id| record(*id, 5, distance));
        let all: Vec<TableRecord> = std::iter::once(record(own, 5, 0)).chain(records).collect();
        lone.tell(slot, &all);
    }
    lone.take();
}

fn count_by(lone: &Lone, slot: Slot) -> usize {
    lone.room.known().filter(|known| known.by == slot).count()
}

/// FTPEER-07: a thousand, and the nearest of all that one neighbour tells of.
#[test]
fn a_thousand_are_kept_the_nearest_of_all() {
    let mut lone = Lone::new();
    let slot = lone.join(1);
    tell(&mut lone, slot, 1, 1_000..1_998, 3);
    assert_eq!(lone.room.known_len(), FASTTRACK_SUPERNODES_MAX - 1);
    tell(&mut lone, slot, 1, 2_000..2_001, 5);
    assert_eq!((lone.room.known_len(), lone.distance(2_000)), (FASTTRACK_SUPERNODES_MAX, Some(6)));
    tell(&mut lone, slot, 1, 2_001..2_002, 5);
    assert_eq!((lone.room.known_len(), lone.distance(2_001)), (FASTTRACK_SUPERNODES_MAX, None));
    tell(&mut lone, slot, 1, 2_002..2_003, 2);
    assert_eq!(lone.room.known_len(), FASTTRACK_SUPERNODES_MAX);
    assert_eq!((lone.distance(2_002), lone.distance(2_000)), (Some(3), None));
    lone.run_ms(60_000);
    assert_eq!(lone.room.remembered_len(), FASTTRACK_SUPERNODES_MAX);
}

/// FTPEER-07, FTSAFE-11: who says to be next to thousands does not push out what others tell of, and has
/// the whole table where there are no others.
#[test]
fn nobody_fills_the_table_alone() {
    let mut lone = Lone::new();
    let liar = lone.join(1);
    tell(&mut lone, liar, 1, 10_000..12_000, 1);
    assert_eq!(count_by(&lone, liar), FASTTRACK_SUPERNODES_MAX);
    let honest = lone.joins(2..22);
    for (place, slot) in honest.iter().enumerate() {
        let first = 20_000 + 40 * place;
        tell(&mut lone, *slot, place + 2, first..first + 40, 4);
    }
    lone.run_ms(60_000);
    let of_honest: Vec<_> = honest.iter().map(|slot| count_by(&lone, *slot)).collect();
    assert_eq!(of_honest, vec![41; 20]);
    assert_eq!(count_by(&lone, liar), FASTTRACK_SUPERNODES_MAX - 20 * 41);
    // Nor afterwards: it has more than its share, and loses its own only.
    tell(&mut lone, liar, 1, 12_000..13_000, 1);
    assert_eq!(honest.iter().map(|slot| count_by(&lone, *slot)).sum::<usize>(), 20 * 41);
}

/// FTPEER-07: with many neighbours the share of one is a hundred: up to it somebody nearer takes the place
/// of the farthest of all, from there on of its own farthest.
#[test]
fn the_share_of_a_neighbour_is_a_hundred_at_least() {
    for (count, is_own) in [
        (FASTTRACK_SUPERNODES_OF_NEIGHBOUR_MIN - 1, false),
        (FASTTRACK_SUPERNODES_OF_NEIGHBOUR_MIN, true),
    ] {
        let mut lone = Lone::new();
        let one = lone.join(1);
        // Itself is one of them.
        tell(&mut lone, one, 1, 10_000..10_000 + count - 1, 3);
        for place in 2..42 {
            let slot = lone.join(place);
            tell(&mut lone, slot, place, 20_000 + 100 * place..20_000 + 100 * place + 30, 4);
        }
        assert_eq!(lone.room.known_len(), FASTTRACK_SUPERNODES_MAX);
        assert_eq!(count_by(&lone, one), count);
        tell(&mut lone, one, 1, 30_000..30_001, 1);
        assert_eq!(lone.distance(30_000), Some(2));
        assert_eq!(count_by(&lone, one), if is_own { count } else { count + 1 });
    }
}

/// FTPEER-07, FTPEER-14: in a network of 1,100, all tables are full of the nearest, whose distances are
/// right, and whoever is in a table is reached.
#[test]
fn in_a_large_network_the_nearest_are_known_and_reached() {
    let mut net = Net::ring(9, 1_100, 6);
    net.run_ms(150_000);
    let mut asked = 0;
    for id in (0..1_100).step_by(55) {
        let distances = net.distances(id);
        let known: Vec<_> = net.node(id).room.known().collect();
        let farthest = known.iter().map(|it| it.record.distance).max().unwrap();
        assert_eq!(known.len(), FASTTRACK_SUPERNODES_MAX);
        for (place, known) in known.iter().enumerate() {
            let [_, high, low, _] = known.record.address.ip().octets();
            let other = Id::from(u16::from_be_bytes([high, low]));
            assert_eq!(distances[&other], known.record.distance);
            if place % 10 == 0 {
                net.ping(id, other, 1);
                asked += 1;
            }
        }
        let nearer = distances.values().filter(|it| **it > 0 && **it < farthest).count();
        let kept = known.iter().filter(|it| it.record.distance < farthest).count();
        assert_eq!(nearer, kept);
    }
    net.run_ms(5_000);
    assert_eq!((net.seen.pushes.len(), net.seen.loops, net.seen.faults.len()), (asked, 0, 0));
}

/// FTPEER-07: nor is there room for one that was known, was lost, and is farther than all when it comes again.
#[test]
fn who_was_lost_finds_its_place_taken() {
    let mut lone = Lone::new();
    let slots = lone.joins(1..=2);
    tell(&mut lone, slots[1], 2, 5_000..5_001, 4);
    lone.tell(slots[1], &[record(2, 5, 0), record(5_000, 5, 255)]);
    tell(&mut lone, slots[0], 1, 1_000..1_998, 1);
    assert_eq!(lone.room.known_len(), FASTTRACK_SUPERNODES_MAX);
    lone.tell(slots[1], &[record(2, 5, 0), record(5_000, 6, 4)]);
    assert_eq!((lone.room.known_len(), lone.distance(5_000)), (FASTTRACK_SUPERNODES_MAX, None));
}

/// FTPEER-07: who has more than its share changes it for what is nearer, and for nothing else.
#[test]
fn a_share_that_is_full_changes_for_what_is_nearer() {
    let mut lone = Lone::new();
    let slots = lone.joins(1..=20);
    tell(&mut lone, slots[0], 1, 1_000..1_980, 2);
    assert_eq!(lone.room.known_len(), FASTTRACK_SUPERNODES_MAX);
    for (id, distance, is_taken) in [(5_000, 3, false), (5_001, 2, false), (5_002, 1, true)] {
        tell(&mut lone, slots[0], 1, id..id + 1, distance);
        assert_eq!(lone.distance(id).is_some(), is_taken, "{distance}");
        assert_eq!(lone.room.known_len(), FASTTRACK_SUPERNODES_MAX);
    }
}
