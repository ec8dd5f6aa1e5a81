use crate::base::limits::{
    NODE_INFO_EVERY_MS, NODE_INFOS_BURST, PUSH_EVERY_MS, PUSHES_BURST, SEARCHES_A_SECOND,
    SEARCHES_BURST, SHARES_A_SECOND, SHARES_BURST,
};
use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};
use crate::fasttrack::wire::Kind;

const SHARES: Rate = Rate::per_second(SHARES_A_SECOND, SHARES_BURST);
const SEARCHES: Rate = Rate::per_second(SEARCHES_A_SECOND, SEARCHES_BURST);
const PUSHES: Rate = Rate { tokens: 1, every_ms: PUSH_EVERY_MS, burst: PUSHES_BURST };
const NODE_INFOS: Rate = Rate { tokens: 1, every_ms: NODE_INFO_EVERY_MS, burst: NODE_INFOS_BURST };

/// How many messages the other side may send that cost more than reading (FTSAFE-07).
#[derive(Debug)]
pub(super) struct Pace {
    shares: TokenBucket,
    searches: TokenBucket,
    pushes: TokenBucket,
    node_infos: TokenBucket,
}

impl Pace {
    pub(super) const fn new(now: Time) -> Self {
        Self {
            shares: TokenBucket::full(SHARES, now),
            searches: TokenBucket::full(SEARCHES, now),
            pushes: TokenBucket::full(PUSHES, now),
            node_infos: TokenBucket::full(NODE_INFOS, now),
        }
    }

    /// Whether a message may be taken now; if not, when.
    pub(super) fn take(&mut self, kind: Kind, now: Time) -> Result<(), Time> {
        let (bucket, rate) = match kind.0 {
            0x05 | 0x22 => (&mut self.shares, SHARES),
            0x06 => (&mut self.searches, SEARCHES),
            0x0d => (&mut self.pushes, PUSHES),
            0x02 => (&mut self.node_infos, NODE_INFOS),
            _ => return Ok(()),
        };
        if bucket.take(rate, 1, now) { Ok(()) } else { Err(bucket.due(rate, 1, now)) }
    }
}
