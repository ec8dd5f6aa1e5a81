use super::Servent;
use crate::base::slots::Slot;

/// How a neighbour behaves, for whoever decides who stays one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conduct {
    /// Much waits for it, for it does not read.
    pub is_congested: bool,
    /// It wants no queries.
    pub is_muted: bool,
    /// It needs others to take pushes for it.
    pub is_firewalled: bool,
    /// Whether its query table has anything in it; none if it never sent one.
    pub has_words: Option<bool>,
}

impl Servent {
    /// How a neighbour behaves now.
    pub fn conduct(&self, slot: Slot) -> Conduct {
        Conduct {
            is_congested: self.queues.is_congested(slot),
            is_muted: !self.announced.wants_query(slot, 1),
            is_firewalled: self.proxied.is_for(slot),
            has_words: self.query_tables.has_words(slot),
        }
    }

    /// How many neighbours there are.
    pub fn neighbours_len(&self) -> usize {
        self.neighbours.len()
    }
}
