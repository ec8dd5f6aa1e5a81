//! Query tables of neighbours, as they come: every dialect, at the limits, and over time.

use std::collections::BTreeSet;
use std::io::Write;

use bytes::Bytes;
use filbert::base::error::Fault;
use filbert::base::limits::{
    QUERY_TABLE_KEPT_SLOTS_MAX, QUERY_TABLE_STEP_SLOTS, QUERY_TABLE_STEPS,
};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::query_routing::QueryTables;
use filbert::gnutella::wire::QueryTable;
use filbert::gnutella::wire::query_table::{Patch, Reset};
use flate2::{Compression, write::ZlibEncoder};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::properties::cases;
use crate::support::tables;
use crate::support::vectors;

pub(crate) const NOW: Time = Time::ZERO;
pub(crate) const LEAF: bool = true;
pub(crate) const ULTRAPEER: bool = false;

/// The tables of one neighbour.
struct One {
    tables: QueryTables,
    slot: Slot,
}

impl One {
    fn new(is_leaf: bool) -> Self {
        let (mut tables, slot) = (QueryTables::new(16), Slots::new().insert(()));
        tables.open(slot, is_leaf);
        Self { tables, slot }
    }

    fn receive(&mut self, message: &QueryTable) -> Result<bool, Fault> {
        self.tables.receive(self.slot, message, NOW)
    }

    fn present(&self) -> BTreeSet<u32> {
        self.tables.table(self.slot).expect("there was a reset").iter().collect()
    }
}

pub(crate) fn reset(slots: u32) -> QueryTable {
    QueryTable::Reset(Reset { slots, infinity: 7, rest: Bytes::new() })
}

pub(crate) fn patch(sequence: u8, sequence_size: u8, entry_bits: u8, data: &[u8]) -> QueryTable {
    let data = Bytes::copy_from_slice(data);
    QueryTable::Patch(Patch { sequence, sequence_size, compressor: 0, entry_bits, data })
}

/// A patch of entries of one byte each, deflated.
fn deflated(entries: &[u8]) -> QueryTable {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(entries).unwrap();
    let data = Bytes::from(encoder.finish().unwrap());
    QueryTable::Patch(Patch { sequence: 1, sequence_size: 1, compressor: 1, entry_bits: 8, data })
}

pub(crate) fn rule<T>(result: Result<T, Fault>) -> Option<&'static str> {
    result.err().map(|fault| fault.rule().id())
}

/// QRP-02 to QRP-23: every dialect of the specification, from a leaf and from an ultrapeer.
#[test]
fn each_vector_leaves_the_table_that_it_says_or_is_refused_for_the_same_reason() {
    let streams = vectors::all().into_iter();
    let streams = streams.filter(|vector| vector.entry.kind == "query_table_stream");
    let mut seen = 0;
    for vector in streams {
        for is_leaf in [LEAF, ULTRAPEER] {
            check_vector(&vector, is_leaf);
        }
        seen += 1;
    }
    assert!(seen > 40, "{seen} vectors");
}

fn check_vector(vector: &vectors::Vector, is_leaf: bool) {
    let id = &vector.entry.id;
    let mut one = One::new(is_leaf);
    let broken = vector.messages().into_iter().find_map(|payload| {
        let message = match QueryTable::decode(&Bytes::from(payload)) {
            Ok(message) => message,
            Err(fault) => return Some(fault.rule.id()),
        };
        rule(one.receive(&message))
    });
    assert_eq!(broken, vector.entry.error.as_deref(), "{id}");
    let Some(value) = vector.value() else { return };
    let slots = u32::try_from(value["slots"].as_u64().unwrap()).unwrap();
    let fold = slots.div_ceil(QUERY_TABLE_KEPT_SLOTS_MAX);
    let present = value["present"].as_array().unwrap().iter().map(|slot| slot.as_u64().unwrap());
    let present: BTreeSet<u32> = present.map(|slot| u32::try_from(slot).unwrap() / fold).collect();
    assert_eq!(one.present(), present, "{id}");
    assert_eq!(one.tables.fill(one.slot).unwrap().1, slots / fold, "{id}");
}

