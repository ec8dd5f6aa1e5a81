use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::debts::Debts;
use super::own::{Own, Told};
use super::pong_host::{NamedHost, PongHost, RoomFor};
use crate::base::limits::{
    DATAGRAM_ASKERS_MAX, DATAGRAM_PING_INTERVAL_MS, DATAGRAM_PING_TIMEOUT_MS, DATAGRAM_PINGS_MAX,
    DATAGRAM_PONG_RATIO_MAX, HOST_CACHES_NAMED_MAX, HOSTS_BEFORE_CACHES, PONG_HOSTS_MAX,
};
use crate::base::mutant::mutant;
use crate::base::return_tokens::ReturnToken;
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::gnutella::wire::ggep::Value;
use crate::gnutella::wire::ggep::value::Wants;
use crate::gnutella::wire::{Frame, Guid, Ping, Pong};

/// PING-12
const ANSWERS: Seldom =
    Seldom { times: 1, every_ms: DATAGRAM_PING_INTERVAL_MS, total: DATAGRAM_ASKERS_MAX };

/// Pings and pongs in datagrams. Their senders may be forged, so that answers are few and short.
#[derive(Debug, Default)]
pub struct DatagramPings {
    answered: Done<IpAddr>,
    debts: Debts,
    /// Pings of ours that wait for an answer.
    asked: BTreeMap<Guid, (SocketAddr, Time)>,
}

/// A ping in a datagram that is to be answered, and what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    guid: Guid,
    ping_len: usize,
    /// Nobody counts what goes there.
    is_free: bool,
    /// The answer may have so many bytes.
    len_max: usize,
    /// How many hosts it wants to be named; none where it did not ask.
    pub hosts: usize,
    /// For whom they are to have room (BOOT-18).
    pub room: RoomFor,
    wants: Wants,
    /// It wants a key for queries (GUESS-03).
    pub query_key: bool,
    /// The key that it gets.
    pub key: Option<ReturnToken>,
}

impl DatagramPings {
    /// A ping arrived in a datagram; what it wants, unless this address was answered a short while
    /// ago (PING-12).
    pub fn ping(&mut self, ping: &Frame, from: SocketAddr, now: Time) -> Option<Wanted> {
        let (ip, ping_len) = (from.ip().to_canonical(), ping.wire_len());
        if from.port() == 0 || !self.answered.allow(ANSWERS, ip, now) {
            self.debts.pay(ip, ping_len, now);
            return None;
        }
        Some(Wanted::by(ping, Some(self.debts.credit(ip, ping_len, now))))
    }

    /// The same in a laboratory, where all may have one address, and nobody is forged.
    pub fn ping_of_laboratory(ping: &Frame) -> Wanted {
        Wanted::by(ping, None)
    }

    /// Such a ping is answered with so many bytes, none if the answer would be too long (UDP-33).
    pub fn answered(&mut self, wanted: &Wanted, to: SocketAddr, pong_len: usize, now: Time) {
        if wanted.is_free {
            return;
        }
        self.debts.owe(to.ip().to_canonical(), pong_len, wanted.ping_len, now);
    }

    /// A ping of ours of so many bytes goes there because so many came from there, no fewer than these. What
    /// they are more pays for pongs that went there.
    pub fn claimed(&mut self, host: IpAddr, ping_len: usize, received_len: usize, now: Time) {
        self.debts.owe(host, ping_len, received_len, now);
    }

    /// A ping of ours goes to this address in a datagram.
    pub fn asked(&mut self, to: SocketAddr, guid: Guid, now: Time) {
        self.forget_old(now);
        if self.asked.len() < DATAGRAM_PINGS_MAX {
            self.asked.insert(guid, (to, now));
        }
    }

    /// A pong arrived in a datagram; what it says, if we asked this address (PONG-13).
    pub fn pong(&mut self, pong: &Frame, from: SocketAddr, now: Time) -> Option<PongHost> {
        self.forget_old(now);
        self.asked.get(&pong.guid).filter(|(to, _)| *to == from)?;
        self.asked.remove(&pong.guid);
        PongHost::of(&Pong::decode(&pong.payload).ok()?, pong.hops)
    }

    fn forget_old(&mut self, now: Time) {
        self.asked.retain(|_, (_, asked)| now < asked.after_ms(DATAGRAM_PING_TIMEOUT_MS));
    }
}

