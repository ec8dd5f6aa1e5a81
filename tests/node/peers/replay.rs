//! A node of ours in the place of a recorded one: the real programs around it say what they said then,
//! byte for byte, over real links.
//!
//! What answers something of ours comes when the node has said that, as long after it as then, and
//! with its GUID; all else comes when it came.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use filbert::base::time::Time;
use filbert::gnutella::link::{self, Link, Queue};
use filbert::gnutella::wire::{Datagram, Frame, Function};
use filbert::node::{
    Command, Config, Direction, Event, Input, LinkId, Node, Output, RolePolicy, SearchId,
    SharedFile,
};

use super::conversation::{Conversation, Key, Peer, Reply, What};
use super::wire::Wire;

/// Names of connections that lead to no link.
pub const PROBES: u64 = 1_000;

/// The node, and all that it did.
pub struct Replay {
    pub node: Node,
    pub events: Vec<Event>,
    /// Frames that it sent, to whom, and when.
    pub sent: Vec<(Time, usize, Frame)>,
    pub datagrams: Vec<(SocketAddr, Bytes)>,
    pub connect_backs: Vec<SocketAddr>,
    pub now: Time,
    conversation: Conversation,
    replies: BTreeMap<Key, Vec<Vec<Reply>>>,
    said: BTreeMap<Key, usize>,
    agenda: BTreeMap<(Time, usize), Action>,
    planned: usize,
    searches: u64,
    wires: BTreeMap<usize, Wire>,
    work: VecDeque<Input>,
}

/// What is still to happen.
enum Action {
    Connect(usize),
    Happen(What),
}

impl Replay {
    /// The recorded node again, before anything has happened.
    pub fn new(conversation: Conversation, seed: u64) -> Self {
        let mut config = Config::new(RolePolicy::Always(conversation.role));
        config.listen = Some(conversation.listen);
        config.guid = Some(conversation.guid);
        config.dials = false;
        config.out_of_band = conversation.out_of_band;
        // The programs had addresses that belong to nobody.
        config.allow_private = true;
        let node = Node::new(config, seed, Time::ZERO);
        let mut replay = Self {
            node,
            events: Vec::new(),
            sent: Vec::new(),
            datagrams: Vec::new(),
            connect_backs: Vec::new(),
            now: Time::ZERO,
            replies: conversation.replies(),
            said: BTreeMap::new(),
            agenda: BTreeMap::new(),
            planned: 0,
            searches: 0,
            wires: BTreeMap::new(),
            work: VecDeque::new(),
            conversation,
        };
        replay.share();
        replay.plan_all();
        replay
    }

    /// Plays on until this moment.
    pub fn run(&mut self, until: Time) {
        loop {
            let planned = self.agenda.keys().next().map(|(at, _)| *at);
            let node = self.node.next_timeout().map(|(at, _)| at);
            let links = self.wires.values().filter_map(|wire| wire.link.next_timeout());
            let links = links.map(|(at, _)| at).min();
            let Some(due) = [planned, node, links].into_iter().flatten().min() else { break };
            if due > until {
                break;
            }
            self.now = self.now.max(due);
            if planned == Some(due) {
                let (_, action) = self.agenda.pop_first().unwrap();
                self.act(action);
            } else if node == Some(due) {
                self.work.push_back(Input::Timeout);
            } else {
                self.wake_links();
            }
            self.work_off();
        }
        self.now = until;
    }

    /// Lets a peer say something now that was not recorded.
    pub fn receive(&mut self, peer: usize, frame: Frame) {
        self.act(Action::Happen(What::Received { peer, frame }));
    }

    pub fn neighbours_len(&self) -> usize {
        self.node.servent().neighbours_len()
    }

    fn share(&mut self) {
        let files = self.conversation.files.iter().enumerate().map(|(number, name)| SharedFile {
            name: name.clone(),
            size: 1_000 + number as u64,
            sha1: Some([0x40 + u8::try_from(number).unwrap(); 20]),
        });
        let files = files.collect();
        self.work.push_back(Input::Command(Command::Share(files)));
        self.work_off();
    }