/// QRP-12, QRP-13, QRP-14, QRP-16, QRP-21: what four programs sent each other.
#[test]
fn each_recorded_exchange_leaves_the_table_that_following_it_alone_gives() {
    let mut seen = 0;
    for (name, messages) in tables::exchanges() {
        let Ok(expected) = tables::follow(&messages) else { continue };
        let last = expected.last().expect("there is a whole table");
        for is_leaf in [LEAF, ULTRAPEER] {
            let mut one = One::new(is_leaf);
            let whole = messages.iter().filter(|message| one.receive(message).unwrap()).count();
            assert_eq!((whole, &one.present()), (expected.len(), &last.present), "{name}");
        }
        seen += 1;
    }
    assert_eq!(seen, 22);
}

/// A patch of random entries for a table of `2^bits` slots, in pieces, and what it makes of a
/// table.
fn random_patch(
    bits: u32,
    entry_bits: u8,
    pieces: usize,
    density: u32,
    noise: &[u8],
    table: &mut BTreeSet<u32>,
) -> Vec<QueryTable> {
    let per_byte = 8 / u32::from(entry_bits);
    let len = ((1 << bits) / per_byte) as usize;
    let bytes = noise.iter().cycle().take(len).enumerate();
    let is_kept = |at: usize| u32::try_from(at).unwrap().wrapping_mul(0x9e37_79b1) >> 28 < density;
    let data: Vec<u8> = bytes.map(|(at, byte)| if is_kept(at) { *byte } else { 0 }).collect();
    for slot in 0..1_u32 << bits {
        let byte = data[(slot / per_byte) as usize];
        let entry = byte << (slot % per_byte * u32::from(entry_bits)) >> (8 - entry_bits);
        let is_there = match entry {
            0 => continue,
            _ if entry_bits == 1 => !table.contains(&slot),
            entry => entry >> (entry_bits - 1) == 1,
        };
        let _ = if is_there { table.insert(slot) } else { table.remove(&slot) };
    }
    let chunks = data.chunks(len.div_ceil(pieces));
    let count = u8::try_from(chunks.len()).unwrap();
    (1..).zip(chunks).map(|(number, data)| patch(number, count, entry_bits, data)).collect()
}

proptest! {
    #![proptest_config(cases(100))]

    /// QRP-13 to QRP-17, QRP-21: whatever comes, as long as it is fine.
    #[test]
    fn a_table_is_what_its_patches_made_of_it(
        is_leaf in any::<bool>(),
        sequences in vec(
            (any::<bool>(), 3..=12_u32, 0..4_usize, 1..5_usize, 0..16_u32, vec(any::<u8>(), 1..50)),
            1..8,
        )
    ) {
        let (mut one, mut expected, mut bits) = (One::new(is_leaf), BTreeSet::new(), None);
        for (is_reset, new_bits, width, pieces, density, noise) in sequences {
            if is_reset || bits.is_none() {
                one.receive(&reset(1 << new_bits)).unwrap();
                (expected, bits) = (BTreeSet::new(), Some(new_bits));
            }
            let bits = bits.unwrap();
            let messages =
                random_patch(bits, 1 << width, pieces, density, &noise, &mut expected);
            let (last, before) = messages.split_last().unwrap();
            for message in before {
                prop_assert_eq!(one.receive(message), Ok(false));
            }
            prop_assert_eq!(one.receive(last), Ok(true));
            prop_assert_eq!(&one.present(), &expected);
        }
    }
}

/// QRP-22, QRP-27
#[test]
fn a_larger_table_is_folded_when_it_comes() {
    for is_leaf in [LEAF, ULTRAPEER] {
        let mut one = One::new(is_leaf);
        one.receive(&reset(QUERY_TABLE_KEPT_SLOTS_MAX)).unwrap();
        assert_eq!(one.tables.fill(one.slot), Some((0, QUERY_TABLE_KEPT_SLOTS_MAX)));
        let slots = 2 * QUERY_TABLE_KEPT_SLOTS_MAX;
        one.receive(&reset(slots)).unwrap();
        let mut entries = vec![0; slots as usize];
        [0, 1, 5, 200_001].into_iter().for_each(|slot| entries[slot] = 0xff);
        one.receive(&deflated(&entries)).unwrap();
        assert_eq!(one.present(), BTreeSet::from([0, 2, 100_000]));
        // One of the two that share a slot goes: the other is still there.
        entries.fill(0);
        (entries[1], entries[7]) = (1, 0xff);
        one.receive(&deflated(&entries)).unwrap();
        assert_eq!(one.present(), BTreeSet::from([0, 2, 3, 100_000]));
        one.receive(&reset(slots)).unwrap();
        assert_eq!(one.present(), BTreeSet::new());
    }
}

