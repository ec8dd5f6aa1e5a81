use bytes::Bytes;

use crate::base::limits::{
    HASH_RESULTS_WANTED, LEAF_RESULTS_WANTED, NEIGHBOUR_RESULTS_DIVISOR, OWN_RESULTS_WANTED,
    SEARCH_ROUTED_FACTOR_MAX,
};
use crate::base::slots::Slot;
use crate::gnutella::wire::Guid;

/// Who wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// This node itself.
    Own,
    /// A leaf of ours.
    Leaf(Slot),
}

impl Origin {
    /// The hops with which the query goes on from here: that of a leaf has come one already
    /// (TTL-02).
    pub const fn hops(self) -> u8 {
        match self {
            Self::Own => 0,
            Self::Leaf(_) => 1,
        }
    }
}

/// What a leaf tells about the hits that it kept (DQ-12, DQ-13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guidance {
    /// Nothing, as far as we know. Where it tells something all the same, that is taken for a
    /// total.
    #[default]
    None,
    /// All that it kept, whoever brought it, as gtk-gnutella does.
    Total,
    /// Our part, having divided by the number of its ultrapeers, as LimeWire does.
    Share,
}

/// A query to be asked step by step.
#[derive(Clone, Debug)]
pub struct Search {
    /// The GUID of all its messages.
    pub guid: Guid,
    /// The payload of all its messages.
    pub payload: Bytes,
    /// Who gets the hits.
    pub origin: Origin,
    /// Results with which it ends: see [`results_wanted`].
    pub wanted: u32,
    /// What the leaf tells when it is asked. It can be asked where bit 12 is set in the flags of
    /// its query, or where it announced BEAR/11 (LimeWire sets no bit).
    pub guidance: Guidance,
    /// The hits come through us and can be counted; false where they go out of band to the leaf.
    pub hits_pass_here: bool,
}

/// How many results end a query (DQ-02, DQ-03).
pub const fn results_wanted(origin: Origin, by_hash: bool) -> u32 {
    match origin {
        _ if by_hash => HASH_RESULTS_WANTED,
        Origin::Own => OWN_RESULTS_WANTED,
        Origin::Leaf(_) => LEAF_RESULTS_WANTED,
    }
}

/// How many of the wanted results count from one neighbour, where there are others (DQ-21).
pub const fn results_of_one(wanted: u32) -> u32 {
    wanted.div_ceil(NEIGHBOUR_RESULTS_DIVISOR)
}

impl Search {
    /// Results that end it although the leaf kept few of them (DQ-14).
    pub(super) const fn routed_max(&self) -> u32 {
        self.wanted.saturating_mul(SEARCH_ROUTED_FACTOR_MAX)
    }
}

/// An ultrapeer next to us, as one query sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its link.
    pub slot: Slot,
    /// Its links to ultrapeers, as it said (HAND-29), or as is usual for its kind.
    pub degree: u16,
    /// Hops + TTL that a query may have there: its X-Max-TTL (HAND-30), or our own limit if lower.
    pub max_ttl: u8,
    /// It takes the same query again with a higher TTL (HAND-28).
    pub ext_probes: bool,
    /// Whether its query table has the words of the query; `None` if it never sent one.
    pub table: Option<bool>,
    /// A query would wait long in our queue to it. Who wants no queries now (HopsFlow) is no
    /// candidate.
    pub congested: bool,
}

/// The ultrapeers next to us that take queries.
pub trait Candidates {
    /// Appends each that is there, in any order that is the same each time.
    fn list(&mut self, payload: &Bytes, candidates: &mut Vec<Candidate>);
}

impl<F: FnMut(&Bytes, &mut Vec<Candidate>)> Candidates for F {
    fn list(&mut self, payload: &Bytes, candidates: &mut Vec<Candidate>) {
        self(payload, candidates);
    }
}

/// What is to be done for a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send the query to this ultrapeer.
    Send { guid: Guid, payload: Bytes, to: Slot, ttl: u8, hops: u8 },
    /// Ask the leaf how many hits it kept: BEAR/11 with this GUID (VMSG-11).
    AskStatus { guid: Guid, leaf: Slot },
    /// It is over. Hits that are still on their way are routed all the same.
    Finished { guid: Guid, origin: Origin, results: u32, why: Why },
}

/// Why a query is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// Enough was found (DQ-02).
    Enough,
    /// Every ultrapeer was asked.
    Exhausted,
    /// As far as a query may reach (DQ-05).
    Horizon,
    /// Nobody tells how many hits came (DQ-16).
    Unguided,
    /// As long as a query may run (DQ-06).
    Expired,
    /// Those left were congested each time (DQ-22).
    Busy,
    /// Whoever asked wants no more (DQ-15): [`HitPolicy::close`](super::HitPolicy::close).
    Stopped,
    /// The leaf is gone (DQ-17).
    LeafGone,
    /// A newer query took its place (DQ-18).
    Displaced,
}

impl Why {
    /// A phrase that reads well after "the search ended: ".
    pub const fn text(self) -> &'static str {
        match self {
            Self::Enough => "enough was found",
            Self::Exhausted => "every ultrapeer was asked",
            Self::Horizon => "it reached as far as a query may",
            Self::Unguided => "nobody tells how many hits came",
            Self::Expired => "it ran as long as a query may",
            Self::Busy => "the ultrapeers left are too busy",
            Self::Stopped => "no more hits are wanted",
            Self::LeafGone => "the leaf is gone",
            Self::Displaced => "a newer search took its place",
        }
    }
}

/// How far a query has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Results that came, or that the leaf says it kept.
    pub results: u32,
    /// Results that are still wanted.
    pub missing: u32,
    /// Ultrapeers that it reached in theory, this node among them.
    pub horizon: u32,
    /// Messages sent for it.
    pub sent: u16,
}