    fn plan_all(&mut self) {
        let own = self.conversation.own_guids();
        for (number, peer) in self.conversation.peers.clone().iter().enumerate() {
            self.plan(peer.at(), Action::Connect(number));
        }
        for line in self.conversation.lines.clone() {
            let happens = line.what.guid().is_none_or(|guid| !own.contains(&guid));
            if happens && !line.what.is_ours() {
                self.plan(line.at, Action::Happen(line.what));
            }
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Connect(peer) => self.connect(peer),
            Action::Happen(what) => self.happen(what),
        }
        self.work_off();
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Received { peer, frame } => self.say(peer, &frame),
            What::DatagramReceived { from, bytes } => {
                self.work.push_back(Input::Datagram { from, bytes });
            }
            What::Searched { words } => {
                self.searches += 1;
                let search = SearchId(self.searches);
                self.work.push_back(Input::Command(Command::Search { search, words }));
            }
            What::Probed { from } => {
                let link = LinkId(PROBES + u64::from(from.port()));
                let direction = Direction::Incoming;
                self.work.push_back(Input::Connected { link, address: from, direction });
                let ending = link::Ending::Closed;
                self.work.push_back(Input::Closed { link, ending });
            }
            What::Closed { peer } => self.turn(peer, link::Input::Ended),
            What::Sent { .. } | What::DatagramSent { .. } | What::ConnectedBack { .. } => {}
        }
    }

    fn connect(&mut self, peer: usize) {
        let Peer { address, calls, .. } = &self.conversation.peers[peer];
        if calls == "us" {
            return self.work.push_back(Input::Command(Command::Connect(*address)));
        }
        let profile = Arc::new(self.node.profile());
        let link = Link::accept(profile, address.ip(), self.now);
        self.add_wire(peer, link, 1, Direction::Incoming);
        self.say_head(peer);
    }

    fn dial(&mut self, address: SocketAddr) {
        let peers = &self.conversation.peers;
        let peer = peers.iter().position(|peer| peer.address == address).expect("it is known");
        let link = Link::connect(Arc::new(self.node.profile()), address.ip(), self.now);
        self.add_wire(peer, link, 2, Direction::Outgoing);
    }

    fn add_wire(&mut self, peer: usize, link: Link, heads_due: usize, direction: Direction) {
        let Peer { address, heads, .. } = self.conversation.peers[peer].clone();
        let id = LinkId(peer as u64);
        let wire = Wire::new(link, id, heads, heads_due);
        self.wires.insert(peer, wire);
        self.work.push_back(Input::Connected { link: id, address, direction });
        self.work_off();
    }

    /// The peer says its next head, if it has one.
    fn say_head(&mut self, peer: usize) {
        let head = self.wires.get_mut(&peer).unwrap().next_head();
        if let Some(head) = head {
            self.turn(peer, link::Input::Received(head.as_bytes()));
        }
    }

    fn say(&mut self, peer: usize, frame: &Frame) {
        let bytes = self.wires.get_mut(&peer).unwrap().pack(frame);
        self.turn(peer, link::Input::Received(&bytes));
    }

    fn work_off(&mut self) {
        loop {
            while let Some(input) = self.work.pop_front() {
                self.node.handle(input, self.now);
                while let Some(output) = self.node.poll() {
                    self.follow(output);
                }
            }
            let peers: Vec<usize> = self.wires.keys().copied().collect();
            let moved = peers.into_iter().filter(|peer| self.carry(*peer)).count();
            if moved == 0 && self.work.is_empty() {
                return;
            }
        }
    }

    fn follow(&mut self, output: Output) {
        match output {
            Output::Dial { address } => self.dial(address),
            Output::Decide { link, decision } => {
                self.turn(peer_of(link), link::Input::Decided(decision));
            }
            Output::Ready { .. } => {}
            Output::Close { link, code, reason } => {
                self.turn(peer_of(link), link::Input::Bye { code, reason: &reason });
            }
            Output::Datagram { to, bytes } => self.send_datagram(to, bytes),
            Output::ConnectBack { to } => self.connect_backs.push(to),
            Output::Event(event) => self.events.push(event),
            Output::FastTrack(output) => panic!("nobody speaks FastTrack here: {output:?}"),
        }
    }

    /// The recorded hosts were never pinged for proof; they answer such pings (OOB-10).
    fn send_datagram(&mut self, to: SocketAddr, bytes: Bytes) {
        if let Ok(Datagram::Frame { mut frame, .. }) = Datagram::decode(&bytes)
            && frame.function == Function::PING
        {
            frame.function = Function::PONG;
            frame.payload = Bytes::from_static(&[0; 14]);
            let pong = Datagram::Frame { frame, deflated: false, can_inflate: false };
            let bytes = pong.to_bytes();
            self.node.handle(Input::Datagram { from: to, bytes }, self.now);
        }
        self.datagrams.push((to, bytes));
    }

    fn turn(&mut self, peer: usize, input: link::Input<'_>) {
        let Some(wire) = self.wires.get_mut(&peer) else { return };
        wire.link.handle(input, self.now);
        let link = wire.id;
        while let Some(output) = wire.link.poll() {
            self.work.push_back(match output {
                link::Output::Asked(question) => Input::Asked { link, question },
                link::Output::Answered(question) => Input::Answered { link, question },
                link::Output::Opened(agreement) => Input::Opened { link, agreement },
                link::Output::Frame(frame) => Input::Frame { link, frame },
                link::Output::Dropped { header, fault } => {
                    Input::Dropped { link, header, fault: fault.into() }
                }
                link::Output::Closed(ending) => Input::Closed { link, ending },
                link::Output::EndWriting => continue,
                link::Output::StartTls { .. } => panic!("nobody here speaks TLS"),
            });
        }
    }

    fn wake_links(&mut self) {
        let now = self.now;
        let due = |wire: &Wire| wire.link.next_timeout().is_some_and(|(at, _)| at <= now);
        let peers = self.wires.iter().filter(|(_, wire)| due(wire)).map(|(peer, _)| *peer);
        for peer in peers.collect::<Vec<_>>() {
            self.turn(peer, link::Input::Timeout);
        }
    }

    /// Takes frames out of the node and bytes out of the link, and reads them as the peer does. False
    /// where there were none.
    fn carry(&mut self, peer: usize) -> bool {
        let wire = self.wires.get_mut(&peer).unwrap();
        while wire.link.wants_frames() {
            let Some(frame) = self.node.transmit(wire.id, self.now) else { break };
            wire.link.send(&frame, self.now);
        }
        let Some(bytes) = wire.link.transmit(Queue::Dry, self.now) else { return false };
        wire.read(&bytes);
        let has_read_head = wire.take_head();
        let frames = wire.take_frames();
        if has_read_head {
            self.say_head(peer);
        }
        for frame in frames {
            self.note(peer, frame);
        }
        true
    }

    /// A frame has reached the peer; what came of it then comes of it again.
    fn note(&mut self, peer: usize, frame: Frame) {
        let key = Key::of(peer, &frame);
        if let Some(times) = self.replies.get(&key) {
            let time = self.said.entry(key).or_default();
            let replies = times[(*time).min(times.len() - 1)].clone();
            *time += 1;
            for Reply { wait, what } in replies {
                self.plan(self.now.after(wait), Action::Happen(what.with_guid(frame.guid)));
            }
        }
        self.sent.push((self.now, peer, frame));
    }

    fn plan(&mut self, at: Time, action: Action) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), action);
    }
}

fn peer_of(link: LinkId) -> usize {
    usize::try_from(link.0).unwrap()
}
