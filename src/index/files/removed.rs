//! The rows of a segment that stand for nothing any more.

use std::sync::Arc;

use crate::index::bit_table::{has, none_of, write};

/// Rows that were removed. Copies share what they hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Removed(Option<Arc<Marks>>);

#[derive(Clone, Debug)]
struct Marks {
    bits: Box<[u64]>,
    count: usize,
}

impl Removed {
    /// Removes a row of so many. False if it was so already.
    pub(super) fn insert(&mut self, row: u32, rows: usize) -> bool {
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        let none = || Arc::new(Marks { bits: none_of(rows), count: 0 });
        let marks = Arc::make_mut(self.0.get_or_insert_with(none));
        let is_new = write(&mut marks.bits, row, true);
        marks.count = marks.count.saturating_add(usize::from(is_new));
        is_new
    }

    #[inline]
    pub(super) fn has(&self, row: u32) -> bool {
        self.0.as_ref().is_some_and(|marks| has(&marks.bits, row))
    }

    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |marks| marks.count)
    }

    pub(super) fn footprint_len(&self) -> usize {
        let of = |marks: &Arc<Marks>| {
            let counts = size_of::<[usize; 2]>();
            size_of_val(&*marks.bits).saturating_add(size_of::<Marks>()).saturating_add(counts)
        };
        self.0.as_ref().map_or(0, of)
    }
}
