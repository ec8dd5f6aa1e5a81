use crate::base::limits::{
    FASTTRACK_INTRODUCTIONS, FASTTRACK_PUSHES, FASTTRACK_SEARCHES, FASTTRACK_SHARES,
};
use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};
use crate::fasttrack::wire::Kind;

/// What a child may ask for that costs more than reading (FTSAFE-07).
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    shares: TokenBucket,
    searches: TokenBucket,
    pushes: TokenBucket,
    introductions: TokenBucket,
}

impl Budget {
    pub(super) const fn full(now: Time) -> Self {
        Self {
            shares: TokenBucket::full(FASTTRACK_SHARES, now),
            searches: TokenBucket::full(FASTTRACK_SEARCHES, now),
            pushes: TokenBucket::full(FASTTRACK_PUSHES, now),
            introductions: TokenBucket::full(FASTTRACK_INTRODUCTIONS, now),
        }
    }

    /// Takes what such a message costs, or tells when there will be enough.
    pub(super) fn take(&mut self, kind: Kind, now: Time) -> Result<(), Time> {
        let Some((bucket, rate)) = self.bucket(kind) else { return Ok(()) };
        if bucket.take(rate, 1, now) { Ok(()) } else { Err(bucket.when(rate, 1, now)) }
    }

    const fn bucket(&mut self, kind: Kind) -> Option<(&mut TokenBucket, Rate)> {
        match kind {
            Kind::SHARE | Kind::UNSHARE => Some((&mut self.shares, FASTTRACK_SHARES)),
            Kind::SEARCH => Some((&mut self.searches, FASTTRACK_SEARCHES)),
            Kind::PUSH => Some((&mut self.pushes, FASTTRACK_PUSHES)),
            Kind::NODE_INFO => Some((&mut self.introductions, FASTTRACK_INTRODUCTIONS)),
            _ => None,
        }
    }
}
