use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;

use super::connection::Stage;
use super::event::{EndName, Event};
use super::host::{address, host_at};
use super::{Fidelity, World};
use crate::base::time::Time;
use crate::gnutella::link::{Link, Queue};
use crate::node::{Direction, Input, fasttrack};
use crate::simulate::machine::Machine;
use crate::simulate::trace::{Told, What};

/// For so long a host tries to connect to one that does not answer.
const CALL_TIMEOUT_MS: u64 = 20_000;

/// The port from which everybody calls; nobody can be called there.
const EPHEMERAL_PORT: u16 = 50_000;

/// A NAT lets datagrams in from whom its host has sent one in this time.
const NAT_MEMORY_MS: u64 = 120_000;

/// Contacts that a NAT remembers.
const NAT_CONTACTS_MAX: usize = 64;

impl<M: Machine> World<'_, M> {
    /// A host calls an address, for a session of FastTrack or for a link.
    pub(super) fn call(&mut self, host: u32, to: SocketAddr, is_session: bool) {
        self.course.dials = self.course.dials.saturating_add(1);
        let start = self.host(host).map_or(0, |there| there.start);
        let Some(called) = host_at(to).filter(|called| self.host(*called).is_some()) else {
            let at = self.now.after_ms(CALL_TIMEOUT_MS);
            self.queue.push(at, Event::Unreachable { host, start, address: to, is_session });
            return;
        };
        let end = self.add_connection(host, called);
        if let Some(connection) = self.connections.get_mut(end) {
            connection.is_session = is_session;
        }
        let at = self.later(self.latency(end));
        self.queue.push(at, Event::Called { end: end.other() });
    }

    /// A connection of which neither side knows yet.
    pub(super) fn add_connection(&mut self, caller: u32, called: u32) -> EndName {
        let latency = self.places.between(caller, called).as_micros();
        let latency = u64::try_from(latency).unwrap_or(u64::MAX);
        let end = self.connections.add(caller, called, latency);
        let is_attacker = |host: u32| {
            let actor = self.host(host).and_then(|there| there.actor.as_ref());
            actor.is_some_and(|actor| actor.is_attacker())
        };
        let by_bytes =
            self.fidelity == Fidelity::Bytes || is_attacker(caller) || is_attacker(called);
        if let Some(connection) = self.connections.get_mut(end) {
            connection.by_bytes = by_bytes;
        }
        for (end, host) in [(end, caller), (end.other(), called)] {
            let is_deaf = self.host_mut(host).is_some_and(|there| {
                there.ends.push(end);
                there.is_deaf
            });
            if let Some(own) = self.connections.end_mut(end) {
                own.is_held = is_deaf;
            }
        }
        end
    }

    pub(super) fn latency(&self, end: EndName) -> u64 {
        self.connections.get(end).map_or(0, |connection| connection.latency)
    }

    /// A call has come to a host.
    pub(super) fn called(&mut self, end: EndName) {
        let now = self.now;
        let Some(host) = self.connections.end(end).map(|own| own.host) else { return };
        let caller = self.connections.other_host(end);
        if let Some(wait) = self.refuses_calls(host, caller, self.latency(end)) {
            return self.drop_call(end, self.later(wait));
        }
        let Some(profile) = self.profile(host) else { return };
        let at = self.later(self.latency(end));
        self.queue.push(at, Event::Connected { end: end.other() });
        let from = SocketAddr::new(address(caller).ip(), EPHEMERAL_PORT);
        if self.is_session(end) {
            return self.accept_session(end, from);
        }
        self.begin(end, Link::accept(profile, from.ip(), now), from, Direction::Incoming);
    }

    /// How long the caller waits for nothing, where a host cannot be called. A computer that runs
    /// nothing says so; a NAT, and what is cut off or switched off, says nothing.
    fn refuses_calls(&self, host: u32, caller: u32, latency: u64) -> Option<u64> {
        let there = self.host(host)?;
        let is_silent =
            there.drawn.is_behind_nat || there.has_vanished || self.are_apart(host, caller);
        if is_silent {
            return Some(CALL_TIMEOUT_MS.saturating_mul(1_000));
        }
        (!there.is_on()).then_some(latency)
    }

    /// Takes back a connection that did not come about.
    fn drop_call(&mut self, end: EndName, at: Time) {
        let called = address(self.connections.end(end).map_or(0, |own| own.host));
        let is_session = self.is_session(end);
        let caller = self.connections.end(end.other()).map(|other| other.host);
        self.let_go(end);
        self.let_go(end.other());
        if let Some(host) = caller.filter(|_| !self.probes.remove(&end.other())) {
            let start = self.host(host).map_or(0, |there| there.start);
            self.queue.push(at, Event::Unreachable { host, start, address: called, is_session });
        }
    }

    /// A call was taken.
    pub(super) fn connected(&mut self, end: EndName) {
        let now = self.now;
        if self.probes.remove(&end) {
            return self.probe(end);
        }
        let Some(own) = self.connections.end(end) else { return };
        let (host, is_calling) = (own.host, own.stage == Stage::Calling);
        let Some(profile) = self.profile(host).filter(|_| is_calling) else { return };
        // Whoever was called may have hung up in the meantime; that is yet to be heard of.
        let to = address(self.connections.other_host(end));
        if self.is_session(end) {
            return self.open_session(end, to);
        }
        self.begin(end, Link::connect(profile, to.ip(), now), to, Direction::Outgoing);
        let link = self.connections.end_mut(end).and_then(|own| own.link.as_deref_mut());
        if let Some(bytes) = link.and_then(|link| link.transmit(Queue::Dry, now)) {
            self.send_bytes(end, bytes);
        }
    }

    /// Somebody asked to be called, and that is all (VMSG-10): two line feeds, and goodbye.
    fn probe(&mut self, end: EndName) {
        self.send_bytes(end, Bytes::from_static(b"\n\n"));
        self.send_end(end);
        self.let_go(end);
    }

    /// One side of a connection begins its handshake.
    pub(super) fn begin(
        &mut self,
        end: EndName,
        link: Link,
        address: SocketAddr,
        direction: Direction,
    ) {
        let Some(own) = self.connections.end_mut(end) else { return };
        own.link = Some(Box::new(link));
        own.stage = Stage::Shaking;
        let host = own.host;
        self.plan_link_wake(end);
        let input = Input::Connected { link: end.link_id(), address, direction };
        self.inbox.push_back((host, input));
    }

    pub(super) fn profile(&self, host: u32) -> Option<Arc<crate::gnutella::link::Profile>> {
        self.host(host)?.actor.as_ref().map(|actor| actor.profile())
    }

    pub(super) fn unreachable(
        &mut self,
        host: u32,
        start: u32,
        address: SocketAddr,
        is_session: bool,
    ) {
        self.course.dials_failed = self.course.dials_failed.saturating_add(1);
        if self.host(host).is_none_or(|there| there.start != start) {
            return;
        }
        let input = match address {
            SocketAddr::V4(address) if is_session => {
                Input::FastTrack(fasttrack::Input::DialFailed { address })
            }
            address => Input::DialFailed { address },
        };
        self.inbox.push_back((host, input));
    }

    /// Whether nothing comes from one host to the other at the moment.
    pub(super) fn are_apart(&self, host: u32, other: u32) -> bool {
        let side = |host| self.host(host).is_some_and(|there| there.is_apart);
        side(host) != side(other)
    }

    /// A host sends a datagram.
    pub(super) fn send_datagram(&mut self, from: u32, to: SocketAddr, bytes: Bytes) {
        self.tally.datagrams_sent = self.tally.datagrams_sent.saturating_add(1);
        let loss = self.scenario.links.datagram_loss.per_million();
        let now = self.now;
        let Some(called) = host_at(to).filter(|called| self.host(*called).is_some()) else {
            self.tally.datagram_dropped("nobody lives there");
            return;
        };
        if loss > 0 && self.lots.loss.chance(loss) {
            self.tally.datagram_dropped("lost");
            return;
        }
        let Some(there) = self.host_mut(from) else { return };
        there.remember_contact(called, now);
        let latency = u64::try_from(self.places.between(from, called).as_micros());
        let at = self.later(latency.unwrap_or(u64::MAX));
        self.queue.push(at, Event::Datagram { from, to: called, bytes });
    }

    pub(super) fn datagram_arrives(&mut self, from: u32, to: u32, bytes: Bytes) {
        let now = self.now;
        let is_apart = self.are_apart(from, to);
        let Some(there) = self.host(to) else { return };
        let cause = match there {
            _ if is_apart => "cut off",
            there if !there.is_on() => "nobody is there",
            there if !there.lets_in(from, now) => "the NAT lets nobody in",
            there if there.is_deaf => "nobody reads",
            _ => {
                self.tally.datagrams_delivered = self.tally.datagrams_delivered.saturating_add(1);
                let what = What::Datagram(&bytes);
                let told = Told { at: now, host: to, from, what };
                self.trace.add(&told);
                if let Some(reader) = &mut self.reader {
                    reader(&told);
                }
                self.inbox.push_back((to, Input::Datagram { from: address(from), bytes }));
                return;
            }
        };
        self.tally.datagram_dropped(cause);
    }
}

impl<M> super::host::Host<M> {
    fn remember_contact(&mut self, host: u32, now: Time) {
        if !self.drawn.is_behind_nat {
            return;
        }
        self.contacts.retain(|(known, _)| *known != host);
        if self.contacts.len() >= NAT_CONTACTS_MAX {
            self.contacts.remove(0);
        }
        self.contacts.push((host, now));
    }

    fn lets_in(&self, from: u32, now: Time) -> bool {
        let is_known =
            |contact: &(u32, Time)| contact.0 == from && contact.1.after_ms(NAT_MEMORY_MS) >= now;
        !self.drawn.is_behind_nat || self.contacts.iter().any(is_known)
    }
}
