use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::node_script::{Op, Setup};
use crate::base::error::{Fault, Malformed, Rule};
use crate::base::limits::SEND_QUEUE_LEN_MAX;
use crate::base::time::Time;
use crate::gnutella::link::{
    Agreement, Capabilities, Decision, Declined, Ending, Question, Refusal, Role, Version,
};
use crate::gnutella::router::TtlRules;
use crate::gnutella::servent::Mode;
use crate::gnutella::wire::{Frame, Function, Guid, Header};
use crate::node::{
    Command, Config, Direction, Input, LinkId, Node, Output, RolePolicy, SearchId, SharedFile,
};
use crate::promotion::Observation;

/// Bytes of one message more than the queue of a link may hold.
const WAITING_LEN_MAX: usize = SEND_QUEUE_LEN_MAX + 64 * 1024;
/// Timeouts that may follow from one another without the clock going on.
const TIMEOUTS_MAX: usize = 32;

/// The link by which a message came, its TTL and its hops.
type Arrival = (LinkId, u8, u8);

/// A node, the links that it has, and what was seen of both.
pub(super) struct World {
    node: Node,
    now: Time,
    links: BTreeMap<LinkId, LinkState>,
    dials: BTreeSet<SocketAddr>,
    next: u64,
    /// The furthest that each message which arrived may travel, and its hops.
    arrived: BTreeMap<(Function, Guid), Vec<Arrival>>,
    told: u64,
}

struct LinkState {
    address: SocketAddr,
    peer_role: Role,
    is_open: bool,
    /// The node has said that the link ends.
    is_over: bool,
}

