//! A few whole nodes on a fake clock, connected by links that carry their bytes at once.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use filbert::base::time::Time;
use filbert::gnutella::link::{self, Link, Queue, Role};
use filbert::gnutella::servent::Neighbour;
use filbert::gnutella::wire::Frame;
use filbert::node::{
    Command, Config, Direction, Event, Input, LinkId, Node, Output, RolePolicy, SearchId,
    SharedFile,
};

/// Where the node with this number listens: each in a network of its own, as strangers are.
pub fn address(number: usize) -> SocketAddr {
    let number = u32::try_from(number).unwrap();
    let ip = Ipv4Addr::from_bits(0x0505_0101 + number * 0x0001_0100);
    SocketAddr::new(IpAddr::V4(ip), 6346)
}

/// A node in the net, and what it has told.
#[derive(Debug)]
pub struct Place {
    pub node: Node,
    pub events: Vec<Event>,
    /// It takes connections.
    pub is_reachable: bool,
    /// Nothing comes through its line, in either direction.
    pub is_cut: bool,
    /// Frames that it was sent, in their order.
    pub received: Vec<(LinkId, Frame)>,
    /// Datagrams that went to nobody.
    pub lost: Vec<(SocketAddr, Bytes)>,
}

#[derive(Debug)]
struct End {
    at: usize,
    link: Link,
    other: LinkId,
    is_dead: bool,
    has_ended: bool,
}

/// Nodes, the links between them, and the clock.
#[derive(Debug, Default)]
pub struct Net {
    pub places: Vec<Place>,
    pub now: Time,
    ends: BTreeMap<LinkId, End>,
    next: u64,
    work: VecDeque<(usize, Input)>,
}

impl Net {
    pub fn new() -> Self {
        Self { now: Time::from_millis(1_000), ..Self::default() }
    }

    /// A node of this role that calls nobody by itself.
    pub fn add(&mut self, role: Role) -> usize {
        self.add_with(RolePolicy::Always(role), |config| config.dials = false)
    }

    pub fn add_with(&mut self, role: RolePolicy, change: impl FnOnce(&mut Config)) -> usize {
        let number = self.places.len();
        let mut config = Config::new(role);
        config.listen = Some(address(number));
        change(&mut config);
        let node = Node::new(config, number as u64 + 1, self.now);
        let (events, received, lost) = (Vec::new(), Vec::new(), Vec::new());
        let (is_reachable, is_cut) = (true, false);
        self.places.push(Place { node, events, is_reachable, is_cut, received, lost });
        number
    }

    pub fn share(&mut self, at: usize, names: &[&str]) {
        let files = names.iter().enumerate().map(|(number, name)| SharedFile {
            name: (*name).to_owned(),
            size: 1_000,
            sha1: Some([u8::try_from(number).unwrap(); 20]),
        });
        let files = files.collect();
        self.command(at, Command::Share(files));
    }

    pub fn command(&mut self, at: usize, command: Command) {
        self.hand_in(at, Input::Command(command));
    }

    pub fn connect(&mut self, from: usize, to: usize) {
        self.command(from, Command::Connect(address(to)));
    }

    /// Both call each other before either hears of it.
    pub fn cross(&mut self, one: usize, other: usize) {
        for (from, to) in [(one, other), (other, one)] {
            self.places[from].node.handle(Input::Command(Command::Connect(address(to))), self.now);
            while let Some(output) = self.places[from].node.poll() {
                assert!(matches!(output, Output::Dial { .. }), "{output:?}");
            }
        }
        self.dial(one, address(other));
        self.dial(other, address(one));
        self.work_off();
        self.flush();
        self.work_off();
    }

    pub fn search(&mut self, at: usize, words: &str) -> SearchId {
        let search = SearchId(self.next);
        self.next += 1;
        self.command(at, Command::Search { search, words: words.to_owned() });
        search
    }

