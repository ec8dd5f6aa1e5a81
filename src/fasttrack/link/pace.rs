use crate::base::limits::{
    SESSION_NODE_INFO_EVERY_MS, SESSION_NODE_INFOS_BURST, SESSION_PUSH_EVERY_MS,
    SESSION_PUSHES_BURST, SESSION_SEARCHES_A_SECOND, SESSION_SEARCHES_BURST,
    SESSION_SHARES_A_SECOND, SESSION_SHARES_BURST,
};
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};
use crate::fasttrack::wire::Kind;

const SHARES: Rate = Rate::per_second(SESSION_SHARES_A_SECOND, SESSION_SHARES_BURST);
const SEARCHES: Rate = Rate::per_second(SESSION_SEARCHES_A_SECOND, SESSION_SEARCHES_BURST);
const PUSHES: Rate =
    Rate { tokens: 1, every_ms: SESSION_PUSH_EVERY_MS, burst: SESSION_PUSHES_BURST };
const NODE_INFOS: Rate =
    Rate { tokens: 1, every_ms: SESSION_NODE_INFO_EVERY_MS, burst: SESSION_NODE_INFOS_BURST };

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
            0x06 if !mutant!(TakesSearchesAtAnyPace) => (&mut self.searches, SEARCHES),
            0x0d if !mutant!(TakesPushesAtAnyPace) => (&mut self.pushes, PUSHES),
            0x02 => (&mut self.node_infos, NODE_INFOS),
            _ => return Ok(()),
        };
        if bucket.take(rate, 1, now) { Ok(()) } else { Err(bucket.due(rate, 1, now)) }
    }
}