impl Wanted {
    /// What this ping asks for; the answer may have so many bytes if anybody counts them, and not many more
    /// than the ping.
    fn by(ping: &Frame, credit: Option<usize>) -> Self {
        let ping_len = ping.wire_len();
        let extensions = Ping::decode(&ping.payload).extensions;
        let wants = match extensions.value("SCP") {
            Some(Value::Wants(wants)) if wants.0 & Wants::ULTRAPEERS != 0 => {
                Some((RoomFor::Ultrapeers, wants))
            }
            Some(Value::Wants(wants)) => Some((RoomFor::Leaves, wants)),
            Some(Value::Mark) => Some((RoomFor::Anybody, Wants::default())),
            _ => None,
        };
        Self {
            guid: ping.guid,
            ping_len,
            is_free: credit.is_none(),
            len_max: ping_len
                .saturating_mul(DATAGRAM_PONG_RATIO_MAX)
                .min(credit.unwrap_or(usize::MAX)),
            hosts: if wants.is_some() || mutant!(SwellsPongs) { PONG_HOSTS_MAX } else { 0 },
            room: wants.map_or(RoomFor::Anybody, |(room, _)| room),
            wants: wants.map_or(Wants::default(), |(_, wants)| wants),
            query_key: extensions.find("QK").is_some(),
            key: None,
        }
    }

    /// Whether it wants to be told of hosts with such an address (BOOT-19).
    pub const fn takes(&self, ip: IpAddr) -> bool {
        match ip.to_canonical() {
            IpAddr::V4(_) => self.wants.0 & Wants::NO_IPV4 == 0,
            IpAddr::V6(_) => self.wants.0 & Wants::IPV6 != 0,
        }
    }

    /// The answer: our own pong, with as many of these hosts and host caches as it may hold (UDP-10,
    /// BOOT-21).
    pub fn pong(&self, own: &Own, hosts: &[NamedHost], caches: &[String]) -> Option<Frame> {
        let hosts = hosts.get(..self.hosts).unwrap_or(hosts);
        let caches_max = if self.hosts > 0 { HOST_CACHES_NAMED_MAX } else { 0 };
        let caches = caches.get(..caches_max).unwrap_or(caches);
        let with = |is_short, hosts_len: usize, caches_len: usize| {
            let hosts = hosts.get(..hosts_len).unwrap_or_default();
            let caches = caches.get(..caches_len).unwrap_or_default();
            let pong = own.pong_with(self.guid, &self.told(is_short, hosts, caches));
            Some(pong).filter(|pong| self.has_room_for(pong))
        };
        let all = || with(false, hosts.len(), caches.len());
        let with_caches = |few: usize| {
            let caches_len =
                (0..=caches.len()).rev().find(|len| with(true, few, *len).is_some())?;
            (few..=hosts.len()).rev().find_map(|len| with(true, len, caches_len))
        };
        let some = || {
            let few = hosts.len().min(HOSTS_BEFORE_CACHES);
            with_caches(few).or_else(|| (0..few).rev().find_map(|len| with(true, len, 0)))
        };
        all().or_else(some).or_else(|| self.shortest(own))
    }

    fn told<'a>(
        &'a self,
        is_short: bool,
        hosts: &'a [NamedHost],
        caches: &'a [String],
    ) -> Told<'a> {
        let (is_for_hosts, with_tls) = (self.hosts > 0, self.wants.0 & Wants::TLS != 0);
        Told { is_short, key: self.key.as_ref(), is_for_hosts, hosts, with_tls, caches }
    }

    fn shortest(&self, own: &Own) -> Option<Frame> {
        let pong = match &self.key {
            Some(key) => own.pong_of_key(self.guid, key),
            // An address of IPv6 needs an extension.
            None if own.address.ip().to_canonical().is_ipv6() => return None,
            None => own.pong(self.guid, 0, false),
        };
        Some(pong).filter(|pong| self.has_room_for(pong))
    }

    fn has_room_for(&self, pong: &Frame) -> bool {
        pong.wire_len() <= self.len_max || mutant!(SwellsPongs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::DATAGRAM_DEBT_MAX;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(5, 5, 5, 5));

    /// UDP-33, OOB-10
    #[test]
    fn a_ping_for_a_claim_counts_as_what_it_has_sent() {
        for (ping_len, claim_len, debt_len) in [(23, 41, 82), (23, 23, 100), (50, 41, 109)] {
            let (mut pings, now) = (DatagramPings::default(), Time::ZERO);
            pings.debts.owe(HERE, 100, 0, now);
            pings.claimed(HERE, ping_len, claim_len, now);
            assert_eq!(pings.debts.credit(HERE, debt_len, now), DATAGRAM_DEBT_MAX);
        }
    }
}