    /// Lets something happen, and all that follows at the same moment.
    pub fn hand_in(&mut self, at: usize, input: Input) {
        self.work.push_back((at, input));
        self.work_off();
    }

    fn work_off(&mut self) {
        while let Some((at, input)) = self.work.pop_front() {
            self.places[at].node.handle(input, self.now);
            while let Some(output) = self.places[at].node.poll() {
                self.follow(at, output);
            }
        }
    }

    /// Lets time pass.
    pub fn run(&mut self, seconds: u64) {
        let until = self.now.after_ms(seconds * 1_000);
        loop {
            let nodes = self.places.iter().enumerate();
            let nodes =
                nodes.filter_map(|(at, place)| Some((place.node.next_timeout()?.0, Ok(at))));
            let links = self.ends.iter().filter(|(_, end)| !end.is_dead);
            let links = links.filter_map(|(id, end)| Some((end.link.next_timeout()?.0, Err(*id))));
            let Some((due, who)) = nodes.chain(links).min() else { break };
            if due > until {
                break;
            }
            self.now = self.now.max(due);
            match who {
                Ok(at) => self.hand_in(at, Input::Timeout),
                Err(id) => {
                    self.turn(id, link::Input::Timeout);
                    self.flush();
                }
            }
        }
        self.now = until;
    }

    /// The links between two nodes that are open on the side of the first.
    pub fn neighbours(&self, at: usize) -> Vec<&Neighbour> {
        self.places[at].node.servent().neighbours().map(|(_, neighbour)| neighbour).collect()
    }

    /// The link on which `at` speaks with `to`.
    pub fn link_between(&self, at: usize, to: usize) -> Option<LinkId> {
        self.ends
            .iter()
            .find(|(_, end)| !end.is_dead && end.at == at && self.ends[&end.other].at == to)
            .map(|(id, _)| *id)
    }

    /// Hands a frame to `to` as if `from` had sent it.
    pub fn forge(&mut self, from: usize, to: usize, frame: Frame) {
        let link = self.link_between(to, from).expect("they are connected");
        self.hand_in(to, Input::Frame { link, frame });
    }

    fn follow(&mut self, at: usize, output: Output) {
        match output {
            Output::Dial { address } => self.dial(at, address),
            Output::Decide { link, decision } => self.turn(link, link::Input::Decided(decision)),
            Output::Ready { link } => self.send(link),
            Output::Close { link, code, reason } => {
                self.turn(link, link::Input::Bye { code, reason: &reason });
            }
            Output::Datagram { to, bytes } => self.carry_datagram(at, to, bytes),
            Output::ConnectBack { to } => self.connect_back(at, to),
            Output::Event(event) => self.places[at].events.push(event),
            Output::FastTrack(output) => panic!("nobody speaks FastTrack here: {output:?}"),
        }
        self.flush();
    }

    fn number_of(&self, wanted: SocketAddr) -> Option<usize> {
        (0..self.places.len()).find(|number| address(*number) == wanted)
    }

    /// Who listens at an address and can be reached from there.
    fn reached(&self, from: usize, to: SocketAddr) -> Option<usize> {
        let other = self.number_of(to).filter(|other| self.places[*other].is_reachable);
        other.filter(|other| !self.is_cut_between(from, *other))
    }

    fn is_cut_between(&self, one: usize, other: usize) -> bool {
        self.places[one].is_cut || self.places[other].is_cut
    }

    fn dial(&mut self, at: usize, to: SocketAddr) {
        let Some(other) = self.reached(at, to) else {
            return self.work.push_back((at, Input::DialFailed { address: to }));
        };
        let (calling, called) = (LinkId(self.next), LinkId(self.next + 1));
        self.next += 2;
        let caller_port = 40_000 + u16::try_from(self.next % 20_000).unwrap();
        let caller = SocketAddr::new(address(at).ip(), caller_port);
        let [ours, theirs] = [at, other].map(|one| Arc::new(self.places[one].node.profile()));
        let connecting = Link::connect(ours, to.ip(), self.now);
        let accepting = Link::accept(theirs, caller.ip(), self.now);
        let end = |at, link, other| End { at, link, other, is_dead: false, has_ended: false };
        self.ends.insert(calling, end(at, connecting, called));
        self.ends.insert(called, end(other, accepting, calling));
        let direction = Direction::Outgoing;
        self.work.push_back((at, Input::Connected { link: calling, address: to, direction }));
        let direction = Direction::Incoming;
        self.work.push_back((other, Input::Connected { link: called, address: caller, direction }));
    }

