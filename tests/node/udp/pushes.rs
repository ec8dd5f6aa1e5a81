use std::net::{Ipv4Addr, SocketAddr};

use filbert::base::limits::{
    CALLBACK_FAILED_MS, CALLBACK_FAILURES_EVERY_MS, CALLBACK_FAILURES_MAX,
};
use filbert::gnutella::link::Role;
use filbert::gnutella::push_proxy::Callback;
use filbert::gnutella::wire::{Function, Guid};
use filbert::node::Input;

use super::{send, stranger};
use crate::support::messages::{guid, push};
use crate::support::net::Net;

const ASKER: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 9);

/// An ultrapeer, and leaves of it that nobody reaches, whose pushes it takes.
fn family<const N: usize>() -> (Net, usize, [usize; N]) {
    let mut net = Net::new();
    let parent = net.add(Role::Ultrapeer);
    let leaves = [(); N].map(|()| net.add(Role::Leaf));
    for leaf in leaves {
        net.places[leaf].is_reachable = false;
        net.connect(leaf, parent);
    }
    net.run(300);
    (net, parent, leaves)
}

fn servent(net: &Net, at: usize) -> Guid {
    net.places[at].node.guid()
}

/// PUSH-15
#[test]
fn a_push_in_a_datagram_reaches_a_leaf_through_its_proxy() {
    let (mut net, parent, [leaf]) = family();
    let servent = servent(&net, leaf);
    send(&mut net, parent, stranger(), &push(guid(1), servent, ASKER));
    assert_eq!(net.pushed(leaf), 1);
    let [passed] = net.frames(leaf, Function::PUSH)[..] else { panic!("one push") };
    assert_eq!((passed.guid, passed.ttl, passed.hops), (guid(1), 1, 1));
}

/// PUSH-15
#[test]
fn a_push_in_a_datagram_that_speaks_for_somebody_else_is_dropped() {
    let (mut net, parent, [leaf]) = family();
    let servent = servent(&net, leaf);
    let others = "9.9.9.8:6346".parse().unwrap();
    send(&mut net, parent, others, &push(guid(1), servent, ASKER));
    send(&mut net, parent, stranger(), &push(guid(2), Guid([8; 16]), ASKER));
    let private = "10.0.0.1:6346".parse().unwrap();
    send(&mut net, parent, private, &push(guid(3), servent, Ipv4Addr::new(10, 0, 0, 1)));
    assert_eq!((net.pushed(leaf), net.received(leaf, Function::PUSH)), (0, 0));
}

/// PUSH-15, A8 of the attacks: forged datagrams name one victim, and every leaf there is.
#[test]
fn pushes_in_datagrams_send_three_leaves_to_a_host_in_a_minute() {
    let (mut net, parent, leaves) = family::<6>();
    for number in 0..6_000 {
        let leaf = leaves[number as usize % leaves.len()];
        let servent = servent(&net, leaf);
        send(&mut net, parent, stranger(), &push(guid(number), servent, ASKER));
        if number % 100 == 99 {
            net.run(1);
        }
    }
    let passed: usize = leaves.iter().map(|leaf| net.received(*leaf, Function::PUSH)).sum();
    assert!((3..=6).contains(&passed), "{passed} in a minute, or a little more");
    assert!(leaves.iter().all(|leaf| net.pushed(*leaf) <= 1));
}

/// PUSH-12, A8 of the attacks: a victim is called once a minute, and three times in all if it never
/// answers.
#[test]
fn a_victim_of_pushes_in_datagrams_is_called_once_a_minute_and_three_times_in_all() {
    let (mut net, parent, []) = family::<0>();
    let servent = servent(&net, parent);
    let mut called = Vec::new();
    for second in 0..1_800_u32 {
        let before = net.pushed(parent);
        for number in 0..50 {
            send(&mut net, parent, stranger(), &push(guid(second * 50 + number), servent, ASKER));
        }
        if net.pushed(parent) > before {
            assert_eq!(net.pushed(parent), before + 1);
            called.push(second);
            net.hand_in(
                parent,
                Input::CallbackEnded { address: stranger(), how: Callback::Absent },
            );
        }
        net.run(1);
    }
    assert_eq!(called.len(), usize::from(CALLBACK_FAILURES_MAX), "{called:?}");
    assert!(called.windows(2).all(|pair| pair[1] - pair[0] >= 60));
    assert!(u64::from(called[1] - called[0]) * 1_000 >= CALLBACK_FAILED_MS);
    net.run(CALLBACK_FAILURES_EVERY_MS / 1_000);
    send(&mut net, parent, stranger(), &push(guid(0), servent, ASKER));
    assert_eq!(net.pushed(parent), called.len() + 1);
}

