//! Many query tables asked at once, held against tables that are asked one by one.

use std::collections::{BTreeMap, BTreeSet};

use filbert::base::limits::QUERY_TABLES_MAX;
use filbert::index::bit_table::{BitTable, Probe};
use filbert::index::bit_tables::{BitTables, Column};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::properties::cases;

/// One table, slow and obviously right.
#[derive(Clone, Debug, Default)]
struct Naive {
    bits: u32,
    set: BTreeSet<u32>,
}

impl Naive {
    fn slots(&self) -> u32 {
        1 << self.bits
    }

    fn has(&self, hash: u32) -> bool {
        self.set.contains(&u32::try_from(u64::from(hash) >> (32 - self.bits)).unwrap())
    }

    fn matches(&self, words: &[u32], needed: usize, any_of: &[u32]) -> bool {
        let found = words.iter().filter(|hash| self.has(**hash)).count();
        any_of.iter().any(|hash| self.has(*hash)) || needed > 0 && found >= needed
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert {
        bits: u32,
        count: usize,
    },
    Remove {
        table: usize,
        count: usize,
    },
    Reset {
        table: usize,
        bits: u32,
    },
    /// Slots of one table.
    Write {
        table: usize,
        slots: Vec<u32>,
        is_set: bool,
    },
    /// One slot of many tables.
    WriteAll {
        from: usize,
        count: usize,
        hash: u32,
        is_set: bool,
    },
    Ask {
        words: Vec<u32>,
        needed: usize,
        any_of: Vec<u32>,
    },
    Merge {
        bits: u32,
        every: usize,
    },
}

/// Both, side by side.
#[derive(Default)]
struct Pair {
    tables: BitTables,
    naive: BTreeMap<Column, Naive>,
}

impl Pair {
    fn nth(&self, index: usize) -> Option<Column> {
        self.naive.keys().nth(index.checked_rem(self.naive.len())?).copied()
    }

    fn write(&mut self, column: Column, slot: u32, is_set: bool) {
        let naive = self.naive.get_mut(&column).unwrap();
        let slot = slot % naive.slots();
        let changed = if is_set { naive.set.insert(slot) } else { naive.set.remove(&slot) };
        let reported =
            if is_set { self.tables.set(column, slot) } else { self.tables.clear(column, slot) };
        assert_eq!(reported, changed);
        assert_eq!(self.tables.contains(column, slot), is_set);
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Insert { bits, count } => {
                for _ in 0..count {
                    let column = self.tables.insert(bits).unwrap();
                    let new = Naive { bits, set: BTreeSet::new() };
                    assert!(self.naive.insert(column, new).is_none(), "{column:?} is in use");
                }
            }
            Step::Remove { table, count } => {
                for _ in 0..count {
                    let Some(column) = self.nth(table) else { return };
                    self.tables.remove(column);
                    self.naive.remove(&column);
                }
            }
            Step::Reset { table, bits } => {
                let Some(column) = self.nth(table) else { return };
                self.tables.reset(column, bits);
                self.naive.insert(column, Naive { bits, set: BTreeSet::new() });
            }
            Step::Write { table, slots, is_set } => {
                let Some(column) = self.nth(table) else { return };
                slots.into_iter().for_each(|slot| self.write(column, slot, is_set));
            }
            Step::WriteAll { from, count, hash, is_set } => {
                let columns: Vec<_> = self.naive.keys().skip(from).take(count).copied().collect();
                for column in columns {
                    let bits = self.naive[&column].bits;
                    let slot = u32::try_from(u64::from(hash) >> (32 - bits)).unwrap();
                    self.write(column, slot, is_set);
                }
            }
            Step::Ask { words, needed, any_of } => self.ask(&words, needed, &any_of),
            Step::Merge { bits, every } => self.merge(bits, every),
        }
    }

    fn ask(&mut self, words: &[u32], needed: usize, any_of: &[u32]) {
        let probe = Probe::new(words, needed, any_of);
        let mut found = Vec::new();
        self.tables.matching(&probe, &mut found);
        let (mut sorted, mut again) = (found.clone(), Vec::new());
        sorted.sort();
        let matching = self.naive.iter().filter(|(_, naive)| naive.matches(words, needed, any_of));
        assert_eq!(sorted, matching.map(|(column, _)| *column).collect::<Vec<_>>());
        self.tables.matching(&probe, &mut again);
        assert_eq!(again, found);
        for column in self.naive.keys() {
            assert_eq!(self.tables.matches(*column, &probe), sorted.contains(column));
        }
    }

