use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use rand::rngs::ChaCha8Rng;

use super::Version;
use crate::base::limits::{
    CLAIM_LIFE_MS, CLAIM_RESULTS_MAX, CLAIMS_MAX, CLAIMS_OF_SEARCH_MAX, HIT_TOKEN_LIFE_MS,
};
use crate::base::return_tokens::ReturnTokens;
use crate::base::time::Time;
use crate::gnutella::wire::ggep::{Oversize, Place, Value, Writer};
use crate::gnutella::wire::vendor::{Body, MessageId, OutOfBandClaim};
use crate::gnutella::wire::{Frame, GgepArea, Guid, QueryHit, Vendor};

/// Hits of others that we have asked for.
///
/// What comes by UDP counts where it was asked for: from the host that was asked, with the token that it
/// was given, and no more results than it has told of (OOB-08).
#[derive(Debug)]
pub struct Claims {
    asked: BTreeMap<(Guid, SocketAddr), Claim>,
    tokens: ReturnTokens,
}

#[derive(Debug)]
struct Claim {
    version: Version,
    /// Results that were asked for, as the token says.
    wanted: u8,
    /// Those of them that have not come.
    left: u8,
    until: Time,
}

impl Claims {
    /// Nothing was asked for.
    pub fn new(rng: &mut ChaCha8Rng, now: Time) -> Self {
        let tokens = ReturnTokens::new(HIT_TOKEN_LIFE_MS, rng, now);
        Self { asked: BTreeMap::new(), tokens }
    }

    /// Somebody tells of hits for a query of ours: the message that asks for them. None where it was asked
    /// already, or there is no room.
    pub fn claim(
        &mut self,
        query: Guid,
        from: SocketAddr,
        hits: u8,
        version: Version,
        rng: &mut ChaCha8Rng,
        now: Time,
    ) -> Option<Frame> {
        self.forget_old(now);
        let of_search = self.asked.keys().filter(|(other, _)| *other == query).count();
        let has_room =
            self.asked.len() < CLAIMS_MAX && of_search < usize::from(CLAIMS_OF_SEARCH_MAX);
        let key = (query, from);
        if hits == 0 || from.port() == 0 || !has_room || self.asked.contains_key(&key) {
            return None;
        }
        let wanted = hits.min(CLAIM_RESULTS_MAX);
        let until = now.after_ms(CLAIM_LIFE_MS);
        self.asked.insert(key, Claim { version, wanted, left: wanted, until });
        let (id, extensions) = match version {
            Version::Plain => (MessageId::OUT_OF_BAND_CLAIM_V2, None),
            Version::Secure => {
                let token = self.tokens.token(from, &claimed(query, wanted), rng, now);
                (MessageId::OUT_OF_BAND_CLAIM_V3, Some(token_area(&token, Place::Vendor)))
            }
        };
        let body = Body::OutOfBandClaim(OutOfBandClaim { wanted, extensions });
        Some(Vendor::new(id, body).into_frame(query))
    }

    /// Hits came: whether they were asked for.
    pub fn take(
        &mut self,
        query: Guid,
        from: SocketAddr,
        hit: &QueryHit,
        rng: &mut ChaCha8Rng,
        now: Time,
    ) -> bool {
        self.forget_old(now);
        let Self { asked, tokens } = self;
        let Some(claim) = asked.get_mut(&(query, from)) else { return false };
        let results = u8::try_from(hit.records.len()).unwrap_or(u8::MAX);
        if claim.version == Version::Secure {
            let told = hit.trailer.as_ref().and_then(|trailer| trailer.extensions().value("SO"));
            let Some(Value::Token(told)) = told else { return false };
            if !tokens.is_right(from, &claimed(query, claim.wanted), &told, rng, now) {
                return false;
            }
        }
        let Some(left) = claim.left.checked_sub(results) else { return false };
        claim.left = left;
        true
    }

    /// When [`forget_old`](Self::forget_old) has something to do.
    pub fn next_timeout(&self) -> Option<Time> {
        self.asked.values().map(|claim| claim.until).min()
    }

    /// Forgets hits that have not come.
    pub fn forget_old(&mut self, now: Time) {
        self.asked.retain(|_, claim| now < claim.until);
    }

    /// How many hosts were asked, once for each query.
    pub fn len(&self) -> usize {
        self.asked.len()
    }

    /// Nothing is expected.
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }
}

/// What a token stands for beside the address.
fn claimed(query: Guid, wanted: u8) -> [u8; 17] {
    let mut what = [wanted; 17];
    for (to, from) in what.iter_mut().zip(query.0) {
        *to = from;
    }
    what
}

/// GGEP SO with a token.
pub(super) fn token_area(token: &[u8], place: Place) -> GgepArea {
    let mut writer = Writer::new();
    // A token has 16 bytes at most.
    let _: Result<&mut Writer, Oversize> =
        writer.put_value("SO", place, &Value::Token(token.to_vec()));
    let bytes: Bytes = writer.finish();
    GgepArea::new(bytes, place)
}
