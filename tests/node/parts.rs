//! Files of which a leaf has a part are found by others, through the ultrapeer between them.

use filbert::base::ranges::{ByteRange, RangeSet};
use filbert::base::urn::Urn;
use filbert::gnutella::link::Role;
use filbert::gnutella::servent::PartialFile;
use filbert::gnutella::wire::Function;
use filbert::index::files::FileId;
use filbert::node::{Command, Input};

use crate::support::net::Net;

const SHA1: [u8; 20] = [0x5a; 20];

/// A leaf that has a part, an ultrapeer, and a leaf that seeks.
fn family() -> (Net, [usize; 3]) {
    let mut net = Net::new();
    let parent = net.add(Role::Ultrapeer);
    let [holder, seeker] = [(); 2].map(|()| net.add(Role::Leaf));
    net.connect(holder, parent);
    net.connect(seeker, parent);
    net.run(60);
    (net, [holder, parent, seeker])
}

fn offer(net: &mut Net, holder: usize, len: u64) {
    let mut available = RangeSet::new();
    available.insert(ByteRange::new(0, len));
    let (id, name) = (FileId(7), "winter night.ogg".to_owned());
    let part = PartialFile { id, name, size: 4_096, sha1: SHA1, tiger_root: None, available };
    net.hand_in(holder, Input::Command(Command::OfferPartial(Box::new(part))));
}

fn found(net: &mut Net, seeker: usize, words: &str) -> Vec<String> {
    let search = net.search(seeker, words);
    net.run(30);
    net.hits(seeker, search).into_iter().map(|name| name.to_string()).collect()
}

/// HIT-39, QRP-42
#[test]
fn a_part_on_a_leaf_is_found_by_its_content() {
    let urn = Urn::Sha1(SHA1).to_string();
    for words in [&urn, &format!("winter {urn}")] {
        let (mut net, [holder, _, seeker]) = family();
        offer(&mut net, holder, 2_048);
        net.run(120);
        assert_eq!(found(&mut net, seeker, words), ["winter night.ogg"], "{words}");
    }
}

/// QRP-42
#[test]
fn more_of_a_part_is_no_other_table() {
    let (mut net, [holder, parent, _]) = family();
    offer(&mut net, holder, 1_024);
    net.run(120);
    let tables = net.received(parent, Function::QUERY_TABLE);
    assert!(tables > 0);
    (2..4).for_each(|times| offer(&mut net, holder, times * 1_024));
    net.run(300);
    assert_eq!(net.received(parent, Function::QUERY_TABLE), tables);
}

/// QRP-40, QRP-42
#[test]
fn nobody_is_asked_any_more_for_what_was_withdrawn() {
    let (mut net, [holder, _, seeker]) = family();
    offer(&mut net, holder, 2_048);
    net.run(120);
    net.hand_in(holder, Input::Command(Command::WithdrawPartial(SHA1)));
    net.run(3_600);
    let before = net.received(holder, Function::QUERY);
    assert_eq!(found(&mut net, seeker, "winter"), [""; 0]);
    assert_eq!(net.received(holder, Function::QUERY), before);
}
