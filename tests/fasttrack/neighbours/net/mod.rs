//! Many supernodes, wired together: virtual time, latencies by a seed, nodes that come and go.

mod look;
mod run;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::net::{Ipv4Addr, SocketAddrV4};

use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::fasttrack::neighbours::{
    Amount, Closed, Declined, Ended, Neighbours, Own, Rules, SearchKey,
};
use filbert::fasttrack::wire::{
    Bandwidth, FoundRef, Frame, Media, Message, PushRequest, Realm, Tag, Term, Unicast,
};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

pub type Id = usize;

/// The whole network.
pub struct Net {
    pub now: Time,
    pub nodes: Vec<Option<Node>>,
    links: Vec<Link>,
    queue: BinaryHeap<Reverse<(Time, u64)>>,
    events: BTreeMap<u64, Event>,
    next_event: u64,
    pub random: ChaCha8Rng,
    pub rules: Rules,
    pub seen: Seen,
    pub searches: BTreeMap<SearchKey, Search>,
    /// What those send who do not play by the rules.
    pub crooks: BTreeMap<Id, Crook>,
}

/// What becomes of a message of a crook.
pub type Crook = fn(&Message) -> Option<Message>;

/// A supernode, and what it has.
pub struct Node {
    pub room: Neighbours,
    slots: Slots<usize>,
    /// The earliest call of its timeout that is in the queue.
    timer: Time,
    /// How often it has a file with this word.
    pub files: BTreeMap<String, u16>,
    /// It does not answer searches.
    pub is_mute: bool,
}

#[derive(Clone, Copy)]
struct Link {
    ends: [(Id, Slot); 2],
    is_open: bool,
    latency_ms: u64,
    /// When the last message arrives, by the end that it goes to.
    last: [Time; 2],
}

enum Event {
    Deliver { link: usize, end: usize, frame: Frame, trace: Vec<Id> },
    Close { link: usize, end: usize },
    Timer { node: Id },
}

/// What was seen on all links.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub tables: u64,
    pub records: u64,
    pub bytes: u64,
    pub unicasts: u64,
    pub searches: u64,
    pub hops_max: u8,
    /// Messages that came to a supernode twice.
    pub loops: u64,
    pub pushes: Vec<(Id, PushRequest)>,
    pub faults: Vec<(Id, String)>,
    pub declined: Vec<Declined>,
    pub closed: Vec<Closed>,
    pub doubted: u64,
}

/// A search, as its child would see it.
#[derive(Debug, Default)]
pub struct Search {
    pub results: usize,
    pub from: BTreeSet<SocketAddrV4>,
    pub began: Time,
    pub ended: Option<(Time, Ended)>,
}

pub fn own() -> Own {
    let media = [Amount { files: 100, mib: 1_000 }; Media::COUNT];
    Own { children: 90, load_percent: 50, bandwidth: Bandwidth(0x80), media }
}

/// Each in its own network.
pub fn address(id: Id) -> SocketAddrV4 {
    let [high, low] = u16::try_from(id).unwrap().to_be_bytes();
    SocketAddrV4::new(Ipv4Addr::new(60, high, low, 7), 1_214)
}

impl Net {
    pub fn new(seed: u64) -> Self {
        Self {
            now: Time::ZERO,
            nodes: Vec::new(),
            links: Vec::new(),
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            next_event: 0,
            random: ChaCha8Rng::seed_from_u64(seed),
            rules: Rules::default(),
            seen: Seen::default(),
            searches: BTreeMap::new(),
            crooks: BTreeMap::new(),
        }
    }

    /// So many supernodes in a ring, with chords until each has about so many neighbours.
    pub fn ring(seed: u64, count: usize, degree: usize) -> Self {
        let mut net = Self::new(seed);
        for _ in 0..count {
            net.add();
        }
        for id in 0..count {
            net.link(id, (id + 1) % count);
        }
        for id in 0..count {
            net.fill(id, degree);
        }
        net
    }

    pub fn add(&mut self) -> Id {
        self.nodes.push(None);
        let id = self.nodes.len() - 1;
        self.begin(id);
        id
    }

    /// A supernode comes, or one that was dead comes again and knows nothing.
    pub fn begin(&mut self, id: Id) {
        let random = ChaCha8Rng::seed_from_u64(self.random.random());
        let room = Neighbours::new(address(id), own(), self.rules, &random, self.now);
        let (slots, files) = (Slots::new(), BTreeMap::new());
        self.nodes[id] = Some(Node { room, slots, timer: Time::NEVER, files, is_mute: false });
        self.settle(id, &[]);
    }

