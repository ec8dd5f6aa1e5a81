//! Own searches while parents come and go, and while the role changes.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use filbert::base::limits::{OWN_SEARCHES_MAX, REPORT_AFTER_RESULTS, SEARCH_LIFE_MS};
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::vendor::{Body, HopsFlow, MessageId, QueryStatus};
use filbert::gnutella::wire::{ExtensionArea, Frame, Function, Guid, QueryHit, Record, Vendor};
use filbert::node::{Command, Event, RolePolicy, SearchId};
use filbert::promotion::Thresholds;

use crate::support::net::Net;

/// The GUIDs of the queries that a node was sent with hops 0, without repetitions.
fn queries(net: &Net, at: usize) -> Vec<Guid> {
    let mut guids: Vec<Guid> = Vec::new();
    for (_, frame) in &net.places[at].received {
        let is_query = frame.function == Function::QUERY && frame.hops == 0;
        if is_query && !guids.contains(&frame.guid) {
            guids.push(frame.guid);
        }
    }
    guids
}

/// A hit with so many results, for a query from next door.
fn hit(guid: Guid, results: u32) -> Frame {
    let record = |index| Record {
        index,
        size: 7,
        name: Bytes::from_static(b"winter"),
        extensions: ExtensionArea::new(Bytes::new(), Place::Record),
    };
    let (address, records) = ([9, 9, 9, 9].into(), (0..results).map(record).collect());
    let servent = Guid([3; 16]);
    let hit = QueryHit { port: 6346, address, speed: 0, records, trailer: None, servent };
    let mut payload = BytesMut::new();
    hit.encode(&mut payload);
    let payload = payload.freeze();
    Frame { guid, function: Function::QUERY_HIT, ttl: 3, hops: 0, size_flags: None, payload }
}

fn be(net: &mut Net, at: usize, role: Role) {
    net.command(at, Command::BeRole(RolePolicy::Always(role)));
}

fn has_ended(net: &Net, at: usize, of: SearchId) -> bool {
    let mut events = net.places[at].events.iter();
    events.any(|event| matches!(event, Event::SearchEnded { search, .. } if *search == of))
}

/// Why the searches of a node have ended, and with how many results.
fn ends(net: &Net, at: usize) -> Vec<(&'static str, u32)> {
    let ends = net.places[at].events.iter().filter_map(|event| match event {
        Event::SearchEnded { results, why, .. } => Some((*why, *results)),
        _ => None,
    });
    ends.collect()
}

/// The query statuses that a node was told, with the GUIDs that they are about.
fn statuses(net: &Net, at: usize) -> Vec<(Guid, QueryStatus)> {
    let frames = net.places[at].received.iter().map(|(_, frame)| frame);
    let vendors = frames.filter(|frame| frame.function == Function::VENDOR);
    let told = vendors.filter_map(|frame| match Vendor::decode(&frame.payload).ok()?.body {
        Body::QueryStatus(status) => Some((frame.guid, status)),
        _ => None,
    });
    told.collect()
}

/// Two ultrapeers that are connected, the second with a file.
fn parents(net: &mut Net) -> [usize; 2] {
    let [one, other] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.connect(one, other);
    net.share(other, &["winter light"]);
    net.run(60);
    [one, other]
}

/// DQ-24: the new parent has seen the query that the old one asked for us.
#[test]
fn a_search_goes_on_with_the_next_parent() {
    let mut net = Net::new();
    let [first, second] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.connect(first, second);
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, first);
    net.run(60);
    let search = net.search(leaf, "winter");
    net.run(20);
    assert_eq!(net.received(second, Function::QUERY), 2, "it has seen the query");
    let link = net.link_between(leaf, first).unwrap();
    net.command(leaf, Command::Disconnect(link));
    net.share(second, &["winter light"]);
    net.connect(leaf, second);
    net.run(20);
    assert_eq!(net.hits(leaf, search), ["winter light"]);
}

