//! Pushes of ours: to servents from which we want a file and that nobody can reach; and those that others
//! ask us for over HTTP.

use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use bytes::{Bytes, BytesMut};

use super::Servent;
use crate::base::limits::OWN_PUSH_PROXIES_MAX;
use crate::base::time::Time;
use crate::gnutella::flow::Class;
use crate::gnutella::push_proxy::Requested;
use crate::gnutella::wire::ggep::Place;
use crate::gnutella::wire::{Frame, Function, GgepArea, Guid, Push};

impl Servent {
    /// Who takes pushes for us, as others are told.
    pub fn own_push_proxies(&self) -> impl Iterator<Item = SocketAddr> {
        self.push_proxies.addresses()
    }

    /// Asks a servent to connect to us and to offer the file with this index: by the way that its hits
    /// came, and by its push proxies (PUSH-17). To how many the push went.
    pub fn push_servent(
        &mut self,
        servent: Guid,
        index: u32,
        proxies: &[SocketAddr],
        now: Time,
    ) -> usize {
        let Some(listen) = self.listen_v4().filter(|_| servent != self.guid) else { return 0 };
        if !self.datagrams.enter().own_pushes.may_push(servent, now) {
            return 0;
        }
        let payload = push_to(listen, servent, index);
        self.push_by_links(servent, &payload, now)
            .saturating_add(self.push_by_datagrams(&payload, proxies, now))
    }

    fn push_by_links(&mut self, servent: Guid, payload: &Bytes, now: Time) -> usize {
        let ways = self.router.push_ways_from_here(servent, now);
        let frame = Frame {
            guid: self.fresh_guid(),
            function: Function::PUSH,
            ttl: self.settings.ttl.own_ttl,
            hops: 0,
            size_flags: None,
            payload: payload.clone(),
        };
        let mut count = 0_usize;
        for target in ways.iter() {
            self.push(target, Class::Push, frame.clone(), None, now);
            count = count.saturating_add(1);
        }
        count
    }

    fn push_by_datagrams(&mut self, payload: &Bytes, proxies: &[SocketAddr], now: Time) -> usize {
        let mut count = 0_usize;
        for proxy in proxies.iter().take(OWN_PUSH_PROXIES_MAX).copied() {
            let is_fit = self.settings.udp && self.is_answered(proxy);
            if is_fit && self.datagrams.enter().own_pushes.may_send(proxy.ip(), now) {
                let (guid, function) = (self.fresh_guid(), Function::PUSH);
                let payload = payload.clone();
                let frame = Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload };
                self.send_datagram(proxy, &frame);
                count = count.saturating_add(1);
            }
        }
        count
    }

    /// Somebody asks over HTTP, from this address, that a servent whose pushes we take connect to it
    /// (PUSH-18).
    pub fn push_for(
        &mut self,
        from: IpAddr,
        servent: Guid,
        to: SocketAddr,
        index: u32,
        now: Time,
    ) -> Requested {
        let (SocketAddr::V4(to), true) = (to, self.speaks_for_itself(from, to)) else {
            return Requested::Unfit;
        };
        let route = self.service.peek().and_then(|service| service.proxied.route(servent));
        let Some(leaf) = route else { return Requested::Gone };
        if !self.service.enter().requested.allow(servent, from, now) {
            return Requested::TooMany;
        }
        let (guid, function) = (self.fresh_guid(), Function::PUSH);
        let payload = push_to(to, servent, index);
        let frame = Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload };
        self.push(leaf, Class::Push, frame, None, now);
        Requested::Passed
    }

    /// Whether whoever calls from there may have somebody connect to this address: itself, and no
    /// service of another kind.
    fn speaks_for_itself(&self, from: IpAddr, to: SocketAddr) -> bool {
        from.to_canonical() == to.ip() && self.is_answered(to)
    }
}

/// A push that asks for a connection to this address.
fn push_to(address: SocketAddrV4, servent: Guid, index: u32) -> Bytes {
    let mut payload = BytesMut::new();
    let extensions = GgepArea::new(Bytes::new(), Place::Push);
    Push { servent, index, address: *address.ip(), port: address.port(), extensions }
        .encode(&mut payload);
    payload.freeze()
}
