use std::net::IpAddr;

use crate::base::addresses::Network;
use crate::base::limits::{
    DATAGRAM_PUSH_EVERY_MS, DATAGRAM_PUSHES_MAX, DATAGRAM_PUSHES_OF_HOST_MAX,
    DATAGRAM_PUSHES_SAME_MAX,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::slots::Slot;
use crate::base::time::Time;

/// Pushes that send one leaf to one host.
const SAME: Seldom = Seldom {
    times: DATAGRAM_PUSHES_SAME_MAX,
    every_ms: DATAGRAM_PUSH_EVERY_MS,
    total: DATAGRAM_PUSHES_MAX,
};

/// Pushes that send any leaf to one host.
const OF_HOST: Seldom = Seldom { times: DATAGRAM_PUSHES_OF_HOST_MAX, ..SAME };

/// Pushes for our leaves that come in datagrams. Their senders may be forged, and each push has somebody
/// connect to the host that it names: so few are passed on (PUSH-15).
#[derive(Clone, Debug, Default)]
pub struct DatagramPushes {
    same: Done<(Slot, Network)>,
    of_host: Done<Network>,
}

impl DatagramPushes {
    /// Whether a push goes to this leaf, which sends it to this host; if so, it counts as sent.
    pub fn allow(&mut self, leaf: Slot, to: IpAddr, now: Time) -> bool {
        let host = Network::host(to);
        let is_new = self.same.count(SAME, (leaf, host), now) < SAME.times;
        let may = is_new && self.of_host.allow(OF_HOST, host, now);
        if may {
            self.same.note((leaf, host), now);
        }
        may
    }

    /// None was passed on lately, as of the last call.
    pub fn is_empty(&self) -> bool {
        self.of_host.is_empty()
    }
}
