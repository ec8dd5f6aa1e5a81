//! Ordinary nodes and supernodes of ours, each before the other, in virtual time. Every message goes through
//! its bytes.

mod traffic;

use std::collections::BTreeMap;
use std::net::SocketAddrV4;

use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::fasttrack::ordinary_node::{self, OrdinaryNode, Settings};
use filbert::fasttrack::sought::{SearchId, Sought};
use filbert::fasttrack::supernode::{Own, Supernode};
use filbert::fasttrack::wire::{Bandwidth, Datagram, Frame, Tag, TagList};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// Milliseconds from one to another.
const WAY_MS: u64 = 20;

/// Milliseconds until a call to a machine that is not there has failed.
const CALL_LOST_MS: u64 = 15_000;

/// A supernode.
pub(crate) struct Above {
    pub(crate) rules: Supernode,
    slots: Slots<usize>,
    /// The session of each child, as the child names it.
    below: BTreeMap<Slot, (usize, Slot)>,
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
        let (slots, below) = (Slots::new(), BTreeMap::new());
        self.above.insert(address, Above { rules, slots, below, is_up: true });
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
                    let name = |tags: &TagList| tags.text(Tag::FILE_NAME).unwrap().into_owned();
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
}
