//! What a node does about those who break rules, and how it keeps from being misused.

use std::net::{IpAddr, Ipv4Addr};

use filbert::base::error::{Misbehaved, Rule};
use filbert::gnutella::link::{Ending, Role};
use filbert::gnutella::wire::{Frame, Function};
use filbert::node::{Command, Event, Input, RolePolicy};

use crate::support::messages::{self, broken_table, guid, hit};
use crate::support::net::{Net, address};

fn banned(net: &Net, at: usize) -> Vec<IpAddr> {
    let address = |event: &Event| match event {
        Event::Banned { address, .. } => Some(*address),
        _ => None,
    };
    net.places[at].events.iter().filter_map(address).collect()
}

/// A push for the node at `at`, which shall connect to `ip`.
fn push(net: &Net, at: usize, number: u8, ip: Ipv4Addr) -> Frame {
    messages::push(guid(number.into()), net.places[at].node.guid(), ip)
}

/// HAND-74: it would do the same again.
#[test]
fn whoever_breaks_rules_is_banned_and_not_called_either() {
    let mut net = Net::new();
    let caller = net.add_with(RolePolicy::Always(Role::Ultrapeer), |_| {});
    let other = net.add(Role::Ultrapeer);
    net.command(caller, Command::Know(vec![address(other)]));
    net.run(2);
    net.forge(other, caller, broken_table());
    assert_eq!(net.strikes(caller), ["QRP-06"]);
    net.run(1_200);
    assert_eq!(net.neighbours(caller).len(), 0, "it is called again");
    // It may call, and does the same once more.
    net.connect(other, caller);
    net.run(1);
    net.forge(other, caller, broken_table());
    net.run(1);
    net.connect(other, caller);
    net.run(1);
    net.forge(other, caller, broken_table());
    assert_eq!(banned(&net, caller), [address(other).ip()]);
    net.connect(other, caller);
    net.run(1);
    assert_eq!(net.neighbours(caller).len(), 0, "it is let in during its ban");
}

/// LINK-17: what the link finds counts as what the node finds.
#[test]
fn breaches_that_the_link_finds_are_strikes() {
    let mut net = Net::new();
    let (caller, other) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
    net.connect(other, caller);
    net.run(1);
    let link = net.link_between(caller, other).unwrap();
    let what = "a leaf relays";
    let fault = Some(Misbehaved { rule: Rule::new("TTL-10"), what }.into());
    let ending = Ending::Dismissed { code: 414, reason: String::new(), fault };
    net.hand_in(caller, Input::Closed { link, ending });
    assert_eq!(net.strikes(caller), ["TTL-10"]);
}

/// LINK-17: who passes on what cannot be read did not make it, but what must not be passed on at all is
/// the neighbour's in any case.
#[test]
fn of_what_the_link_drops_a_neighbour_answers_for_what_it_made_or_should_have_stopped() {
    for (rule, hops, strikes) in
        [("SIZE-04", 0, 1), ("SIZE-04", 1, 0), ("TTL-08", 0, 1), ("TTL-08", 1, 1)]
    {
        let mut net = Net::new();
        let (at, other) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
        net.connect(other, at);
        net.run(1);
        let link = net.link_between(at, other).unwrap();
        let frame = Frame { hops, ..messages::query(guid(1), 3, "") };
        let fault = Misbehaved { rule: Rule::new(rule), what: "it was dropped" }.into();
        net.hand_in(at, Input::Dropped { link, header: frame.header(), fault });
        assert_eq!(net.strikes(at).len(), strikes, "{rule} {hops}");
    }
}

/// PUSH-08, PUSH-12: nobody outside may have us knock at doors inside, nor often at any.
#[test]
fn pushes_lead_to_public_hosts_only_and_seldom() {
    let mut net = Net::new();
    let (at, other) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
    net.connect(other, at);
    net.run(1);
    for number in 0..20 {
        let frame = push(&net, at, number, Ipv4Addr::new(10, 0, number, 1));
        net.forge(other, at, frame);
    }
    assert_eq!(net.pushed(at), 0);
    for number in 20..40 {
        let frame = push(&net, at, number, Ipv4Addr::new(9, 8, 7, 6));
        net.forge(other, at, frame);
    }
    assert_eq!(net.pushed(at), 1);
}

/// HAND-42: of two calls that cross, one stands.
#[test]
fn two_that_call_each_other_at_the_same_moment_have_one_link() {
    let mut net = Net::new();
    let (one, other) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
    net.cross(one, other);
    net.run(5);
    assert_eq!((net.neighbours(one).len(), net.neighbours(other).len()), (1, 1));
}

/// TTL-10: a leaf that passed on what one ultrapeer sends would be closed by the others for it.
#[test]
fn a_leaf_passes_nothing_on() {
    let mut net = Net::new();
    let leaf = net.add(Role::Leaf);
    let parents = [net.add(Role::Ultrapeer), net.add(Role::Ultrapeer)];
    parents.iter().for_each(|parent| net.connect(leaf, *parent));
    net.run(2);
    let [good, bad] = parents;
    let query = |number, ttl| Frame { hops: 1, ..messages::query(guid(number), ttl, "winter") };
    net.forge(bad, leaf, query(7, 1));
    net.forge(bad, leaf, query(7, 3));
    net.forge(good, leaf, query(8, 1));
    net.forge(bad, leaf, Frame { hops: 1, ..hit(guid(8), 1, "winter") });
    net.run(1);
    assert_eq!(net.neighbours(leaf).len(), 2);
    assert_eq!(net.received(good, Function::QUERY) + net.received(good, Function::QUERY_HIT), 0);
}
