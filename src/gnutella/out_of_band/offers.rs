use std::collections::BTreeMap;
use std::net::{SocketAddr, SocketAddrV4};

use super::Version;
use crate::base::addresses::Network;
use crate::base::limits::{
    INDICATIONS_MAX, OFFER_LIFE_MS, OFFERS_MAX, OFFERS_OF_HOST_MAX, UNCLAIMED_BAN_MS,
    UNCLAIMED_EVERY_MS, UNCLAIMED_MAX,
};
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
/// had, once; and a host that never answers is left alone.
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
        self.kept.insert(query, Offer { to, version, records, until });
        // Whoever takes hits for its leaf would else let the leaf claim them, to which none would go.
        let body = Body::OutOfBandIndication(OutOfBandIndication::new(hits, false, false));
        let id = match version {
            Version::Plain => MessageId::OUT_OF_BAND_INDICATION_V2,
            Version::Secure => MessageId::OUT_OF_BAND_INDICATION_V3,
        };
        Some(Vendor::new(id, body).into_frame(query))
    }

    /// Somebody asks for the hits of a query: those that it gets, which are not kept any longer. None
    /// where it is not the host that was told of them, or has no token and should have one.
    pub fn claim(
        &mut self,
        query: Guid,
        from: SocketAddr,
        claim: &OutOfBandClaim,
        now: Time,
    ) -> Option<Offered> {
        self.forget_old(now);
        let offer = self.kept.get(&query)?;
        if from.ip().to_canonical() != *offer.to.ip() {
            return None;
        }
        let token = match claim.extensions.as_ref().and_then(|area| area.value("SO")) {
            Some(Value::Token(token)) if !token.is_empty() => token,
            _ if offer.version == Version::Secure => return None,
            _ => Vec::new(),
        };
        let mut records = self.kept.remove(&query)?.records;
        if claim.wanted < u8::MAX {
            records.truncate(claim.wanted.into());
        }
        Some(Offered { records, token })
    }

    /// When [`forget_old`](Self::forget_old) has something to do.
    pub fn next_timeout(&self) -> Option<Time> {
        self.kept.values().map(|offer| offer.until).min()
    }

    /// Forgets hits that nobody has asked for, and takes note of who did not.
    pub fn forget_old(&mut self, now: Time) {
        let is_over = |offer: &Offer| offer.until <= now;
        while let Some((query, host)) = self.kept.iter().find_map(|(query, offer)| {
            is_over(offer).then(|| (*query, Network::host((*offer.to.ip()).into())))
        }) {
            self.kept.remove(&query);
            let before = self.unclaimed.count(UNCLAIMED, host, now);
            self.unclaimed.note(host, now);
            if before.saturating_add(1) >= UNCLAIMED_MAX {
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
