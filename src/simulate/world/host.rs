use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::connection::NEVER;
use super::event::EndName;
use crate::base::time::Time;
use crate::gnutella::link::Role;
use crate::simulate::attackers::Actor;
use crate::simulate::capacity::{Class, Drawn};

/// Where the addresses of hosts begin. Each host has a network (/24) of its own.
const FIRST_NETWORK: u32 = 0x0010_0000;

/// The port that all take connections at.
const PORT: u16 = 6_346;

/// What a line may have accepted and not sent yet: a few messages, so that it never runs dry.
const LINE_AHEAD_MICROS: u64 = 20_000;

/// A computer, and what runs on it.
pub(super) struct Host<M> {
    /// None while it is off.
    pub(super) actor: Option<Box<Actor<M>>>,
    /// How often it was started.
    pub(super) start: u32,
    pub(super) drawn: Drawn,
    /// When the machine is woken, if an event says so.
    pub(super) wakes_at: Time,
    /// How often it was woken at the last moment at which it was.
    pub(super) wakes: (Time, u32),
    pub(super) role: Role,
    pub(super) role_since: Time,
    /// It has been an ultrapeer since it was started; and it has become one.
    pub(super) was_ultrapeer: bool,
    pub(super) was_promoted: bool,
    /// For how long it was one that was elected, in all.
    pub(super) elected_ms: u64,
    /// The ends of its connections.
    pub(super) ends: Vec<EndName>,
    pub(super) up: Line,
    pub(super) down: Line,
    /// Ends that wait for the line, in their order.
    pub(super) turns: VecDeque<EndName>,
    /// Open connections to ultrapeers that live, whatever it believes itself.
    pub(super) parents: u32,
    /// Since when it has been a leaf without an ultrapeer; whether it had one before; and how many it
    /// still believed to have.
    pub(super) orphan_since: Option<Time>,
    pub(super) dead_parents: u32,
    pub(super) had_parent: bool,
    /// The computer itself is off, and says nothing to whoever calls.
    pub(super) has_vanished: bool,
    /// It is cut off from those on the other side.
    pub(super) is_apart: bool,
    /// It takes no bytes.
    pub(super) is_deaf: bool,
    /// Bytes since the lines were measured last.
    pub(super) sent: u64,
    pub(super) received: u64,
    /// Until when files go out over its line.
    pub(super) uploads_until: Time,
    /// Behind a NAT: whom it has sent datagrams to, and when.
    pub(super) contacts: Vec<(u32, Time)>,
    /// Searches whose messages were not seen yet.
    pub(super) searching: VecDeque<u32>,
}

/// One direction of a line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    /// Bytes a second; no end of them where there is none.
    pub(super) bytes_s: Option<u64>,
    busy_until: Time,
    /// An event says when it is free.
    pub(super) is_watched: bool,
}

impl Line {
    fn new(kbit_s: Option<u32>) -> Self {
        let bytes_s = kbit_s.map(|kbit_s| u64::from(kbit_s.max(1)).saturating_mul(125));
        Self { bytes_s, busy_until: Time::ZERO, is_watched: false }
    }

    /// When the last of these bytes is through, if they queue up now.
    pub(super) fn pass(&mut self, len: u32, now: Time) -> Time {
        let Some(bytes_s) = self.bytes_s else { return now };
        let micros = u64::from(len).saturating_mul(1_000_000).checked_div(bytes_s).unwrap_or(0);
        let start = self.busy_until.max(now).as_micros();
        self.busy_until = Time::from_micros(start.saturating_add(micros));
        self.busy_until
    }

    /// When it takes more; none if it does now.
    pub(super) fn free_at(&self, now: Time) -> Option<Time> {
        let ahead = self.busy_until.as_micros().saturating_sub(now.as_micros());
        (ahead > LINE_AHEAD_MICROS).then_some(self.busy_until)
    }
}

