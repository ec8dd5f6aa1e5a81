use crate::base::limits::{TTL_HARD_MAX, TTL_MAX, TTL_OWN_MAX};
use crate::base::mutant::mutant;

/// How far messages may travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TtlRules {
    /// Links that a broadcast message may cross in all (TTL-06).
    pub max_ttl: u8,
    /// TTL of what starts here, and the bound for queries of neighbours without dynamic querying
    /// (TTL-20).
    pub own_ttl: u8,
    /// TTL and hops together, above which a message is dropped (TTL-08).
    pub hard_limit: u8,
    /// Whether a query that comes again with a higher TTL goes on (TTL-12). The flood of Gnutella 0.4
    /// knew no such thing.
    pub forwards_raised: bool,
}

impl Default for TtlRules {
    fn default() -> Self {
        Self {
            max_ttl: TTL_MAX,
            own_ttl: TTL_OWN_MAX,
            hard_limit: TTL_HARD_MAX,
            forwards_raised: true,
        }
    }
}

/// TTL and hops with which a message goes on. Nothing else about it changes (FRAME-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Onward {
    pub ttl: u8,
    pub hops: u8,
}

impl TtlRules {
    /// The flood of Gnutella 0.4 in the laboratory: TTL 7, and whatever comes again is dropped. Where
    /// links differ in speed, such a flood misses nodes: a query that came by a long but fast way has
    /// little TTL left, and its copy with more TTL by a short but slow way goes no further.
    pub const FLOOD: Self =
        Self { max_ttl: 7, own_ttl: 7, hard_limit: TTL_HARD_MAX, forwards_raised: false };

    /// With what a message starts here (TTL-01), towards a neighbour with this X-Max-TTL (TTL-19).
    pub fn first(self, neighbour_max: Option<u8>) -> Onward {
        Onward { ttl: self.own_ttl.min(neighbour_max.unwrap_or(u8::MAX)), hops: 0 }
    }

    /// With what an answer starts to a message that came with these hops: it gets home, and two links
    /// further if the way has become longer (TTL-15).
    pub fn answering(self, hops: u8) -> Onward {
        let hops = if mutant!(AnswersWithTtl1) { 0 } else { hops.saturating_add(1) };
        Onward { ttl: hops.saturating_add(1).min(self.hard_limit), hops: 0 }
    }

    /// With what a broadcast message goes on that is neither spent nor above the hard limit, if it does
    /// (TTL-02, TTL-03, TTL-06).
    #[inline]
    pub(super) fn broadcast(self, ttl: u8, hops: u8, reach_max: u8) -> Option<Onward> {
        let reach_max = if mutant!(TrimsNothing) { u8::MAX } else { reach_max };
        let ttl = ttl.min(reach_max.saturating_sub(hops).max(1));
        if ttl <= u8::from(!mutant!(ForwardsSpentQueries)) {
            return None;
        }
        let ttl = if mutant!(GrowsTtl) { ttl.saturating_add(2) } else { ttl };
        let less = u8::from(!mutant!(KeepsTtl));
        let hops = if mutant!(KeepsHops) { hops } else { one_more(hops)? };
        Some(Onward { ttl: ttl.saturating_sub(less), hops })
    }

    /// With what a message goes on along a known way, if it does (TTL-05, TTL-16). A leaf is the end of
    /// the way, so that the TTL may have run out (TTL-17, PUSH-13).
    #[inline]
    pub(super) fn along(self, ttl: u8, hops: u8, to_leaf: bool) -> Option<Onward> {
        let hops = one_more(hops)?;
        let ttl = ttl.saturating_sub(1).min(self.hard_limit);
        match (ttl, to_leaf) {
            (0, false) => None,
            (0, true) if mutant!(ForgetsLastLink) => None,
            (0, true) => Some(Onward { ttl: 1, hops }),
            _ => Some(Onward { ttl, hops }),
        }
    }

    /// Whether an answer has crossed more links than its question can have (TTL-05). The next one would
    /// have to count it on, and might be blamed for that.
    #[inline]
    pub(super) fn is_exhausted(self, hops: u8) -> bool {
        hops >= self.hard_limit || one_more(hops).is_none()
    }

    /// Whether a message travels further than any may (TTL-08).
    #[inline]
    pub(super) fn is_too_far(self, ttl: u8, hops: u8) -> bool {
        u16::from(ttl).saturating_add(u16::from(hops)) > u16::from(self.hard_limit)
            && !mutant!(KnowsNoHardLimit)
    }
}

/// The hops of a message at the next node. Nothing leaves with 255 (TTL-05): nobody could count on.
#[inline]
fn one_more(hops: u8) -> Option<u8> {
    hops.checked_add(1).filter(|hops| *hops < u8::MAX)
}