    fn merge(&self, bits: u32, every: usize) {
        let mut merged = BitTable::new(bits);
        let chosen = |column: Column| column.index().is_multiple_of(every);
        self.tables.merge_into(&mut merged, chosen);
        let mut expected = BTreeSet::new();
        for (_, naive) in self.naive.iter().filter(|(column, _)| chosen(**column)) {
            for slot in &naive.set {
                let stretched = |slot: u32| u64::from(slot) << (32 - naive.bits);
                let (first, end) = (stretched(*slot), stretched(*slot) + (1 << (32 - naive.bits)));
                expected.extend((first >> (32 - bits))..end.div_ceil(1 << (32 - bits)));
            }
        }
        let expected: Vec<u32> =
            expected.into_iter().map(|slot| u32::try_from(slot).unwrap()).collect();
        assert_eq!(merged.iter().collect::<Vec<_>>(), expected);
        assert_eq!(merged.len() as usize, expected.len());
    }

    fn check(&self) {
        assert_eq!(self.tables.len(), self.naive.len());
        for (column, naive) in &self.naive {
            let len = u32::try_from(naive.set.len()).unwrap();
            assert_eq!(self.tables.fill(*column), (len, naive.slots()));
        }
    }
}

/// Sizes: with two slots every table is full at once, with 2,048 it takes seventeen words.
const BITS: &[u32] = &[0, 1, 6, 8, 11, 11, 11, 17];

/// Few different hashes, so that tables have them in common.
fn hash() -> impl Strategy<Value = u32> {
    prop_oneof![
        4 => (0_u32..24).prop_map(|n| n.wrapping_mul(0x0b3a_5c77)),
        1 => any::<u32>(),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let bits = || proptest::sample::select(BITS);
    prop_oneof![
        2 => (bits(), prop_oneof![1..4_usize, 60..90_usize])
            .prop_map(|(bits, count)| Step::Insert { bits, count }),
        1 => (any::<usize>(), prop_oneof![1..4_usize, 1..80_usize])
            .prop_map(|(table, count)| Step::Remove { table, count }),
        1 => (any::<usize>(), bits()).prop_map(|(table, bits)| Step::Reset { table, bits }),
        3 => (any::<usize>(), vec(0..2100_u32, 0..40), any::<bool>())
            .prop_map(|(table, slots, is_set)| Step::Write { table, slots, is_set }),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(table, is_set)| Step::Write {
            table,
            slots: (0..2048).collect(),
            is_set
        }),
        4 => (0..100_usize, 0..200_usize, hash(), proptest::bool::weighted(0.7)).prop_map(
            |(from, count, hash, is_set)| Step::WriteAll { from, count, hash, is_set }
        ),
        4 => (vec(hash(), 0..9), 0..8_usize, vec(hash(), 0..3))
            .prop_map(|(words, needed, any_of)| Step::Ask { words, needed, any_of }),
        1 => (bits(), 1..4_usize).prop_map(|(bits, every)| Step::Merge { bits, every }),
    ]
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn what_is_found_at_once_is_what_is_found_one_by_one(steps in vec(step(), 1..60)) {
        let mut pair = Pair::default();
        for step in steps {
            pair.step(step);
            pair.check();
        }
        while let Some(column) = pair.nth(0) {
            pair.tables.remove(column);
            pair.naive.remove(&column);
        }
        prop_assert_eq!(pair.tables.footprint_len(), 0);
    }
}

/// So many tables of `2^bits` slots, table n with the slots that `set` tells.
fn pair(bits: u32, count: u32, set: impl Fn(u32) -> Vec<u32>) -> Pair {
    let mut pair = Pair::default();
    for table in 0..count {
        pair.step(Step::Insert { bits, count: 1 });
        let column = *pair.naive.last_key_value().unwrap().0;
        set(table).into_iter().for_each(|slot| pair.write(column, slot, true));
    }
    pair
}

/// A word that many tables have, until none has it.
#[test]
fn a_popular_word_comes_and_goes() {
    let hash = 77 << 21;
    let mut pair = pair(11, 300, |table| vec![table % 7, 1_000]);
    pair.step(Step::WriteAll { from: 0, count: 300, hash, is_set: true });
    for from in (0..300).step_by(10) {
        pair.step(Step::WriteAll { from, count: 10, hash, is_set: false });
        pair.ask(&[hash], 1, &[]);
        pair.ask(&[hash, 1_000 << 21], 2, &[]);
        pair.merge(11, 3);
        pair.check();
    }
    pair.step(Step::WriteAll { from: 0, count: 300, hash, is_set: true });
    pair.ask(&[hash, 1_000 << 21], 2, &[]);
}

/// A table that is full, until it is empty.
#[test]
fn a_table_fills_up_and_thins_out() {
    let mut pair = pair(11, 3, |table| vec![table, 9]);
    let column = pair.nth(1).unwrap();
    for slots in [0..16, 16..17, 17..2_048] {
        slots.for_each(|slot| pair.write(column, slot, true));
        pair.ask(&[9 << 21, 16 << 21], 2, &[17 << 21]);
        pair.merge(11, 1);
    }
    for slots in [10..2_048, 2..10, 0..2] {
        slots.for_each(|slot| pair.write(column, slot, false));
        (0..12).for_each(|slot| pair.ask(&[slot << 21], 1, &[]));
        pair.merge(11, 1);
        pair.check();
    }
}