    fn send(&mut self, id: LinkId) {
        let Some(end) = self.ends.get_mut(&id) else { return };
        while end.link.wants_frames() {
            let Some(frame) = self.places[end.at].node.transmit(id, self.now) else { return };
            end.link.send(&frame, self.now);
        }
    }

    /// Turns one end's crank; what it tells is handed to its node.
    fn turn(&mut self, id: LinkId, input: link::Input<'_>) {
        let Some(end) = self.ends.get_mut(&id).filter(|end| !end.is_dead) else { return };
        end.link.handle(input, self.now);
        let at = end.at;
        while let Some(output) = end.link.poll() {
            let told = match output {
                link::Output::Asked(question) => Input::Asked { link: id, question },
                link::Output::Answered(question) => Input::Answered { link: id, question },
                link::Output::Opened(agreement) => Input::Opened { link: id, agreement },
                link::Output::Frame(frame) => {
                    self.places[at].received.push((id, frame.clone()));
                    Input::Frame { link: id, frame }
                }
                link::Output::Dropped { header, fault } => {
                    Input::Dropped { link: id, header, fault: fault.into() }
                }
                link::Output::EndWriting => {
                    end.has_ended = true;
                    continue;
                }
                link::Output::Closed(ending) => {
                    end.is_dead = true;
                    Input::Closed { link: id, ending }
                }
                link::Output::StartTls { .. } => panic!("nobody here speaks TLS"),
            };
            self.work.push_back((at, told));
        }
    }

    /// Carries bytes until no link has any more.
    fn flush(&mut self) {
        loop {
            let ids: Vec<LinkId> = self.ends.keys().copied().collect();
            let carried = ids.into_iter().filter(|id| self.carry(*id)).count();
            if carried == 0 {
                return;
            }
        }
    }

    fn carry(&mut self, id: LinkId) -> bool {
        let Some(end) = self.ends.get_mut(&id) else { return false };
        let (at, other) = (end.at, end.other);
        let sent = end.link.transmit(Queue::Dry, self.now);
        let has_ended = std::mem::take(&mut end.has_ended);
        let is_dead = end.is_dead;
        let is_lost = self.ends.get(&other).is_some_and(|other| self.is_cut_between(at, other.at));
        if let Some(bytes) = sent {
            if !is_lost {
                self.turn(other, link::Input::Received(&bytes));
            }
            return true;
        }
        let is_over = has_ended || is_dead;
        if is_dead {
            self.ends.remove(&id);
        }
        if is_over && !is_lost {
            self.turn(other, link::Input::Ended);
        }
        is_over
    }

    fn carry_datagram(&mut self, at: usize, to: SocketAddr, bytes: Bytes) {
        match self.reached(at, to) {
            Some(other) => {
                self.work.push_back((other, Input::Datagram { from: address(at), bytes }));
            }
            None => self.places[at].lost.push((to, bytes)),
        }
    }

    /// Two line feeds are no handshake: whoever is reached closes.
    fn connect_back(&mut self, at: usize, to: SocketAddr) {
        let Some(other) = self.reached(at, to) else { return };
        let link = LinkId(self.next);
        self.next += 1;
        let from = SocketAddr::new(address(at).ip(), 50_000);
        let direction = Direction::Incoming;
        self.work.push_back((other, Input::Connected { link, address: from, direction }));
        let ending = link::Ending::Closed;
        self.work.push_back((other, Input::Closed { link, ending }));
    }
}
