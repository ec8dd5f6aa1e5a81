use super::Servent;
use crate::base::holding::Holding;
use crate::base::limits::{
    HIT_COUNTERS_MAX, LEAF_INDEX_FILES_MAX, LEAVES_SEARCHES_MAX, OWN_SEARCHES_MAX,
    ROUTES_OF_LEAF_MAX, ROUTES_OF_ULTRAPEER_MAX, ROUTES_ORPHANED_MAX, ROUTES_OWN_MAX,
    SEND_QUEUES_LEN_MAX, SERVENTS_OF_LEAF_MAX, SERVENTS_OF_ULTRAPEER_MAX,
};
use crate::base::slots::Slot;
use crate::gnutella::connect_back::Reach;
use crate::index::leaf_index::LeafIndex;

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

/// Messages that came to nothing since the start, of all neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Those of others that led nowhere.
    pub dropped: u64,
    /// Those that found no room in a queue.
    pub shed: u64,
}

impl Servent {
    /// Messages that came to nothing since the start.
    pub const fn lost(&self) -> Lost {
        self.lost
    }

    /// How a neighbour behaves now.
    pub fn conduct(&self, slot: Slot) -> Conduct {
        Conduct {
            is_congested: self.queues.is_congested(slot),
            is_muted: !self.announced.wants_query(slot, 1),
            is_firewalled: self.service.proxied(slot),
            has_words: self.query_tables.has_words(slot),
        }
    }

    /// How many slots of a neighbour's query table are set, and how many it has here. None if it never
    /// sent one.
    pub fn table_fill(&self, slot: Slot) -> Option<(u32, u32)> {
        self.query_tables.fill(slot)
    }

    /// Whether others have reached us by TCP and by UDP: no if several were asked and nobody came, none if
    /// that is not known.
    pub const fn reached_by(&self) -> (Option<bool>, Option<bool>) {
        (known(self.reachability.tcp()), known(self.reachability.udp()))
    }

    /// What each table holds, and what it may.
    pub fn holdings(&self) -> impl Iterator<Item = Holding> {
        let of = |what, count, count_max| Holding { what, count, count_max };
        let (leaves, ultrapeers) = self.count_neighbours();
        let quota = |own: u32, leaf: u32, ultrapeer: u32| {
            let of_leaves = leaves.saturating_mul(usize::try_from(leaf).unwrap_or(usize::MAX));
            let of_ultrapeers =
                ultrapeers.saturating_mul(usize::try_from(ultrapeer).unwrap_or(usize::MAX));
            let own = usize::try_from(own).unwrap_or(usize::MAX);
            own.saturating_add(of_leaves).saturating_add(of_ultrapeers)
        };
        let routes_max = quota(
            ROUTES_OWN_MAX.saturating_add(ROUTES_ORPHANED_MAX),
            ROUTES_OF_LEAF_MAX,
            ROUTES_OF_ULTRAPEER_MAX,
        );
        let ways_max = quota(0, SERVENTS_OF_LEAF_MAX, SERVENTS_OF_ULTRAPEER_MAX);
        let service = self.service.peek();
        let searches_len = service.map_or(0, |service| service.dynamic_queries.len());
        let counters_len = service.map_or(0, |service| service.hit_policy.len());
        let leaf_files = service.and_then(|service| service.leaf_files.as_ref());
        let leaf_files_len = leaf_files.map_or(0, LeafIndex::len);
        let searches_max = OWN_SEARCHES_MAX.saturating_add(LEAVES_SEARCHES_MAX);
        [
            of("routes", self.router.messages_len(), routes_max),
            of("ways to servents", self.router.servents_len(), ways_max),
            of("bytes that wait", self.queues.total_len_bytes(), SEND_QUEUES_LEN_MAX),
            of("dynamic queries", searches_len, searches_max),
            of("counters of hits", counters_len, HIT_COUNTERS_MAX),
            of("files of leaves", leaf_files_len, LEAF_INDEX_FILES_MAX),
        ]
        .into_iter()
    }

    fn count_neighbours(&self) -> (usize, usize) {
        let leaves = self.neighbours.iter().filter(|(_, neighbour)| neighbour.is_leaf()).count();
        (leaves, self.neighbours.len().saturating_sub(leaves))
    }

    /// Bytes that wait for a neighbour.
    pub fn waiting_len_bytes(&self, slot: Slot) -> usize {
        self.queues.len_bytes(slot)
    }

    /// How many neighbours there are.
    pub fn neighbours_len(&self) -> usize {
        self.neighbours.len()
    }
}

const fn known(reach: Reach) -> Option<bool> {
    match reach {
        Reach::Unknown => None,
        Reach::Proven => Some(true),
        Reach::Unreachable => Some(false),
    }
}
