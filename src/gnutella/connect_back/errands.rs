use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use crate::base::addresses::Network;
use crate::base::limits::{
    CALLED_PORT_MIN, CONNECT_BACK_EVERY_MS, CONNECT_BACKS_MAX, CRAWLER_EVERY_MS, CRAWLERS_MAX,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Function, Guid};

/// How often we connect, or send a ping, to one host that asks for it.
const BACK: Seldom = Seldom { times: 1, every_ms: CONNECT_BACK_EVERY_MS, total: CONNECT_BACKS_MAX };

/// How often we tell one host about our neighbours.
const CRAWL: Seldom = Seldom { times: 1, every_ms: CRAWLER_EVERY_MS, total: CRAWLERS_MAX };

/// What others send us to do, within strict limits: to the asker itself, seldom, and nothing that
/// is worth more than what it costs to ask (VMSG-51, VMSG-53).
#[derive(Clone, Debug, Default)]
pub struct Errands {
    connected: Done<Network>,
    pinged: Done<Network>,
    crawled: Done<Network>,
}

impl Errands {
    /// Nothing was done yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A neighbour at this address asks for a connection to this port of its own (BEAR/7). Where to
    /// connect to, if we do.
    pub fn connect_back(&mut self, peer: IpAddr, port: u16, now: Time) -> Option<SocketAddr> {
        let may = port >= CALLED_PORT_MIN && self.connected.allow(BACK, Network::host(peer), now);
        may.then(|| SocketAddr::new(peer, port))
    }

    /// The same by UDP (GTKG/7): where to send the ping with this GUID, and the ping.
    pub fn ping_back(
        &mut self,
        peer: IpAddr,
        port: u16,
        guid: Guid,
        now: Time,
    ) -> Option<(SocketAddr, Frame)> {
        let may = port >= CALLED_PORT_MIN && self.pinged.allow(BACK, Network::host(peer), now);
        let ping = Frame {
            guid,
            function: Function::PING,
            ttl: 1,
            hops: 0,
            size_flags: None,
            payload: Bytes::new(),
        };
        may.then(|| (SocketAddr::new(peer, port), ping))
    }

    /// Whether a crawler at this address, which is what it claims and no more, is told about our
    /// neighbours.
    pub fn answer_crawler(&mut self, asker: IpAddr, now: Time) -> bool {
        self.crawled.allow(CRAWL, Network::host(asker), now)
    }
}
