//! Our own node, without sockets, files and clocks: a case of seconds is judged in a millisecond.

mod asked;
mod callers;
mod fetching;
mod files;
mod line;
mod obeying;
mod seeking;
mod session;
mod sources;

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;

use self::files::Files;
use self::line::{Line, Said};
use self::sources::Fetches;
use crate::base::time::Time;
use crate::conform::Claims;
use crate::conform::case::{Case, SubjectRole};
use crate::conform::play::{Action, Event, Outcome, Play, ProbeId, Settings};
use crate::gnutella::link::{Profile, Role};
use crate::node::fasttrack as part;
use crate::node::{Command, Config, Direction, Input, LinkId, Network, Node, RolePolicy};
use crate::promotion;

/// Where the node is.
pub const SUBJECT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(5, 5, 5, 5), 6346);
/// Turns without the clock going on, before something is taken for a hang.
const TURNS_MAX: u32 = 1_000_000;
/// When a case begins: a node has been there for a while.
const BEGINS_MS: u64 = 1_000;

/// A node, and the connections that it has.
struct Memory {
    node: Node,
    now: Time,
    files: Files,
    lines: BTreeMap<ProbeId, Line>,
    /// Which connection is which probe's.
    names: BTreeMap<LinkId, ProbeId>,
    /// Ports of probes that wait for a call, and sockets for datagrams.
    ports: BTreeMap<SocketAddrV4, VecDeque<ProbeId>>,
    sockets: BTreeMap<SocketAddrV4, ProbeId>,
    network: Network,
    fetches: Fetches,
    /// Sockets of hosts that other probes have too.
    hosts: BTreeMap<ProbeId, ProbeId>,
    /// Probes that wait to be called, as the node's user wants it.
    awaited: BTreeMap<SocketAddrV4, ProbeId>,
    next_link: u64,
    next_search: u64,
    seed: u64,
    /// What the node has yet to hear.
    for_node: VecDeque<Input>,
    told: Vec<Event>,
}

/// What to tell a case about the file that the node shares.
pub fn settings(seed: u64) -> Settings {
    Settings {
        seed,
        subject: Some(SUBJECT),
        within: Duration::from_secs(5),
        calls_within: Duration::from_secs(60),
        is_caller: false,
        during: Duration::from_secs(1),
        file: Some(files::described()),
        claims: Claims::default(),
    }
}

/// Plays a case against a node that was made for it.
pub fn judge(case: &Case, settings: &Settings) -> Outcome {
    let now = Time::from_millis(BEGINS_MS);
    let mut memory = Memory::new(case, settings.seed, now);
    let mut play = Play::new(case, settings, now);
    for _ in 0..TURNS_MAX {
        while let Some(action) = play.poll() {
            memory.act(action);
        }
        if play.is_over() {
            break;
        }
        memory.settle();
        let told = std::mem::take(&mut memory.told);
        if told.is_empty() && !memory.pass(&mut play) {
            break;
        }
        for event in told {
            play.handle(event, memory.now);
        }
    }
    play.outcome().unwrap_or_else(Outcome::hang)
}

impl Memory {
    fn new(case: &Case, seed: u64, now: Time) -> Self {
        let role = case.role.unwrap_or(SubjectRole::Ultrapeer);
        let config = match case.network {
            Network::Gnutella => gnutella(role),
            Network::FastTrack => fasttrack(role),
        };
        let mut node = Node::new(config, seed, now);
        node.handle(Input::Command(Command::Offer(files::offer())), now);
        let files = Files::new(node.guid(), node.fasttrack_profile().cloned(), seed);
        Self {
            node,
            now,
            files,
            lines: BTreeMap::new(),
            names: BTreeMap::new(),
            ports: BTreeMap::new(),
            sockets: BTreeMap::new(),
            network: case.network,
            fetches: Fetches::new(),
            hosts: BTreeMap::new(),
            awaited: BTreeMap::new(),
            next_link: 0,
            next_search: 0,
            seed,
            for_node: VecDeque::new(),
            told: Vec::new(),
        }
    }

    /// Does what a probe wants.
    fn act(&mut self, action: Action) {
        match action {
            Action::Connect { probe, host } => self.connect(probe, host),
            Action::Await { probe } => self.be_called(probe),
            Action::Listen { probe, host } => {
                let own = address_of(host);
                self.ports.entry(own).or_default().push_back(probe);
                self.told.push(Event::Ready { probe, own });
            }
            Action::Bind { probe, host } => {
                let own = address_of(host);
                self.hosts.insert(probe, host);
                self.sockets.insert(own, probe);
                self.told.push(Event::Ready { probe, own });
            }
            Action::Send { probe, bytes } => {
                if !self.hear_source(probe, &bytes) && !self.hear_caller(probe, &bytes) {
                    self.turn(probe, |line, files, profile, now| {
                        line.receive(&bytes, files, profile, now);
                    });
                }
            }
            Action::Datagram { probe, bytes } => {
                let host = self.hosts.get(&probe).copied().unwrap_or(probe);
                let from = SocketAddr::V4(address_of(host));
                self.for_node.push_back(Input::Datagram { from, bytes });
            }
            Action::Close { probe } => {
                if !self.source_ended(probe) {
                    self.turn(probe, |line, files, _, now| line.ended(files, now));
                }
            }
            Action::Ask { wish, what } => self.ask(wish, what),
        }
        self.follow();
    }

