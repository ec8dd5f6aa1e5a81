/// No entry has this number.
pub(super) const NONE: u32 = u32::MAX;

/// Buckets of the smallest index.
const BUCKETS_MIN: usize = 8;

/// Where entries are, by their hash: open addressing with linear probing, and nothing left behind where
/// an entry goes. The hash stands in the bucket, so that one cache line tells nearly always which entry
/// is meant, and an index can grow without a look at the entries.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// A power of two of them, or none.
    buckets: Vec<Bucket>,
    len: usize,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    hash: u32,
    number: u32,
}

const FREE: Bucket = Bucket { hash: 0, number: NONE };

impl Index {
    pub(super) const fn new() -> Self {
        Self { buckets: Vec::new(), len: 0 }
    }

    /// An index for so many entries, which it takes without growing.
    pub(super) fn for_entries(count: usize) -> Self {
        let mut index = Self::new();
        if count > 0 {
            let buckets = count.saturating_mul(4).div_ceil(3).next_power_of_two();
            index.buckets = vec![FREE; buckets.max(BUCKETS_MIN)];
        }
        index
    }

    /// The first entry with this hash that is the one.
    #[inline]
    pub(super) fn find(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mask = self.mask();
        let mut at = home(hash, mask);
        loop {
            let bucket = self.buckets.get(at)?;
            if bucket.number == NONE {
                return None;
            }
            if bucket.hash == hash && is_it(bucket.number) {
                return Some(bucket.number);
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    /// Adds an entry, whether or not others have the same hash.
    pub(super) fn insert(&mut self, hash: u32, number: u32) {
        if self.len.saturating_add(1).saturating_mul(4) > self.buckets.len().saturating_mul(3) {
            self.grow();
        }
        self.put(Bucket { hash, number });
    }

    /// Takes an entry out. Those behind it that wanted its place, or one before it, move up.
    pub(super) fn remove(&mut self, hash: u32, number: u32) {
        let mask = self.mask();
        let Some(mut hole) = self.position(hash, number) else { return };
        let mut at = hole;
        loop {
            at = at.wrapping_add(1) & mask;
            let Some(&bucket) = self.buckets.get(at) else { return };
            if bucket.number == NONE {
                break;
            }
            let from_home = at.wrapping_sub(home(bucket.hash, mask)) & mask;
            if from_home >= at.wrapping_sub(hole) & mask {
                self.set(hole, bucket);
                hole = at;
            }
        }
        self.set(hole, FREE);
        self.len = self.len.saturating_sub(1);
    }

    fn position(&self, hash: u32, number: u32) -> Option<usize> {
        let mask = self.mask();
        let mut at = home(hash, mask);
        loop {
            match self.buckets.get(at)?.number {
                NONE => return None,
                found if found == number => return Some(at),
                _ => at = at.wrapping_add(1) & mask,
            }
        }
    }

    fn grow(&mut self) {
        let buckets = self.buckets.len().saturating_mul(2).max(BUCKETS_MIN);
        let smaller = std::mem::replace(&mut self.buckets, vec![FREE; buckets]);
        self.len = 0;
        smaller.into_iter().filter(|bucket| bucket.number != NONE).for_each(|b| self.put(b));
    }

    fn put(&mut self, bucket: Bucket) {
        let mask = self.mask();
        let mut at = home(bucket.hash, mask);
        while self.buckets.get(at).is_some_and(|bucket| bucket.number != NONE) {
            at = at.wrapping_add(1) & mask;
        }
        self.set(at, bucket);
        self.len = self.len.saturating_add(1);
    }

    fn set(&mut self, at: usize, bucket: Bucket) {
        if let Some(place) = self.buckets.get_mut(at) {
            *place = bucket;
        }
    }

    const fn mask(&self) -> usize {
        self.buckets.len().wrapping_sub(1)
    }
}

/// Where an entry wants to be.
const fn home(hash: u32, mask: usize) -> usize {
    hash as usize & mask
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The same steps on an index and on a map, with hashes that often fall together.
    #[test]
    fn an_index_finds_what_was_put_in_and_not_taken_out() {
        let (mut index, mut map) = (Index::new(), BTreeMap::new());
        let mut random = 1_u32;
        for number in 0..20_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hash = (random >> 16) % 64 * 0x0100_0001;
            map.insert(number, hash);
            index.insert(hash, number);
            let gone = map.range(random % (number + 1)..).next().map(|(gone, hash)| (*gone, *hash));
            if let Some((gone, hash)) = gone.filter(|_| map.len() > 50) {
                map.remove(&gone);
                index.remove(hash, gone);
                assert_eq!(index.find(hash, |number| number == gone), None);
            }
            assert!(map.iter().all(|(n, hash)| index.find(*hash, |found| found == *n).is_some()));
            assert_eq!(index.len, map.len());
        }
        assert_eq!(index.buckets.len(), 128);
    }

    #[test]
    fn an_index_without_entries_has_no_memory() {
        assert_eq!(Index::new().buckets.capacity(), 0);
        assert_eq!(Index::for_entries(0).buckets.capacity(), 0);
        assert_eq!(Index::new().find(7, |_| true), None);
        assert_eq!(Index::for_entries(6).buckets.len(), 8);
        assert_eq!(Index::for_entries(7).buckets.len(), 16);
    }
}
