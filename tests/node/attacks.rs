//! What neighbours that mean harm, and nodes behind them, cannot do to a node.

use std::sync::Arc;

use filbert::base::limits::{
    HASH_RESULTS_WANTED, OWN_RESULTS_TOLD_MAX, ROUTE_LIFE_SECONDS, SEARCH_LIFE_MS,
};
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::vendor::{Body, HopsFlow, MessageId};
use filbert::gnutella::wire::{Frame, Function, Guid, Vendor};
use filbert::node::{Command, RolePolicy};
use filbert::promotion::Thresholds;

use crate::support::messages::{guid, hit, hit_of, query};
use crate::support::net::Net;

/// The GUID of the last query that one of these nodes was sent.
fn asked(net: &Net, places: &[usize]) -> Guid {
    let queries = places.iter().flat_map(|at| net.frames(*at, Function::QUERY));
    queries.last().expect("nobody was asked").guid
}

fn are_connected(net: &Net, one: usize, other: usize) -> bool {
    net.link_between(one, other).is_some() && net.link_between(other, one).is_some()
}

/// TTL-05: somebody answers with hops that the next node but one could not count on.
#[test]
fn hits_with_many_hops_are_no_fault_of_who_passes_them_on() {
    let mut net = Net::new();
    let [asker, judge, relay, liar] = [(); 4].map(|()| net.add(Role::Ultrapeer));
    net.connect(asker, judge);
    net.connect(judge, relay);
    net.connect(relay, liar);
    net.run(2);
    net.forge(asker, judge, query(guid(1), 4, "winter"));
    net.run(1);
    assert_eq!(net.received(liar, Function::QUERY), 1);
    for number in 0..200 {
        let lie = hit_of(guid(number), guid(1), 1, "winter");
        net.forge(liar, relay, Frame { ttl: 5, hops: 254, ..lie.clone() });
        net.forge(relay, judge, Frame { ttl: 5, hops: 255, ..lie });
    }
    net.run(1);
    assert_eq!((net.strikes(judge), net.strikes(relay)), (vec![], vec![]));
    assert!(are_connected(&net, judge, relay));
    assert_eq!(net.received(asker, Function::QUERY_HIT), 0);
    // What can be true gets home.
    net.forge(liar, relay, Frame { ttl: 5, ..hit_of(guid(1), guid(1), 1, "winter") });
    net.run(1);
    assert_eq!(net.received(asker, Function::QUERY_HIT), 1);
}

/// TTL-14, TTL-22: a leaf asks more than its ultrapeer remembers, and then the same again.
#[test]
fn a_leaf_does_not_make_its_ultrapeer_repeat_itself() {
    let mut net = Net::new();
    let leaf = net.add(Role::Leaf);
    let [relay, judge] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.connect(leaf, relay);
    net.connect(relay, judge);
    net.run(60);
    let (mut asked, mut is_connected) = (0, true);
    for round in 0..2 {
        for number in 0..270 {
            if is_connected {
                let words = format!("word{round}x{number}");
                net.forge(leaf, relay, query(guid(number), 4, &words));
                net.run(2);
                asked += 1;
                is_connected = are_connected(&net, relay, leaf);
            }
        }
    }
    // The leaf is told what it does, once it has begun to repeat itself.
    assert!((271..400).contains(&asked), "{asked}");
    assert_eq!((net.strikes(relay), net.strikes(judge)), (vec!["TTL-14"], vec![]));
    assert!(are_connected(&net, relay, judge));
    let asked = net.frames(judge, Function::QUERY).into_iter();
    let mut asked: Vec<_> = asked.map(|frame| (frame.guid.0, frame.ttl)).collect();
    let all = asked.len();
    asked.sort_unstable();
    asked.dedup();
    assert!(asked.len() > 200 && asked.len() == all, "{} of {all}", asked.len());
}

/// FRAME-12: what has no name is not asked of others, since nobody could know it again.
#[test]
fn a_leafs_query_without_a_guid_is_not_searched_for() {
    let mut net = Net::new();
    let leaf = net.add(Role::Leaf);
    let [parent, other] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.connect(leaf, parent);
    net.connect(parent, other);
    net.run(2);
    net.forge(leaf, parent, query(Guid::ZERO, 3, "winter"));
    net.run(20);
    assert_eq!(net.received(other, Function::QUERY), 0);
    net.forge(leaf, parent, query(guid(1), 3, "winter"));
    net.run(20);
    assert!(net.received(other, Function::QUERY) > 0);
    assert_eq!(net.strikes(parent), [""; 0]);
}

/// DQ-20: whoever knows the GUID of a query cannot use up what is carried for it.
#[test]
fn many_results_of_one_neighbour_leave_room_for_those_of_others() {
    for results in [[250, 0, 0], [125, 125, 125], [3; 3]] {
        let mut net = Net::new();
        let leaf = net.add(Role::Leaf);
        let [parent, liar, honest] = [(); 3].map(|()| net.add(Role::Ultrapeer));
        net.connect(leaf, parent);
        net.connect(parent, liar);
        net.connect(parent, honest);
        net.run(2);
        let search = net.search(leaf, "winter");
        net.run(1);
        let guid = asked(&net, &[liar, honest]);
        for results in results.into_iter().cycle().take(300) {
            net.forge(liar, parent, hit(guid, results, "spam"));
        }
        for _ in 0..10 {
            net.forge(honest, parent, hit(guid, 5, "winter"));
        }
        net.run(5);
        let hits = net.hits(leaf, search);
        let honest = hits.iter().filter(|name| *name == "winter").count();
        assert!(honest >= 50 - 5, "{results:?}: {honest} of 50 among {}", hits.len());
    }
}