/// DQ-24: the same after a link that was lost for a moment.
#[test]
fn a_search_goes_on_with_a_parent_that_is_back() {
    let mut net = Net::new();
    let [parent, other] = parents(&mut net);
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, parent);
    net.run(2);
    let search = net.search(leaf, "winter");
    let link = net.link_between(leaf, parent).unwrap();
    net.command(leaf, Command::Disconnect(link));
    net.connect(leaf, parent);
    net.run(20);
    assert_eq!(queries(&net, parent).len(), 2);
    assert!(net.received(other, Function::QUERY) > 0);
    assert_eq!(net.hits(leaf, search), ["winter light"]);
}

/// DQ-24, DQ-23: what the first parent found may still come by another one.
#[test]
fn hits_count_by_whichever_guid_they_come() {
    let mut net = Net::new();
    let [first, second] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, first);
    net.run(2);
    let search = net.search(leaf, "winter");
    net.run(5);
    net.connect(leaf, second);
    net.run(1);
    let guids = [queries(&net, first), queries(&net, second)];
    let [[one], [other]] = guids.each_ref().map(Vec::as_slice) else {
        panic!("one GUID each: {guids:?}")
    };
    assert_ne!(one, other);
    for (from, guid) in [(first, *one), (second, *other), (second, *one)] {
        net.forge(from, leaf, hit(guid, 1));
    }
    assert_eq!(net.hits(leaf, search).len(), 3);
    net.command(leaf, Command::EndSearch(search));
    for (from, guid) in [(first, *one), (second, *other)] {
        net.forge(from, leaf, hit(guid, 1));
    }
    assert_eq!(net.hits(leaf, search).len(), 3);
}

/// DQ-24: parents that come at the same time share a GUID, else everybody would answer each of them.
#[test]
fn parents_that_come_at_the_same_time_are_asked_the_same() {
    let mut net = Net::new();
    let [first, second] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let leaf = net.add(Role::Leaf);
    net.search(leaf, "winter");
    net.run(5);
    net.connect(leaf, first);
    net.connect(leaf, second);
    net.run(1);
    assert_eq!(queries(&net, first).len(), 1);
    assert_eq!(queries(&net, first), queries(&net, second));
}

/// VMSG-52, DQ-24: each parent is told about the GUID that it knows.
#[test]
fn each_parent_is_told_of_the_query_that_it_knows() {
    let mut net = Net::new();
    let [first, second] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, first);
    net.run(2);
    net.search(leaf, "winter");
    net.run(5);
    net.connect(leaf, second);
    net.run(5);
    let [one, other] = [first, second].map(|parent| queries(&net, parent)[0]);
    net.forge(first, leaf, hit(one, REPORT_AFTER_RESULTS.into()));
    let status = QueryStatus { results: REPORT_AFTER_RESULTS };
    assert_eq!(statuses(&net, first), [(one, status)]);
    assert_eq!(statuses(&net, second), [(other, status)]);
    // Asked, it answers about either.
    for (parent, guid) in [(first, other), (second, one)] {
        let ask = Vendor::new(MessageId::QUERY_STATUS_REQUEST, Body::QueryStatusRequest);
        net.forge(parent, leaf, ask.into_frame(guid));
        assert_eq!(statuses(&net, parent).last(), Some(&(guid, status)));
    }
}

/// VMSG-52: who asks often keeps no news from the others.
#[test]
fn a_parent_that_asks_often_keeps_no_news_from_the_others() {
    let mut net = Net::new();
    let [first, second] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, first);
    net.connect(leaf, second);
    net.run(2);
    net.search(leaf, "winter");
    net.run(1);
    let guid = queries(&net, first)[0];
    for _ in 0..REPORT_AFTER_RESULTS {
        net.forge(second, leaf, hit(guid, 1));
        let ask = Vendor::new(MessageId::QUERY_STATUS_REQUEST, Body::QueryStatusRequest);
        net.forge(first, leaf, ask.into_frame(guid));
    }
    assert_eq!(statuses(&net, second), [(guid, QueryStatus { results: REPORT_AFTER_RESULTS })]);
}

