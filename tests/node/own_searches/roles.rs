//! Searches of a node whose role changes, and those of its leaves.

use filbert::base::limits::SEARCH_LIFE_MS;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::Function;

use super::{be, family, has_ended, queries, status_request, statuses};
use crate::support::net::Net;

/// Two ultrapeers, the first of which knows the second and a node of this role.
fn row(role: Role) -> (Net, [usize; 3]) {
    let mut net = Net::new();
    let [near, far] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let node = net.add(role);
    net.connect(node, near);
    net.connect(near, far);
    net.run(60);
    (net, [near, far, node])
}

/// DQ-24: as an ultrapeer, a node asks by itself for what others have asked for it before.
#[test]
fn a_search_goes_on_when_a_leaf_becomes_an_ultrapeer() {
    let (mut net, [parent, far, node]) = row(Role::Leaf);
    let search = net.search(node, "winter");
    net.run(20);
    be(&mut net, node, Role::Ultrapeer);
    net.run(30);
    assert!(!has_ended(&net, node, search), "there was nobody to ask");
    net.share(far, &["winter light"]);
    net.connect(node, far);
    net.connect(node, parent);
    net.run(40);
    assert_eq!(net.hits(node, search), ["winter light"]);
    assert!(!has_ended(&net, node, search), "more ultrapeers may come");
    net.run(SEARCH_LIFE_MS / 1_000);
    assert!(has_ended(&net, node, search));
}

/// DQ-25: the first neighbour after a change of role is not the last one.
#[test]
fn a_search_asks_all_who_come_after_the_role_has_changed() {
    let (mut net, [first, second], node) = family();
    net.share(second, &["winter light"]);
    let search = net.search(node, "winter");
    net.run(1);
    be(&mut net, node, Role::Ultrapeer);
    net.connect(node, first);
    net.run(90);
    net.connect(node, second);
    net.run(20);
    assert_eq!(net.hits(node, search), ["winter light"]);
    net.run(SEARCH_LIFE_MS / 1_000);
    assert_eq!(net.search_ends(node), [("it ran as long as a query may", 1)]);
}

/// DQ-24: as a leaf, a node lets others ask for what it has asked by itself before, and they hear how it
/// fares.
#[test]
fn a_search_goes_on_when_an_ultrapeer_becomes_a_leaf() {
    let (mut net, [near, far, node]) = row(Role::Ultrapeer);
    let search = net.search(node, "winter");
    net.run(1);
    be(&mut net, node, Role::Leaf);
    net.run(5);
    assert!(!has_ended(&net, node, search));
    let begun = net.places[near].received.len();
    net.connect(node, near);
    net.share(far, &["winter light"]);
    net.run(60);
    // It is asked once, and by nobody but the parent.
    let frames = net.places[near].received.iter().skip(begun).map(|(_, frame)| frame);
    let asked: Vec<_> = frames.filter(|frame| frame.function == Function::QUERY).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(net.hits(node, search), ["winter light"]);
    // It is no search that nobody wants any more.
    net.forge(near, node, status_request(asked[0].guid));
    assert_eq!(statuses(&net, near).last().map(|(_, told)| told.results), Some(1));
    net.run(SEARCH_LIFE_MS / 1_000);
    assert!(has_ended(&net, node, search));
}

/// DQ-24: at once, too: the new ultrapeer has just seen the query of the old neighbour.
#[test]
fn an_ultrapeer_that_becomes_a_leaf_asks_by_a_fresh_guid() {
    let (mut net, [near, far, node]) = row(Role::Ultrapeer);
    let search = net.search(node, "winter");
    net.run(1);
    be(&mut net, node, Role::Leaf);
    net.share(far, &["winter light"]);
    net.connect(node, near);
    net.run(60);
    assert_eq!(queries(&net, near).len(), 2);
    assert_eq!(net.hits(node, search), ["winter light"]);
}

/// DQ-24: as often as the role changes, no search lives for ever or sends more and more.
#[test]
fn a_search_ends_however_often_the_role_changes() {
    let mut net = Net::new();
    let ultrapeer = net.add(Role::Ultrapeer);
    let node = net.add(Role::Leaf);
    let search = net.search(node, "winter");
    for _ in 0..30 {
        for role in [Role::Ultrapeer, Role::Leaf] {
            be(&mut net, node, role);
            net.connect(node, ultrapeer);
            net.run(8);
        }
    }
    assert!(has_ended(&net, node, search));
    assert!((2..=8).contains(&queries(&net, ultrapeer).len()));
    assert_eq!(net.search_ends(node).len(), 1);
}

/// What a leaf wants is not asked any more by an ultrapeer that has become a leaf itself.
#[test]
fn the_searches_of_leaves_end_when_their_ultrapeer_becomes_a_leaf() {
    let (mut net, [node, other], leaf) = family();
    net.connect(leaf, node);
    net.run(60);
    net.search(leaf, "winter");
    net.run(1);
    be(&mut net, node, Role::Leaf);
    net.connect(node, other);
    net.run(60);
    assert_eq!(net.received(other, Function::QUERY), 0);
}
