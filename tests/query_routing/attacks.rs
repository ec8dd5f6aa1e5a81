//! What leaves can do to the table that we send, and to those to whom we send it.

use std::collections::BTreeSet;

use bytes::Bytes;
use filbert::base::limits::{
    QUERY_TABLE_MERGE_EVERY_MS, QUERY_TABLE_MERGED_SLOTS, QUERY_TABLE_PIECE_EVERY_MS,
    QUERY_TABLE_PIECE_LEN_MAX, QUERY_TABLE_REBUILD_EVERY_MS, QUERY_TABLE_SATURATED_SLOTS,
    QUERY_TABLE_UPDATE_BYTES_PER_MINUTE,
};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::query_routing::{QueryTables, QueryWords, TableSenders};
use filbert::gnutella::wire::query_table::{Patch, Reset};
use filbert::gnutella::wire::{HEADER_LEN, Query, QueryTable};
use filbert::gnutella::word_hash::word_hash;

const BITS: u32 = 17;
const SLOTS: u32 = 1 << BITS;

/// Nearly as many words as a leaf may have before its table counts as saturated.
const HEAVY: usize = 13_000;

/// Neighbours of a full ultrapeer that get our table.
const ULTRAPEERS: usize = 40;

struct Net {
    slots: Slots<()>,
    tables: QueryTables,
    now: Time,
}

impl Net {
    fn new() -> Self {
        Self { slots: Slots::new(), tables: QueryTables::new(16), now: Time::ZERO }
    }

    fn leaf(&mut self, words: &BTreeSet<u32>) -> Slot {
        let slot = self.slots.insert(());
        self.tables.open(slot, true);
        let reset = Reset { slots: SLOTS, infinity: 7, rest: Bytes::new() };
        self.tables.receive(slot, &QueryTable::Reset(reset), self.now).unwrap();
        self.change(slot, &BTreeSet::new(), words);
        slot
    }

    fn change(&mut self, leaf: Slot, from: &BTreeSet<u32>, to: &BTreeSet<u32>) {
        let mut entries = vec![0_u8; SLOTS as usize];
        to.difference(from).for_each(|&slot| entries[slot as usize] = 0xfa);
        from.difference(to).for_each(|&slot| entries[slot as usize] = 0x06);
        let (sequence, sequence_size, compressor, entry_bits) = (1, 1, 0, 8);
        let patch = Patch { sequence, sequence_size, compressor, entry_bits, data: entries.into() };
        self.tables.receive(leaf, &QueryTable::Patch(patch), self.now).unwrap();
    }

    /// How many slots of our table are set, once what is new has been taken in.
    fn merged_len(&mut self) -> u32 {
        self.now = self.now.after_ms(QUERY_TABLE_MERGE_EVERY_MS);
        let merged = self.tables.merged(self.now);
        assert_eq!(merged.slots(), SLOTS);
        merged.len()
    }

    fn finds(&mut self, text: &str) -> Vec<Slot> {
        let query = Query::decode(&[&[0x80, 0], text.as_bytes(), &[0]].concat().into()).unwrap();
        let [mut ordinary, mut saturated] = [const { Vec::new() }; 2];
        let words = QueryWords::of(&query);
        self.tables.leaves_matching(&words, self.now, &mut ordinary, &mut saturated);
        assert_eq!(saturated, []);
        ordinary
    }
}

/// So many slots, other ones for each seed.
fn words(seed: u32, count: usize) -> BTreeSet<u32> {
    let slots = (0_u32..).scan(seed.wrapping_mul(0x9e37_79b1) | 1, |x, _| {
        *x ^= *x << 13;
        *x ^= *x >> 17;
        *x ^= *x << 5;
        Some(*x >> (32 - BITS))
    });
    let mut words = BTreeSet::new();
    for slot in slots {
        if words.len() == count {
            break;
        }
        words.insert(slot);
    }
    words
}