/// VMSG-09: neither in the beginning nor later.
#[test]
fn a_parent_that_wants_no_queries_gets_none() {
    let mut net = Net::new();
    let parent = net.add(Role::Ultrapeer);
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, parent);
    net.run(2);
    let flow = Vendor::new(MessageId::HOPS_FLOW, Body::HopsFlow(HopsFlow { hops: 0 }));
    net.forge(parent, leaf, flow.into_frame(Guid::ZERO));
    net.search(leaf, "winter");
    net.run(5);
    assert_eq!(net.received(parent, Function::QUERY), 0);
}

/// DQ-24: as an ultrapeer, a node asks by itself for what others have asked for it before.
#[test]
fn a_search_goes_on_when_a_leaf_becomes_an_ultrapeer() {
    let mut net = Net::new();
    let [parent, far] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let node = net.add(Role::Leaf);
    net.connect(node, parent);
    net.connect(parent, far);
    net.run(60);
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

/// DQ-25: a new ultrapeer has nobody to ask yet.
#[test]
fn a_search_waits_for_the_first_neighbour() {
    for role in [Role::Leaf, Role::Ultrapeer] {
        let mut net = Net::new();
        let [node, other] = [net.add(role), net.add(Role::Ultrapeer)];
        net.share(other, &["winter light"]);
        let search = net.search(node, "winter");
        net.run(90);
        assert_eq!(ends(&net, node), []);
        net.connect(node, other);
        net.run(20);
        assert_eq!(net.hits(node, search), ["winter light"], "{role}");
    }
}

/// DQ-25: the first neighbour after a change of role is not the last one.
#[test]
fn a_search_asks_all_who_come_after_the_role_has_changed() {
    let mut net = Net::new();
    let [first, second] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let node = net.add(Role::Leaf);
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
    assert_eq!(ends(&net, node), [("it ran as long as a query may", 1)]);
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
    assert_eq!(ends(&net, node), [], "one is wanted yet");
    net.connect(node, second);
    net.run(30);
    assert!(net.received(second, Function::QUERY) > 0);
    assert_eq!(ends(&net, node), [("every ultrapeer was asked", 0)]);
}

/// DQ-25: a leaf that searches is told nothing of an end, and its ultrapeer waits for nobody.
#[test]
fn the_searches_of_leaves_do_not_wait_for_more_ultrapeers() {
    let mut net = Net::new();
    let [node, other] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let leaf = net.add(Role::Leaf);
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
    assert_eq!(ends(&net, node), []);
    let last = net.search(node, "spring");
    assert_eq!(ends(&net, node), [("a newer search took its place", 0)]);
    assert!(has_ended(&net, node, first));
    net.run(10);
    assert!(!has_ended(&net, node, last));
}

/// DQ-24: as a leaf, a node lets others ask for what it has asked by itself before, and they hear how it
/// fares.
#[test]
fn a_search_goes_on_when_an_ultrapeer_becomes_a_leaf() {
    let mut net = Net::new();
    let [near, far] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let node = net.add(Role::Ultrapeer);
    net.connect(node, near);
    net.connect(near, far);
    net.run(60);
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
    let ask = Vendor::new(MessageId::QUERY_STATUS_REQUEST, Body::QueryStatusRequest);
    net.forge(near, node, ask.into_frame(asked[0].guid));
    assert_eq!(statuses(&net, near).last().map(|(_, told)| told.results), Some(1));
    net.run(SEARCH_LIFE_MS / 1_000);
    assert!(has_ended(&net, node, search));
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
    let ends = net.places[node].events.iter();
    let ends = ends.filter(|event| matches!(event, Event::SearchEnded { .. })).count();
    assert_eq!(ends, 1);
}

/// What a leaf wants is not asked any more by an ultrapeer that has become a leaf itself.
#[test]
fn the_searches_of_leaves_end_when_their_ultrapeer_becomes_a_leaf() {
    let mut net = Net::new();
    let [node, other] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, node);
    net.run(60);
    net.search(leaf, "winter");
    net.run(1);
    be(&mut net, node, Role::Leaf);
    net.connect(node, other);
    net.run(60);
    assert_eq!(net.received(other, Function::QUERY), 0);
}
