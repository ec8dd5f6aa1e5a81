//! Patches of which some pieces have come and others not.

use filbert::base::limits::{QUERY_TABLE_REBUILD_EVERY_MS, QUERY_TABLE_SEQUENCES_MAX};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::query_routing::QueryTables;

use crate::receiving::{LEAF, NOW, ULTRAPEER, patch, reset, rule};

/// QRP-07: an unfinished patch goes with the neighbour.
#[test]
fn a_patch_is_not_continued_by_another_neighbour() {
    let mut slots = Slots::new();
    let (slot, mut tables) = (slots.insert(()), QueryTables::new(16));
    tables.open(slot, LEAF);
    tables.receive(slot, &reset(8), NOW).unwrap();
    assert_eq!(tables.receive(slot, &patch(1, 2, 4, &[0xff, 0xff]), NOW), Ok(false));
    tables.close(slot);
    slots.remove(slot);
    let next = slots.insert(());
    tables.open(next, LEAF);
    tables.receive(next, &reset(8), NOW).unwrap();
    assert_eq!(rule(tables.receive(next, &patch(2, 2, 4, &[0, 0]), NOW)), Some("QRP-07"));
}

/// QRP-36: that there is no room for more is the fault of nobody who began.
#[test]
fn so_many_patches_may_be_unfinished_and_not_one_more() {
    let (mut slots, mut tables) = (Slots::new(), QueryTables::new(16));
    let leaves: Vec<Slot> = (0..=QUERY_TABLE_SEQUENCES_MAX).map(|_| slots.insert(())).collect();
    let (last, first) = leaves.split_last().unwrap();
    for (ms, &leaf) in (0..).zip(&leaves) {
        tables.open(leaf, LEAF);
        tables.receive(leaf, &reset(8), NOW).unwrap();
        let began = Time::from_millis(ms);
        assert_eq!(tables.receive(leaf, &patch(1, 3, 4, &[0xf0]), began), Ok(false));
        assert_eq!(tables.fill(leaf), Some((1, 8)));
    }
    let later = Time::from_millis(1_000);
    let mut finish = |leaf: Slot, sequence: u8, data: &[u8]| {
        tables.receive(leaf, &patch(sequence, 3, 4, data), later)
    };
    for &leaf in first.iter().skip(1).chain([last]) {
        assert_eq!(finish(leaf, 2, &[0]), Ok(false));
        assert_eq!(finish(leaf, 3, &[0, 0]), Ok(true));
    }
    // Of the first one nothing is known until it begins anew, and no word is said about it.
    assert_eq!(finish(leaves[0], 2, &[0xf0]), Ok(false));
    assert_eq!(finish(leaves[0], 3, &[0xf0, 0]), Ok(false));
    assert_eq!(tables.receive(leaves[0], &patch(1, 1, 4, &[0x0f, 0, 0, 0]), later), Ok(false));
    assert_eq!((tables.fill(leaves[0]), tables.has_words(leaves[0])), (None, None));
    tables.receive(leaves[0], &reset(8), later).unwrap();
    assert_eq!(tables.receive(leaves[0], &patch(1, 1, 4, &[0x0f, 0, 0, 0]), later), Ok(true));
    assert_eq!(tables.fill(leaves[0]), Some((1, 8)));
}

/// QRP-36, QRP-40: what is known of a leaf no more is not told to others for ever.
#[test]
fn the_words_of_a_table_that_was_given_up_leave_ours() {
    let (mut slots, mut tables) = (Slots::new(), QueryTables::new(16));
    let mut begin = |tables: &mut QueryTables, is_leaf, ms| {
        let slot = slots.insert(());
        tables.open(slot, is_leaf);
        tables.receive(slot, &reset(8), NOW).unwrap();
        let began = Time::from_millis(ms);
        assert_eq!(tables.receive(slot, &patch(1, 3, 4, &[0xf0]), began), Ok(false));
        slot
    };
    let leaf = begin(&mut tables, LEAF, 0);
    let words = |tables: &mut QueryTables, ms| tables.merged(Time::from_millis(ms)).len();
    assert!(words(&mut tables, QUERY_TABLE_REBUILD_EVERY_MS) > 0);
    for _ in 0..QUERY_TABLE_SEQUENCES_MAX {
        begin(&mut tables, ULTRAPEER, 1);
    }
    assert_eq!(tables.fill(leaf), None);
    assert_eq!(words(&mut tables, 3 * QUERY_TABLE_REBUILD_EVERY_MS), 0);
}

/// QRP-36: nobody keeps all others out by adding a piece now and then.
#[test]
fn the_patch_that_began_first_is_given_up_however_fresh_it_is_kept() {
    let (mut slots, mut tables) = (Slots::new(), QueryTables::new(16));
    let mut open = |tables: &mut QueryTables| {
        let slot = slots.insert(());
        tables.open(slot, ULTRAPEER);
        tables.receive(slot, &reset(8), NOW).unwrap();
        slot
    };
    let attackers: Vec<Slot> = (0..QUERY_TABLE_SEQUENCES_MAX).map(|_| open(&mut tables)).collect();
    let at = |ms| Time::from_millis(ms);
    // They began in another order than they came.
    for (ms, &attacker) in (0..).zip(attackers.iter().rev()) {
        assert_eq!(tables.receive(attacker, &patch(1, 9, 4, &[0]), at(ms)), Ok(false));
    }
    let honest = open(&mut tables);
    assert_eq!(tables.receive(honest, &patch(1, 2, 4, &[0xf0, 0]), at(1_000)), Ok(false));
    for &attacker in &attackers {
        assert_eq!(tables.receive(attacker, &patch(2, 9, 4, &[]), at(1_100)), Ok(false));
    }
    let late = open(&mut tables);
    assert_eq!(tables.receive(late, &patch(1, 9, 4, &[0]), at(1_150)), Ok(false));
    assert_eq!(tables.receive(honest, &patch(2, 2, 4, &[0, 0]), at(1_200)), Ok(true));
    assert_eq!(tables.fill(honest), Some((1, 8)));
    let given_up = attackers.iter().filter(|attacker| tables.fill(**attacker).is_none());
    let began_first = &attackers[attackers.len() - 2..];
    assert_eq!(given_up.copied().collect::<Vec<_>>(), began_first);
}

/// QRP-07, QRP-12, QRP-36: behind a reset nothing is left of a patch that was given up.
#[test]
fn a_reset_makes_good_for_a_patch_that_was_given_up() {
    let (mut slots, mut tables) = (Slots::new(), QueryTables::new(16));
    let leaves: Vec<Slot> = (0..=QUERY_TABLE_SEQUENCES_MAX).map(|_| slots.insert(())).collect();
    for &leaf in &leaves {
        tables.open(leaf, LEAF);
        tables.receive(leaf, &reset(8), NOW).unwrap();
        tables.receive(leaf, &patch(1, 2, 4, &[0xf0]), NOW).unwrap();
    }
    tables.receive(leaves[0], &reset(8), NOW).unwrap();
    assert_eq!(rule(tables.receive(leaves[0], &patch(2, 2, 4, &[0; 3]), NOW)), Some("QRP-07"));
}
