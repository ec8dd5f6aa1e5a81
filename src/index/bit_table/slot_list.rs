/// Bits of a slot number that are kept.
const LOW_BITS: u32 = 16;

/// A set of slots below 2^17 as a sorted list, of two bytes each.
///
/// It is in two parts: first the slots below 2^16, then the others without their highest bit.
#[derive(Clone, Debug, Default)]
pub(super) struct SlotList {
    low: Vec<u16>,
    /// Where the second part begins.
    split: u32,
}

impl SlotList {
    pub(super) const fn new() -> Self {
        Self { low: Vec::new(), split: 0 }
    }

    pub(super) fn contains(&self, slot: u32) -> bool {
        self.find(slot).is_ok()
    }

    /// False when it was there.
    pub(super) fn insert(&mut self, slot: u32) -> bool {
        let Err(place) = self.find(slot) else { return false };
        self.low.insert(place, low_of(slot));
        self.split = self.split.saturating_add(u32::from(slot >> LOW_BITS == 0));
        true
    }

    /// False when it was not there.
    pub(super) fn remove(&mut self, slot: u32) -> bool {
        let Ok(place) = self.find(slot) else { return false };
        self.low.remove(place);
        self.split = self.split.saturating_sub(u32::from(slot >> LOW_BITS == 0));
        if self.low.capacity() > self.low.len().saturating_mul(4) {
            self.low.shrink_to(self.low.len().saturating_mul(2));
        }
        true
    }

    /// The slots, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        let split = self.split;
        let high = move |place| u32::from(place >= split) << LOW_BITS;
        (0_u32..).zip(&self.low).map(move |(place, &low)| high(place) | u32::from(low))
    }

    pub(super) fn shrink(&mut self) {
        self.low.shrink_to_fit();
    }

    /// Bytes of memory beside the value itself.
    pub(super) const fn footprint_len(&self) -> usize {
        self.low.capacity().saturating_mul(2)
    }

    /// Where a slot stands, or would stand.
    fn find(&self, slot: u32) -> Result<usize, usize> {
        let split = self.split as usize;
        let (first, second) = self.low.split_at_checked(split).unwrap_or((&self.low, &[]));
        if slot >> LOW_BITS == 0 {
            return first.binary_search(&low_of(slot));
        }
        let found = second.binary_search(&low_of(slot));
        found.map(|at| at.saturating_add(split)).map_err(|at| at.saturating_add(split))
    }
}

impl FromIterator<u32> for SlotList {
    /// The slots must ascend.
    fn from_iter<T: IntoIterator<Item = u32>>(slots: T) -> Self {
        let mut list = Self::new();
        for slot in slots {
            list.low.push(low_of(slot));
            list.split = list.split.saturating_add(u32::from(slot >> LOW_BITS == 0));
        }
        list
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
const fn low_of(slot: u32) -> u16 {
    slot as u16
}
