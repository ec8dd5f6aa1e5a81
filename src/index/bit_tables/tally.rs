use crate::index::bit_table::Probe;

/// Counts for many columns at once how many words each of them has.
///
/// Columns stand side by side in numbers of 64 bits, one bit each. The lowest bits of 64 counters
/// are one number, their next bits another: adding a row of 64 bits to 64 counters takes a few
/// instructions. A counter starts so far below a power of two that it reaches it with the last
/// word that is needed, so the highest bit alone tells who has enough.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// For each 64 columns their bits, the lowest first, all in a row.
    counters: Vec<u64>,
    depth: usize,
}

/// The bits of a counter: how many there are, and with which value it starts.
#[derive(Clone, Copy, Debug)]
struct Scale {
    depth: u32,
    start: usize,
}

impl Scale {
    /// For so many words, of which so many are needed; no table has enough where none is needed, or
    /// more than there are.
    fn new(words: usize, needed: usize) -> Self {
        let is_enough = |depth: u32| {
            let middle = 1_usize.wrapping_shl(depth.saturating_sub(1));
            // The counter must neither begin beyond its highest bit, nor run over it.
            middle >= needed && middle.saturating_add(needed) > words
        };
        let depth = (1..usize::BITS).find(|&depth| is_enough(depth)).unwrap_or(usize::BITS);
        let middle = 1_usize.wrapping_shl(depth.saturating_sub(1));
        Self { depth, start: middle.saturating_sub(needed) }
    }

    /// The bits with which 64 counters start, the lowest first.
    fn starts(self) -> impl Iterator<Item = u64> {
        let bits = (0..self.depth).map(move |bit| self.start.wrapping_shr(bit) & 1);
        bits.map(|bit| if bit == 1 { u64::MAX } else { 0 })
    }
}

/// Adds a row to 64 counters.
fn add(counters: &mut [u64], row: u64) {
    let mut carry = row;
    for counter in counters {
        let both = *counter & carry;
        *counter ^= carry;
        carry = both;
    }
}

impl Tally {
    const fn new() -> Self {
        Self { counters: Vec::new(), depth: 0 }
    }

    /// Begins anew, for so many times 64 columns.
    fn begin(&mut self, width: usize, scale: Scale) {
        self.depth = scale.depth as usize;
        self.counters.clear();
        for _ in 0..width {
            self.counters.extend(scale.starts());
        }
    }

    /// One column has the word.
    pub(super) fn add_one(&mut self, column: u16) {
        let start = usize::from(column >> 6).saturating_mul(self.depth);
        let end = start.saturating_add(self.depth);
        if let Some(counters) = self.counters.get_mut(start..end) {
            add(counters, 1 << (column & 63));
        }
    }

    /// These columns have the word: the first 64 in the first number, and so on.
    pub(super) fn add_many(&mut self, columns: impl Iterator<Item = u64>) {
        for (counters, row) in self.counters.chunks_exact_mut(self.depth.max(1)).zip(columns) {
            add(counters, row);
        }
    }

    /// Of 64 columns those that have as many words as are needed.
    fn enough(&self, index: usize) -> u64 {
        let last = index.saturating_add(1).saturating_mul(self.depth).saturating_sub(1);
        self.counters.get(last).copied().unwrap_or(0)
    }

    /// Bytes of memory beside the value itself.
    const fn footprint_len(&self) -> usize {
        self.counters.capacity().saturating_mul(8)
    }
}

/// Counts all that a query asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    words: Tally,
    any: Tally,
}

impl Counts {
    pub(super) const fn new() -> Self {
        Self { words: Tally::new(), any: Tally::new() }
    }

    /// Begins anew, for so many times 64 columns.
    pub(super) fn begin(&mut self, probe: &Probe<'_>, width: usize) {
        let (words, any) = (probe.words().len(), probe.any_of().len());
        let is_asked = |is_asked| if is_asked { width } else { 0 };
        self.words.begin(is_asked(probe.needed() > 0), Scale::new(words, probe.needed()));
        self.any.begin(is_asked(any > 0), Scale::new(any, 1));
    }

    /// Calls `count` with each hash that is asked for, and where to count it.
    pub(super) fn each(&mut self, probe: &Probe<'_>, mut count: impl FnMut(u32, &mut Tally)) {
        probe.words().iter().for_each(|&hash| count(hash, &mut self.words));
        probe.any_of().iter().for_each(|&hash| count(hash, &mut self.any));
    }

    /// Of 64 columns those that have what is asked for.
    pub(super) fn enough(&self, index: usize) -> u64 {
        self.words.enough(index) | self.any.enough(index)
    }

    /// Bytes of memory beside the value itself.
    pub(super) const fn footprint_len(&self) -> usize {
        self.words.footprint_len().saturating_add(self.any.footprint_len())
    }
}