/// QRP-16, QRP-27: a flip in a folded table may bring a word, and is taken to.
#[test]
fn a_flip_in_a_folded_table_keeps_what_may_be_there() {
    let mut one = One::new(LEAF);
    let slots = 2 * QUERY_TABLE_KEPT_SLOTS_MAX;
    one.receive(&reset(slots)).unwrap();
    let mut entries = vec![0; slots as usize / 8];
    entries[0] = 0b1100_0000;
    for _ in 0..2 {
        one.receive(&patch(1, 1, 1, &entries)).unwrap();
        assert_eq!(one.present(), BTreeSet::from([0]));
    }
}

#[test]
fn nobody_who_is_not_there_has_a_table() {
    let mut slots = Slots::new();
    let (slot, mut tables) = (slots.insert(()), QueryTables::new(16));
    assert_eq!(tables.receive(slot, &reset(8), NOW), Ok(false));
    assert_eq!(tables.fill(slot), None);
    tables.open(slot, LEAF);
    assert_eq!((tables.fill(slot), tables.has_words(slot)), (None, None));
    tables.receive(slot, &reset(8), NOW).unwrap();
    assert_eq!((tables.fill(slot), tables.has_words(slot)), (Some((0, 8)), Some(false)));
    tables.receive(slot, &patch(1, 1, 4, &[0xf0, 0, 0, 0]), NOW).unwrap();
    assert_eq!((tables.fill(slot), tables.has_words(slot)), (Some((1, 8)), Some(true)));
    tables.close(slot);
    assert_eq!((tables.fill(slot), tables.has_words(slot)), (None, None));
    // Another one in the same place has nothing of that, also in the middle of a patch.
    slots.remove(slot);
    let next = slots.insert(());
    assert_eq!(slot.index(), next.index());
    tables.open(next, LEAF);
    assert_eq!((tables.fill(slot), tables.fill(next)), (None, None));
    assert_eq!(rule(tables.receive(next, &patch(1, 1, 4, &[0; 4]), NOW)), Some("QRP-11"));
}

/// QRP-37
#[test]
fn a_table_may_be_sent_so_often_and_not_once_more() {
    let mut one = One::new(LEAF);
    let burst = QUERY_TABLE_STEPS.burst;
    for _ in 0..burst / 2 {
        assert_eq!(one.receive(&reset(8)), Ok(false));
        assert_eq!(one.receive(&patch(1, 1, 4, &[0; 4])), Ok(true));
    }
    assert_eq!(rule(one.receive(&reset(8))), Some("QRP-37"));
    assert_eq!(rule(one.receive(&patch(1, 1, 4, &[0; 4]))), Some("QRP-37"));
    let step_ms = u64::from(QUERY_TABLE_STEPS.every_ms / QUERY_TABLE_STEPS.tokens);
    let mut later = |ms| one.tables.receive(one.slot, &reset(8), Time::from_millis(ms));
    assert_eq!(rule(later(step_ms - 1)), Some("QRP-37"));
    assert_eq!(later(step_ms), Ok(false));
}

/// QRP-37: further pieces of a patch are not counted.
#[test]
fn a_patch_may_have_as_many_pieces_as_there_are_numbers() {
    let mut one = One::new(LEAF);
    one.receive(&reset(512)).unwrap();
    for sequence in 1..=u8::MAX {
        let data: &[u8] = if sequence == u8::MAX { &[0xff; 2] } else { &[0xff] };
        let is_last = sequence == u8::MAX;
        assert_eq!(one.receive(&patch(sequence, u8::MAX, 4, data)), Ok(is_last), "{sequence}");
    }
    assert_eq!(one.tables.fill(one.slot), Some((512, 512)));
}

