use std::collections::BTreeMap;
use std::net::SocketAddr;

use rand::rngs::ChaCha8Rng;

use crate::base::addresses::Network;
use crate::base::limits::{
    GUESS_HITS_MAX, GUESS_QUERIES_EVERY_MS, GUESS_QUERIES_MAX, GUESS_QUERIES_OF_HOST_MAX,
    GUESS_ROUTE_LIFE_MS, GUESS_ROUTES_MAX, QUERY_KEY_LIFE_MS,
};
use crate::base::mutant::mutant;
use crate::base::return_tokens::{ReturnToken, ReturnTokens};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::gnutella::wire::ggep::Value;
use crate::gnutella::wire::{Guid, Query};

/// How many queries are worked on.
const QUERIES: Seldom = Seldom {
    times: GUESS_QUERIES_OF_HOST_MAX,
    every_ms: GUESS_QUERIES_EVERY_MS,
    total: GUESS_QUERIES_MAX,
};

/// Who may ask by UDP, and where the hits of leaves go.
#[derive(Debug)]
pub struct GuessDesk {
    keys: ReturnTokens,
    worked_on: Done<Network>,
    routes: BTreeMap<Guid, Route>,
}

#[derive(Debug)]
struct Route {
    to: SocketAddr,
    /// Messages with hits that may still go there.
    left: u8,
    until: Time,
}

/// What to do with a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It has the right key.
    Right,
    /// It has a key, which is not the one of this address: this is the one.
    Wrong { key: ReturnToken },
    /// It has none, or this host asks too often, or too many do.
    Dropped,
}

impl GuessDesk {
    /// Nobody has asked.
    pub fn new(rng: &mut ChaCha8Rng, now: Time) -> Self {
        let keys = ReturnTokens::new(QUERY_KEY_LIFE_MS, rng, now);
        Self { keys, worked_on: Done::new(), routes: BTreeMap::new() }
    }

    /// The query key for an address (GUESS-03).
    pub fn key(&mut self, of: SocketAddr, rng: &mut ChaCha8Rng, now: Time) -> ReturnToken {
        self.keys.token(of, &[], rng, now)
    }

    /// A query came from an address.
    pub fn judge(
        &mut self,
        query: &Query,
        from: SocketAddr,
        rng: &mut ChaCha8Rng,
        now: Time,
    ) -> Judged {
        let Some(Value::Token(told)) = query.extensions.value("QK") else {
            return if mutant!(AnswersWithoutKey) { Judged::Right } else { Judged::Dropped };
        };
        if !self.keys.is_right(from, &[], &told, rng, now) && !mutant!(TakesKeysOfOthers) {
            return Judged::Wrong { key: self.key(from, rng, now) };
        }
        if self.worked_on.allow(QUERIES, Network::host(from.ip()), now) {
            Judged::Right
        } else {
            Judged::Dropped
        }
    }

    /// Hits of leaves for this query go there. False where there is no room, or the GUID has a way
    /// already.
    pub fn route(&mut self, query: Guid, to: SocketAddr, now: Time) -> bool {
        self.forget_old(now);
        if self.routes.len() >= GUESS_ROUTES_MAX || self.routes.contains_key(&query) {
            return false;
        }
        let until = now.after_ms(GUESS_ROUTE_LIFE_MS);
        self.routes.insert(query, Route { to, left: GUESS_HITS_MAX, until });
        true
    }

    /// Whether hits with this GUID answer a query that came by UDP.
    pub fn knows(&self, query: Guid) -> bool {
        self.routes.contains_key(&query)
    }

    /// A leaf has hits for such a query: where they go.
    pub fn way_of(&mut self, query: Guid, now: Time) -> Option<SocketAddr> {
        self.forget_old(now);
        let route = self.routes.get_mut(&query)?;
        route.left = route.left.checked_sub(1)?;
        Some(route.to)
    }

    /// When [`forget_old`](Self::forget_old) has something to do.
    pub fn next_timeout(&self) -> Option<Time> {
        self.routes.values().map(|route| route.until).min()
    }

    /// Forgets ways that no hits will go any more.
    pub fn forget_old(&mut self, now: Time) {
        self.routes.retain(|_, route| now < route.until);
    }

    /// How many ways back are known.
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// No way back is known.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }
}
