use std::collections::BTreeMap;

use super::VisitId;
use crate::base::addresses::Network;
use crate::base::limits::{
    BROWSE_EVERY_MS, BROWSES_MAX, BROWSES_PER_HOST, QUICK_MAX, QUICK_PER_HOST_MAX,
    QUICK_PER_MINUTE, QUICK_PER_MINUTE_MAX,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;

const REQUESTS: Seldom =
    Seldom { times: QUICK_PER_MINUTE, every_ms: 60_000, total: QUICK_PER_MINUTE_MAX };
const LISTS: Seldom =
    Seldom { times: BROWSES_PER_HOST, every_ms: BROWSE_EVERY_MS, total: BROWSES_MAX };

/// What needs no slot, and is not without bounds for that.
#[derive(Debug, Default)]
pub(super) struct Quick {
    asked: Done<Network>,
    listed: Done<Network>,
    running: BTreeMap<VisitId, Network>,
}

impl Quick {
    /// Whether this host may ask for something now.
    pub(super) fn hear(&mut self, host: Network, now: Time) -> bool {
        self.asked.allow(REQUESTS, host, now)
    }

    /// Whether this host gets the list of all files now.
    pub(super) fn list(&mut self, host: Network, now: Time) -> bool {
        self.listed.allow(LISTS, host, now)
    }

    /// Whether one more small answer may be under way.
    pub(super) fn begin(&mut self, visit: VisitId, host: Network) -> bool {
        let of_host = self.running.values().filter(|other| **other == host).count();
        let has_room = self.running.len() < QUICK_MAX && of_host < QUICK_PER_HOST_MAX;
        if has_room {
            self.running.insert(visit, host);
        }
        has_room
    }

    pub(super) fn end(&mut self, visit: VisitId) {
        self.running.remove(&visit);
    }
}