/// Tables side by side, until none is left, whichever goes first.
#[test]
fn full_tables_come_and_go() {
    let set = |table: u32| (0..20).map(|slot| (slot * 31 + table * 97) % 2_048).collect();
    for first in [0, 40, 99] {
        let mut pair = pair(11, 150, set);
        while let Some(column) = pair.nth(first) {
            pair.tables.remove(column);
            pair.naive.remove(&column);
            if pair.naive.len() % 9 < 2 {
                (0..2_048).step_by(99).for_each(|slot| pair.ask(&[slot << 21], 1, &[]));
                let hashes = [0, 31, 62, 93, 97, 128].map(|slot| slot << 21);
                (1..7).for_each(|needed| pair.ask(&hashes, needed, &[]));
                [1, 2, 20].into_iter().for_each(|every| pair.merge(11, every));
            }
            pair.check();
        }
    }
}

/// QRP-27: tables of other sizes stay as they are when all of one size go, and nothing else does.
#[test]
fn the_memory_of_a_size_goes_with_its_last_table() {
    let mut tables = BitTables::new();
    let first = tables.insert(16).unwrap();
    let fill = |tables: &mut BitTables, column, count: u32| {
        (0..count).for_each(|slot| assert!(tables.set(column, slot * 3)));
    };
    fill(&mut tables, first, 500);
    let before = tables.footprint_len();
    let others: Vec<_> = (0..100).map(|_| tables.insert(10).unwrap()).collect();
    others.iter().for_each(|&column| fill(&mut tables, column, 300));
    assert!(tables.footprint_len() > before + 100 * 128);
    others.iter().for_each(|&column| tables.remove(column));
    assert!(tables.footprint_len() < before + 200, "{} and {before}", tables.footprint_len());
    (0..500).for_each(|slot| assert!(tables.clear(first, slot * 3)));
    assert!(tables.footprint_len() < 800, "{}", tables.footprint_len());
}

#[test]
fn there_may_be_so_many_tables_and_not_one_more() {
    let mut tables = BitTables::new();
    let columns: Vec<_> = (0..QUERY_TABLES_MAX).map(|_| tables.insert(16)).collect();
    assert!(columns.iter().all(Option::is_some));
    assert_eq!(tables.insert(16), None);
    tables.set(columns[QUERY_TABLES_MAX - 1].unwrap(), 7);
    let mut found = Vec::new();
    tables.matching(&Probe::new(&[7 << 16], 1, &[]), &mut found);
    assert_eq!(Some(found), columns.last().map(|last| Vec::from_iter(*last)));
    tables.remove(columns[3].unwrap());
    assert_eq!(tables.insert(16), columns[3]);
}

/// Tables that are asked for nothing, or for more words than there are, are not found.
#[test]
fn nothing_is_found_where_nothing_can_be() {
    let mut tables = BitTables::new();
    let mut found = Vec::new();
    tables.matching(&Probe::new(&[1], 1, &[1]), &mut found);
    for slots in [1, 1 << 10] {
        let column = tables.insert(10).unwrap();
        (0..slots).for_each(|slot| assert!(tables.set(column, slot)));
    }
    for (words, needed) in [(&[][..], 0), (&[1][..], 0), (&[][..], 1), (&[1][..], 2)] {
        tables.matching(&Probe::new(words, needed, &[]), &mut found);
    }
    assert_eq!(found, []);
    tables.matching(&Probe::new(&[1], 1, &[]), &mut found);
    assert_eq!(found.len(), 2);
}

/// A query costs no memory once others were asked.
#[test]
fn asking_allocates_nothing() {
    let mut tables = BitTables::new();
    for leaf in 0..200_u32 {
        let column = tables.insert(12).unwrap();
        (0..1 << 12).step_by(if leaf % 2 == 0 { 3 } else { 999 }).for_each(|slot| {
            tables.set(column, (slot + leaf) % (1 << 12));
        });
    }
    let hashes: Vec<u32> = (0..8_u32).map(|word| word.wrapping_mul(0x9e37_79b1)).collect();
    let (mut found, mut ask) = (Vec::new(), |found: &mut Vec<Column>, words: usize| {
        found.clear();
        tables.matching(&Probe::new(&hashes[..words], words.div_ceil(2), &hashes[7..]), found);
    });
    (1..=7).for_each(|words| ask(&mut found, words));
    assert!(!found.is_empty());
    let again = allocation_counter::measure(|| (1..=7).for_each(|words| ask(&mut found, words)));
    assert_eq!(again.count_total, 0);
}
