use std::collections::BTreeMap;
use std::net::{SocketAddr, SocketAddrV4};

use super::{Version, v4_of};
use crate::base::addresses::Network;
use crate::base::limits::{
    INDICATIONS_MAX, OFFER_LIFE_MS, OFFERS_MAX, OFFERS_OF_HOST_MAX, UNCLAIMED_BAN_MS,
    UNCLAIMED_EVERY_MS, UNCLAIMED_MAX,
};
use crate::base::mutant::mutant;
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::gnutella::wire::ggep::Value;
use crate::gnutella::wire::vendor::{Body, MessageId, OutOfBandClaim, OutOfBandIndication};
use crate::gnutella::wire::{Frame, Guid, Record, Vendor};

/// Bytes of an indication: no query that is shorter is answered with one (UDP-10).
pub const INDICATION_LEN: usize = 33;

/// Indications to one host that may stay without an answer.
const UNCLAIMED: Seldom =
    Seldom { times: UNCLAIMED_MAX, every_ms: UNCLAIMED_EVERY_MS, total: INDICATIONS_MAX };

/// Hosts that are told of no hits.
const BANNED: Seldom = Seldom { times: 1, every_ms: UNCLAIMED_BAN_MS, total: INDICATIONS_MAX };

/// Hits of ours that others were told of, until they ask for them.
///
/// The address in a query can be anybody's. So whoever is told of hits gets no more bytes than the query
/// had, once; a host that never answers is left alone; and what is claimed waits until the host has shown
/// that it gets what is sent to it.
#[derive(Debug, Default)]
pub struct Offers {
    kept: BTreeMap<Guid, Offer>,
    unclaimed: Done<Network>,
    banned: Done<Network>,
}

#[derive(Debug)]
struct Offer {
    to: SocketAddrV4,
    version: Version,
    records: Vec<Record>,
    /// Its token once somebody has claimed them, empty where it has none.
    claimed: Option<Vec<u8>>,
    until: Time,
}

/// Hits that somebody asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Offered {
    pub records: Vec<Record>,
    /// What is told with them, so that they are known to come from whoever was asked.
    pub token: Vec<u8>,
}

impl Offers {
    /// Keeps the hits of a query: the message that tells of them. None where this host is told of none by
    /// UDP now; then they go the way that the query came.
    pub fn offer(
        &mut self,
        query: Guid,
        to: SocketAddrV4,
        version: Version,
        records: Vec<Record>,
        now: Time,
    ) -> Option<Frame> {
        self.forget_old(now);
        let host = Network::host((*to.ip()).into());
        let of_host = self.kept.values().filter(|offer| offer.to.ip() == to.ip()).count();
        let has_room = self.kept.len() < OFFERS_MAX
            && of_host < usize::from(OFFERS_OF_HOST_MAX)
            && self.unclaimed.count(UNCLAIMED, host, now) < UNCLAIMED_MAX
            && self.unclaimed.len() < INDICATIONS_MAX
            && !self.banned.was_done(BANNED, host, now);
        if !has_room || records.is_empty() || self.kept.contains_key(&query) {
            return None;
        }
        let hits = u8::try_from(records.len()).unwrap_or(u8::MAX);
        let until = now.after_ms(OFFER_LIFE_MS);
        self.kept.insert(query, Offer { to, version, records, claimed: None, until });
        // Whoever takes hits for its leaf would else let the leaf claim them, to which none would go.
        let body = Body::OutOfBandIndication(OutOfBandIndication::new(hits, false, false));
        let id = match version {
            Version::Plain => MessageId::OUT_OF_BAND_INDICATION_V2,
            Version::Secure => MessageId::OUT_OF_BAND_INDICATION_V3,
        };
        Some(Vendor::new(id, body).into_frame(query))
    }

    /// Somebody asks for the hits of a query: the host for which they wait now. None where it is not the
    /// host that was told of them, or has no token and should have one, or wants none.
    pub fn claim(
        &mut self,
        query: Guid,
        from: SocketAddr,
        claim: &OutOfBandClaim,
        now: Time,
    ) -> Option<SocketAddrV4> {
        self.forget_old(now);
        let offer = self.kept.get_mut(&query)?;
        if mutant!(GivesHitsElsewhere)
            && let Some(from) = v4_of(from)
        {
            offer.to = from;
        }
        if v4_of(from) != Some(offer.to) || offer.claimed.is_some() {
            return None;
        }
        let token = match claim.extensions.as_ref().and_then(|area| area.value("SO")) {
            Some(Value::Token(token)) if !token.is_empty() => token,
            _ if offer.version == Version::Secure => return None,
            _ => Vec::new(),
        };
        if claim.wanted == 0 {
            self.kept.remove(&query);
            return None;
        }
        if claim.wanted < u8::MAX {
            offer.records.truncate(claim.wanted.into());
        }
        offer.claimed = Some(token);
        offer.until = now.after_ms(OFFER_LIFE_MS);
        Some(offer.to)
    }

    /// A host has shown that it gets what is sent to it: all hits that were claimed for it, each with its
    /// query. They are not kept any longer.
    pub fn take_claimed(&mut self, host: SocketAddrV4) -> Vec<(Guid, Offered)> {
        let is_due = |offer: &Offer| offer.to == host && offer.claimed.is_some();
        let taken = self.take_where(is_due).into_iter().map(|(query, offer)| {
            let (records, token) = (offer.records, offer.claimed.unwrap_or_default());
            (query, Offered { records, token })
        });
        taken.collect()
    }

    fn take_where(&mut self, is_taken: impl Fn(&Offer) -> bool) -> Vec<(Guid, Offer)> {
        let queries: Vec<Guid> = self
            .kept
            .iter()
            .filter(|(_, offer)| is_taken(offer))
            .map(|(query, _)| *query)
            .collect();
        let take = |query| Some((query, self.kept.remove(&query)?));
        queries.into_iter().filter_map(take).collect()
    }

    /// When [`forget_old`](Self::forget_old) has something to do.
    pub fn next_timeout(&self) -> Option<Time> {
        self.kept.values().map(|offer| offer.until).min()
    }

    /// Forgets hits that nobody has asked for, or that nobody gets, and takes note of where that was.
    pub fn forget_old(&mut self, now: Time) {
        for (_, offer) in self.take_where(|offer| offer.until <= now) {
            let host = Network::host((*offer.to.ip()).into());
            let before = self.unclaimed.count(UNCLAIMED, host, now);
            self.unclaimed.note(host, now);
            // Whoever does not answer pings gets its hits over connections.
            if offer.claimed.is_some() || before.saturating_add(1) >= UNCLAIMED_MAX {
                self.banned.allow(BANNED, host, now);
            }
        }
    }

    /// How many queries there are whose hits wait.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// There is nothing to remember.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.unclaimed.is_empty() && self.banned.is_empty()
    }
}