impl World {
    pub(super) fn new(setup: &Setup) -> Self {
        let role = if setup.is_ultrapeer { Role::Ultrapeer } else { Role::Leaf };
        let policy = if setup.decides_itself { RolePolicy::Auto } else { RolePolicy::Always(role) };
        let mut config = Config::new(policy);
        config.listen = Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(5, 5, 5, 5)), 6346));
        config.dials = setup.dials;
        if setup.is_flood {
            (config.mode, config.ttl) = (Mode::Flood, TtlRules::FLOOD);
        }
        let now = Time::from_millis(1_000);
        let mut world = Self {
            node: Node::new(config, setup.seed, now),
            now,
            links: BTreeMap::new(),
            dials: BTreeSet::new(),
            next: 0,
            arrived: BTreeMap::new(),
            told: 0xcbf2_9ce4_8422_2325,
        };
        if setup.shares {
            world.act(&Op::Share(true));
        }
        world
    }

    /// What came out so far, as one number.
    pub(super) const fn told(&self) -> u64 {
        self.told
    }

    pub(super) fn act(&mut self, op: &Op) {
        match op {
            Op::Connect { peer, is_leaf, is_old } => self.connect(*peer, *is_leaf, *is_old),
            Op::Answer { is_there, code } => self.answer(*is_there, *code),
            Op::Close { link } => self.close(*link),
            Op::Frame { link, frame } => self.arrive(*link, frame),
            Op::Broken { link } => self.break_message(*link),
            Op::Datagram { peer, bytes } => {
                let (from, bytes) = (address_of(*peer), bytes.clone());
                self.handle(Input::Datagram { from, bytes });
            }
            Op::Pass { wait_ms } => self.pass(*wait_ms),
            Op::Transmit { link, count } => self.take_messages(*link, *count),
            other => self.obey(other),
        }
    }

    /// What must hold at any time.
    pub(super) fn check(&self) {
        for holding in self.node.holdings() {
            assert!(!holding.is_over(), "{holding:?}");
        }
        let mut open = 0;
        for (link, state) in &self.links {
            let slot = self.node.slot(*link);
            assert_eq!(slot.is_some(), state.is_open && !state.is_over, "{link:?}");
            if let Some(slot) = slot {
                open += 1;
                let waiting = self.node.servent().waiting_len_bytes(slot);
                assert!(waiting <= WAITING_LEN_MAX, "{waiting} bytes wait for {link:?}");
            }
        }
        assert_eq!(self.node.servent().neighbours_len(), open, "every neighbour has its link");
    }

    fn handle(&mut self, input: Input) {
        self.node.handle(input, self.now);
        let mut decided = Vec::new();
        while let Some(output) = self.node.poll() {
            self.note(&output);
            match output {
                Output::Dial { address } => {
                    assert!(self.dials.insert(address), "{address} is called already");
                }
                Output::Decide { link, decision } => {
                    assert!(self.is_there(link), "a decision for {link:?}, which is over");
                    decided.push((link, decision));
                }
                Output::Ready { link } => {
                    assert!(self.is_there(link), "messages for {link:?}, which is over");
                }
                Output::Close { link, .. } => {
                    assert!(self.is_there(link), "{link:?} is over already");
                    self.links.get_mut(&link).expect("it is there").is_over = true;
                }
                Output::Datagram { .. } | Output::ConnectBack { .. } | Output::Event(_) => {}
            }
        }
        for (link, decision) in decided {
            self.follow(link, &decision);
        }
    }

    fn is_there(&self, link: LinkId) -> bool {
        self.links.get(&link).is_some_and(|state| !state.is_over)
    }

    /// FNV-1a over how it looks, which leaves out nothing.
    fn note(&mut self, output: &Output) {
        for byte in format!("{output:?}").bytes() {
            self.told = (self.told ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn connect(&mut self, peer: u8, is_leaf: bool, is_old: bool) {
        let (link, address) = (self.fresh_link(), address_of(peer));
        let peer_role = if is_leaf { Role::Leaf } else { Role::Ultrapeer };
        let state = LinkState { address, peer_role, is_open: false, is_over: false };
        self.links.insert(link, state);
        let direction = Direction::Incoming;
        self.handle(Input::Connected { link, address, direction });
        if self.is_there(link) {
            let question = self.question(peer, peer_role, is_old);
            self.handle(Input::Asked { link, question: Box::new(question) });
        }
    }

    fn answer(&mut self, is_there: bool, code: Option<u16>) {
        let Some(address) = self.dials.pop_first() else { return };
        if !is_there {
            return self.handle(Input::DialFailed { address });
        }
        let (link, peer_role) = (self.fresh_link(), Role::Ultrapeer);
        let state = LinkState { address, peer_role, is_open: false, is_over: false };
        self.links.insert(link, state);
        let direction = Direction::Outgoing;
        self.handle(Input::Connected { link, address, direction });
        if let Some(code) = code {
            let peer = capabilities(0, false);
            let declined = Declined { code, reason: String::new(), peer };
            self.links.remove(&link);
            return self
                .handle(Input::Closed { link, ending: Ending::Declined(Box::new(declined)) });
        }
        let question = self.question(0, peer_role, false);
        self.handle(Input::Answered { link, question: Box::new(question) });
    }

    fn question(&self, peer: u8, peer_role: Role, is_old: bool) -> Question {
        Question {
            role: self.node.role(),
            peer_role: Some(peer_role),
            guidance: None,
            is_crawler: false,
            peer: capabilities(peer, is_old),
        }
    }

    /// What a link does with the node's decision.
    fn follow(&mut self, link: LinkId, decision: &Decision) {
        let Some(state) = self.links.get_mut(&link) else { return };
        let Decision::Accept { role, .. } = decision else {
            self.links.remove(&link);
            let refusal = Box::new(Refusal::new(Refusal::NO_ROOM, ""));
            return self.handle(Input::Closed { link, ending: Ending::Refused(refusal, None) });
        };
        let peer_role = state.peer_role;
        if role.is_leaf() && peer_role.is_leaf() {
            panic!("{link:?}: two leaves are let to connect");
        }
        state.is_open = true;
        let agreement = agreement(*role, peer_role, state.address);
        self.handle(Input::Opened { link, agreement: Box::new(agreement) });
    }

    fn close(&mut self, number: u8) {
        let Some(link) = self.nth(number, |_| true) else { return };
        self.links.remove(&link);
        self.handle(Input::Closed { link, ending: Ending::Closed });
    }

    fn arrive(&mut self, number: u8, frame: &Frame) {
        let Some(link) = self.nth(number, |state| state.is_open && !state.is_over) else { return };
        let key = (frame.function, frame.guid);
        self.arrived.entry(key).or_default().push((link, frame.ttl, frame.hops));
        self.handle(Input::Frame { link, frame: frame.clone() });
    }

    fn break_message(&mut self, number: u8) {
        let Some(link) = self.nth(number, |state| state.is_open && !state.is_over) else { return };
        let header = Header {
            guid: Guid::ZERO,
            function: Function::QUERY,
            ttl: 1,
            hops: 0,
            payload_len: 0,
            size_flags: None,
        };
        let what = "a broken message";
        let fault: Fault = Malformed { rule: Rule::new("QUERY-01"), offset: 0, what }.into();
        self.handle(Input::Dropped { link, header, fault });
    }

    /// Lets time pass as a driver does: each timeout when it is due.
    fn pass(&mut self, wait_ms: u64) {
        let until = self.now.after_ms(wait_ms);
        let mut at_once = 0;
        while let Some((due, reason)) = self.node.next_timeout()
            && due <= until
        {
            at_once = if due > self.now { 0 } else { at_once + 1 };
            assert!(at_once < TIMEOUTS_MAX, "{reason:?} is due again and again at {:?}", self.now);
            self.now = self.now.max(due);
            self.handle(Input::Timeout);
            self.check();
        }
        self.now = until;
    }

    fn take_messages(&mut self, number: u8, count: u8) {
        let Some(link) = self.nth(number, |state| state.is_open && !state.is_over) else { return };
        for _ in 0..count {
            let Some(frame) = self.node.transmit(link, self.now) else { return };
            self.inspect(link, &frame);
        }
    }

    /// What may leave: nothing that came from there, and nothing that travels further than it did.
    fn inspect(&mut self, link: LinkId, frame: &Frame) {
        let header = frame.header();
        for byte in header.encode().into_iter().chain(frame.payload.iter().copied()) {
            self.told = (self.told ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        assert_ne!(frame.function, Function::BYE, "the link says goodbye, not the node");
        assert!(frame.ttl > 0, "{header:?} cannot arrive");
        if frame.hops == 0 {
            return;
        }
        // A pong from the cache has the GUID of the ping that it answers.
        if frame.function == Function::PONG {
            return;
        }
        let arrived = self.arrived.get(&(frame.function, frame.guid));
        let arrived = arrived.map(Vec::as_slice).unwrap_or_default();
        let is_next = |(from, ttl, hops): &Arrival| {
            // Where a leaf asks, and where a leaf is shown or brought something, the TTL begins anew.
            let starts_anew = frame.ttl == 1 || *hops == 0 && frame.function == Function::QUERY;
            *from != link
                && hops.checked_add(1) == Some(frame.hops)
                && (starts_anew || frame.ttl < *ttl)
        };
        assert!(arrived.iter().any(is_next), "{header:?} to {link:?} comes from nowhere");
    }

    fn obey(&mut self, op: &Op) {
        let input = match op {
            Op::Search(number) => {
                let words = ["winter", "light", "", "\0\u{7}", "winter light snow"];
                let words = words[usize::from(*number) % words.len()].to_owned();
                Input::Command(Command::Search { search: SearchId((*number).into()), words })
            }
            Op::EndSearch(number) => Input::Command(Command::EndSearch(SearchId((*number).into()))),
            Op::Know(peer) => Input::Command(Command::Know(vec![address_of(*peer)])),
            Op::Share(something) => Input::Command(Command::Share(files(*something))),
            Op::BeLeaf(is_leaf) => {
                let role = if *is_leaf { Role::Leaf } else { Role::Ultrapeer };
                Input::Command(Command::BeRole(RolePolicy::Always(role)))
            }
            Op::Observe(number) => Input::Observed(observation(*number)),
            Op::ShutDown => Input::Command(Command::ShutDown),
            _ => return,
        };
        self.handle(input);
    }

    fn fresh_link(&mut self) -> LinkId {
        self.next += 1;
        LinkId(self.next)
    }

    /// One of the links that are as wanted.
    fn nth(&self, number: u8, is_meant: impl Fn(&LinkState) -> bool) -> Option<LinkId> {
        let links: Vec<LinkId> =
            self.links.iter().filter(|(_, state)| is_meant(state)).map(|(id, _)| *id).collect();
        (!links.is_empty()).then(|| links[usize::from(number) % links.len()])
    }
}

fn address_of(peer: u8) -> SocketAddr {
    // Some are in one network, one is ours, one is private.
    let ip = match peer % 16 {
        0 => Ipv4Addr::new(5, 5, 5, 5),
        1 => Ipv4Addr::new(10, 0, 0, 1),
        same @ 2..=5 => Ipv4Addr::new(20, 0, 0, same),
        other => Ipv4Addr::new(30 + other, 1, peer, 1),
    };
    SocketAddr::new(IpAddr::V4(ip), 6346)
}

fn capabilities(peer: u8, is_old: bool) -> Capabilities {
    if is_old {
        return Capabilities::default();
    }
    let version = Some(Version(0, 1));
    Capabilities {
        guid: (peer.is_multiple_of(3)).then_some(Guid([peer; 16])),
        listen: Some(address_of(peer)),
        query_routing: version,
        ultrapeer_query_routing: version,
        dynamic_querying: version,
        ext_probes: version,
        vendor_message: version,
        ggep: version,
        pong_caching: version,
        degree: Some(32),
        max_ttl: Some(4),
        accept_deflate: true,
        try_ultrapeers: Some(vec![address_of(peer.wrapping_add(7))]),
        ..Capabilities::default()
    }
}

fn agreement(role: Role, peer_role: Role, address: SocketAddr) -> Agreement {
    let version = Some(Version(0, 1));
    Agreement {
        role,
        peer_role,
        sends_deflate: false,
        receives_deflate: false,
        tls: false,
        query_routing: version,
        ultrapeer_query_routing: version,
        dynamic_querying: true,
        ext_probes: true,
        ggep: true,
        vendor_messages: true,
        pong_caching: true,
        bye: true,
        fault: None,
        peer: Capabilities { listen: Some(address), ..capabilities(1, false) },
    }
}

fn files(something: bool) -> Vec<SharedFile> {
    let file = |name: &str| SharedFile { name: name.to_owned(), size: 1_000, sha1: Some([7; 20]) };
    if something { vec![file("winter light.ogg"), file("snow")] } else { Vec::new() }
}

fn observation(number: u8) -> Observation {
    let amount = 1_u64 << (number >> 3);
    match number & 7 {
        0 => Observation::Traffic { sent: amount, received: amount, congested: number >= 128 },
        1 => Observation::Processor { busy_permille: u16::from(number) * 4 },
        2 => Observation::Descriptors { limit: amount, others: 10 },
        3 => Observation::Memory { physical: amount },
        4 => Observation::Shortage(number >= 128),
        5 => Observation::Searched,
        6 => Observation::UploadStalled,
        _ => Observation::Claimed { upload: amount },
    }
}
