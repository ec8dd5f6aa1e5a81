//! Whole sessions of giFT-FastTrack and mldonkey, played to a supernode of ours byte by byte: what it has of them
//! afterwards, and what it answers.

use std::net::SocketAddrV4;

use bytes::Bytes;
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::fasttrack::link::{Item, Link, Overheard, overhear};
use filbert::fasttrack::peer::{Output, Peer, Room, Settings};
use filbert::fasttrack::wire::{Bandwidth, Frame, Kind, Message, NodeInfo, Side, Tag};
use filbert::promotion::Role;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::end::{End, START, profile};
use crate::support::vectors;

/// One of the sessions.
struct Recorded {
    connecting: Vec<u8>,
    heard: Overheard,
}

fn recorded(id: &str) -> Recorded {
    let mut all = vectors::all().into_iter();
    let vector = all.find(|vector| vector.entry.id == id).unwrap();
    let [connecting, accepting] = vector.messages().try_into().unwrap();
    let heard = overhear(&connecting, &accepting).unwrap();
    Recorded { connecting, heard }
}

fn frames(items: &[Item]) -> impl Iterator<Item = &Frame> {
    items.iter().filter_map(|item| match item {
        Item::Frame(frame) => Some(frame),
        Item::Ping | Item::Pong => None,
    })
}

