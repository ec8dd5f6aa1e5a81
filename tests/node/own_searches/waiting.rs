//! How long the search of an ultrapeer waits for more whom it could ask.

use std::sync::Arc;

use filbert::base::limits::OWN_SEARCHES_MAX;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::Function;
use filbert::node::{Command, Input, RolePolicy, SearchId};
use filbert::promotion::Thresholds;

use super::{family, has_ended};
use crate::support::net::Net;

/// DQ-25: a new ultrapeer has nobody to ask yet.
#[test]
fn a_search_waits_for_the_first_neighbour() {
    for role in [Role::Leaf, Role::Ultrapeer] {
        let mut net = Net::new();
        let [node, other] = [net.add(role), net.add(Role::Ultrapeer)];
        net.share(other, &["winter light"]);
        let search = net.search(node, "winter");
        net.run(90);
        assert_eq!(net.search_ends(node), []);
        net.connect(node, other);
        net.run(20);
        assert_eq!(net.hits(node, search), ["winter light"], "{role}");
    }
}

/// DQ-25: a node that has as many ultrapeers as it wants does not wait for more.
#[test]
fn a_search_ends_when_all_wanted_ultrapeers_were_asked() {
    let mut net = Net::new();
    let mut thresholds = Thresholds::filbert();
    thresholds.slots.supernodes_target = 2;
    let node = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        config.dials = false;
        config.thresholds = Arc::new(thresholds);
    });
    let [first, second] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.connect(node, first);
    net.run(60);
    net.search(node, "winter");
    net.run(60);
    assert_eq!(net.search_ends(node), [], "one is wanted yet");
    net.connect(node, second);
    net.run(30);
    assert!(net.received(second, Function::QUERY) > 0);
    assert_eq!(net.search_ends(node), [("every ultrapeer was asked", 0)]);
}

/// DQ-25: a leaf that searches is told nothing of an end, and its ultrapeer waits for nobody.
#[test]
fn the_searches_of_leaves_do_not_wait_for_more_ultrapeers() {
    let (mut net, [node, other], leaf) = family();
    net.connect(leaf, node);
    net.run(60);
    net.search(leaf, "winter");
    net.run(10);
    net.connect(node, other);
    net.run(60);
    assert_eq!(net.received(other, Function::QUERY), 0);
}

/// DQ-25: nobody is kept from searching by searches that only wait.
#[test]
fn a_search_that_only_waits_makes_room_for_another() {
    let mut net = Net::new();
    let node = net.add(Role::Ultrapeer);
    let first = net.search(node, "winter");
    for number in 1..OWN_SEARCHES_MAX {
        net.run(1);
        net.search(node, &format!("summer{number}"));
    }
    assert_eq!(net.search_ends(node), []);
    let last = net.search(node, "spring");
    assert_eq!(net.search_ends(node), [("a newer search took its place", 0)]);
    assert!(has_ended(&net, node, first));
    net.run(10);
    assert!(!has_ended(&net, node, last));
}

/// Nothing is left of searches that were ended, however many there were.
#[test]
fn a_search_that_was_ended_holds_no_memory() {
    let mut net = Net::new();
    let node = net.add(Role::Leaf);
    let node = &mut net.places[node].node;
    let mut obey = |command| {
        node.handle(Input::Command(command), net.now);
        while node.poll().is_some() {}
    };
    let mut search_often = || {
        for number in 0..500 {
            let search = SearchId(number);
            obey(Command::Search { search, words: "winter".to_owned() });
            obey(Command::EndSearch(search));
        }
    };
    search_often();
    let held = allocation_counter::measure(search_often).bytes_current;
    assert!(held < 2_000, "{held} bytes");
}
