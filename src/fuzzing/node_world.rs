use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;

use super::node_datagrams::Strangers;
use super::node_parts::{address_of, agreement, capabilities, files, observation};
use super::node_script::{Op, Setup};
use super::node_witness::Witness;
use crate::base::error::{Fault, Malformed, Rule};
use crate::base::limits::SEND_QUEUE_LEN_MAX;
use crate::base::time::Time;
use crate::gnutella::link::{Decision, Declined, Ending, Question, Refusal, Role};
use crate::gnutella::push_proxy::Callback;
use crate::gnutella::router::TtlRules;
use crate::gnutella::servent::Mode;
use crate::gnutella::wire::{Datagram, Frame, Function, Guid, Header};
use crate::node::{Command, Config, Direction, Input, LinkId, Node, Output, RolePolicy, SearchId};

/// Bytes of one message more than the queue of a link may hold.
const WAITING_LEN_MAX: usize = SEND_QUEUE_LEN_MAX + 64 * 1024;
/// Timeouts that may follow from one another without the clock going on.
const TIMEOUTS_MAX: usize = 32;

/// A node, the links that it has, and what was seen of both.
pub(super) struct World {
    node: Node,
    now: Time,
    links: BTreeMap<LinkId, LinkState>,
    dials: BTreeSet<SocketAddr>,
    next: u64,
    witness: Witness,
    strangers: Strangers,
    told: u64,
}

struct LinkState {
    address: SocketAddr,
    /// What the node is here, once the link is open.
    role: Role,
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
        config.guid = Some(Guid([1; 16]));
        config.dials = setup.dials;
        if setup.is_flood {
            (config.mode, config.ttl) = (Mode::Flood, TtlRules::FLOOD);
        }
        let (now, witness) = (Time::from_millis(1_000), Witness::new(config.mode));
        let mut world = Self {
            node: Node::new(config, setup.seed, now),
            now,
            links: BTreeMap::new(),
            dials: BTreeSet::new(),
            next: 0,
            witness,
            strangers: Strangers::default(),
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
                self.arrive_by_datagram(from, bytes);
            }
            Op::Stranger { peer, kind, about } => {
                let (from, frame) = self.strangers.message(*peer, *kind, *about);
                let datagram = Datagram::Frame { frame, deflated: false, can_inflate: false };
                self.arrive_by_datagram(from, datagram.to_bytes());
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
            self.strangers.hear(&output);
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
                Output::Event(event) => self.witness.hears(&event, self.now),
                Output::Datagram { .. } | Output::ConnectBack { .. } | Output::FastTrack(_) => {}
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
        let state = LinkState {
            address,
            role: self.node.role(),
            peer_role,
            is_open: false,
            is_over: false,
        };
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
        let state = LinkState {
            address,
            role: self.node.role(),
            peer_role,
            is_open: false,
            is_over: false,
        };
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
        (state.is_open, state.role) = (true, *role);
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
        self.witness.arrives(link, frame);
        self.handle(Input::Frame { link, frame: frame.clone() });
    }

    fn arrive_by_datagram(&mut self, from: SocketAddr, bytes: Bytes) {
        if let Ok(Datagram::Frame { frame, .. }) = Datagram::decode(&bytes) {
            self.witness.arrives_by_datagram(&frame);
        }
        self.handle(Input::Datagram { from, bytes });
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
        self.try_closed_links();
        let Some(link) = self.nth(number, |state| state.is_open && !state.is_over) else { return };
        let role = self.links[&link].role;
        for _ in 0..count {
            let Some(frame) = self.node.transmit(link, self.now) else { return };
            let header = frame.header().encode();
            for byte in header.into_iter().chain(frame.payload.iter().copied()) {
                self.told = (self.told ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            self.witness.leaves(link, role, &frame);
            self.strangers.overhear(&frame);
        }
    }

    /// Nothing waits where nobody is, or nobody any more.
    fn try_closed_links(&mut self) {
        let gone = LinkId(self.next + 1);
        let is_closed = |state: &LinkState| !state.is_open || state.is_over;
        let closed = self.links.iter().filter(|(_, state)| is_closed(state)).map(|(link, _)| *link);
        for link in closed.chain([gone, LinkId(self.next)]).collect::<Vec<_>>() {
            if self.links.get(&link).is_none_or(is_closed) {
                let frame = self.node.transmit(link, self.now);
                assert!(frame.is_none(), "{frame:?} waits for {link:?}, which is closed");
            }
        }
    }

    fn obey(&mut self, op: &Op) {
        let input = match op {
            Op::Search(number) => {
                let words = ["winter", "light", "", "\0\u{7}", "winter light snow"];
                let words = words[usize::from(*number) % words.len()].to_owned();
                let search = SearchId((*number).into());
                self.witness.searches(search);
                Input::Command(Command::Search { search, words })
            }
            Op::EndSearch(number) => {
                let search = SearchId((*number).into());
                self.witness.ends_search(search);
                Input::Command(Command::EndSearch(search))
            }
            Op::Know(peer) => Input::Command(Command::Know(vec![address_of(*peer)])),
            Op::Share(something) => Input::Command(Command::Share(files(*something))),
            Op::Announce { link, something } => {
                let is_open = |state: &LinkState| state.is_open && !state.is_over;
                let Some(link) = self.nth(*link >> 1, is_open) else { return };
                Input::Announced { link, files: files(*something) }
            }
            Op::BeLeaf(is_leaf) => {
                let role = if *is_leaf { Role::Leaf } else { Role::Ultrapeer };
                Input::Command(Command::BeRole(RolePolicy::Always(role)))
            }
            Op::CallbackEnded(number) => {
                let host = Ipv4Addr::new(80, 1, *number >> 3, 1);
                let how = match *number & 7 {
                    1 => Callback::Asked,
                    2 => Callback::Silent,
                    _ => Callback::Absent,
                };
                let address = SocketAddr::new(IpAddr::V4(host), 6346);
                self.witness.called(address, how, self.now);
                Input::CallbackEnded { address, how }
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
