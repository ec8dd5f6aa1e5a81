//! Cases that stand between two looks at the subject.

use std::ops::Range;

use super::memory::Meter;
use crate::conform::Case;
use crate::conform::report::Memory;
use crate::node::Network;

/// The cases of one group.
pub(super) struct Group {
    name: String,
    pub(super) network: Network,
    pub(super) places: Range<usize>,
    /// Cases that are not over.
    pub(super) left: usize,
    /// The subject was looked at, and answered.
    pub(super) is_open: bool,
    meter: Option<Meter>,
}

/// All groups, in their order.
pub(super) fn grouped(cases: &[Case]) -> Vec<Group> {
    let mut first = 0_usize;
    let chunks = cases.chunk_by(|one, next| one.group() == next.group());
    let groups = chunks.filter_map(|chunk| {
        let case = chunk.first()?;
        let places = first..first.saturating_add(chunk.len());
        first = places.end;
        Some(Group {
            name: case.group().to_owned(),
            network: case.network,
            places,
            left: chunk.len(),
            is_open: false,
            meter: None,
        })
    });
    groups.collect()
}

impl Group {
    /// Its first case begins; the subject has so much memory.
    pub(super) fn open(&mut self, memory_kib: Option<u64>) {
        self.is_open = true;
        self.meter = memory_kib.map(|kib| Meter::new(kib, self.places.start));
    }

    pub(super) const fn is_over(&self) -> bool {
        self.left == 0
    }

    /// The subject is a new one.
    pub(super) fn begin_anew(&mut self, memory_kib: Option<u64>) {
        if self.is_open {
            self.open(memory_kib);
        }
    }

    /// The subject has so much memory after this case.
    pub(super) fn read_memory(&mut self, kib: Option<u64>, place: usize) {
        if let (Some(meter), Some(kib)) = (&mut self.meter, kib) {
            meter.read(kib, Some(place).filter(|place| self.places.contains(place)));
        }
    }

    /// What is to be said if the memory of the subject has grown too far, when the group is over.
    pub(super) fn harm(&self) -> Option<(usize, String)> {
        self.meter.filter(|_| self.is_over())?.harm(&self.name)
    }

    /// The group is over, and what is read from now on is none of its business.
    pub(super) const fn close(&mut self) {
        self.is_open = false;
    }

    /// What it was and is.
    pub(super) fn memory(&self) -> Option<Memory> {
        let Meter { before_kib, now_kib, .. } = self.meter?;
        Some(Memory { group: self.name.clone(), before_kib, after_kib: now_kib })
    }
}
