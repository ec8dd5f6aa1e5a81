//! Vendor messages in use: what a neighbour says of itself, connect-back, push proxies, guidance.

use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use super::{Neighbour, Output, Protocol, Servent};
use crate::base::addresses::is_public;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::announced::Abilities;
use crate::gnutella::connect_back::{Helper, Reach};
use crate::gnutella::router::Onward;
use crate::gnutella::wire::vendor::{Body, UdpConnectBack};
use crate::gnutella::wire::{Datagram, Frame, Guid, Vendor};

impl Servent {
    /// A vendor message of a neighbour. It never goes further (VMSG-48).
    pub(super) fn receive_vendor(&mut self, slot: Slot, frame: &Frame, now: Time) {
        if mutant!(ForwardsVendorMessages) {
            self.flood(slot, frame, Some(Onward { ttl: 1, hops: 1 }), now);
        }
        let vendor = match Vendor::decode(&frame.payload) {
            Ok(vendor) => vendor,
            Err(fault) => return self.blame(slot, fault.into()),
        };
        if self.announced.receive(slot, &vendor) {
            return self.hear_abilities(slot, now);
        }
        let Some(neighbour) = self.neighbours.get(slot) else { return };
        let (is_leaf, ip) = (neighbour.is_leaf(), neighbour.address.ip());
        match vendor.body {
            Body::TcpConnectBack(asked) => {
                if let Some(to) = self.service.enter().errands.connect_back(ip, asked.port, now) {
                    self.out.push_back(Output::ConnectBack { to });
                }
            }
            Body::UdpConnectBack(asked) => self.ping_back(ip, asked, frame.guid, now),
            Body::QueryStatusRequest if neighbour.is_ultrapeer() => {
                self.tell_status(slot, frame.guid, now);
            }
            Body::QueryStatus(status) if is_leaf => {
                if let Some(service) = self.service.peek_mut() {
                    let queries = &mut service.dynamic_queries;
                    queries.status(slot, frame.guid, status.results, now);
                }
            }
            Body::PushProxyRequest if is_leaf || mutant!(IsProxyForUltrapeers) => {
                self.take_pushes_for(slot, frame.guid, now);
            }
            Body::PushProxyAcknowledgement(answer) => {
                self.push_proxies.acknowledged(slot, ip, frame.guid, answer);
            }
            Body::PushProxyCancel if is_leaf => {
                if let Some(service) = self.service.peek_mut()
                    && !mutant!(SendsPushesAfterAll)
                {
                    service.proxied.close(slot);
                }
            }
            _ => {}
        }
    }

    /// A leaf wants us to take its pushes (VMSG-56). Whoever has told another GUID in the handshake, or
    /// that of somebody else, asks for somebody else's pushes.
    fn take_pushes_for(&mut self, leaf: Slot, servent: Guid, now: Time) {
        let Some(own) = self.neighbours.get(leaf).map(|neighbour| neighbour.servent) else {
            return;
        };
        let is_others = |(slot, other): (Slot, &Neighbour)| {
            slot != leaf && other.is_leaf() && other.servent == Some(servent)
        };
        let is_stolen = match own {
            Some(own) => own != servent,
            None => self.neighbours.iter().any(is_others),
        };
        if is_stolen && !mutant!(GivesPushesAway) || servent == self.guid {
            return;
        }
        let ours = self.listen_v4();
        let proxied = &mut self.service.enter().proxied;
        // Of two that bear it by their handshakes, nobody knows which is the true one (HAND-42).
        let bears_it = |slot: Slot| {
            self.neighbours.get(slot).is_some_and(|other| other.servent == Some(servent))
        };
        if own.is_some()
            && let Some(other) = proxied.route(servent).filter(|other| !bears_it(*other))
        {
            proxied.close(other);
        }
        let answer = proxied.requested(leaf, servent, ours, now);
        self.send_all(answer.map(|frame| (leaf, frame)), now);
    }

    /// A neighbour has told what it can do: what waited for that is done now.
    fn hear_abilities(&mut self, slot: Slot, now: Time) {
        let is_ultrapeer = self.neighbours.get(slot).is_some_and(Neighbour::is_ultrapeer);
        if !is_ultrapeer {
            return;
        }
        self.ask_for_pushes(slot, now);
        self.ask_for_connect_backs(now);
    }

    /// Asks an ultrapeer to take our pushes, if nobody is known to reach us.
    fn ask_for_pushes(&mut self, slot: Slot, now: Time) {
        let can = self.announced.abilities(slot).contain(Abilities::PUSH_PROXY_REQUEST);
        if can && self.role.is_leaf() && !self.is_reachable() {
            let asked = self.push_proxies.ask(slot, self.guid, now);
            self.send_all(asked.map(|frame| (slot, frame)), now);
        }
    }

    /// Asks neighbours to try whether we can be reached, if it is time to.
    pub(super) fn ask_for_connect_backs(&mut self, now: Time) {
        let mut frames = Vec::new();
        let announced = &self.announced;
        let helpers = self
            .neighbours
            .iter()
            .filter(|(_, neighbour)| neighbour.is_ultrapeer() && !neighbour.is_leaving)
            .map(|(slot, _)| Helper { slot, abilities: announced.abilities(slot) });
        let was_reachable = self.is_reachable();
        let missed = self.reachability.timeout(now, helpers, self.rng.wake(), &mut frames);
        self.send_all(frames, now);
        for (was_missed, protocol) in [(missed.tcp, Protocol::Tcp), (missed.udp, Protocol::Udp)] {
            if was_missed {
                self.out.push_back(Output::Missed { protocol });
            }
        }
        if was_reachable && !self.is_reachable() {
            let all: Vec<Slot> = self.neighbours.iter().map(|(slot, _)| slot).collect();
            all.into_iter().for_each(|slot| self.ask_for_pushes(slot, now));
        }
    }

    /// Whoever sits in the same house proves nothing.
    pub(super) fn may_prove(&self, from: IpAddr) -> bool {
        self.settings.allow_private || is_public(from)
    }

    /// Somebody connected to us from this address: nobody who cannot reach us could.
    pub fn was_reached(&mut self, from: IpAddr, now: Time) {
        if !self.may_prove(from) {
            return;
        }
        let was_proven = self.reachability.tcp() == Reach::Proven;
        self.reachability.connected(now);
        if self.reachability.tcp() != Reach::Proven {
            return;
        }
        self.out.push_back(Output::Reached { protocol: Protocol::Tcp, from });
        if !was_proven {
            let mut frames = Vec::new();
            self.push_proxies.cancel(&mut frames);
            self.send_all(frames, now);
        }
    }

    fn ping_back(&mut self, ip: IpAddr, asked: UdpConnectBack, message: Guid, now: Time) {
        let guid = asked.guid.unwrap_or(message);
        if let Some((to, frame)) = self.service.enter().errands.ping_back(ip, asked.port, guid, now)
        {
            self.send_datagram(to, &frame);
        }
    }

    pub(super) fn send_datagram(&mut self, to: SocketAddr, frame: &Frame) {
        let datagram =
            Datagram::Frame { frame: frame.clone(), deflated: false, can_inflate: false };
        let bytes = datagram.to_bytes();
        self.out.push_back(Output::Datagram { to, bytes });
    }

    /// Where others can call us, if that is by IPv4.
    pub(super) fn listen_v4(&self) -> Option<SocketAddrV4> {
        match self.settings.listen? {
            SocketAddr::V4(listen) => Some(listen),
            SocketAddr::V6(_) => None,
        }
    }
}
