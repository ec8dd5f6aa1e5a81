//! What was searched for, and what was found.

use serde::Serialize;

use super::watch::HOPS_COUNTED;
use crate::base::time::Time;

/// One search of the workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Search {
    #[serde(skip)]
    pub at: Time,
    pub host: u32,
    pub title: u32,
    /// Other hosts that shared the title when the search began.
    pub available: u32,
    /// Of these, how many answered.
    #[serde(skip)]
    pub found: Vec<u32>,
    /// After how long the first of them did.
    pub first_hit_ms: Option<u64>,
    pub hits: u32,
    /// Links that the hits crossed, all together.
    pub hit_hops: u32,
    /// Hits that do not answer the search.
    pub strange_hits: u32,
    /// Ultrapeers that the query reached, where it was followed.
    pub reached: Option<u32>,
    /// Ultrapeers that were there to be reached.
    pub ultrapeers: u32,
    /// Ultrapeers that a walk in breadth reaches with the same TTL, where the overlay is given.
    pub walk: Option<u32>,
}

/// The ways of all searches that were followed, added up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ways {
    /// Copies of queries that were sent, and those that came where one had come before.
    pub(crate) messages: u64,
    pub(crate) duplicates: u64,
    /// How many nodes were reached first after how many links.
    pub(crate) hops: [u64; HOPS_COUNTED],
}

/// All searches, in the order in which they began.
#[derive(Debug, Default)]
pub(crate) struct SearchLog {
    searches: Vec<Search>,
}

impl SearchLog {
    /// Its number is what the machine knows it by.
    pub(crate) fn begin(&mut self, search: Search) -> u32 {
        self.searches.push(search);
        u32::try_from(self.searches.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    pub(crate) fn title(&self, search: u32) -> Option<u32> {
        Some(self.searches.get(search as usize)?.title)
    }

    pub(crate) fn get_mut(&mut self, search: u32) -> Option<&mut Search> {
        self.searches.get_mut(search as usize)
    }

    pub(crate) fn all(&self) -> &[Search] {
        &self.searches
    }
}