    fn connect(&mut self, probe: ProbeId, host: ProbeId) {
        let mut own = address_of(host);
        if probe != host {
            // The port at which it may be called is another one.
            own.set_port(
                own.port().wrapping_add(1).wrapping_add(u16::try_from(probe.0).unwrap_or(0)),
            );
        }
        let link = self.begin(probe, Line::accepted(own.into(), self.now));
        self.told.push(Event::Ready { probe, own });
        let direction = Direction::Incoming;
        self.for_node.push_back(Input::Connected { link, address: own.into(), direction });
    }

    /// The user of the node lets it call a probe.
    fn be_called(&mut self, probe: ProbeId) {
        let own = address_of(probe);
        self.awaited.insert(own, probe);
        let is_fasttrack = self.node.fasttrack_profile().is_some();
        self.for_node.push_back(match is_fasttrack {
            true => Input::Command(Command::FastTrack(part::Command::Connect(own))),
            false => Input::Command(Command::Connect(own.into())),
        });
    }

    fn begin(&mut self, probe: ProbeId, mut line: Line) -> LinkId {
        self.next_link = self.next_link.wrapping_add(1);
        let link = LinkId(self.next_link);
        self.names.insert(link, probe);
        line.link = link;
        self.lines.insert(probe, line);
        link
    }

    /// Hands something to a connection, and does what follows.
    fn turn(
        &mut self,
        probe: ProbeId,
        act: impl FnOnce(&mut Line, &mut Files, Arc<Profile>, Time),
    ) {
        let profile = Arc::new(self.node.profile());
        let Some(line) = self.lines.get_mut(&probe) else { return };
        act(line, &mut self.files, profile, self.now);
        let link = line.link;
        let said = line.take_said();
        for said in said {
            match said {
                Said::Bytes(bytes) => self.told.push(Event::Received { probe, bytes }),
                Said::Ended => self.told.push(Event::Ended { probe }),
                Said::ToNode(input) => self.for_node.push_back(*input),
                Said::Calls(bytes) => {
                    self.fetches.pushes.callers.push((probe, BytesMut::new()));
                    self.hear_caller(probe, &bytes);
                }
                Said::Gone => {
                    self.lines.remove(&probe);
                    self.names.remove(&link);
                }
            }
        }
    }

    /// Everything that is due now has its turn.
    fn settle(&mut self) {
        if self.node.next_timeout().is_some_and(|(due, _)| due <= self.now) {
            self.for_node.push_back(Input::Timeout);
        }
        self.files.handle_timeout(self.now);
        self.catch_up_with_fetches();
        let due: Vec<_> = self.lines.iter().filter(|(_, line)| line.is_due(self.now)).collect();
        let due: Vec<_> = due.into_iter().map(|(probe, _)| *probe).collect();
        for probe in due {
            self.turn(probe, |line, files, _, now| line.catch_up(files, now));
        }
        self.follow();
    }

    /// The clock goes on to the next moment at which something happens. False if nothing ever will.
    fn pass(&mut self, play: &mut Play<'_>) -> bool {
        let node = self.node.next_timeout().map(|(due, _)| due);
        let lines = self.lines.values().filter_map(Line::next_timeout);
        let files = self.files.next_timeout();
        let next = lines
            .chain(node)
            .chain(files)
            .chain(self.fetches.next_timeout())
            .chain(play.next_timeout())
            .min();
        let Some(next) = next else { return false };
        self.now = self.now.max(next);
        play.handle(Event::Timeout, self.now);
        true
    }
}

fn gnutella(role: SubjectRole) -> Config {
    let role = match role {
        SubjectRole::Leaf => Role::Leaf,
        SubjectRole::Ultrapeer => Role::Ultrapeer,
    };
    let policy = RolePolicy::Always(role);
    Config { listen: Some(SUBJECT.into()), is_vouched_for: true, ..Config::new(policy) }
}

fn fasttrack(role: SubjectRole) -> Config {
    let role = match role {
        SubjectRole::Leaf => promotion::Role::Leaf,
        SubjectRole::Ultrapeer => promotion::Role::Supernode,
    };
    let policy = part::RolePolicy::Always(role);
    let part = part::Config { listen: Some(SUBJECT), ..part::Config::new(policy) };
    Config { fasttrack: Some(Box::new(part)), ..gnutella(SubjectRole::Leaf) }
}

/// Each probe is a host of its own.
fn address_of(probe: ProbeId) -> SocketAddrV4 {
    let [_, high, middle, low] = probe.0.to_be_bytes();
    SocketAddrV4::new(Ipv4Addr::new(90, high.wrapping_add(1), middle.wrapping_add(low), 7), 6346)
}