/// QRP-37: what takes longer to apply counts for more.
#[test]
fn a_larger_table_may_be_sent_less_often() {
    for (slots, steps) in [(QUERY_TABLE_STEP_SLOTS, 1), (2 * QUERY_TABLE_STEP_SLOTS, 2)] {
        let mut one = One::new(LEAF);
        one.receive(&reset(slots)).unwrap();
        let nothing = patch(1, 1, 1, &vec![0; slots as usize / 8]);
        for _ in 0..(QUERY_TABLE_STEPS.burst - 1) / steps {
            assert_eq!(one.receive(&nothing), Ok(true));
        }
        assert_eq!(rule(one.receive(&nothing)), Some("QRP-37"), "{slots} slots");
    }
}

/// Bytes of memory that are held after `work` and were not before.
fn held(work: impl FnOnce()) -> i64 {
    allocation_counter::measure(work).bytes_current
}

#[test]
fn an_inflater_is_held_only_while_pieces_are_to_come() {
    let mut one = One::new(LEAF);
    one.receive(&reset(1 << 16)).unwrap();
    let QueryTable::Patch(whole) = deflated(&vec![0; 1 << 16]) else { panic!("a patch was made") };
    let (first, last) = whole.data.split_at(whole.data.len() / 2);
    let piece = |sequence, data| {
        let data = Bytes::copy_from_slice(data);
        let (sequence_size, compressor, entry_bits) = (2, 1, 8);
        QueryTable::Patch(Patch { sequence, sequence_size, compressor, entry_bits, data })
    };
    let in_between = held(|| assert_eq!(one.receive(&piece(1, first)), Ok(false)));
    assert!((10_000..60_000).contains(&in_between), "{in_between} bytes");
    assert_eq!(held(|| assert_eq!(one.receive(&piece(2, last)), Ok(true))), -in_between);
    assert_eq!(held(|| assert_eq!(one.receive(&deflated(&vec![0; 1 << 16])), Ok(true))), 0);
}

/// A patch for a table of 65,536 slots with so many words.
fn words(count: usize, salt: usize) -> QueryTable {
    let mut entries = vec![0; 1 << 16];
    (0..count).for_each(|word| entries[(word * 40_503 + salt * 7_919) % (1 << 16)] = 0xfa);
    deflated(&entries)
}

#[test]
fn a_leaf_with_300_words_takes_some_kibibytes_and_none_more_than_sixteen() {
    for (leaves, count, bytes_max) in
        [(1, 300, 6_000), (30, 300, 4_500), (200, 300, 3_500), (80, 6_000, 8 * 1024 + 300)]
    {
        let (mut slots, mut tables) = (Slots::new(), QueryTables::new(16));
        let total = held(|| {
            for leaf in 0..leaves {
                let slot = slots.insert(());
                tables.open(slot, LEAF);
                tables.receive(slot, &reset(1 << 16), NOW).unwrap();
                tables.receive(slot, &words(count, leaf), NOW).unwrap();
            }
        });
        let each = total / i64::try_from(leaves).unwrap();
        println!("{leaves} leaves with {count} words: {each} bytes each");
        assert!(each < bytes_max, "{leaves} leaves with {count} words: {each} bytes each");
    }
}

#[test]
fn what_is_gone_gives_its_memory_back() {
    let mut slots = Slots::new();
    let all: Vec<Slot> = (0..160).map(|_| slots.insert(())).collect();
    let mut tables = QueryTables::new(16);
    let before = held(|| {
        for (number, &slot) in all.iter().enumerate() {
            tables.open(slot, number % 8 > 0);
            tables.receive(slot, &reset(1 << 16), NOW).unwrap();
            let count = if number % 2 == 0 { 300 } else { 3_000 };
            tables.receive(slot, &words(count, number), NOW).unwrap();
            if number % 3 == 0 {
                tables.receive(slot, &patch(1, 2, 4, &[0]), NOW).unwrap();
            }
        }
    });
    assert!(before > 500_000, "{before}");
    let after = held(|| all.iter().for_each(|&slot| tables.close(slot)));
    assert_eq!(before + after, 0);
}
