//! A node whose neighbours answer pings until their lines are cut, and whose calls are written down.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use filbert::base::error::{Incompatible, Rule};
use filbert::base::time::Time;
use filbert::gnutella::link::{Agreement, Capabilities, Declined, Ending, Refusal, Role};
use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::{Frame, Function, GgepArea, Pong};
use filbert::node::{Command, Config, Direction, Input, LinkId, Node, Output, RolePolicy};
use filbert::promotion::{SlotThresholds, Thresholds};

use crate::support::agreements::capable;
use crate::support::net::address;

/// Where the node itself listens.
const OWN: usize = 200;

/// What a host does that takes a call.
#[derive(Clone, Copy)]
pub enum Manner {
    /// It says nothing.
    Waits,
    HangsUp,
    /// It belongs to another network.
    IsStranger,
    /// It has no room.
    Declines,
}

impl Manner {
    fn ending(self) -> Option<Ending> {
        let stranger = Incompatible { rule: Rule::new("HAND-52"), what: "another network" };
        let (code, reason) = (Refusal::NO_ROOM, String::new());
        match self {
            Self::Waits => None,
            Self::HangsUp => Some(Ending::Closed),
            Self::IsStranger => Some(Ending::Fault(stranger.into())),
            Self::Declines => {
                let declined = Declined { code, reason, peer: Capabilities::default() };
                Some(Ending::Declined(Box::new(declined)))
            }
        }
    }
}

pub struct Lines {
    pub node: Node,
    now: Time,
    next: u64,
    links: BTreeMap<LinkId, usize>,
    cut: BTreeSet<usize>,
    manners: BTreeMap<usize, Manner>,
    calls: Vec<(usize, Time)>,
}

impl Lines {
    /// An ultrapeer that calls others, and has so many ultrapeers, from the first one on.
    pub fn of(count: usize, change: impl FnOnce(&mut SlotThresholds)) -> Self {
        let mut thresholds = Thresholds::filbert();
        change(&mut thresholds.slots);
        let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
        (config.listen, config.thresholds) = (Some(address(OWN)), Arc::new(thresholds));
        let now = Time::from_millis(1_000);
        let mut lines = Self {
            node: Node::new(config, 1, now),
            now,
            next: 0,
            links: BTreeMap::new(),
            cut: BTreeSet::new(),
            manners: BTreeMap::new(),
            calls: Vec::new(),
        };
        for n in 1..=count {
            lines.hand_in(Input::Command(Command::Connect(address(n))));
        }
        lines.run(5);
        (1..=count).for_each(|n| lines.know(n));
        assert_eq!(lines.neighbours_len(), count);
        lines.calls.clear();
        lines
    }

    pub fn cut(&mut self, hosts: RangeInclusive<usize>) {
        self.cut.extend(hosts);
    }

    pub fn mend(&mut self, hosts: RangeInclusive<usize>) {
        hosts.for_each(|host| _ = self.cut.remove(&host));
    }

    /// What it does once somebody calls it.
    pub fn teach(&mut self, host: usize, manner: Manner) {
        self.manners.insert(host, manner);
    }

    /// It takes calls like others again.
    pub fn unteach(&mut self, host: usize) {
        self.manners.remove(&host);
    }

    /// It ends the connection.
    pub fn hang_up(&mut self, host: usize) {
        let link = self.links.iter().find(|(_, there)| **there == host).map(|(link, _)| *link);
        let link = link.expect("it is a neighbour");
        self.links.remove(&link);
        self.hand_in(Input::Closed { link, ending: Ending::Closed });
    }

    pub fn know(&mut self, host: usize) {
        self.hand_in(Input::Command(Command::Know(vec![address(host)])));
    }

    /// It calls us, and becomes a neighbour.
    pub fn let_in(&mut self, host: usize) {
        self.open(host, Role::Ultrapeer, Direction::Incoming);
    }

    /// It calls us, and hangs up.
    pub fn knock(&mut self, host: usize) {
        let link = self.connect(host, Direction::Incoming);
        self.hand_in(Input::Closed { link, ending: Ending::Closed });
    }

    pub fn open(&mut self, host: usize, peer_role: Role, direction: Direction) {
        let link = self.connect(host, direction);
        let mut peer = capable();
        peer.listen = Some(address(host));
        let agreement = Box::new(Agreement::plain(Role::Ultrapeer, peer_role, peer));
        self.links.insert(link, host);
        self.hand_in(Input::Opened { link, agreement });
    }

    /// When a host was called.
    pub fn calls(&self, host: usize) -> Vec<Time> {
        let calls = self.calls.iter().filter(|(called, _)| *called == host);
        calls.map(|(_, at)| *at).collect()
    }

    pub fn is_neighbour(&self, host: usize) -> bool {
        self.links.values().any(|there| *there == host)
    }

    pub fn neighbours_len(&self) -> usize {
        self.node.servent().neighbours().count()
    }

    /// Lets time pass.
    pub fn run(&mut self, seconds: u64) {
        let until = self.now.after_ms(seconds * 1_000);
        while let Some((due, _)) = self.node.next_timeout().filter(|(due, _)| *due <= until) {
            self.now = self.now.max(due);
            self.hand_in(Input::Timeout);
            let links: Vec<_> = self.links.iter().map(|(link, host)| (*link, *host)).collect();
            links.into_iter().for_each(|(link, host)| self.answer(link, host));
        }
        self.now = until;
    }

    fn answer(&mut self, link: LinkId, host: usize) {
        while let Some(frame) = self.node.transmit(link, self.now) {
            if frame.function == Function::PING && !self.cut.contains(&host) {
                let frame = pong(&frame, host);
                self.hand_in(Input::Frame { link, frame });
            }
        }
    }

    fn hand_in(&mut self, input: Input) {
        self.node.handle(input, self.now);
        let outputs: Vec<Output> = std::iter::from_fn(|| self.node.poll()).collect();
        for output in outputs {
            match output {
                Output::Dial { address } => self.take_call(address),
                Output::Close { link, .. } => {
                    self.links.remove(&link);
                    self.hand_in(Input::Closed { link, ending: Ending::Closed });
                }
                _ => {}
            }
        }
    }

    fn take_call(&mut self, called: SocketAddr) {
        let host = (0..OWN).find(|host| address(*host) == called).expect("one of ours");
        self.calls.push((host, self.now));
        if let Some(manner) = self.manners.get(&host).copied() {
            let link = self.connect(host, Direction::Outgoing);
            if let Some(ending) = manner.ending() {
                self.hand_in(Input::Closed { link, ending });
            }
        } else if self.cut.contains(&host) {
            self.hand_in(Input::DialFailed { address: called });
        } else {
            self.open(host, Role::Ultrapeer, Direction::Outgoing);
        }
    }

    fn connect(&mut self, host: usize, direction: Direction) -> LinkId {
        let link = LinkId(self.next);
        self.next += 1;
        self.hand_in(Input::Connected { link, address: address(host), direction });
        link
    }
}

fn pong(ping: &Frame, host: usize) -> Frame {
    let SocketAddr::V4(at) = address(host) else { panic!("no address of IPv4") };
    let extensions = GgepArea::new(Bytes::new(), Place::Pong);
    let mut payload = BytesMut::new();
    Pong { port: at.port(), address: *at.ip(), files: 9, kib: 9, extensions }.encode(&mut payload);
    Frame { function: Function::PONG, payload: payload.freeze(), ttl: 1, hops: 0, ..ping.clone() }
}