/// QRP-39: fifteen leaves with large tables, as many as come from one network, leave room for those
/// with small ones.
#[test]
fn leaves_with_many_words_each_do_not_spoil_our_table() {
    let mut net = Net::new();
    let heavy = u32::try_from(HEAVY).unwrap();
    assert!(heavy * QUERY_TABLE_SATURATED_SLOTS < SLOTS, "each by itself is fine");
    for seed in 1..=15 {
        let mut words = words(seed, HEAVY);
        words.insert(word_hash("omega", BITS));
        net.leaf(&words);
        let len = net.merged_len();
        assert!(len >= heavy && len <= SLOTS / QUERY_TABLE_MERGED_SLOTS, "{len} after {seed}");
    }
    let light = net.leaf(&BTreeSet::from([word_hash("alpha", BITS), word_hash("beta", BITS)]));
    net.now = net.now.after_ms(QUERY_TABLE_REBUILD_EVERY_MS);
    assert!(net.merged_len() <= SLOTS / QUERY_TABLE_MERGED_SLOTS);
    let merged = net.tables.merged(net.now);
    assert!(merged.holds(word_hash("alpha", 32)) && merged.holds(word_hash("beta", 32)));
    // Each is found by its own table.
    assert!(net.finds("alpha").contains(&light));
    assert_eq!(net.finds("omega").len(), 15);
}

/// QRP-39: our own words are not counted.
#[test]
fn leaves_fill_so_much_of_our_table_and_not_one_slot_more() {
    let most = SLOTS / QUERY_TABLE_MERGED_SLOTS;
    for (more, is_in) in [(0, true), (1, false)] {
        let mut net = Net::new();
        net.tables.offer(vec![u32::MAX]);
        net.leaf(&(0..most / 2).collect());
        net.leaf(&(most / 2..most + more).collect());
        let len = net.merged_len() - 1;
        assert_eq!(len, if is_in { most } else { most / 2 }, "{more}");
        // What several have counts once, and who is too heavy bars those who are heavier still.
        net.leaf(&(0..most / 2 + 5).collect());
        assert_eq!(net.merged_len() - 1, if is_in { most } else { most / 2 }, "{more}");
    }
}

/// QRP-40, QRP-41: a leaf that exchanges all its words twice a minute costs us little, whether it
/// has as many as it can or some that find room beside those before.
#[test]
fn a_leaf_that_exchanges_its_words_again_and_again_makes_us_send_little() {
    for count in [HEAVY, HEAVY / 3, HEAVY / 12] {
        let sent = sent_while_a_leaf_flaps(count);
        // The first half minute has the first table, which everybody gets at once.
        let most = usize::try_from(QUERY_TABLE_UPDATE_BYTES_PER_MINUTE).unwrap()
            + QUERY_TABLE_PIECE_LEN_MAX;
        let mut minutes = sent[1..].windows(2).map(|minute| minute.iter().sum::<usize>());
        assert!(minutes.all(|len| len <= most), "{count} words: {sent:?}");
        let per_second = ULTRAPEERS * sent[1..].iter().sum::<usize>() / (30 * (sent.len() - 1));
        assert!((1..6_100).contains(&per_second), "{count} words: {per_second} bytes a second");
    }
}

/// Bytes that one neighbour gets in each half minute.
fn sent_while_a_leaf_flaps(count: usize) -> Vec<usize> {
    let (mut net, mut senders) = (Net::new(), TableSenders::new());
    for _ in 0..ULTRAPEERS {
        senders.open(net.slots.insert(()));
    }
    let mut present = words(77, count);
    let leaf = net.leaf(&present);
    let mut sent = Vec::new();
    for seed in 100..145 {
        let mut len = 0;
        for _ in 0..30_000 / QUERY_TABLE_PIECE_EVERY_MS {
            net.now = net.now.after_ms(QUERY_TABLE_PIECE_EVERY_MS);
            senders.offer(&net.tables.merged(net.now));
            let mut out = Vec::new();
            senders.timeout(net.now, |_| true, &mut out);
            len += out.iter().map(|(_, piece)| piece.len() + HEADER_LEN).sum::<usize>();
        }
        sent.push(len / ULTRAPEERS);
        let other = words(seed, count);
        net.change(leaf, &present, &other);
        present = other;
    }
    sent
}
