//! Leaves that tell which files they have: their ultrapeer answers for them.

use std::net::SocketAddr;

use filbert::base::limits::LEAF_FILES_MAX;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::{Frame, Function, Guid, QueryHit};
use filbert::node::{Input, RolePolicy, SharedFile};

use super::answers::worked_on_at_once;
use crate::support::messages::{guid, push};
use crate::support::net::{Net, address};

/// Two ultrapeers, and two leaves of the second one, which have told it of these files.
struct Families {
    net: Net,
    asker: usize,
    ultrapeer: usize,
    leaves: [usize; 2],
}

fn file(name: &str, sha1: Option<[u8; 20]>) -> SharedFile {
    SharedFile { name: name.to_owned(), size: 7, sha1 }
}

fn families(files: [&[SharedFile]; 2]) -> Families {
    let mut net = Net::new();
    let [asker, ultrapeer] = [Role::Ultrapeer, Role::Ultrapeer].map(|role| net.add(role));
    let leaves = [Role::Leaf, Role::Leaf].map(|role| net.add(role));
    // All of them have the words in their tables too, so that they could be asked.
    for leaf in leaves {
        net.share(leaf, &["winter light.ogg", "winter snow.ogg"]);
        net.connect(leaf, ultrapeer);
    }
    net.connect(asker, ultrapeer);
    net.run(30);
    let mut families = Families { net, asker, ultrapeer, leaves };
    for (leaf, files) in leaves.into_iter().zip(files) {
        families.announce(leaf, files);
    }
    families
}

impl Families {
    fn announce(&mut self, leaf: usize, files: &[SharedFile]) {
        let link = self.net.link_between(self.ultrapeer, leaf).unwrap();
        self.net.hand_in(self.ultrapeer, Input::Announced { link, files: files.to_vec() });
    }

    /// What a node finds: names, and where they are.
    fn found_by(&mut self, searcher: usize, words: &str) -> Vec<(String, SocketAddr)> {
        let before = self.net.places[searcher].received.len();
        let own = self.net.search(searcher, words);
        self.net.run(60);
        let received = &self.net.places[searcher].received[before..];
        let hits = received.iter().filter(|(_, frame)| frame.function == Function::QUERY_HIT);
        let mut found: Vec<_> = hits.flat_map(|(_, frame)| named(frame)).collect();
        if searcher == self.ultrapeer {
            // It asks nobody for what it knows by itself.
            let names = self.net.hits(searcher, own);
            found.extend(names.into_iter().map(|name| (name, address(searcher))));
        }
        found.sort();
        found
    }

    fn queries_shown_to(&self, leaf: usize) -> usize {
        self.net.received(leaf, Function::QUERY)
    }
}

fn named(frame: &Frame) -> Vec<(String, SocketAddr)> {
    let hit = QueryHit::decode(&frame.payload).unwrap();
    assert_ne!(hit.servent, Guid::ZERO, "a push has to know whom it is for");
    let names = hit.records.iter().map(|record| String::from_utf8_lossy(&record.name).into_owned());
    names.map(|name| (name, hit.endpoint().into())).collect()
}

#[test]
fn an_ultrapeer_answers_for_leaves_that_told_what_they_have_and_asks_the_others() {
    let light = file("winter light", Some([1; 20]));
    let mut families = families([&[light], &[]]);
    let Families { asker, leaves, .. } = families;
    let found = families.found_by(asker, "winter light");
    let expected = [
        ("winter light".to_owned(), address(leaves[0])),
        ("winter light.ogg".to_owned(), address(leaves[1])),
    ];
    assert_eq!(found, expected);
    assert_eq!(families.queries_shown_to(leaves[0]), 0);
    assert_eq!(families.queries_shown_to(leaves[1]), 1);
}

#[test]
fn leaves_find_what_others_have_told_and_not_what_they_told_themselves() {
    let (light, snow) = (file("winter light", Some([1; 20])), file("winter snow", Some([2; 20])));
    let mut families = families([&[light], &[snow]]);
    let [first, second] = families.leaves;
    let found = families.found_by(first, "winter");
    assert_eq!(found, [("winter snow".to_owned(), address(second))]);
}

#[test]
fn an_ultrapeer_finds_what_its_own_leaves_have() {
    let (light, snow) = (file("winter light", Some([1; 20])), file("winter snow", Some([2; 20])));
    let mut families = families([&[light], &[snow]]);
    let ultrapeer = families.ultrapeer;
    let names = families.found_by(ultrapeer, "winter").into_iter().map(|(name, _)| name);
    assert_eq!(names.collect::<Vec<_>>(), ["winter light", "winter snow"]);
}