/// DQ-21: nor can it end the query.
#[test]
fn many_results_of_one_neighbour_do_not_end_the_query_of_a_leaf() {
    let mut net = Net::new();
    let leaf = net.add(Role::Leaf);
    let [parent, liar, far, further, last] = [(); 5].map(|()| net.add(Role::Ultrapeer));
    for (from, to) in [(leaf, parent), (parent, liar), (parent, far), (far, further)] {
        net.connect(from, to);
    }
    net.connect(further, last);
    net.share(last, &["winter"]);
    net.run(60);
    // By hash, few results are wanted: too few for the leaf to be asked how many it kept.
    let words = format!("winter\0urn:sha1:{}", "A".repeat(32));
    net.forge(leaf, parent, query(guid(1), 4, &words));
    net.run(1);
    assert_eq!(net.received(last, Function::QUERY), 0, "no probe goes so far");
    net.forge(liar, parent, hit(guid(1), HASH_RESULTS_WANTED, "spam"));
    net.run(60);
    assert_eq!(net.received(last, Function::QUERY), 1);
}

/// DQ-21, DQ-23: one neighbour does not end an own search, and what comes after its end is told of.
#[test]
fn hits_that_come_after_the_end_of_a_search_are_told_of() {
    let mut net = Net::new();
    let [searcher, liar, other, honest] = [(); 4].map(|()| net.add(Role::Ultrapeer));
    for neighbour in [liar, other, honest] {
        net.connect(searcher, neighbour);
    }
    net.run(60);
    let search = net.search(searcher, "winter");
    net.run(1);
    let guid = asked(&net, &[liar, other, honest]);
    net.forge(liar, searcher, hit(guid, 150, "spam"));
    net.run(1);
    assert_eq!(net.search_ends(searcher), []);
    net.forge(other, searcher, hit(guid, 75, "spam"));
    net.run(1);
    assert_eq!(net.search_ends(searcher), [("enough was found", 225)]);
    net.forge(honest, searcher, hit(guid, 1, "winter"));
    let honest_hits =
        |net: &Net| net.hits(searcher, search).into_iter().filter(|name| name == "winter").count();
    assert_eq!(honest_hits(&net), 1);
    // As long as answers find home, and not longer.
    net.run(u64::from(ROUTE_LIFE_SECONDS) - 5);
    net.forge(honest, searcher, hit(guid, 1, "winter"));
    assert_eq!(honest_hits(&net), 2);
    net.run(10);
    net.forge(honest, searcher, hit(guid, 1, "winter"));
    assert_eq!((honest_hits(&net), net.search_ends(searcher).len()), (2, 1));
}

/// DQ-23
#[test]
fn no_hits_are_told_of_once_nobody_wants_them() {
    let mut net = Net::new();
    let [searcher, neighbour] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.connect(searcher, neighbour);
    net.run(60);
    for waits_for_its_end in [true, false] {
        let search = net.search(searcher, "winter");
        net.run(1);
        let guid = asked(&net, &[neighbour]);
        net.run(if waits_for_its_end { SEARCH_LIFE_MS / 1_000 } else { 0 });
        net.forge(neighbour, searcher, hit(guid, 1, "winter"));
        net.command(searcher, Command::EndSearch(search));
        net.forge(neighbour, searcher, hit(guid, 1, "winter"));
        assert_eq!(net.hits(searcher, search), ["winter"]);
    }
    assert_eq!(net.search_ends(searcher).len(), 1, "whoever ends a search knows that");
}

/// DQ-23: one neighbour cannot use up what is told of either.
#[test]
fn results_of_one_neighbour_without_end_leave_room_for_those_of_others() {
    let mut net = Net::new();
    let [searcher, liar, honest] = [(); 3].map(|()| net.add(Role::Ultrapeer));
    net.connect(searcher, liar);
    net.connect(searcher, honest);
    net.run(60);
    let search = net.search(searcher, "winter");
    net.run(1);
    let guid = asked(&net, &[liar, honest]);
    for _ in 0..100 {
        net.forge(liar, searcher, hit(guid, 200, "spam"));
    }
    assert_eq!(net.hits(searcher, search).len(), usize::from(OWN_RESULTS_TOLD_MAX) / 2);
    net.forge(honest, searcher, hit(guid, 100, "winter"));
    assert_eq!(net.hits(searcher, search).len(), usize::from(OWN_RESULTS_TOLD_MAX) / 2 + 100);
}

/// DQ-22: an ultrapeer that wants no queries does not hold up searches.
#[test]
fn a_muted_neighbour_does_not_keep_a_search_alive() {
    let mut net = Net::new();
    let mut thresholds = Thresholds::filbert();
    thresholds.slots.supernodes_target = 1;
    let searcher = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        config.dials = false;
        config.thresholds = Arc::new(thresholds);
    });
    let muted = net.add(Role::Ultrapeer);
    net.connect(searcher, muted);
    net.run(2);
    let flow = Body::HopsFlow(HopsFlow { hops: 0 });
    let flow = Vendor::new(MessageId::HOPS_FLOW, flow).into_frame(guid(1));
    net.forge(muted, searcher, flow);
    net.search(searcher, "winter");
    net.run(3);
    assert_eq!(net.search_ends(searcher), [("every ultrapeer was asked", 0)]);
    assert_eq!(net.received(muted, Function::QUERY), 0);
}
