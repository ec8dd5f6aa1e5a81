use std::collections::BTreeMap;

use super::tally::Tally;
use crate::index::bit_table::ones;

/// Postings in a bucket on average, before there are twice as many buckets.
const BUCKET_LEN: usize = 32;

/// Postings in a bucket on average, below which there are half as many buckets.
const BUCKET_LEN_MIN: usize = 8;

/// Tables that have a word, from which on their numbers may be smaller as bits.
const POPULAR_MIN: usize = 64;

/// As a list, a table that has a word takes four bytes; as bits, every table takes an eighth of
/// one.
const TABLES_PER_POPULAR: usize = 32;

/// Bytes of memory of an entry in the map of slots that many tables have set, about.
const POPULAR_LEN: usize = 2 * size_of::<(u32, Popular)>();

/// Which tables have which slots set, for tables of one size with few slots set.
///
/// A posting says that one table has one slot set. Postings of neighbouring slots share a bucket,
/// of which there are as many as keep them short: with few postings a bucket stands for a thousand
/// slots, with many for one. So memory follows the number of postings, whatever the size of the
/// tables. A slot that many tables have set is kept as bits, one a table.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// Bits of a slot number.
    bits: u32,
    /// There are two to the power of this many buckets, or none at all.
    bucket_bits: u32,
    buckets: Vec<Vec<Posting>>,
    /// Postings in all buckets.
    len: usize,
    popular: BTreeMap<u32, Popular>,
}

/// The bits of the slot number that the bucket does not tell, and the number of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Posting(u32);

/// The tables that have one slot set, a bit each.
#[derive(Clone, Debug, Default)]
struct Popular {
    len: usize,
    tables: Vec<u64>,
}

impl Posting {
    const fn new(low: u16, table: u16) -> Self {
        Self((low as u32) << 16 | table as u32)
    }

    const fn low(self) -> u16 {
        (self.0 >> 16) as u16
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is the number")]
    const fn table(self) -> u16 {
        self.0 as u16
    }
}

impl Rows {
    /// For tables of `2^bits` slots.
    pub(super) const fn new(bits: u32) -> Self {
        Self { bits, bucket_bits: 0, buckets: Vec::new(), len: 0, popular: BTreeMap::new() }
    }

    /// A table, of which there are so many of any size, has this slot set from now on.
    pub(super) fn insert(&mut self, slot: u32, table: u16, tables: usize) {
        if let Some(popular) = self.popular.get_mut(&slot) {
            popular.insert(table);
            return;
        }
        self.grow();
        let (low, place) = self.place(slot);
        let Some(bucket) = self.buckets.get_mut(place) else { return };
        bucket.push(Posting::new(low, table));
        self.len = self.len.saturating_add(1);
        // Counting is paid for by the pushes between.
        if bucket.len() >= POPULAR_MIN && bucket.len().is_multiple_of(8) {
            self.promote(slot, tables);
        }
    }

    /// A table has this slot set no longer.
    pub(super) fn remove(&mut self, slot: u32, table: u16, tables: usize) {
        if let Some(popular) = self.popular.get_mut(&slot) {
            popular.remove(table);
            let len = popular.len;
            if len < POPULAR_MIN / 2 || len.saturating_mul(TABLES_PER_POPULAR * 2) < tables {
                self.demote(slot);
            }
            return;
        }
        let (low, place) = self.place(slot);
        let Some(bucket) = self.buckets.get_mut(place) else { return };
        let gone = Posting::new(low, table);
        let Some(place) = bucket.iter().position(|&posting| posting == gone) else { return };
        bucket.swap_remove(place);
        shrink(bucket);
        self.len = self.len.saturating_sub(1);
        self.dwindle();
    }

