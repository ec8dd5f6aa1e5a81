//! What the servent wants done, and what it found out.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use super::{Event, LinkId, Node, Output};
use crate::base::error::{Fault, Misbehaved};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::link::{Cost, Refusal};
use crate::gnutella::pinging::{NamedHost, PongHost, Wanted};
use crate::gnutella::servent::{self, Protocol};
use crate::gnutella::wire::{Bye, Header};
use crate::node::bans::{Ban, Weight};
use crate::node::host_cache::{Facts, Outcome, Source};
use crate::promotion::{self, Observation};

impl Node {
    /// Takes what the rooms have to say until they are silent.
    pub(super) fn drain(&mut self, now: Time) {
        loop {
            while let Some(output) = self.servent.poll() {
                self.follow(output, now);
            }
            self.drain_fasttrack(now);
            let gone = std::mem::take(&mut self.pending_close);
            if gone.is_empty() {
                break;
            }
            for slot in gone {
                self.lose(slot, now);
            }
        }
    }

    fn follow(&mut self, output: servent::Output, now: Time) {
        use servent::Output as Said;
        match output {
            Said::Ready(slot) => {
                if let Some(link) = self.link(slot) {
                    self.out.push_back(Output::Ready { link });
                }
            }
            Said::Close { slot, code, reason } => self.dismiss(slot, code, &reason),
            Said::Datagram { to, bytes } => self.out.push_back(Output::Datagram { to, bytes }),
            Said::ConnectBack { to } => self.out.push_back(Output::ConnectBack { to }),
            Said::Learnt { from, host } => self.learn(from, &host, now),
            Said::LearntByDatagram { from, host } => {
                self.learn_host(Source::Peer(from.ip()), from.ip(), &host, now);
                let PongHost { others, caches, .. } = *host;
                self.tell(Event::HostCacheAnswered { from, hosts: others.len(), caches });
            }
            Said::Asked { wanted, from } => self.tell_hosts(&wanted, from, now),
            Said::Fault { slot, fault } => self.blame(slot, fault, now),
            Said::Reached { protocol, from } => {
                let protocol = shared_protocol(protocol);
                self.observe(Observation::Reached { protocol, from }, now);
            }
            Said::Missed { protocol } => {
                self.observe(Observation::Missed(shared_protocol(protocol)), now);
            }
            Said::Pushed(push) => self.tell(Event::Pushed(push)),
            Said::Hit { search, hops, hit, doubts } => {
                if let Some(search) = self.searches.get(&search).copied() {
                    self.tell(Event::Hit { search, hops, hit, doubts });
                }
            }
            Said::SearchEnded { search, results, why } => {
                if let Some(search) = self.searches.get(&search).copied() {
                    self.tell(Event::SearchEnded { search, results, why });
                }
            }
            Said::SearchForgotten { search } => {
                self.forget_search(search);
            }
            Said::Answered { guid, results } => self.tell(Event::Answered { guid, results }),
        }
    }

    /// Somebody asks by UDP for hosts, and perhaps for host caches (BOOT-18, BOOT-21).
    fn tell_hosts(&mut self, wanted: &Wanted, to: SocketAddr, now: Time) {
        let is_unfit = |host: SocketAddr| host == to || !wanted.takes(host.ip());
        let hosts =
            self.hosts.sample((wanted.hosts, wanted.room), now, self.servent.rng(), is_unfit);
        let hosts = hosts.into_iter();
        let hosts: Vec<NamedHost> = hosts
            .map(|address| NamedHost { address, takes_tls: self.hosts.takes_tls(address) })
            .collect();
        let named = self.named_caches.as_deref().filter(|named| now < named.until);
        let caches = named.map_or(&[][..], |named| &named.caches);
        self.servent.answer_datagram(wanted, to, (&hosts, caches), now);
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }

    /// A neighbour is one no longer.
    pub(super) fn lose(&mut self, slot: Slot, now: Time) {
        self.servent.close(slot, now);
        self.slots.close(slot);
        self.count_neighbours(now);
        self.wake_to_dial(now);
    }

    pub(super) fn count_neighbours(&mut self, now: Time) {
        let (leaves, supernodes) = (self.slots.leaves(), self.slots.supernodes());
        self.observe(Observation::Neighbours { leaves, supernodes }, now);
        self.tell_room();
    }

    /// A neighbour broke a rule: it is struck for it, and the link ends where the rule says so.
    fn blame(&mut self, slot: Slot, fault: Fault, now: Time) {
        let Some(link) = self.link(slot) else { return };
        let Some(neighbour) = self.servent.neighbour(slot) else { return };
        if fault.rule().id() == SILENCE {
            return self.give_up(slot, &fault, now);
        }
        let is_banned = self.strike(link, neighbour.address, neighbour.listen(), fault, now);
        match Cost::of(&fault) {
            Cost::Bye(code) => self.dismiss(slot, code, &fault.to_string()),
            Cost::Close => self.dismiss(slot, 0, ""),
            Cost::Drop => {}
        }
        if is_banned {
            self.dismiss(slot, Bye::SECURITY, &fault.to_string());
        }
    }