#[test]
fn a_leaf_that_tells_of_much_does_not_hide_what_others_have() {
    let made_up = |number: u8| file("winter summer light", Some([number; 20]));
    let much: Vec<SharedFile> = (0..200).map(made_up).collect();
    let mut families = families([&much, &[file("winter light", Some([255; 20]))]]);
    let Families { asker, leaves, .. } = families;
    let names = |found: Vec<(String, SocketAddr)>| found.into_iter().map(|(name, _)| name);
    assert!(names(families.found_by(asker, "winter light")).any(|name| name == "winter light"));
    assert!(names(families.found_by(leaves[0], "light winter")).eq(["winter light"]));
}

#[test]
fn a_leaf_of_which_not_every_file_was_taken_is_asked() {
    let light = file("winter light", Some([1; 20]));
    let mut families = families([&[light, file("winter snow", None)], &[]]);
    let Families { asker, leaves, .. } = families;
    let both = leaves.map(|leaf| ("winter light.ogg".to_owned(), address(leaf)));
    assert_eq!(families.found_by(asker, "winter light"), both);
}

#[test]
fn a_push_for_a_leaf_that_is_answered_for_reaches_it() {
    let mut families = families([&[file("winter light", Some([1; 20]))], &[]]);
    let Families { asker, leaves, .. } = families;
    families.found_by(asker, "winter light");
    let servent = families.net.places[leaves[0]].node.guid();
    let push = push(guid(7), servent, [9; 4].into());
    families.net.forge(asker, families.ultrapeer, push);
    families.net.run(1);
    assert_eq!(families.net.received(leaves[0], Function::PUSH), 1);
    assert_eq!(families.net.received(leaves[1], Function::PUSH), 0);
}

#[test]
fn what_a_leaf_told_last_counts_and_goes_with_it() {
    let light = file("winter light", Some([1; 20]));
    let mut families = families([&[light], &[]]);
    let Families { asker, leaves, ultrapeer, .. } = families;
    families.announce(leaves[0], &[file("summer light", Some([3; 20]))]);
    let summer = [("summer light".to_owned(), address(leaves[0]))];
    assert_eq!(families.found_by(asker, "summer light"), summer);
    let winter = families.found_by(asker, "winter light");
    assert_eq!(winter, [("winter light.ogg".to_owned(), address(leaves[1]))]);
    let link = families.net.link_between(ultrapeer, leaves[0]).unwrap();
    families.net.command(ultrapeer, filbert::node::Command::Disconnect(link));
    families.net.run(30);
    assert_eq!(families.found_by(asker, "summer light"), []);
}

#[test]
fn only_leaves_are_answered_for_and_only_for_files_with_a_digest() {
    let mut families = families([&[file("winter light", None)], &[]]);
    let Families { asker, leaves, ultrapeer, .. } = families;
    // The leaf has told nothing of use, and is asked as before.
    let found = families.found_by(asker, "winter light");
    let both = leaves.map(|leaf| ("winter light.ogg".to_owned(), address(leaf)));
    assert_eq!(found, both);
    let link = families.net.link_between(ultrapeer, asker).unwrap();
    let files = vec![file("autumn", Some([4; 20]))];
    families.net.hand_in(ultrapeer, Input::Announced { link, files });
    assert_eq!(families.found_by(leaves[0], "autumn"), []);
}

/// How many queries for this text an ultrapeer works on that are sent at once by one neighbour. Its
/// leaves have told of a thousand files, of each word one half.
fn worked_on(words: &str) -> u64 {
    let mut net = Net::new();
    let asker = net.add(Role::Ultrapeer);
    let ultrapeer = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        (config.dials, config.work_per_second) = (false, 20_000);
    });
    net.connect(asker, ultrapeer);
    let told = |number: u16| {
        let mut sha1 = [7; 20];
        sha1[..2].copy_from_slice(&number.to_be_bytes());
        let kind = if number.is_multiple_of(2) { "mp3" } else { "ogg" };
        file(&format!("n{number} {kind}"), Some(sha1))
    };
    for first in (0..1_000).step_by(LEAF_FILES_MAX) {
        let leaf = net.add(Role::Leaf);
        net.connect(leaf, ultrapeer);
        net.run(1);
        let link = net.link_between(ultrapeer, leaf).unwrap();
        let files = (0..1_000).skip(first).take(LEAF_FILES_MAX).map(told).collect();
        net.hand_in(ultrapeer, Input::Announced { link, files });
    }
    net.run(10);
    worked_on_at_once(&mut net, asker, ultrapeer, words)
}

/// FLOW-07: what is dear to find among the files of leaves is charged to whoever asks for it.
#[test]
fn a_query_costs_its_sender_what_it_costs_to_look_through_the_files_of_leaves() {
    let (cheap, dear) = (worked_on("winter night"), worked_on("mp3 ogg"));
    assert!(cheap > 900, "{cheap}");
    assert!((10..cheap / 4).contains(&dear), "{cheap} and {dear}");
}
