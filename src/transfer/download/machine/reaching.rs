//! What becomes of calls: ours, and those of sources.

use super::Download;
use crate::base::addresses::is_public;
use crate::base::limits::SOURCE_RETRY_MIN_MS;
use crate::base::time::Time;
use crate::transfer::download::contract::{CallFailure, Finding, Origin, SourceId};
use crate::transfer::download::source::Phase;

/// Milliseconds until another way is tried at the same source.
const OTHER_WAY_MS: u64 = 1_000;

impl Download {
    /// Nobody was called, or nobody was there.
    pub(super) fn connect_failed(&mut self, id: SourceId, why: CallFailure, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        if !matches!(source.phase, Phase::Calling { .. }) {
            return;
        }
        self.needs_work = true;
        let can_be_pushed = self.rules.is_reachable && source.finding.can_be_pushed();
        match why {
            // Perhaps it can call us.
            CallFailure::Unreachable if !source.finding.is_firewalled && can_be_pushed => {
                source.finding.is_firewalled = true;
                source.wait(OTHER_WAY_MS, now);
            }
            CallFailure::NotSecret => {
                source.finding.takes_tls = false;
                source.wait(OTHER_WAY_MS, now);
            }
            CallFailure::NoLine => {
                source.has_no_line = true;
                source.wait(SOURCE_RETRY_MIN_MS, now);
            }
            CallFailure::Later { wait_ms } => source.wait(wait_ms.max(OTHER_WAY_MS), now),
            CallFailure::NoWay => self.no_way(id, now),
            CallFailure::Unreachable | CallFailure::Spared => self.not_there(id, now),
        }
    }

    /// Nobody can ask it to call us. Perhaps it can be called, whatever its hit says (PUSH-25).
    fn no_way(&mut self, id: SourceId, now: Time) {
        self.not_there(id, now);
        let allow_private = self.rules.allow_private;
        let Some(source) = self.sources.get_mut(&id).filter(|source| !source.is_dropped()) else {
            return;
        };
        if names_itself(&source.finding)
            && (allow_private || is_public(source.finding.address.ip()))
            && source.failures == 1
        {
            source.finding.is_firewalled = false;
            source.wait(OTHER_WAY_MS, now);
        }
    }

    /// It is our turn in its queue: it is asked at once over the connection that stands (QUEUE-06).
    pub(super) fn our_turn(&mut self, id: SourceId, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        if matches!(source.phase, Phase::Queued { .. }) {
            source.rate.excuse(now);
            source.phase = Phase::Ready { since: now };
            self.needs_work = true;
        }
    }
}

/// Whether the address is that of the servent, and not that of one of its proxies.
fn names_itself(finding: &Finding) -> bool {
    finding.origin == Origin::Hit && finding.address.port() != 0
}
