//! A supernode, and the children that a test gives it.

use std::net::SocketAddrV4;

use bytes::Bytes;
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::fasttrack::supernode::{Output, Own, Supernode};
use filbert::fasttrack::wire::{
    Bandwidth, Found, Media, Message, Names, Node, NodeInfo, Realm, Results, Search, Share, Side,
    Tag, TagList, TagWriter, Term,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub(crate) const OWN: &str = "5.9.1.1:1214";

pub(crate) fn at(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

/// A supernode at [`OWN`], and what it has said.
pub(crate) struct Family {
    pub(crate) supernode: Supernode,
    slots: Slots<()>,
    pub(crate) now: Time,
}

impl Family {
    /// With room for so many.
    pub(crate) fn new(room: u32) -> Self {
        let own = Own { address: at(OWN), user: "filbert".into(), bandwidth: Bandwidth(0x90) };
        let mut supernode = Supernode::new(own, &mut ChaCha8Rng::seed_from_u64(1));
        supernode.set_room(room);
        Self { supernode, slots: Slots::new(), now: Time::ZERO }
    }

    /// A session from there, whose first message says this of itself.
    pub(crate) fn open(&mut self, from: &str, said: &NodeInfo) -> Slot {
        let slot = self.slots.insert(());
        self.supernode.child_opened(slot, at(from), said);
        slot
    }

    /// A child at an address of its own, greeted.
    pub(crate) fn child(&mut self, number: u8) -> Slot {
        let from = format!("6.{number}.1.1:40000");
        let slot =
            self.open(&from, &info(&format!("6.{number}.1.1:1214"), &format!("user{number}")));
        self.supernode.give_nodes(slot, [], self.now);
        self.forget();
        slot
    }

    pub(crate) fn close(&mut self, slot: Slot) {
        self.slots.remove(slot);
        self.supernode.closed(slot);
    }

    #[allow(clippy::needless_pass_by_value, reason = "it is shorter to call")]
    pub(crate) fn receive(&mut self, slot: Slot, message: Message) {
        self.supernode.receive(slot, &message);
    }

    pub(crate) fn share(&mut self, slot: Slot, number: u32, name: &str) {
        self.receive(slot, Message::Share(share(number, name)));
    }

    /// All that it wants done since the last time, results as messages.
    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        let all = std::iter::from_fn(|| self.supernode.poll());
        all.map(|output| match output {
            Output::Results { slot, frame } => {
                let message = Message::parse(&frame, Side::Down).unwrap();
                Output::Send { slot, message }
            }
            other => other,
        })
        .collect()
    }

    pub(crate) fn forget(&mut self) {
        self.outputs();
    }

    /// What one session hears, and nothing else.
    pub(crate) fn heard(&mut self, by: Slot) -> Vec<Message> {
        let outputs = self.outputs();
        let messages = outputs.into_iter().filter_map(|output| match output {
            Output::Send { slot, message } if slot == by => Some(message),
            _ => None,
        });
        messages.collect()
    }

    /// The results of a search of a child that nobody else is asked for; their names are told. Its end has
    /// to come, once, and behind them.
    pub(crate) fn search(&mut self, slot: Slot, search: Search) -> Vec<String> {
        let (found, others) = self.search_for(slot, search);
        assert!(others.is_empty(), "{others:?}");
        found.iter().map(name).collect()
    }

    /// The same, and what else is wanted.
    pub(crate) fn search_for(&mut self, slot: Slot, search: Search) -> (Vec<Found>, Vec<Output>) {
        let id = search.id;
        self.receive(slot, Message::Search(search));
        let (mut found, mut others, mut is_over) = (Vec::new(), Vec::new(), false);
        let mut outputs = self.outputs();
        while !outputs.is_empty() {
            for output in outputs.drain(..) {
                assert!(!is_over, "{output:?} behind the end");
                match output {
                    Output::Send { slot: to, message: Message::Results(results) } => {
                        assert_eq!((to, results.id), (slot, id));
                        assert!((1..=10).contains(&results.results.len()));
                        found.extend(results.results);
                    }
                    Output::Send { slot: to, message } => {
                        assert_eq!((to, message), (slot, Message::SearchEnd { id }));
                        is_over = true;
                    }
                    Output::Forward { key, .. } => self.supernode.search_ended(key),
                    other => others.push(other),
                }
            }
            outputs = self.outputs();
        }
        assert!(is_over, "the search has no end");
        (found, others)
    }
}

pub(crate) fn info(address: &str, user: &str) -> NodeInfo {
    let user = Bytes::copy_from_slice(user.as_bytes());
    NodeInfo { address: at(address), bandwidth: Bandwidth(0x60), user }
}

pub(crate) fn hash(number: u32) -> [u8; 20] {
    std::array::from_fn(|place| number.to_be_bytes()[place % 4] ^ 0x5a)
}

pub(crate) fn share(number: u32, name: &str) -> Share {
    tagged(number, TagWriter::new().text(Tag::FILE_NAME, name).finish())
}

pub(crate) fn tagged(number: u32, tags: TagList) -> Share {
    Share { media: Media::AUDIO, hash: hash(number), file_id: 16_221, size: 1_000, tags }
}

pub(crate) fn words(text: &str) -> Search {
    terms(vec![Term::words(Tag::ANY, text)])
}

pub(crate) fn terms(terms: Vec<Term>) -> Search {
    Search { by_hand: true, max: 200, id: 7, realm: Realm::EVERYTHING, terms }
}

pub(crate) fn name(found: &Found) -> String {
    found.tags.text(Tag::FILE_NAME).unwrap_or_default().into_owned()
}

pub(crate) fn node(address: &str, minutes: u8) -> Node {
    Node { address: at(address), minutes, load: 50 }
}

/// What another supernode has.
pub(crate) fn results(supernode: &str, names: &[&str]) -> Results {
    let found = names.iter().map(|name| Found {
        address: at("7.1.1.1:1214"),
        bandwidth: Bandwidth(0x60),
        names: Names::full("somebody", "KaZaA"),
        hash: hash(99),
        file_id: 1,
        size: 5,
        tags: TagWriter::new().text(Tag::FILE_NAME, name).finish(),
    });
    Results { supernode: at(supernode), id: 1, results: found.collect() }
}