/// PUSH-12, PUSH-13, PUSH-15, A8 of the attacks: attackers next door, and forged datagrams, push every node of
/// an overlay to one victim, which never answers.
#[test]
fn a_whole_overlay_that_is_pushed_to_a_victim_calls_it_three_times_a_node() {
    let mut net = Net::new();
    let attacker = net.add(Role::Ultrapeer);
    let mut all = Vec::new();
    for _ in 0..4 {
        let parent = net.add(Role::Ultrapeer);
        net.connect(attacker, parent);
        let leaves = [(); 5].map(|()| net.add(Role::Leaf));
        for leaf in leaves {
            net.places[leaf].is_reachable = false;
            net.connect(leaf, parent);
        }
        all.push((parent, parent));
        all.extend(leaves.map(|leaf| (leaf, parent)));
    }
    net.run(300);
    let mut called = vec![Vec::new(); all.len()];
    let (mut number, mut by_links) = (0, 0);
    for second in 0..1_200_u32 {
        for (at, parent) in &all {
            let servent = servent(&net, *at);
            number += 2;
            send(&mut net, *parent, stranger(), &push(guid(number), servent, ASKER));
            if net.link_between(*parent, attacker).is_some() {
                by_links += 1;
                net.forge(attacker, *parent, push(guid(number + 1), servent, ASKER));
            }
        }
        for ((at, _), called) in all.iter().zip(&mut called) {
            let new = net.pushed(*at) - called.len();
            called.extend((0..new).map(|_| second));
            let absent = Input::CallbackEnded { address: stranger(), how: Callback::Absent };
            (0..new).for_each(|_| net.hand_in(*at, absent.clone()));
        }
        net.run(1);
    }
    assert!(by_links > 1_000, "{by_links}");
    assert!(called.iter().all(|called| called.len() <= usize::from(CALLBACK_FAILURES_MAX)));
    let soonest = called.iter().flat_map(|called| called.windows(2)).map(|two| two[1] - two[0]);
    assert!(soonest.min().is_none_or(|gap| gap >= 60), "{called:?}");
    let reached = called.iter().filter(|called| !called.is_empty()).count();
    assert!(reached > all.len() / 2, "the attack reaches whom it is meant for: {reached}");
}

/// PUSH-12, PUSH-29, A8 of the attacks: somebody asks for files whenever it is called, which is worth nothing to a
/// victim.
#[test]
fn whoever_asks_is_called_more_often_and_a_victim_is_not() {
    let (mut net, parent, []) = family::<0>();
    let servent = servent(&net, parent);
    let victim = Ipv4Addr::new(9, 9, 9, 8);
    let mut called = [Vec::new(), Vec::new()];
    for second in 0..1_200_u32 {
        for (to, called) in [ASKER, victim].into_iter().zip(&mut called) {
            let (before, address) = (net.pushed(parent), SocketAddr::new(to.into(), 6_346));
            let push = push(guid(second * 256 + u32::from(to.octets()[3])), servent, to);
            send(&mut net, parent, address, &push);
            if net.pushed(parent) > before {
                called.push(second);
                let how = if to == ASKER { Callback::Asked } else { Callback::Silent };
                net.hand_in(parent, Input::CallbackEnded { address, how });
            }
        }
        net.run(1);
    }
    let [asker, victim] = called;
    assert!(asker.starts_with(&[0, 1, 2, 3, 4, 60]), "{asker:?}");
    assert!((80..=100).contains(&asker.len()), "{asker:?}");
    assert!(victim.len() <= usize::from(CALLBACK_FAILURES_MAX), "{victim:?}");
    assert!(victim.windows(2).all(|pair| pair[1] - pair[0] >= 60), "{victim:?}");
}
