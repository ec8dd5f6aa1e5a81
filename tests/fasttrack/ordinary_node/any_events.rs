//! Whatever happens, in whatever order.

use std::collections::BTreeSet;
use std::net::SocketAddrV4;

use filbert::base::limits::{OWN_SEARCHES_MAX, SUPERNODE_TRIALS_MAX, SUPERNODES_MAX};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::fasttrack::ordinary_node::{Callback, OrdinaryNode, Output, PushTarget};
use filbert::fasttrack::sought::{SearchId, Sought};
use filbert::fasttrack::wire::{Datagram, FullBelow, Message, Push, Realm, Results};
use proptest::prelude::*;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::asking::found;
use super::lab::{file, list, settings, supernode};

struct Walk {
    node: OrdinaryNode,
    rng: ChaCha8Rng,
    now: Time,
    slots: Slots<SocketAddrV4>,
    open: Vec<Slot>,
    dialled: Vec<SocketAddrV4>,
    searches: u32,
    running: BTreeSet<SearchId>,
    parent: Option<Slot>,
    shown: String,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let now = Time::from_millis(1_000);
        Self {
            node: OrdinaryNode::new(settings(), ChaCha8Rng::seed_from_u64(seed), now),
            rng: ChaCha8Rng::seed_from_u64(seed),
            now,
            slots: Slots::new(),
            open: Vec::new(),
            dialled: Vec::new(),
            searches: 0,
            running: BTreeSet::new(),
            parent: None,
            shown: String::new(),
        }
    }

    fn below(&mut self, end: u32) -> u32 {
        self.rng.random_range(0..end)
    }

    /// One of the sessions.
    fn place(&mut self) -> usize {
        let len = u32::try_from(self.open.len()).unwrap();
        self.below(len) as usize
    }

    fn anybody(&mut self) -> SocketAddrV4 {
        supernode(self.rng.random_range(0..300))
    }

    fn message(&mut self) -> Message {
        let number: u32 = self.rng.random();
        match self.below(10) {
            0 => list(&(0..self.below(30)).map(|_| self.anybody()).collect::<Vec<_>>()),
            1 => Message::ExternalIp { address: number.into() },
            2 => Message::SendShares,
            3 => Message::Version { number },
            4 => Message::NetworkName { text: "x".into() },
            5 => Message::ConfigRevision { number },
            6 => Message::SearchEnd { id: self.rng.random_range(0..50) },
            7 => Message::Push(Push { id: number, requester: self.anybody() }),
            _ => {
                let count = self.below(20) as usize;
                let results = (1..=20).take(count).map(|it| found(it, "5.5.5.5:1214")).collect();
                let supernode = self.anybody();
                Message::Results(Results { supernode, id: self.rng.random_range(0..50), results })
            }
        }
    }

    fn step(&mut self) {
        let now = self.now;
        match self.below(18) {
            0 => self.node.start(now),
            1 if self.below(10) == 0 => self.node.stop(now),
            2 => {
                let hosts: Vec<_> = (0..self.below(300)).map(|_| self.anybody()).collect();
                self.node.give_hosts(&hosts, now);
            }
            3 => {
                if let Some(to) = self.dialled.pop() {
                    self.node.dial_failed(to, now);
                }
            }
            4 | 5 => {
                let to = self.dialled.pop();
                let to = to.unwrap_or_else(|| self.anybody());
                let slot = self.slots.insert(to);
                self.open.push(slot);
                self.node.opened(slot, to, now);
            }
            6..=9 if !self.open.is_empty() => {
                let place = self.place();
                let message = self.message();
                self.node.receive(self.open[place], &message, now);
            }
            10 if !self.open.is_empty() => {
                let place = self.place();
                let slot = self.open.swap_remove(place);
                self.slots.remove(slot);
                self.parent.take_if(|parent| *parent == slot);
                self.node.closed(slot, now);
            }
            11 => {
                let from = self.anybody();
                let below = FullBelow { supernode: self.anybody(), unknown: 0 };
                let (least, network) = (1, "x".into());
                let datagram = match self.below(3) {
                    0 => Datagram::Full { least, kind: 1, id: 1, supernode: Some(below) },
                    1 => Datagram::Ping { least, network },
                    _ => Datagram::Pong { least, users: 1, load: 1, unknown: 1, network },
                };
                self.node.datagram(from, &datagram, now);
            }
            12 => {
                let count = self.below(100) as usize;
                self.node.share((0..100).take(count).map(file), now);
            }
            13 => {
                self.searches += 1;
                self.running.insert(SearchId(self.searches));
                let sought = Sought::words("tune", Realm::EVERYTHING);
                self.node.search(SearchId(self.searches), sought, now);
            }
            14 => {
                let search = self.running.first().copied().unwrap_or(SearchId(0));
                self.node.end_search(search, now);
            }
            15 => {
                let (address, supernode) = (self.anybody(), self.anybody());
                let target = PushTarget { address, supernode, user: "x".into() };
                if let Ok(number) = self.node.push(&target, now) {
                    assert_eq!(self.node.take_give(number, now), Some(target));
                }
            }
            16 => {
                let at = self.anybody();
                self.node.callback_ended(at, Callback::Asked, now);
            }
            _ => {
                let wait_ms = self.rng.random_range(0..20_000);
                let due = self.node.next_timeout().filter(|due| *due < now.after_ms(wait_ms));
                self.now = due.unwrap_or(now.after_ms(wait_ms));
                self.node.timeout(self.now);
            }
        }
        self.drain();
    }

    /// Takes what the node wants, which has to make sense.
    fn drain(&mut self) {
        while let Some(output) = self.node.poll() {
            self.shown.push_str(&format!("{output:?}\n"));
            match output {
                Output::Dial { to } => self.dialled.push(to),
                Output::Send { slot, message } => {
                    assert!(self.open.contains(&slot), "{message:?} goes nowhere");
                    let is_ours = self.parent == Some(slot);
                    let is_private = matches!(
                        message,
                        Message::Share(_) | Message::Unshare(_) | Message::Search(_)
                    );
                    assert!(is_ours || !is_private, "{message:?} is for the supernode alone");
                }
                Output::Close { slot, .. } => {
                    let place = self.open.iter().position(|open| *open == slot);
                    self.open.swap_remove(place.expect("it is open"));
                    self.slots.remove(slot);
                }
                Output::BecameChildOf { slot, supernode } => {
                    assert_eq!(self.slots.get(slot), Some(&supernode));
                    assert_eq!(self.parent.replace(slot), None, "there is one already");
                }
                Output::Orphaned => self.parent = None,
                Output::Hits { search, .. } => assert!(self.running.contains(&search)),
                Output::SearchEnded { search, .. } => {
                    assert!(self.running.remove(&search), "it ends once");
                }
                _ => {}
            }
        }
        assert_eq!(self.node.supernode().map(|(slot, _)| slot), self.parent);
        assert!(self.node.next_timeout().is_none_or(|due| due > self.now), "it comes to rest");
        assert!(self.node.known().len() <= SUPERNODES_MAX);
        assert!(self.running.len() <= OWN_SEARCHES_MAX);
        let trials = self.open.len();
        assert!(self.parent.is_none() || trials == 1, "all others are closed");
        // Sessions that nobody called for are taken, too.
        assert!(trials <= 200 + SUPERNODE_TRIALS_MAX);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// FTNODE-02, FTNODE-09, FTNODE-15, FTNODE-16
    #[test]
    fn whatever_happens_makes_sense(seed in any::<u64>()) {
        let run = || {
            let mut walk = Walk::new(seed);
            (0..1_000).for_each(|_| walk.step());
            walk.shown
        };
        prop_assert_eq!(run(), run());
    }
}