    /// Counts one word more for each table that has this slot set.
    pub(super) fn count(&self, slot: u32, tally: &mut Tally) {
        if let Some(popular) = self.popular.get(&slot) {
            tally.add_many(popular.tables.iter().copied());
            return;
        }
        let (low, place) = self.place(slot);
        let Some(bucket) = self.buckets.get(place) else { return };
        for posting in bucket {
            if posting.low() == low {
                tally.add_one(posting.table());
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0 && self.popular.is_empty()
    }

    /// Bytes of memory beside the value itself.
    pub(super) fn footprint_len(&self) -> usize {
        let buckets = self.buckets.iter().map(|bucket| bucket.capacity().saturating_mul(4));
        let popular = self
            .popular
            .values()
            .map(|popular| popular.tables.capacity().saturating_mul(8).saturating_add(POPULAR_LEN));
        let headers = self.buckets.capacity().saturating_mul(size_of::<Vec<Posting>>());
        buckets.chain(popular).fold(headers, usize::saturating_add)
    }

    /// What a bucket does not tell of a slot, and which bucket that is.
    fn place(&self, slot: u32) -> (u16, usize) {
        let low_bits = self.bits.saturating_sub(self.bucket_bits);
        let low = slot & 1_u32.wrapping_shl(low_bits).saturating_sub(1);
        let place = slot.wrapping_shr(low_bits) as usize;
        (u16::try_from(low).unwrap_or(u16::MAX), place)
    }

    /// Makes room for one more posting.
    fn grow(&mut self) {
        let is_full = self.len >= self.buckets.len().saturating_mul(BUCKET_LEN);
        if self.buckets.is_empty() {
            self.rebuild(self.bucket_bits_min());
        } else if is_full && self.bucket_bits < self.bits {
            self.rebuild(self.bucket_bits.saturating_add(1));
        }
    }

    /// Gives back what is no longer needed.
    fn dwindle(&mut self) {
        let is_empty = self.len < self.buckets.len().saturating_mul(BUCKET_LEN_MIN);
        if self.len == 0 {
            self.buckets = Vec::new();
        } else if is_empty && self.bucket_bits > self.bucket_bits_min() {
            self.rebuild(self.bucket_bits.saturating_sub(1));
        }
    }

    /// A posting keeps sixteen bits of a slot number; the bucket has to tell the others.
    const fn bucket_bits_min(&self) -> u32 {
        self.bits.saturating_sub(16)
    }

    /// Sorts all postings into another number of buckets.
    fn rebuild(&mut self, bucket_bits: u32) {
        let old = std::mem::take(&mut self.buckets);
        let old_low_bits = self.bits.saturating_sub(self.bucket_bits);
        self.bucket_bits = bucket_bits;
        self.buckets.resize_with(1_usize.wrapping_shl(bucket_bits), Vec::new);
        for (number, bucket) in (0_u32..).zip(old) {
            for posting in bucket {
                let slot = number.wrapping_shl(old_low_bits) | u32::from(posting.low());
                let (low, place) = self.place(slot);
                if let Some(bucket) = self.buckets.get_mut(place) {
                    bucket.push(Posting::new(low, posting.table()));
                }
            }
        }
    }

    /// Keeps a slot as bits if many tables have it set.
    fn promote(&mut self, slot: u32, tables: usize) {
        let (low, place) = self.place(slot);
        let Some(bucket) = self.buckets.get_mut(place) else { return };
        let len = bucket.iter().filter(|posting| posting.low() == low).count();
        if len < POPULAR_MIN || len.saturating_mul(TABLES_PER_POPULAR) < tables {
            return;
        }
        let mut popular = Popular::default();
        for posting in bucket.extract_if(.., |posting| posting.low() == low) {
            popular.insert(posting.table());
        }
        shrink(bucket);
        self.len = self.len.saturating_sub(len);
        self.popular.insert(slot, popular);
    }

    /// Keeps a slot as postings again.
    fn demote(&mut self, slot: u32) {
        let Some(popular) = self.popular.remove(&slot) else { return };
        if self.popular.is_empty() {
            // An empty map keeps memory.
            self.popular = BTreeMap::new();
        }
        self.grow();
        let (low, place) = self.place(slot);
        let Some(bucket) = self.buckets.get_mut(place) else { return };
        bucket.extend(popular.tables().map(|table| Posting::new(low, table)));
        self.len = self.len.saturating_add(popular.len);
    }
}

impl Popular {
    fn insert(&mut self, table: u16) {
        let index = usize::from(table >> 6);
        if self.tables.len() <= index {
            self.tables.resize(index.saturating_add(1), 0);
        }
        if let Some(word) = self.tables.get_mut(index) {
            *word |= 1 << (table & 63);
            self.len = self.len.saturating_add(1);
        }
    }

    fn remove(&mut self, table: u16) {
        if let Some(word) = self.tables.get_mut(usize::from(table >> 6)) {
            *word &= !(1 << (table & 63));
            self.len = self.len.saturating_sub(1);
        }
    }

    fn tables(&self) -> impl Iterator<Item = u16> {
        (0_u16..).zip(&self.tables).flat_map(|(index, &word)| {
            ones(word).filter_map(move |bit| u16::try_from(bit).ok().map(|bit| index << 6 | bit))
        })
    }
}

/// Gives back memory where most of it is unused.
fn shrink(bucket: &mut Vec<Posting>) {
    if bucket.capacity() > bucket.len().saturating_mul(4) {
        bucket.shrink_to(bucket.len().saturating_mul(2));
    }
}
