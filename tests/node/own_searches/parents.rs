//! The searches of a leaf, and what each of its parents knows of them.

use filbert::base::limits::REPORT_AFTER_RESULTS;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::vendor::{Body, HopsFlow, MessageId, QueryStatus};
use filbert::gnutella::wire::{Function, Guid, Vendor};
use filbert::node::{Command, SearchId};

use super::{family, queries, status_request, statuses};
use crate::support::messages::{SERVENT, hit, hit_of};
use crate::support::net::Net;

/// Two ultrapeers that are connected, the second with a file.
fn parents(net: &mut Net) -> [usize; 2] {
    let [one, other] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.connect(one, other);
    net.share(other, &["winter light"]);
    net.run(60);
    [one, other]
}

/// A leaf that has searched with the first of two parents when the second one comes.
fn asked_one_after_the_other() -> (Net, [usize; 2], usize, SearchId) {
    let (mut net, [first, second], leaf) = family();
    net.connect(leaf, first);
    net.run(2);
    let search = net.search(leaf, "winter");
    net.run(5);
    net.connect(leaf, second);
    (net, [first, second], leaf, search)
}

/// DQ-24: the new parent has seen the query that the old one asked for us.
#[test]
fn a_search_goes_on_with_the_next_parent() {
    let (mut net, [first, second], leaf) = family();
    net.connect(first, second);
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
    let (mut net, [first, second], leaf, search) = asked_one_after_the_other();
    net.run(1);
    let guids = [queries(&net, first), queries(&net, second)];
    let [[one], [other]] = guids.each_ref().map(Vec::as_slice) else {
        panic!("one GUID each: {guids:?}")
    };
    assert_ne!(one, other);
    for (from, guid) in [(first, *one), (second, *other), (second, *one)] {
        net.forge(from, leaf, hit(guid, 1, "winter"));
    }
    assert_eq!(net.hits(leaf, search).len(), 3);
    net.command(leaf, Command::EndSearch(search));
    for (from, guid) in [(first, *one), (second, *other)] {
        net.forge(from, leaf, hit(guid, 1, "winter"));
    }
    assert_eq!(net.hits(leaf, search).len(), 3);
}

/// DQ-24: parents that come at the same time share a GUID, else everybody would answer each of them.
#[test]
fn parents_that_come_at_the_same_time_are_asked_the_same() {
    let (mut net, [first, second], leaf) = family();
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
    let (mut net, [first, second], leaf, _) = asked_one_after_the_other();
    net.run(5);
    let [one, other] = [first, second].map(|parent| queries(&net, parent)[0]);
    net.forge(first, leaf, hit(one, REPORT_AFTER_RESULTS.into(), "winter"));
    let status = QueryStatus { results: REPORT_AFTER_RESULTS };
    assert_eq!(statuses(&net, first), [(one, status)]);
    assert_eq!(statuses(&net, second), [(other, status)]);
    // Asked, it answers about either.
    for (parent, guid) in [(first, other), (second, one)] {
        net.forge(parent, leaf, status_request(guid));
        assert_eq!(statuses(&net, parent).last(), Some(&(guid, status)));
    }
}

/// VMSG-52: who asks often keeps no news from the others.
#[test]
fn a_parent_that_asks_often_keeps_no_news_from_the_others() {
    let (mut net, [first, second], leaf) = family();
    net.connect(leaf, first);
    net.connect(leaf, second);
    net.run(2);
    net.search(leaf, "winter");
    net.run(1);
    let guid = queries(&net, first)[0];
    for _ in 0..REPORT_AFTER_RESULTS {
        net.forge(second, leaf, hit(guid, 1, "winter"));
        net.forge(first, leaf, status_request(guid));
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

/// HIT-35
#[test]
fn a_leaf_does_not_find_what_it_shares_itself() {
    let (mut net, [parent, _], leaf) = family();
    net.connect(leaf, parent);
    net.run(2);
    let search = net.search(leaf, "winter");
    net.run(2);
    let asked = net.frames(parent, Function::QUERY)[0].guid;
    let own = net.places[leaf].node.guid();
    net.forge(parent, leaf, hit_of(own, asked, 1, "winter of ours"));
    net.forge(parent, leaf, hit_of(SERVENT, asked, 1, "winter of theirs"));
    net.run(1);
    assert_eq!(net.hits(leaf, search), ["winter of theirs"]);
}
