//! Which way is taken, and when none is.

use filbert::base::limits::{
    FASTTRACK_DISTANCE_MAX, FASTTRACK_HOLD_MS, FASTTRACK_WAY_LIFE_S, FASTTRACK_WAYS_TIDY_MS,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::neighbours::Rules;
use filbert::fasttrack::wire::TableRecord;

use super::lone::{Lone, ME, record};
use super::net::{address, own};

const FAR: usize = 500;

/// Neighbours 1 and 2, 3, ...
fn with(count: usize) -> (Lone, Vec<Slot>) {
    let mut lone = Lone::new();
    let slots = lone.joins(1..=count);
    (lone, slots)
}

/// A neighbour says how far it is from [`FAR`]; above five it is not.
fn says(lone: &mut Lone, slots: &[Slot], id: usize, sequence: u16, distance: u8) {
    lone.tell(slots[id - 1], &[record(id, 5, 0), record(FAR, sequence, distance)]);
}

/// FTPEER-07: a distance of five is taken and one of six is not.
#[test]
fn a_distance_is_one_more_than_it_is_said_and_six_is_too_far() {
    let (mut lone, slots) = with(1);
    says(&mut lone, &slots, 1, 9, FASTTRACK_DISTANCE_MAX);
    assert_eq!((lone.distance(1), lone.distance(FAR)), (Some(1), Some(6)));
    says(&mut lone, &slots, 1, 10, FASTTRACK_DISTANCE_MAX + 1);
    assert_eq!(lone.distance(FAR), None);
}

/// FTPEER-08: the shortest way is taken, and of equal ones the one that is taken stays.
#[test]
fn the_shortest_way_is_taken() {
    let (mut lone, slots) = with(3);
    says(&mut lone, &slots, 2, 9, 3);
    says(&mut lone, &slots, 1, 9, 3);
    assert_eq!((lone.distance(FAR), lone.by(FAR)), (Some(4), Some(slots[1])));
    says(&mut lone, &slots, 3, 9, 2);
    assert_eq!((lone.distance(FAR), lone.by(FAR)), (Some(3), Some(slots[2])));
    // A newer number comes by a longer way first.
    says(&mut lone, &slots, 1, 10, 3);
    assert_eq!((lone.distance(FAR), lone.by(FAR)), (Some(3), Some(slots[2])));
}

/// FTPEER-08: where the way is lost, another one is taken at once if it cannot lead through us: because
/// it is shorter than ours was, or because its number is newer.
#[test]
fn a_safe_way_is_taken_at_once() {
    for (sequence, distance) in [(9, 2), (10, 4), (1_032, 4)] {
        let (mut lone, slots) = with(2);
        says(&mut lone, &slots, 1, 9, 2);
        says(&mut lone, &slots, 2, sequence, distance);
        says(&mut lone, &slots, 1, 9, 255);
        assert_eq!(lone.distance(FAR), Some(distance + 1), "{sequence} {distance}");
    }
}

/// FTPEER-08: any other way waits until all have heard that ours is lost.
#[test]
fn an_unsafe_way_waits() {
    for (sequence, distance) in [(9, 3), (8, 1), (1_033, 1)] {
        let (mut lone, slots) = with(2);
        says(&mut lone, &slots, 1, 9, 2);
        says(&mut lone, &slots, 2, sequence, distance);
        says(&mut lone, &slots, 1, 9, 255);
        assert_eq!(lone.distance(FAR), None, "{sequence} {distance}");
        lone.run_ms(FASTTRACK_HOLD_MS - 1);
        assert_eq!(lone.distance(FAR), None, "{sequence} {distance}");
        lone.run_ms(1);
        assert_eq!(lone.distance(FAR), Some(distance + 1), "{sequence} {distance}");
    }
}

/// FTPEER-10: when a neighbour goes, so does what was reached by it alone, and itself.
#[test]
fn what_came_by_a_neighbour_goes_with_it() {
    let (mut lone, slots) = with(2);
    says(&mut lone, &slots, 1, 9, 2);
    lone.tell(slots[1], &[record(2, 5, 0), record(600, 7, 1)]);
    lone.close(slots[0]);
    assert_eq!((lone.distance(1), lone.distance(FAR), lone.distance(600)), (None, None, Some(2)));
    lone.run_ms(FASTTRACK_HOLD_MS + FASTTRACK_WAYS_TIDY_MS);
    assert_eq!((lone.room.known_len(), lone.room.remembered_len()), (2, 2));
}

/// FTPEER-10: what nobody has renewed for half an hour is forgotten, whatever else is said of it.
#[test]
fn a_way_that_is_not_renewed_is_forgotten() {
    let life_ms = u64::from(FASTTRACK_WAY_LIFE_S) * 1_000;
    let (mut lone, slots) = with(2);
    says(&mut lone, &slots, 1, 9, 2);
    lone.run_ms(life_ms - 1_000);
    says(&mut lone, &slots, 1, 9, 1);
    assert_eq!(lone.distance(FAR), Some(2));
    lone.run_ms(1_000);
    assert_eq!(lone.distance(FAR), Some(2));
    lone.run_ms(FASTTRACK_WAYS_TIDY_MS);
    assert_eq!((lone.distance(FAR), lone.distance(1)), (None, None));

    let (mut lone, slots) = with(2);
    says(&mut lone, &slots, 1, 9, 2);
    lone.run_ms(life_ms - 1_000);
    says(&mut lone, &slots, 1, 10, 2);
    lone.run_ms(life_ms - 1_000);
    assert_eq!(lone.distance(FAR), Some(3));
}

/// FTPEER-10, FTSAFE-11: of ourselves, of those who cannot be called and of a second sender nothing is
/// taken.
#[test]
fn some_records_do_not_count() {
    for allow_private in [false, true] {
        let mut lone = Lone::with(own(), Rules { allow_private, ..Rules::default() });
        let slot = lone.join(1);
        let at = |text: &str| TableRecord { address: text.parse().unwrap(), ..record(3, 5, 1) };
        let records = [
            record(1, 6, 0),
            record(ME, 5, 1),
            record(2, 5, 0),
            at("10.0.0.1:1214"),
            at("127.0.0.1:1214"),
            at("224.0.0.1:1214"),
            at("60.1.2.3:0"),
            record(4, 5, 1),
        ];
        lone.tell(slot, &records);
        assert_eq!(lone.distance(4), Some(2));
        assert_eq!(lone.room.known_len(), if allow_private { 4 } else { 2 });
        assert_eq!(lone.room.known().filter(|it| it.record.address == address(ME)).count(), 0);
    }
}

/// FTPEER-08, FTPEER-09: a neighbour that has begun again counts from its new number on.
#[test]
fn a_neighbour_that_begins_again_has_other_numbers() {
    let (mut lone, slots) = with(2);
    lone.tell(slots[0], &[record(1, 1_000, 0)]);
    lone.tell(slots[0], &[record(1, 5, 0)]);
    lone.tell(slots[1], &[record(2, 5, 0), record(1, 6, 1)]);
    assert_eq!((lone.distance(1), lone.by(1)), (Some(1), Some(slots[0])));
    lone.close(slots[0]);
    assert_eq!((lone.distance(1), lone.by(1)), (Some(2), Some(slots[1])));
}

/// FTPEER-08: who is lost twice waits anew.
#[test]
fn each_loss_is_waited_out() {
    let (mut lone, slots) = with(2);
    says(&mut lone, &slots, 1, 9, 2);
    says(&mut lone, &slots, 2, 9, 3);
    says(&mut lone, &slots, 1, 9, 255);
    lone.run_ms(FASTTRACK_HOLD_MS / 3);
    says(&mut lone, &slots, 1, 10, 2);
    assert_eq!((lone.distance(FAR), lone.by(FAR)), (Some(3), Some(slots[0])));
    lone.run_ms(FASTTRACK_HOLD_MS / 3);
    says(&mut lone, &slots, 1, 10, 255);
    lone.run_ms(FASTTRACK_HOLD_MS - 1);
    assert_eq!(lone.distance(FAR), None);
    lone.run_ms(1);
    assert_eq!(lone.distance(FAR), Some(4));
}
