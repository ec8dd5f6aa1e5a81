//! Leaves that tell which files they have: their ultrapeer answers for them.

use std::net::SocketAddr;

use filbert::base::urn::Urn;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::{Frame, Function, Guid, QueryHit};
use filbert::node::{Command, Input, RolePolicy, SharedFile};

use crate::support::messages::{frame, guid, push, query};
use crate::support::net::{Net, address};

mod plenty;

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
    // Hits go by the way that the query came.
    let asker = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        (config.dials, config.out_of_band) = (false, false);
    });
    let ultrapeer = net.add(Role::Ultrapeer);
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
    families.net.command(ultrapeer, Command::Disconnect(link));
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

fn files_of_leaves(net: &Net, at: usize) -> usize {
    let holding = net.places[at].node.holdings().find(|holding| holding.what == "files of leaves");
    holding.unwrap().count
}

/// Leaves that come and go do not use up what all leaves together may tell.
#[test]
fn the_files_of_a_leaf_go_with_it() {
    let mut net = Net::new();
    let ultrapeer = net.add(Role::Ultrapeer);
    for number in 0..5 {
        let leaf = net.add(Role::Leaf);
        net.connect(leaf, ultrapeer);
        net.run(1);
        let link = net.link_between(ultrapeer, leaf).unwrap();
        let files: Vec<_> =
            (0..50).map(|nth| file("snow", Some([10 * number + nth; 20]))).collect();
        net.hand_in(ultrapeer, Input::Announced { link, files });
        assert_eq!(files_of_leaves(&net, ultrapeer), 50, "leaf {number}");
        net.command(ultrapeer, Command::Disconnect(link));
        net.run(1);
        assert_eq!(files_of_leaves(&net, ultrapeer), 0, "leaf {number}");
    }
}

/// How many queries eight ultrapeers are sent for a search: that of a leaf, or their neighbour's own.
/// Another leaf of that neighbour has what is sought, and has told so, or is asked.
fn queries_for(is_own: bool, has_told: bool) -> usize {
    let mut net = Net::new();
    let ultrapeer = net.add(Role::Ultrapeer);
    // It does not tell how many hits it kept.
    let asker = net.add_with(RolePolicy::Always(Role::Leaf), |config| {
        (config.dials, config.speaks_vendor) = (false, false);
    });
    let holder = net.add(Role::Leaf);
    let names: Vec<String> = (0..60).map(|number| format!("winter light {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    net.share(holder, &names);
    for leaf in [asker, holder] {
        net.connect(leaf, ultrapeer);
    }
    let others: Vec<usize> = (0..8).map(|_| net.add(Role::Ultrapeer)).collect();
    for &other in &others {
        net.share(other, &names[..if is_own { 26 } else { 9 }]);
        net.connect(ultrapeer, other);
    }
    net.run(60);
    if has_told {
        let link = net.link_between(ultrapeer, holder).unwrap();
        let files = (0..).zip(&names).map(|(number, name)| file(name, Some([number; 20])));
        net.hand_in(ultrapeer, Input::Announced { link, files: files.collect() });
    }
    if is_own {
        net.search(ultrapeer, "winter light");
    } else {
        net.forge(asker, ultrapeer, query(guid(1), 3, "winter light"));
    }
    net.run(120);
    others.iter().map(|other| net.received(*other, Function::QUERY)).sum()
}

/// DQ-21
#[test]
fn results_of_leaves_count_whether_they_are_asked_or_answered_for() {
    for is_own in [false, true] {
        let [asked, told] = [false, true].map(|has_told| queries_for(is_own, has_told));
        assert!((3..6).contains(&asked), "{asked} queries where a leaf is asked");
        assert_eq!(told, asked, "where a leaf has told");
    }
}

/// HIT-34
#[test]
fn a_file_of_a_leaf_is_named_once_however_often_it_is_asked_for() {
    let mut families = families([&[file("winter light", Some([9; 20]))], &[]]);
    let (asker, ultrapeer) = (families.asker, families.ultrapeer);
    let urn = Urn::Sha1([9; 20]).to_string();
    let payload = format!("\0\0\0{urn}\x1c{urn}\x1c{urn}\0");
    families.net.forge(asker, ultrapeer, frame(guid(9), Function::QUERY, 1, payload.into_bytes()));
    families.net.run(2);
    let hits = families.net.frames(asker, Function::QUERY_HIT);
    let named: Vec<_> = hits.into_iter().flat_map(named).collect();
    assert_eq!(named.len(), 1, "{named:?}");
}
