//! Ordinary nodes and supernodes of ours, each before the other, in virtual time. Every message goes through
//! its bytes.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddrV4;

use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::fasttrack::ordinary_node::{self, OrdinaryNode, Settings};
use filbert::fasttrack::sought::{SearchId, Sought};
use filbert::fasttrack::supernode::{self, Own, Supernode};
use filbert::fasttrack::wire::{
    Bandwidth, Datagram, Frame, Message, Names, Node, PushRequest, Results, Side,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// Milliseconds from one to another.
const WAY_MS: u64 = 20;

/// Milliseconds until a call to a machine that is not there has failed.
const CALL_LOST_MS: u64 = 15_000;

/// A supernode, and what waits because a child has used up its budget.
pub(crate) struct Above {
    pub(crate) rules: Supernode,
    slots: Slots<usize>,
    /// The session of each child, as the child names it.
    below: BTreeMap<Slot, (usize, Slot)>,
    held: BTreeMap<Slot, VecDeque<Frame>>,
    pub(crate) is_up: bool,
}

/// An ordinary node.
pub(crate) struct Below {
    pub(crate) rules: OrdinaryNode,
    /// Where its connections come from.
    pub(crate) from: SocketAddrV4,
    slots: Slots<SocketAddrV4>,
    /// Each session, as the supernode names it once it knows it.
    above: BTreeMap<Slot, (SocketAddrV4, Option<Slot>)>,
    pub(crate) told: Vec<(Time, ordinary_node::Output)>,
}

#[derive(Clone, Debug)]
enum Event {
    Asked { below: usize, to: SocketAddrV4 },
    Answered { below: usize, from: SocketAddrV4, datagram: Datagram },
    NotOpened { below: usize, to: SocketAddrV4 },
    Opened { below: usize, to: SocketAddrV4 },
    Up { below: usize, slot: Slot, frame: Frame },
    Down { below: usize, slot: Slot, frame: Frame },
    Ended { below: usize, slot: Slot },
    Release { above: SocketAddrV4, slot: Slot },
}

pub(crate) struct Town {
    pub(crate) above: BTreeMap<SocketAddrV4, Above>,
    pub(crate) below: Vec<Below>,
    pub(crate) now: Time,
    events: BTreeMap<(Time, u64), Event>,
    count: u64,
}

pub(crate) fn at(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

impl Town {
    pub(crate) fn new() -> Self {
        let (above, below, events) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        Self { above, below, now: Time::ZERO, events, count: 0 }
    }

    /// A supernode there, with room for so many.
    pub(crate) fn supernode(&mut self, address: &str, room: u32) {
        let address = at(address);
        let own = Own { address, user: "filbert".into(), bandwidth: Bandwidth(0x90) };
        let mut rng = ChaCha8Rng::seed_from_u64(self.above.len() as u64);
        let mut rules = Supernode::new(own, &mut rng);
        rules.set_room(room);
        let (slots, below, held) = (Slots::new(), BTreeMap::new(), BTreeMap::new());
        self.above.insert(address, Above { rules, slots, below, held, is_up: true });
    }

    /// An ordinary node that says it is at the one address, and whose connections come from the other.
    pub(crate) fn node(&mut self, user: &str, address: &str, from: &str) -> usize {
        let settings = Settings {
            allow_private: false,
            user: user.to_owned(),
            bandwidth: Bandwidth(0x68),
            address: at(address),
        };
        let rng = ChaCha8Rng::seed_from_u64(1_000 + self.below.len() as u64);
        let mut rules = OrdinaryNode::new(settings, rng, self.now);
        rules.start(self.now);
        let (slots, above, told) = (Slots::new(), BTreeMap::new(), Vec::new());
        self.below.push(Below { rules, from: at(from), slots, above, told });
        self.drain();
        self.below.len() - 1
    }

    /// One that others can call.
    pub(crate) fn public_node(&mut self, number: u8) -> usize {
        let address = format!("6.{number}.1.1:1214");
        self.node(&format!("user{number}"), &address, &address)
    }

    pub(crate) fn run_ms(&mut self, wait_ms: u64) {
        let end = self.now.after_ms(wait_ms);
        loop {
            let event = self.events.keys().next().map(|(at, _)| *at);
            let timeout = self.below.iter().filter_map(|node| node.rules.next_timeout()).min();
            let Some(next) = event.into_iter().chain(timeout).min().filter(|next| *next <= end)
            else {
                break;
            };
            self.now = self.now.max(next);
            if event == Some(next) {
                let (_, event) = self.events.pop_first().unwrap();
                self.happen(event);
            } else {
                for node in &mut self.below {
                    node.rules.timeout(self.now);
                }
            }
            self.drain();
        }
        self.now = end;
    }

    /// A supernode is gone from one moment to the next, and its sessions end.
    pub(crate) fn kill(&mut self, address: SocketAddrV4) {
        let above = self.above.get_mut(&address).unwrap();
        above.is_up = false;
        above.held.clear();
        for (below, slot) in std::mem::take(&mut above.below).into_values() {
            self.after(WAY_MS, Event::Ended { below, slot });
        }
    }

    pub(crate) fn search(&mut self, below: usize, number: u32, sought: Sought) {
        self.below[below].rules.search(SearchId(number), sought, self.now);
        self.drain();
    }

    /// Does something with a node, and lets follow what does.
    pub(crate) fn with<T>(
        &mut self,
        below: usize,
        what: impl FnOnce(&mut OrdinaryNode, Time) -> T,
    ) -> T {
        let result = what(&mut self.below[below].rules, self.now);
        self.drain();
        result
    }

    /// Whose child a node is.
    pub(crate) fn parent(&self, below: usize) -> Option<SocketAddrV4> {
        self.below[below].rules.supernode().map(|(_, address)| address)
    }

    /// The results that a search has had, whose index they are from, and whether it is over.
    pub(crate) fn found(&self, below: usize, number: u32) -> (Vec<(SocketAddrV4, String)>, bool) {
        use ordinary_node::Output;
        let (mut found, mut is_over) = (Vec::new(), false);
        for (_, output) in &self.below[below].told {
            match output {
                Output::Hits { search, supernode, results } if search.0 == number => {
                    assert!(!is_over, "behind the end");
                    let name = |tags: &filbert::fasttrack::wire::TagList| {
                        tags.text(filbert::fasttrack::wire::Tag::FILE_NAME).unwrap().into_owned()
                    };
                    found.extend(results.iter().map(|one| (*supernode, name(&one.tags))));
                }
                Output::SearchEnded { search, results, .. } if search.0 == number => {
                    assert!(!is_over, "twice");
                    assert_eq!(*results as usize, found.len());
                    is_over = true;
                }
                _ => {}
            }
        }
        (found, is_over)
    }

    fn after(&mut self, wait_ms: u64, event: Event) {
        self.count += 1;
        self.events.insert((self.now.after_ms(wait_ms), self.count), event);
    }

    fn drain(&mut self) {
        for below in 0..self.below.len() {
            while let Some(output) = self.below[below].rules.poll() {
                self.below[below].told.push((self.now, output.clone()));
                self.obey(below, output);
            }
        }
        let said = |(address, above): (&SocketAddrV4, &mut Above)| {
            above.rules.poll().map(|output| (*address, output))
        };
        while let Some((address, output)) = self.above.iter_mut().find_map(said) {
            self.serve(address, output);
        }
    }

    /// What an ordinary node wants.
    fn obey(&mut self, below: usize, output: ordinary_node::Output) {
        use ordinary_node::Output;
        match output {
            Output::WantsHosts { .. } => {
                let hosts: Vec<_> = self.above.keys().copied().collect();
                self.below[below].rules.give_hosts(&hosts, self.now);
            }
            Output::Datagram { to, datagram } => {
                let bytes = datagram.to_bytes();
                assert!(matches!(Datagram::decode(&bytes), Ok(Datagram::Ping { .. })));
                self.after(WAY_MS, Event::Asked { below, to });
            }
            Output::Dial { to } => {
                let is_up = self.above.get(&to).is_some_and(|above| above.is_up);
                match is_up {
                    true => self.after(4 * WAY_MS, Event::Opened { below, to }),
                    false => self.after(CALL_LOST_MS, Event::NotOpened { below, to }),
                }
            }
            Output::Send { slot, message } => {
                self.after(WAY_MS, Event::Up { below, slot, frame: message.to_frame() });
            }
            Output::Close { slot, .. } => {
                self.below[below].slots.remove(slot);
                if let Some((address, Some(session))) = self.below[below].above.remove(&slot) {
                    let above = self.above.get_mut(&address).unwrap();
                    above.below.remove(&session);
                    above.rules.closed(session);
                }
            }
            _ => {}
        }
    }

    /// What a supernode wants.
    fn serve(&mut self, address: SocketAddrV4, output: supernode::Output) {
        use supernode::Output;
        let others =
            || self.above.iter().filter(|(other, above)| **other != address && above.is_up);
        match output {
            Output::Send { slot, message } => {
                if let Some((below, slot)) = self.above[&address].below.get(&slot).copied() {
                    self.after(WAY_MS, Event::Down { below, slot, frame: message.to_frame() });
                }
            }
            Output::Close { slot, .. } => {
                let above = self.above.get_mut(&address).unwrap();
                above.rules.closed(slot);
                if let Some((below, slot)) = above.below.remove(&slot) {
                    self.after(WAY_MS, Event::Ended { below, slot });
                }
            }
            Output::WantsNodes { slot } => {
                let nodes: Vec<_> = others()
                    .map(|(other, _)| Node { address: *other, minutes: 0, load: 50 })
                    .collect();
                let above = self.above.get_mut(&address).unwrap();
                above.rules.give_nodes(slot, nodes, self.now);
            }
            // All others, as if they stood beside it.
            Output::Forward { key, sought } => {
                let answers: Vec<_> =
                    others().map(|(other, above)| answer(*other, above, &sought)).collect();
                let rules = &mut self.above.get_mut(&address).unwrap().rules;
                for results in answers {
                    rules.add_results(key, &results);
                }
                rules.search_ended(key);
            }
            Output::PushAcross { push } => self.push_across(&push),
            Output::Fault { fault, .. } => panic!("{fault}"),
            _ => {}
        }
    }

    fn push_across(&mut self, push: &PushRequest) {
        if let Some(above) = self.above.get_mut(&push.supernode) {
            above.rules.push_across(push);
        }
    }

    fn happen(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Asked { below, to } => {
                let Some(above) = self.above.get(&to).filter(|above| above.is_up) else { return };
                let least = 1;
                let datagram = match above.rules.has_room() {
                    true => Datagram::Pong {
                        least,
                        users: 9,
                        load: above.rules.load(),
                        unknown: 0,
                        network: "KaZaA".into(),
                    },
                    false => Datagram::Full { least, kind: 1, id: 1, supernode: None },
                };
                self.after(WAY_MS, Event::Answered { below, from: to, datagram });
            }
            Event::Answered { below, from, datagram } => {
                self.below[below].rules.datagram(from, &datagram, now);
            }
            Event::NotOpened { below, to } => self.below[below].rules.dial_failed(to, now),
            Event::Opened { below, to } => {
                let node = &mut self.below[below];
                let slot = node.slots.insert(to);
                node.above.insert(slot, (to, None));
                node.rules.opened(slot, to, now);
            }
            Event::Up { below, slot, frame } => self.up(below, slot, frame),
            Event::Down { below, slot, frame } => {
                let node = &mut self.below[below];
                if node.slots.contains(slot) {
                    let message = Message::parse(&frame, Side::Down).unwrap();
                    node.rules.receive(slot, &message, now);
                }
            }
            Event::Ended { below, slot } => {
                let node = &mut self.below[below];
                node.above.remove(&slot);
                if node.slots.remove(slot).is_some() {
                    node.rules.closed(slot, now);
                }
            }
            Event::Release { above, slot } => {
                let held = self.above.get_mut(&above).unwrap().held.remove(&slot);
                for frame in held.into_iter().flatten() {
                    self.take(above, slot, frame);
                }
            }
        }
    }

    fn up(&mut self, below: usize, slot: Slot, frame: Frame) {
        let node = &mut self.below[below];
        let Some((address, session)) = node.above.get_mut(&slot) else { return };
        let above = self.above.get_mut(address).unwrap();
        if !above.is_up {
            return;
        }
        match *session {
            Some(session) => {
                let address = *address;
                self.take(address, session, frame);
            }
            None => {
                let Ok(Message::NodeInfo(info)) = Message::parse(&frame, Side::Up) else {
                    panic!("0x02 comes first");
                };
                let opened = above.slots.insert(below);
                *session = Some(opened);
                above.below.insert(opened, (below, slot));
                above.rules.child_opened(opened, node.from, &info, self.now);
            }
        }
    }

    /// A supernode takes a message of a child as soon as its budget allows, and nothing before it.
    fn take(&mut self, address: SocketAddrV4, slot: Slot, frame: Frame) {
        let above = self.above.get_mut(&address).unwrap();
        if !above.below.contains_key(&slot) {
            return;
        }
        if let Some(held) = above.held.get_mut(&slot) {
            return held.push_back(frame);
        }
        if let Some(until) = above.rules.hold(slot, frame.kind, self.now) {
            above.held.insert(slot, VecDeque::from([frame]));
            self.count += 1;
            let release = Event::Release { above: address, slot };
            self.events.insert((until, self.count), release);
            return;
        }
        let message = Message::parse(&frame, Side::Up).unwrap();
        above.rules.receive(slot, &message, self.now);
    }
}

fn answer(address: SocketAddrV4, above: &Above, sought: &Sought) -> Results {
    let (results, _) = above.rules.find(sought, None);
    assert!(results.iter().all(|found| matches!(found.names, Names::Full { .. })));
    Results { supernode: address, id: 0, results }
}