impl<M> Host<M> {
    pub(super) fn new(drawn: Drawn, classes: &[Class]) -> Self {
        let class = classes.get(usize::from(drawn.class));
        Self {
            actor: None,
            start: 0,
            drawn,
            wakes_at: NEVER,
            wakes: (Time::ZERO, 0),
            role: Role::Leaf,
            role_since: Time::ZERO,
            was_ultrapeer: false,
            was_promoted: false,
            elected_ms: 0,
            ends: Vec::new(),
            up: Line::new(class.and_then(|class| class.up_kbit_s)),
            down: Line::new(class.and_then(|class| class.down_kbit_s)),
            turns: VecDeque::new(),
            parents: 0,
            orphan_since: None,
            dead_parents: 0,
            had_parent: false,
            has_vanished: false,
            is_apart: false,
            is_deaf: false,
            sent: 0,
            received: 0,
            uploads_until: Time::ZERO,
            contacts: Vec::new(),
            searching: VecDeque::new(),
        }
    }

    /// A file goes out over the line, after those that do so already.
    pub(super) fn upload(&mut self, len: u64, now: Time) {
        let Some(bytes_s) = self.up.bytes_s else { return };
        let micros = len.saturating_mul(1_000_000).checked_div(bytes_s).unwrap_or(0);
        let start = self.uploads_until.max(now).as_micros();
        self.uploads_until = Time::from_micros(start.saturating_add(micros));
    }

    /// Bytes of files that went out in the time before `now`.
    pub(super) fn uploaded(&self, now: Time, micros: u64) -> u64 {
        let Some(bytes_s) = self.up.bytes_s else { return 0 };
        let since = now.as_micros().saturating_sub(micros);
        let busy = self.uploads_until.as_micros().saturating_sub(since).min(micros);
        bytes_s.saturating_mul(busy) / 1_000_000
    }

    pub(super) const fn is_on(&self) -> bool {
        self.actor.is_some()
    }
}

/// Where a host takes connections.
pub(super) fn address(host: u32) -> SocketAddr {
    let network = FIRST_NETWORK.saturating_add(host);
    let ip = Ipv4Addr::from_bits(network << 8 | 1);
    SocketAddr::new(IpAddr::V4(ip), PORT)
}

/// Which host has an address, if there are so many.
pub(super) fn host_at(address: SocketAddr) -> Option<u32> {
    host_with(address.ip()).filter(|_| address.port() == PORT)
}

/// The same, on whatever port: others see a port that means nothing where it has called them.
pub(super) fn host_with(ip: IpAddr) -> Option<u32> {
    let IpAddr::V4(ip) = ip else { return None };
    let is_host = ip.to_bits() & 0xff == 1;
    is_host.then(|| (ip.to_bits() >> 8).checked_sub(FIRST_NETWORK)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_an_address_in_a_network_of_its_own() {
        assert_eq!(address(0).to_string(), "16.0.0.1:6346");
        assert_eq!(address(65_793).to_string(), "17.1.1.1:6346");
        assert!((0..1_000_000).step_by(999).all(|host| host_at(address(host)) == Some(host)));
        assert_eq!(host_at("16.0.0.2:6346".parse().unwrap()), None);
        assert_eq!(host_at("16.0.0.1:6347".parse().unwrap()), None);
        assert_eq!(host_at("10.0.0.1:6346".parse().unwrap()), None);
    }

    #[test]
    fn a_line_sends_one_byte_after_the_other() {
        // Eight kilobits a second are a byte in a millisecond.
        let mut line = Line::new(Some(8));
        let now = Time::from_millis(10);
        assert_eq!(line.pass(15, now), Time::from_millis(25));
        assert_eq!(line.free_at(now), None);
        assert_eq!(line.pass(15, now), Time::from_millis(40));
        assert_eq!(line.free_at(now), Some(Time::from_millis(40)));
        assert_eq!(line.pass(1, Time::from_millis(90)), Time::from_millis(91));
        let mut endless = Line::new(None);
        assert_eq!((endless.pass(u32::MAX, now), endless.free_at(now)), (now, None));
    }
}
