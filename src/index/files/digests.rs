//! The digests of the files of a segment, found by themselves too.

/// Digests by row, and rows by digest. Takes nothing where no file has one.
#[derive(Debug, Default)]
pub(super) struct Digests<const N: usize> {
    /// Zeros where a file has none.
    by_row: Box<[[u8; N]]>,
    /// The rows that have one, sorted by it: three bytes each.
    sorted: Box<[[u8; 3]]>,
}

impl<const N: usize> Digests<N> {
    /// The digests of files, in the order of their rows.
    pub(super) fn new(of: impl Iterator<Item = Option<[u8; N]>> + Clone) -> Self {
        let known = (0_u32..).zip(of.clone()).filter_map(|(row, digest)| Some((digest?, row)));
        let mut sorted: Vec<([u8; N], u32)> = known.collect();
        if sorted.is_empty() {
            return Self::default();
        }
        sorted.sort_unstable();
        let by_row = of.map(|digest| digest.unwrap_or([0; N])).collect();
        Self { by_row, sorted: sorted.iter().map(|(_, row)| narrow(*row)).collect() }
    }

    /// That of a row, or zeros.
    pub(super) fn of_row(&self, row: u32) -> Option<[u8; N]> {
        self.by_row.get(row as usize).copied()
    }

    /// The rows that have this digest, ascending.
    pub(super) fn rows_with<'a>(&'a self, digest: &'a [u8; N]) -> impl Iterator<Item = u32> + 'a {
        self.rows_beginning(digest)
    }

    /// The rows whose digests begin so, by these.
    pub(super) fn rows_beginning<'a>(&'a self, start: &'a [u8]) -> impl Iterator<Item = u32> + 'a {
        let is_before = |row: &[u8; 3]| self.of_row(wide(*row)).is_some_and(|one| one[..] < *start);
        let first = self.sorted.partition_point(is_before);
        let rows = self.sorted.get(first..).unwrap_or_default().iter().map(|row| wide(*row));
        rows.take_while(move |row| self.of_row(*row).is_some_and(|one| one.starts_with(start)))
    }

    pub(super) fn footprint_len(&self) -> usize {
        size_of_val(&*self.by_row).saturating_add(size_of_val(&*self.sorted))
    }
}

/// A row in three bytes.
pub(super) const fn narrow(row: u32) -> [u8; 3] {
    let [low, middle, high, _] = row.to_le_bytes();
    [low, middle, high]
}

pub(super) const fn wide([low, middle, high]: [u8; 3]) -> u32 {
    u32::from_le_bytes([low, middle, high, 0])
}