    /// A neighbour gave no sign of life. Its computer may have lost its power, or we our line: that
    /// breaks no rule, and nobody is struck for it.
    fn give_up(&mut self, slot: Slot, fault: &Fault, now: Time) {
        if let Some(host) = self.servent.neighbour(slot).and_then(servent::Neighbour::listen) {
            self.hosts.outcome(host, Outcome::Silent, now);
        }
        self.note_silence(slot, now);
        self.dismiss(slot, Bye::NO_ANSWER, &fault.to_string());
    }

    /// Counts a fault against an address. True where it is banned for it.
    pub(super) fn strike(
        &mut self,
        link: LinkId,
        address: SocketAddr,
        listen: Option<SocketAddr>,
        fault: Fault,
        now: Time,
    ) -> bool {
        let weight = if Cost::of(&fault) == Cost::Drop { Weight::Slip } else { Weight::Breach };
        let breach = Misbehaved { rule: fault.rule(), what: what_of(&fault) };
        let ban = self.bans.strike(address.ip(), breach, weight, now);
        self.tell(Event::Struck { link, address, fault });
        if weight == Weight::Breach
            && let Some(host) = listen
        {
            // It would do the same again: it is not called for a while.
            self.hosts.outcome(host, Outcome::Refused(Refusal::FORBIDDEN), now);
        }
        let Some(ban) = ban else { return false };
        self.tell_banned(address.ip(), &ban);
        true
    }

    pub(super) fn tell_banned(&mut self, address: IpAddr, ban: &Ban) {
        let why = ban.breach.to_string();
        self.tell(Event::Banned { address, until: ban.until, why });
    }

    /// The link itself found a fault in a message.
    ///
    /// One that was dropped and has come from further on is not the neighbour's: who passes on what others
    /// made must not be struck for it.
    pub(super) fn blame_link(&mut self, link: LinkId, header: &Header, fault: Fault, now: Time) {
        let is_passed_on = header.hops > 0 && Cost::of(&fault) == Cost::Drop;
        if let Some(slot) = self.connections.slot(link).filter(|_| !is_passed_on) {
            self.blame(slot, fault, now);
        }
    }

    fn learn(&mut self, from: Slot, host: &PongHost, now: Time) {
        let Some(neighbour) = self.servent.neighbour(from) else { return };
        let ip = neighbour.address.ip();
        let is_own = host.hops == 0 && host.address.ip() == ip;
        if is_own {
            self.slots_hear(from, host);
        }
        let source = if is_own { Source::Itself } else { Source::Peer(ip) };
        self.learn_host(source, ip, host, now);
        if !host.caches.is_empty() || host.as_cache.is_some() {
            let caches = host.caches.iter().chain(&host.as_cache).cloned().collect();
            self.tell(Event::HostCachesNamed { caches });
        }
    }

    fn learn_host(&mut self, source: Source, teller: IpAddr, host: &PongHost, now: Time) {
        // BOOT-22
        if host.as_cache.is_none() || host.is_ultrapeer {
            self.hosts.learn(host.address, source, Facts::from(host), &self.filter, now);
        }
        for NamedHost { address, takes_tls } in host.others.iter().copied() {
            let told = Facts { is_ultrapeer: true, takes_tls, ..Facts::default() };
            self.hosts.learn(address, Source::Peer(teller), told, &self.filter, now);
        }
        if let Some(free) = host.free_slots {
            let free_leaf_slots = u32::from(free.leaves);
            let news = promotion::Room::Told { free_leaf_slots };
            self.hear_room(host.address.ip(), teller, news, now);
        }
        self.wake_to_dial(now);
    }

    fn slots_hear(&mut self, from: Slot, host: &PongHost) {
        if let Some(standing) = self.slots.standing_mut(from) {
            standing.shares_nothing = host.files == 0;
        }
    }

    pub(super) fn receive_datagram(&mut self, from: SocketAddr, bytes: &Bytes, now: Time) {
        if self.bans.ban_of(from.ip(), now).is_none()
            && !self.receive_fasttrack_datagram(from, bytes, now)
        {
            self.servent.receive_datagram(from, bytes, now);
        }
    }
}

/// A protocol in the words that both networks share.
const fn shared_protocol(protocol: Protocol) -> promotion::Protocol {
    match protocol {
        Protocol::Tcp => promotion::Protocol::Tcp,
        Protocol::Udp => promotion::Protocol::Udp,
    }
}

/// The rule by which whoever gives no sign of life is given up.
const SILENCE: &str = "PING-07";

/// What somebody did, without where.
pub(super) const fn what_of(fault: &Fault) -> &'static str {
    match fault {
        Fault::Malformed(fault) => fault.what,
        Fault::Misbehaved(fault) => fault.what,
        Fault::Incompatible(fault) => fault.what,
    }
}
