//! What hits say of whoever has the files, and of the files.

use std::net::{SocketAddr, SocketAddrV4};

use filbert::gnutella::link::Role;
use filbert::gnutella::wire::ggep::Value;
use filbert::gnutella::wire::{Frame, Function, QueryHit, TrailerFlags};
use filbert::node::{Command, Input, SharedFile};

use crate::support::messages::{guid, query};
use crate::support::net::{Net, address};

/// Somebody who asks, and an ultrapeer next to it with a leaf.
struct Row {
    net: Net,
    asker: usize,
    ultrapeer: usize,
    leaf: usize,
}

fn file(name: &str, size: u64) -> SharedFile {
    let mut sha1 = [0; 20];
    name.bytes().zip(&mut sha1).for_each(|(byte, digest)| *digest = byte);
    SharedFile { name: name.to_owned(), size, sha1: Some(sha1) }
}

impl Row {
    fn new() -> Self {
        let mut net = Net::new();
        let [asker, ultrapeer] = [(); 2].map(|()| net.add(Role::Ultrapeer));
        let leaf = net.add(Role::Leaf);
        net.connect(asker, ultrapeer);
        net.connect(leaf, ultrapeer);
        net.run(2);
        Self { net, asker, ultrapeer, leaf }
    }

    /// The leaf tells its ultrapeer what it has.
    fn announce(&mut self, files: Vec<SharedFile>) {
        let link = self.net.link_between(self.ultrapeer, self.leaf).unwrap();
        self.net.hand_in(self.ultrapeer, Input::Announced { link, files });
    }

    /// What comes back for a query.
    fn ask(&mut self, words: &str) -> Vec<Frame> {
        let Self { net, asker, ultrapeer, .. } = self;
        let before = net.received(*asker, Function::QUERY_HIT);
        let number = u32::try_from(net.places[*ultrapeer].received.len() + before).unwrap();
        net.forge(*asker, *ultrapeer, query(guid(1_000 + number), 1, words));
        net.run(1);
        net.frames(*asker, Function::QUERY_HIT)[before..].iter().copied().cloned().collect()
    }

    /// The only hit.
    fn hit(&mut self, words: &str) -> QueryHit {
        let hits = self.ask(words);
        let [frame] = &hits[..] else { panic!("one hit is expected: {hits:?}") };
        QueryHit::decode(&frame.payload).unwrap()
    }
}

/// HIT-32: what comes for a leaf is pushed: only the leaf knows whether it can be reached.
#[test]
fn a_hit_for_a_leaf_says_that_it_may_have_to_be_pushed() {
    let mut row = Row::new();
    row.announce(vec![file("winter.ogg", 7)]);
    let hit = row.hit("winter");
    let leaf: SocketAddrV4 = hit.endpoint();
    assert_eq!(address(row.leaf), leaf.into());
    assert_eq!(hit.trailer.unwrap().flags().and_then(TrailerFlags::push), Some(true));
}

/// HIT-33: who has gone takes no pushes for us any more.
#[test]
fn a_hit_names_nobody_who_has_gone_to_take_pushes() {
    let mut net = Net::new();
    let leaf = net.add(Role::Leaf);
    let [stays, goes] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.places[leaf].is_reachable = false;
    net.share(leaf, &["winter.ogg"]);
    for parent in [stays, goes] {
        net.connect(leaf, parent);
    }
    net.run(300);
    for (number, named) in [(1, vec![stays, goes]), (2, vec![stays])] {
        net.forge(stays, leaf, query(guid(number), 1, "winter"));
        net.run(1);
        let hit = net.frames(stays, Function::QUERY_HIT).pop().unwrap();
        let trailer = QueryHit::decode(&hit.payload).unwrap().trailer.unwrap();
        let v4 = |at| if let SocketAddr::V4(at) = address(at) { at } else { panic!("IPv4") };
        let expected = Value::Addresses(named.into_iter().map(v4).collect());
        assert_eq!(trailer.extensions().value("PUSH"), Some(expected));
        if let Some(link) = net.link_between(leaf, goes) {
            net.command(leaf, Command::Disconnect(link));
            net.run(1);
        }
    }
}

/// HIT-11
#[test]
fn a_size_of_two_gibibytes_stands_beside_the_record() {
    for (size, in_record) in [
        ((1 << 31) - 1, (1 << 31) - 1),
        (1 << 31, u32::MAX),
        (u64::from(u32::MAX) - 1, u32::MAX),
        (u64::from(u32::MAX), u32::MAX),
        (1 << 40, u32::MAX),
    ] {
        let mut row = Row::new();
        row.net.command(row.ultrapeer, Command::Share(vec![file("winter.ogg", size)]));
        let hit = row.hit("winter");
        let large = hit.records[0].extensions.value("LF");
        assert_eq!((hit.records[0].size, hit.records[0].file_size()), (in_record, size));
        assert_eq!(large.is_some(), in_record == u32::MAX, "{size}");
    }
}

/// Names with which a record cannot be read, or which make others drop the whole hit.
const UNTOLD: [&str; 6] =
    ["", "winter/one", "winter\rtwo", "winter\nthree", "winter\0four", "winter\u{1c}five"];

fn files(names: &[&str]) -> Vec<SharedFile> {
    names.iter().map(|name| file(name, 7)).collect()
}

/// The files of a hit, by number and name.
fn named(hit: &QueryHit) -> Vec<(u32, &str)> {
    let name = |name| std::str::from_utf8(name).unwrap();
    hit.records.iter().map(|record| (record.index, name(&record.name))).collect()
}

/// HIT-13
#[test]
fn files_with_names_that_spoil_a_hit_are_not_offered() {
    let names = [&["winter first"][..], &UNTOLD, &["winter \\ last: 冬"]].concat();
    let mut row = Row::new();
    row.net.command(row.ultrapeer, Command::Share(files(&names)));
    let own = row.hit("winter");
    assert_eq!(named(&own), [(1, "winter first"), (2, "winter \\ last: 冬")]);
    row.net.command(row.ultrapeer, Command::Share(files(&UNTOLD)));
    assert_eq!(row.ask("winter"), []);
}

/// HIT-13: the others are numbered as the leaf itself numbers them.
#[test]
fn leaves_are_not_answered_for_with_names_that_spoil_a_hit() {
    let names = [&["winter first"][..], &UNTOLD, &["winter \\ last: 冬"]].concat();
    let mut row = Row::new();
    row.net.command(row.leaf, Command::Share(files(&names)));
    row.net.run(60);
    let asked = row.hit("winter");
    row.announce(files(&names));
    let told = row.hit("winter");
    assert_eq!(named(&told), named(&asked));
    assert_eq!(named(&told), [(1, "winter first"), (2, "winter \\ last: 冬")]);
}