    /// Calls others at random until it has so many links.
    pub fn fill(&mut self, id: Id, degree: usize) {
        let alive: Vec<_> = self.alive().collect();
        for _ in 0..20 * degree {
            let missing = self.neighbours(id).len() < degree;
            let other = alive[self.random.random_range(0..alive.len())];
            let has_room = self.neighbours(other).len() < self.rules.neighbours_max.min(degree + 4);
            if missing && has_room && other != id && !self.neighbours(id).contains(&other) {
                self.link(id, other);
            }
        }
    }

    pub fn alive(&self) -> impl Iterator<Item = Id> {
        (0..self.nodes.len()).filter(|&id| self.nodes[id].is_some())
    }

    pub fn node(&mut self, id: Id) -> &mut Node {
        self.nodes[id].as_mut().unwrap()
    }

    pub fn neighbours(&self, id: Id) -> Vec<Id> {
        let Some(node) = &self.nodes[id] else { return Vec::new() };
        let other = |link: usize| {
            let [(a, _), (b, _)] = self.links[link].ends;
            if a == id { b } else { a }
        };
        node.slots.iter().map(|(_, link)| other(*link)).collect()
    }

    /// One calls another one.
    pub fn link(&mut self, from: Id, to: Id) {
        let link = self.links.len();
        let ends = [from, to].map(|id| (id, self.node(id).slots.insert(link)));
        let latency_ms = self.random.random_range(10..150);
        self.links.push(Link { ends, is_open: true, latency_ms, last: [self.now; 2] });
        let now = self.now;
        for (end, (id, slot)) in ends.into_iter().enumerate() {
            let other = *address(ends[1 - end].0).ip();
            self.node(id).room.opened(slot, other, end == 0, now);
            self.settle(id, &[]);
        }
    }

    /// Ends the link between two ends.
    pub fn cut(&mut self, a: Id, b: Id) {
        let is_it =
            |link: &Link| link.is_open && link.ends.iter().all(|end| [a, b].contains(&end.0));
        let link = self.links.iter().position(is_it).unwrap();
        self.close(link, 0);
        self.close(link, 1);
    }

    /// One end closes a link; the other one hears of it.
    fn close(&mut self, link: usize, end: usize) {
        self.links[link].is_open = false;
        let (id, slot) = self.links[link].ends[end];
        if let Some(node) = &mut self.nodes[id]
            && node.slots.get(slot) == Some(&link)
        {
            node.slots.remove(slot);
            node.room.closed(slot, self.now);
            self.settle(id, &[]);
            self.push_on(link, 1 - end, Event::Close { link, end: 1 - end });
        }
    }

    /// A supernode dies without a word: its connections break.
    pub fn kill(&mut self, id: Id) {
        let node = self.nodes[id].take().unwrap();
        for (_, &link) in node.slots.iter() {
            self.links[link].is_open = false;
            let end = usize::from(self.links[link].ends[0].0 == id);
            self.push_on(link, end, Event::Close { link, end });
        }
    }

    /// Sends a push from one supernode to the other as something that needs no answer.
    pub fn ping(&mut self, from: Id, to: Id, id: u32) {
        let target = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 7), 1_214);
        let (requester, supernode, user) = (address(from), address(to), "bob".into());
        let push = PushRequest { id, requester, target, supernode, user };
        self.node(from).room.push_across(push);
        self.settle(from, &[]);
    }

    /// Sends a message to a neighbour that no supernode would send.
    pub fn flood(&mut self, from: Id, to: Id, message: &Message) {
        let is_it =
            |link: &Link| link.is_open && link.ends.iter().all(|end| [from, to].contains(&end.0));
        let link = self.links.iter().position(is_it).unwrap();
        let end = usize::from(self.links[link].ends[1].0 == to);
        let unicast = Unicast::new(address(from), address(to), message);
        let frame = Message::Unicast(unicast).to_frame();
        self.push_on(link, end, Event::Deliver { link, end, frame, trace: vec![from] });
    }

    pub fn search(&mut self, from: Id, word: &str, wanted: u16) -> SearchKey {
        let key = SearchKey(u32::try_from(self.searches.len()).unwrap());
        self.searches.insert(key, Search { began: self.now, ..Search::default() });
        let (terms, now) = (vec![Term::words(Tag::ANY, word)], self.now);
        self.node(from).room.search(key, wanted, Realm::EVERYTHING, terms, now);
        self.settle(from, &[]);
        key
    }
}

/// A file of a child.
pub fn found(id: Id, number: u16) -> FoundRef<'static> {
    FoundRef {
        address: SocketAddrV4::new(*address(id).ip(), number.saturating_add(2_000)),
        bandwidth: Bandwidth(0x60),
        user: "bob".into(),
        network: "KaZaA".into(),
        hash: [7; 20],
        file_id: 1,
        size: 1_000,
        tags: &[1, 2, 1, b'x'],
    }
}
