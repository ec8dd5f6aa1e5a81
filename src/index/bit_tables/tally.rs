/// Counts for many columns at once how many words each of them has.
///
/// Columns stand side by side in numbers of 64 bits, one bit each. The lowest bits of 64 counters are
/// one number, their next bits another: adding a row of 64 bits to 64 counters takes a few
/// instructions. A counter starts so far below a power of two that it reaches it with the last word
/// that is needed, so the highest bit alone tells who has enough.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// For each 64 columns their bits, the lowest first, all in a row.
    counters: Vec<u64>,
    depth: usize,
}

/// The bits of a counter: how many there are, and with which value it starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    depth: usize,
    start: usize,
}

impl Scale {
    /// Bits of the widest counter, which counts 128 words.
    pub(super) const DEPTH_MAX: usize = 9;

    /// For so many words, of which so many are needed. Both are at most 128.
    pub(super) fn new(words: usize, needed: usize) -> Self {
        let mut scale = Self { depth: 1, start: 0 };
        while scale.depth < Self::DEPTH_MAX {
            let middle = 1_usize.wrapping_shl(u32::try_from(scale.depth).unwrap_or(0)) / 2;
            scale.start = middle.saturating_sub(needed);
            // The counter must neither begin beyond its highest bit, nor run over it.
            if middle >= needed && middle.saturating_add(needed) > words {
                break;
            }
            scale.depth = scale.depth.saturating_add(1);
        }
        scale
    }

    pub(super) const fn depth(self) -> usize {
        self.depth
    }

    /// The bits with which 64 counters start, the lowest first.
    pub(super) fn starts(self) -> impl Iterator<Item = u64> {
        let bits = (0..u32::try_from(self.depth).unwrap_or(0))
            .map(move |bit| self.start.wrapping_shr(bit) & 1);
        bits.map(|bit| if bit == 1 { u64::MAX } else { 0 })
    }
}

/// Adds a row to 64 counters.
pub(super) fn add(counters: &mut [u64], row: u64) {
    let mut carry = row;
    for counter in counters {
        let both = *counter & carry;
        *counter ^= carry;
        carry = both;
    }
}

impl Tally {
    pub(super) const fn new() -> Self {
        Self { counters: Vec::new(), depth: 0 }
    }

    /// Begins anew, for so many columns.
    pub(super) fn begin(&mut self, columns: usize, scale: Scale) {
        self.depth = scale.depth();
        self.counters.clear();
        for _ in 0..columns.div_ceil(64) {
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
    pub(super) fn add_many(&mut self, columns: &[u64]) {
        for (counters, &row) in self.counters.chunks_exact_mut(self.depth.max(1)).zip(columns) {
            add(counters, row);
        }
    }

    /// Of 64 columns those that have as many words as are needed.
    pub(super) fn enough(&self, index: usize) -> u64 {
        let last = index.saturating_add(1).saturating_mul(self.depth).saturating_sub(1);
        self.counters.get(last).copied().unwrap_or(0)
    }

    /// Bytes of memory beside the value itself.
    pub(super) const fn footprint_len(&self) -> usize {
        self.counters.capacity().saturating_mul(8)
    }
}
