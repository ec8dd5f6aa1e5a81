use std::net::IpAddr;

use crate::base::addresses::Network;
use crate::base::limits::{
    OWN_PUSH_EVERY_MS, OWN_PUSHES_MAX, OWN_PUSHES_OF_HOST_MAX, OWN_PUSHES_OF_SERVENT_MAX,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::gnutella::wire::Guid;

/// Pushes for one servent.
const OF_SERVENT: Seldom =
    Seldom { times: OWN_PUSHES_OF_SERVENT_MAX, every_ms: OWN_PUSH_EVERY_MS, total: OWN_PUSHES_MAX };

/// Pushes in datagrams to one host.
const OF_HOST: Seldom = Seldom { times: OWN_PUSHES_OF_HOST_MAX, ..OF_SERVENT };

/// Pushes of ours (PUSH-17). Hits come from anybody, and name whom they want as their push proxies: so
/// few of our pushes go to one host.
#[derive(Clone, Debug, Default)]
pub struct OwnPushes {
    of_servent: Done<Guid>,
    of_host: Done<Network>,
}

impl OwnPushes {
    /// Whether this servent is pushed now; if so, it counts as pushed.
    pub fn may_push(&mut self, servent: Guid, now: Time) -> bool {
        self.of_servent.allow(OF_SERVENT, servent, now)
    }

    /// Whether a push goes to this proxy; if so, it counts as sent.
    pub fn may_send(&mut self, proxy: IpAddr, now: Time) -> bool {
        self.of_host.allow(OF_HOST, Network::host(proxy), now)
    }

    /// None was sent lately, as of the last call.
    pub fn is_empty(&self) -> bool {
        self.of_servent.is_empty() && self.of_host.is_empty()
    }
}
