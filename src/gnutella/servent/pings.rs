//! Pings, pongs and signs of life.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{Mode, Output, Protocol, Servent};
use crate::base::addresses::is_public;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::flow::Class;
use crate::gnutella::pinging::{self, DatagramPings, NamedHost, Own, Step, Wanted};
use crate::gnutella::router::{Answer, Onward, Verdict};
use crate::gnutella::wire::{Frame, Function};

/// Where nobody can call us.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

impl Servent {
    /// A ping of a neighbour.
    pub(super) fn receive_ping(&mut self, slot: Slot, frame: &Frame, now: Time) {
        if self.settings.mode == Mode::Flood && !is_alive_ping(frame) {
            match self.router.broadcast(&frame.header(), slot, now) {
                Verdict::New { onward } => self.flood(slot, frame, onward, now),
                Verdict::Again { onward } => return self.flood(slot, frame, Some(onward), now),
                Verdict::Drop { fault, .. } => return self.drop_frame(slot, fault),
            }
        }
        if mutant!(FloodsPings) {
            let (ttl, hops) = (frame.ttl.saturating_sub(1), frame.hops.saturating_add(1));
            self.flood(slot, frame, Some(Onward { ttl, hops }), now);
        }
        let own = self.own_pong(now);
        let mut pongs = Vec::new();
        self.pinging.ping(frame, slot, &own, now, &mut pongs);
        for pong in pongs {
            let class = if is_alive_ping(frame) { Class::Control } else { Class::Pong };
            self.push(slot, class, pong, None, now);
        }
    }

    /// A pong of a neighbour: for us, or in a flood for whoever pinged.
    pub(super) fn receive_pong(&mut self, slot: Slot, frame: &Frame, now: Time) {
        if self.settings.mode == Mode::Flood {
            match self.router.answer(&frame.header(), slot, now) {
                Answer::To { slot: to, onward } => {
                    let frame = frame.forwarded(onward.ttl, onward.hops);
                    return self.push(to, Class::Pong, frame, Some(slot), now);
                }
                // A sign of life has no route.
                Answer::Own | Answer::Drop { fault: None, .. } => {}
                Answer::Drop { fault, .. } => return self.drop_frame(slot, fault),
            }
        }
        let Some(host) = self.pinging.pong(frame, slot, now) else { return };
        self.out.push_back(Output::Learnt { from: slot, host: Box::new(host) });
    }

    /// Asks a UDP host cache for hosts (BOOT-03); its answer is told as
    /// [`Output::LearntByDatagram`].
    pub fn ask_host_cache(&mut self, to: SocketAddr, now: Time) {
        if !self.settings.udp {
            return;
        }
        let (is_ultrapeer, has_ipv6) = (self.role.is_ultrapeer(), self.settings.has_ipv6);
        let ping = pinging::ping_for_hosts(self.fresh_guid(), is_ultrapeer, has_ipv6);
        self.service.enter().datagram_pings.asked(to, ping.guid, now);
        self.send_datagram(to, &ping);
    }

    /// A ping in a datagram: it proves that we can be reached, or wants an answer (PING-12).
    pub(super) fn receive_datagram_ping(&mut self, from: SocketAddr, frame: &Frame, now: Time) {
        if self.may_prove(from.ip()) && self.reachability.pinged(frame.guid, now) {
            let (protocol, from) = (Protocol::Udp, from.ip());
            return self.out.push_back(Output::Reached { protocol, from });
        }
        if !self.is_answered(from) {
            return;
        }
        let is_laboratory = self.settings.allow_private && !is_public(from.ip());
        let wanted = match is_laboratory {
            true => Some(DatagramPings::ping_of_laboratory(frame)),
            false => self.service.enter().datagram_pings.ping(frame, from, now),
        };
        let Some(mut wanted) = wanted else { return };
        if wanted.query_key && self.answers_guess() {
            wanted.key = Some(self.query_key(from, now));
        }
        if wanted.hosts > 0 {
            return self.out.push_back(Output::Asked { wanted, from });
        }
        self.answer_datagram(&wanted, from, (&[], &[]), now);
    }

    /// Answers a ping in a datagram, with these hosts and host caches.
    pub fn answer_datagram(
        &mut self,
        wanted: &Wanted,
        to: SocketAddr,
        (hosts, caches): (&[NamedHost], &[String]),
        now: Time,
    ) {
        let pong = wanted.pong(&self.own_pong(now), hosts, caches);
        let len = pong.as_ref().map_or(0, Frame::wire_len);
        self.service.enter().datagram_pings.answered(wanted, to, len, now);
        if let Some(pong) = pong {
            self.send_datagram(to, &pong);
        }
    }

    /// Sends what keeps neighbours, and gives up those that are silent.
    pub(super) fn ping_neighbours(&mut self, now: Time) {
        let mut steps = Vec::new();
        self.pinging.timeout(now, self.rng.wake(), &mut steps);
        for step in steps {
            match step {
                Step::Alive { to, ping } => self.push(to, Class::Control, ping, None, now),
                Step::Refill { to, ping } => {
                    if self.settings.mode == Mode::Flood {
                        self.router.originate(Function::PING, ping.guid, now);
                    }
                    self.push(to, Class::Ping, ping, None, now);
                }
                Step::Silent { slot, fault } => self.blame(slot, fault.into()),
            }
        }
    }

    /// What our pong says.
    pub(super) fn own_pong(&self, now: Time) -> Own {
        let files = u32::try_from(self.files_count()).unwrap_or(u32::MAX);
        let address = self.settings.listen.filter(|_| self.is_reachable()).unwrap_or(NOWHERE);
        let uptime_s = now.as_micros() / 1_000_000;
        Own {
            address,
            files,
            kib: self.shared_kib,
            is_ultrapeer: self.role.is_ultrapeer(),
            free_leaf_slots: self.free.leaves,
            free_ultrapeer_slots: self.free.ultrapeers,
            daily_uptime_s: u32::try_from(uptime_s).unwrap_or(u32::MAX),
            guess: self.answers_guess(),
            is_host_cache: self.settings.is_host_cache,
        }
    }
}

fn is_alive_ping(ping: &Frame) -> bool {
    ping.hops == 0 && ping.ttl <= 1
}
