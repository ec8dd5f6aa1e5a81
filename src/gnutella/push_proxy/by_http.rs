use std::net::IpAddr;

use crate::base::addresses::Network;
use crate::base::limits::{
    REQUESTED_PUSHES_EVERY_MS, REQUESTED_PUSHES_MAX, REQUESTED_PUSHES_OF_HOST_MAX,
    REQUESTED_PUSHES_OF_SERVENT_MAX,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::gnutella::wire::Guid;

/// Pushes for one servent.
const OF_SERVENT: Seldom = Seldom {
    times: REQUESTED_PUSHES_OF_SERVENT_MAX,
    every_ms: REQUESTED_PUSHES_EVERY_MS,
    total: REQUESTED_PUSHES_MAX,
};

/// Pushes of one host.
const OF_HOST: Seldom = Seldom { times: REQUESTED_PUSHES_OF_HOST_MAX, ..OF_SERVENT };

/// What became of a push that somebody asked for over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requested {
    /// It is on its way: 202.
    Passed,
    /// We take no pushes for that servent, or not any more: 410.
    Gone,
    /// It names an address that strangers do not have, or somebody else's: 400.
    Unfit,
    /// There were too many of late: 503.
    TooMany,
}

/// Pushes for our leaves that are asked for over HTTP (PUSH-18).
#[derive(Clone, Debug, Default)]
pub struct RequestedPushes {
    of_servent: Done<Guid>,
    of_host: Done<Network>,
}

impl RequestedPushes {
    /// Whether a push for this servent, which this host asks for, is passed on; if so, it counts as
    /// passed on.
    pub fn allow(&mut self, servent: Guid, host: IpAddr, now: Time) -> bool {
        let is_new = self.of_servent.count(OF_SERVENT, servent, now) < OF_SERVENT.times;
        let may = is_new && self.of_host.allow(OF_HOST, Network::host(host), now);
        if may {
            self.of_servent.note(servent, now);
        }
        may
    }

    /// None was passed on lately, as of the last call.
    pub fn is_empty(&self) -> bool {
        self.of_host.is_empty()
    }
}
