//! One query table, held against a plain set of slots.

use std::collections::BTreeSet;

use filbert::base::limits::{QUERY_TABLE_KEPT_SLOTS_MAX, QUERY_WORDS_MAX};
use filbert::index::bit_table::{BitTable, Probe};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::properties::cases;

/// The largest tables have lists in two parts.
const BITS: &[u32] = &[0, 1, 5, 6, 7, 10, 14, 16, 17, 17, 17, 17];

/// Many slots are set and cleared, so that a table changes its form both ways.
fn changes() -> impl Strategy<Value = Vec<(bool, u32, u32)>> {
    vec((any::<bool>(), 0..1_u32 << 17, 0..3_000_u32), 0..20)
}

fn applied(bits: u32, changes: &[(bool, u32, u32)]) -> (BitTable, BTreeSet<u32>) {
    let (mut table, mut set) = (BitTable::new(bits), BTreeSet::new());
    let slots = table.slots();
    for &(is_set, first, count) in changes {
        for slot in (first..first + count).map(|slot| slot % slots) {
            if is_set {
                assert_eq!(table.set(slot), set.insert(slot));
            } else {
                assert_eq!(table.clear(slot), set.remove(&slot));
            }
        }
    }
    (table, set)
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn a_table_is_a_set(bits in proptest::sample::select(BITS), changes in changes()) {
        let (mut table, set) = applied(bits, &changes);
        prop_assert_eq!(table.iter().collect::<Vec<_>>(), set.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(table.len() as usize, set.len());
        prop_assert_eq!(table.is_empty(), set.is_empty());
        for slot in (0..table.slots()).step_by(7) {
            prop_assert_eq!(table.contains(slot), set.contains(&slot));
        }
        prop_assert!(!table.set(table.slots()), "there is no such slot");
        table.shrink();
        let flat = (table.slots() as usize).div_ceil(64) * 8;
        let is_sparse = set.len() * 64 < table.slots() as usize;
        let most = if is_sparse { 2 * set.len() } else { flat };
        prop_assert!(table.footprint_len() <= most);
    }

    /// Tables that hold the same are equal, whatever they held before.
    #[test]
    fn what_was_there_does_not_matter(changes in changes()) {
        let (table, set) = applied(14, &changes);
        let mut same = BitTable::new(14);
        set.iter().for_each(|&slot| _ = same.set(slot));
        prop_assert_eq!(&table, &same);
        same.set(set.iter().fold(0, |free, &slot| if slot == free { slot + 1 } else { free }));
        prop_assert_ne!(&table, &same);
    }

    /// QRP-27
    #[test]
    fn merging_keeps_every_word(
        bits in 0..=17_u32,
        into in 0..=17_u32,
        hashes in vec(any::<u32>(), 0..3_000),
    ) {
        let (mut table, mut merged) = (BitTable::new(bits), BitTable::new(into));
        hashes.iter().for_each(|&hash| _ = table.set_hash(hash));
        merged.merge(&table);
        prop_assert!(hashes.iter().all(|&hash| merged.holds(hash)));
        // And no other: each slot that is set shares a word with one that was.
        let start = |slot: u64, bits: u32| slot << (32 - bits);
        let span = |slot: u32, bits| (start(slot.into(), bits), start(u64::from(slot) + 1, bits));
        let mut sources = table.iter().map(|slot| span(slot, bits)).peekable();
        for (start, end) in merged.iter().map(|slot| span(slot, into)) {
            while sources.next_if(|source| source.1 <= start).is_some() {}
            prop_assert!(sources.peek().is_some_and(|source| source.0 < end));
        }
    }
}

#[test]
fn the_halves_of_the_largest_table_do_not_mix() {
    let mut table = BitTable::new(17);
    let slots = [3, 70_000, 65_536, 65_535, 4, 65_539];
    slots.into_iter().for_each(|slot| assert!(table.set(slot)));
    for (gone, rest) in
        [(4, &[3, 65_535, 65_536, 65_539, 70_000][..]), (65_536, &[3, 65_535, 65_539, 70_000])]
    {
        assert!(table.clear(gone) && !table.clear(gone));
        assert_eq!(table.iter().collect::<Vec<_>>(), rest);
        assert!(rest.iter().all(|&slot| table.contains(slot) && !table.set(slot)));
    }
}

#[test]
fn a_table_has_so_many_slots_and_no_more() {
    let largest = QUERY_TABLE_KEPT_SLOTS_MAX.trailing_zeros();
    assert_eq!(BitTable::new(largest).slots(), QUERY_TABLE_KEPT_SLOTS_MAX);
    assert_eq!(BitTable::new(largest + 1).slots(), QUERY_TABLE_KEPT_SLOTS_MAX);
}

/// QRP-31: so many words are looked at, and no more.
#[test]
fn a_query_has_so_many_words_and_no_more() {
    let mut table = BitTable::new(17);
    let hashes: Vec<u32> = (1..=129_u32).map(|n| n << 24).collect();
    table.set_hash(hashes[127]);
    assert!(table.matches(&Probe::new(&hashes[..QUERY_WORDS_MAX], 1, &[])));
    assert!(table.matches(&Probe::new(&[], 0, &hashes[..QUERY_WORDS_MAX])));
    table.clear(hashes[127] >> 15);
    table.set_hash(hashes[128]);
    assert!(!table.matches(&Probe::new(&hashes, 1, &[])));
    assert!(!table.matches(&Probe::new(&[], 0, &hashes)));
}

#[test]
fn a_table_that_is_nearly_empty_takes_two_bytes_a_word() {
    let held = |words: u32| {
        let measured = allocation_counter::measure(|| {
            let mut table = BitTable::new(16);
            (0..words).for_each(|word| _ = table.set_hash(word.wrapping_mul(0x9e37_79b1)));
            table.shrink();
            std::mem::forget(table);
        });
        measured.bytes_current
    };
    assert_eq!((held(0), held(100), held(300)), (0, 200, 600));
    assert_eq!((held(4_096), held(5_000), held(60_000)), (8_192, 8_192, 8_192));
}