fn at(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

/// A supernode with two children: the program that was recorded, and one that asks what is there.
struct Play {
    peer: Peer,
    now: Time,
    program: Slot,
    asker: Slot,
    searches: u16,
    /// What the program got.
    answers: Vec<Frame>,
    /// How many of its files were found, after each message of it about them.
    counts: Vec<usize>,
}

impl Play {
    /// The one that asks shares what another program has shared.
    fn new(supernode: SocketAddrV4, shared: &str) -> Self {
        let settings = Settings {
            listen: Some(supernode),
            user: "supernode".into(),
            bandwidth: Bandwidth(0x80),
            allow_private: true,
            udp: true,
            work_per_second: 250_000,
        };
        let mut peer = Peer::new(settings, Role::Supernode, &ChaCha8Rng::seed_from_u64(1));
        peer.set_room(Room { children: 2, neighbours: 0 });
        let program = peer.open(1, at("203.0.113.111:50000"), false, START);
        let asker = peer.open(2, at("80.1.1.1:50000"), false, START);
        let (answers, counts) = Default::default();
        let mut play = Self { peer, now: START, program, asker, searches: 0, answers, counts };
        let address = at("10.9.9.9:1214");
        let info = NodeInfo { address, bandwidth: Bandwidth(0x60), user: "fakesn".into() };
        play.say(asker, &Message::NodeInfo(info).to_frame());
        let shared = recorded(shared);
        let shares = frames(&shared.heard.connecting.items);
        for share in shares.filter(|frame| frame.kind == Kind::SHARE) {
            play.say(asker, share);
        }
        play.take(asker);
        play
    }

    fn say(&mut self, slot: Slot, frame: &Frame) {
        self.now = self.now.after_ms(10);
        self.peer.receive(slot, frame, self.now);
        while let Some(output) = self.peer.poll() {
            match output {
                Output::WantsNodes { slot } => self.peer.give_nodes(slot, Vec::new(), self.now),
                Output::Fault { fault, .. } => panic!("{frame:?}: {fault}"),
                Output::Close { why, .. } => panic!("{frame:?}: {why}"),
                _ => {}
            }
        }
    }

    fn take(&mut self, slot: Slot) -> Vec<Frame> {
        std::iter::from_fn(|| self.peer.transmit(slot, self.now)).collect()
    }

    /// How many files of the program are found.
    fn found(&mut self) -> usize {
        self.searches += 1;
        let head = [&[0, 1, 0, 200][..], &self.searches.to_be_bytes(), &[1, 0xbf, 1, 5, 0, 3]];
        let payload = [&head.concat()[..], b"lab"].concat().into();
        self.say(self.asker, &Frame { kind: Kind::SEARCH, payload });
        let told = self.take(self.asker);
        assert_eq!(told.last().unwrap().kind, Kind::SEARCH_END);
        told.iter().map(|frame| names(frame).len()).sum()
    }

    /// Plays a session through a link, in pieces of so many bytes.
    fn play(&mut self, id: &str, len: usize) {
        let it = recorded(id);
        let profile = profile(&it.heard.accepting.network, it.heard.encryption);
        let mut end = End::new(Link::accept_with(&profile, it.heard.answer, START));
        let mut heard = 0;
        for piece in it.connecting.chunks(len) {
            end.receive(piece, self.now);
            for frame in end.frames().split_off(heard) {
                heard += 1;
                self.say(self.program, &frame);
                let answers = self.take(self.program);
                end.send(&answers, self.now);
                self.answers.extend(answers);
                if matches!(frame.kind, Kind::SHARE | Kind::UNSHARE) {
                    let count = self.found();
                    self.counts.push(count);
                }
            }
        }
        assert_eq!(end.ending(), None);
        assert_eq!(heard, frames(&it.heard.connecting.items).count());
    }

    /// What was found by each search of the program, and whether that ended once.
    fn results(&self) -> Vec<(Vec<String>, usize)> {
        let mut all: Vec<(Vec<String>, usize)> = Vec::new();
        for frame in &self.answers {
            let id = match (frame.kind, &frame.payload[..]) {
                (Kind::SEARCH_END, [high, low, ..])
                | (Kind::RESULTS, [_, _, _, _, _, _, high, low, ..]) => {
                    usize::from(u16::from_be_bytes([*high, *low]))
                }
                _ => continue,
            };
            all.resize_with(all.len().max(id + 1), Default::default);
            all[id].0.extend(names(frame));
            all[id].0.sort();
            all[id].1 += usize::from(frame.kind == Kind::SEARCH_END);
        }
        all
    }
}

/// The names of the files in results.
fn names(frame: &Frame) -> Vec<String> {
    match Message::parse(frame, Side::Down).unwrap() {
        Message::Results(results) => {
            let name = |tags: &filbert::fasttrack::wire::TagList| {
                tags.text(Tag::FILE_NAME).unwrap().into_owned()
            };
            results.results.iter().map(|found| name(&found.tags)).collect()
        }
        _ => Vec::new(),
    }
}

fn kinds(frames: &[Frame]) -> Vec<Kind> {
    frames.iter().map(|frame| frame.kind).collect()
}

const SUPERNODE: &str = "203.0.113.101:1214";

/// FTSUPER-02, FTSUPER-08, FTSUPER-10, FTSUPER-12, FTSUPER-14
#[test]
fn files_of_gift_are_found_until_it_withdraws_them_and_its_searches_are_answered() {
    for len in [1, 7, usize::MAX] {
        let mut play = Play::new(at(SUPERNODE), "session-mldonkey-whole");
        play.play("session-gift-whole", len);
        assert_eq!(play.counts, [1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1, 0]);
        let greeting: Vec<Kind> = [0, 0x23, 0x26, 0x1d, 0x2c, 3, 0x1e].map(Kind).into();
        assert_eq!(kinds(&play.answers[..7]), greeting);
        let four = ["film.avi", "one byte.txt", "song.mp3", "ten kilo.jpg"];
        let four: Vec<_> = four.iter().map(|name| format!("lab sn {name}")).collect();
        let none = || (Vec::new(), 1);
        let ten = (vec!["lab mld1 ten kilo.jpg".to_owned()], 1);
        // By words, in a realm, for nothing, by a hash that nobody has, by words again, and for one file.
        let expected = [(four.clone(), 1), none(), none(), none(), (four, 1), ten];
        assert_eq!(play.results(), expected);
    }
}

/// FTSUPER-02, FTSUPER-08, FTSUPER-12, FTSUPER-14: mldonkey has one hash for files that begin alike.
#[test]
fn files_of_mldonkey_are_found_also_those_of_one_hash() {
    for len in [1, 7, usize::MAX] {
        let mut play = Play::new(at(SUPERNODE), "session-gift-whole");
        play.play("session-mldonkey-whole", len);
        assert_eq!(play.counts, (1..=11).collect::<Vec<_>>());
        let [(found, 1)] = &play.results()[..] else { panic!("it searches once") };
        assert_eq!(found.len(), 7, "all that giFT has: {found:?}");
    }
}

/// FTSUPER-12: beside the hash stands a term of which nothing is known.
#[test]
fn what_mldonkey_looks_for_by_a_hash_is_found() {
    let mut play = Play::new(at(SUPERNODE), "session-gift-whole");
    play.play("session-mldonkey-hash", 13);
    let file = (vec!["lab gift1 one byte.txt".to_owned()], 1);
    assert_eq!(play.results(), [file.clone(), file]);
}

/// FTNODE-11, FTSUPER-17, FTSUPER-18
#[test]
fn a_push_of_gift_goes_to_the_child_that_it_names() {
    let mut play = Play::new(at("198.51.100.102:1214"), "session-mldonkey-whole");
    play.peer.close(play.program, play.now);
    play.program = play.peer.open(3, at("198.51.100.112:50000"), false, play.now);
    let it = recorded("session-gift-push");
    let mut pushed = Vec::new();
    for frame in frames(&it.heard.connecting.items) {
        play.say(play.program, frame);
        pushed.extend(play.take(play.asker));
    }
    let payload = Bytes::from_static(&[0, 0, 0, 1, 198, 51, 100, 112, 4, 0xbe]);
    assert_eq!(pushed, [Frame { kind: Kind::PUSH, payload }]);
}
