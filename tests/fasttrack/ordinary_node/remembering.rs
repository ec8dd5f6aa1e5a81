//! The supernodes that are remembered.

use std::net::{Ipv4Addr, SocketAddrV4};

use filbert::base::limits::{
    NODE_LIST_EVERY_MS, SUPERNODE_CALLS_BURST, SUPERNODES_MAX, SUPERNODES_OF_NETWORK_MAX,
    SUPERNODES_OF_SENDER_MAX,
};
use filbert::fasttrack::ordinary_node::Output;
use filbert::fasttrack::wire::{Datagram, FullBelow, Message, Node};

use super::lab::{Host, Lab, Tcp, Udp, at, list, settings, supernode};

/// FTNODE-16
#[test]
fn two_hundred_are_remembered_and_not_one_more() {
    let mut lab = Lab::new([]);
    let many: Vec<_> = (0..=200).map(supernode).collect();
    assert_eq!(many.len(), SUPERNODES_MAX + 1);
    lab.node.give_hosts(&many[..SUPERNODES_MAX], lab.now);
    assert_eq!(lab.node.known().len(), SUPERNODES_MAX);
    lab.node.give_hosts(&many[SUPERNODES_MAX..], lab.now.after_ms(60_000));
    let known = lab.node.known();
    assert_eq!(known.len(), SUPERNODES_MAX);
    assert!(known.contains(&many[SUPERNODES_MAX]), "it is newer than the oldest");
}

/// FTSAFE-11: a tenth.
#[test]
fn one_sender_fills_no_more_than_its_share() {
    let (mut lab, slot) = Lab::child();
    let first: Vec<_> = (100..300).map(supernode).collect();
    lab.run_ms(NODE_LIST_EVERY_MS);
    lab.say(slot, &list(&first));
    assert_eq!(lab.node.known().len(), 1 + SUPERNODES_OF_SENDER_MAX);
    // What it says later takes the place of what it said before.
    lab.run_ms(NODE_LIST_EVERY_MS);
    let second: Vec<_> = (300..500).map(supernode).collect();
    lab.say(slot, &list(&second));
    let known = lab.node.known();
    assert_eq!(known.len(), 1 + SUPERNODES_OF_SENDER_MAX);
    assert!(known.contains(&supernode(1)), "that of others stays");
    assert!(known.iter().all(|one| *one == supernode(1) || second.contains(one)));
    // Another address of the same network is the same sender.
    lab.hang_up(slot);
    let slot = lab.open(at("5.0.1.77:1214"));
    lab.say(slot, &list(&first));
    assert_eq!(lab.node.known().len(), 1 + SUPERNODES_OF_SENDER_MAX);
}

/// FTNODE-16: a quarter.
#[test]
fn one_network_is_no_more_than_a_quarter_of_a_list() {
    let address = |last| SocketAddrV4::new(Ipv4Addr::new(8, 8, 8, last), 1214);
    let crowd: Vec<_> = (1..=100).map(address).collect();
    let known = |nodes: &[SocketAddrV4]| {
        let (mut lab, slot) = Lab::child();
        lab.run_ms(NODE_LIST_EVERY_MS);
        lab.say(slot, &list(nodes));
        lab.node.known().into_iter().filter(|one| *one != supernode(1)).collect::<Vec<_>>()
    };
    assert_eq!(known(&crowd[..SUPERNODES_OF_NETWORK_MAX]).len(), SUPERNODES_OF_NETWORK_MAX);
    assert_eq!(known(&crowd).len(), SUPERNODES_OF_NETWORK_MAX);
    let others: Vec<_> = (100..200).map(supernode).collect();
    let mixed = known(&[crowd, others].concat());
    let of_crowd = mixed.iter().filter(|one| one.ip().octets()[0] == 8).count();
    assert_eq!(mixed.len(), SUPERNODES_OF_SENDER_MAX);
    assert!(of_crowd <= SUPERNODES_OF_NETWORK_MAX);
}

/// FTNODE-16: those seen last are the ones that are kept.
#[test]
fn those_seen_last_are_kept() {
    let (mut lab, slot) = Lab::child();
    let node = |number: u16| {
        let minutes = if number < 30 { 4 } else { 5 };
        Node { address: supernode(number + 10), minutes, load: 50 }
    };
    lab.run_ms(NODE_LIST_EVERY_MS);
    lab.say(slot, &Message::NodeList((0..200).map(node).collect()));
    let kept = lab.node.known().into_iter().filter(|one| *one != supernode(1));
    let newest: Vec<_> = (10..40).map(supernode).collect();
    assert!(kept.into_iter().all(|one| newest.contains(&one)));
}

/// FTNODE-16: as soon as it is known that others are there.
#[test]
fn those_that_did_not_answer_are_forgotten() {
    let mut hosts: Vec<_> = (0..20).map(|number| (supernode(number), Host::dead())).collect();
    let mut lab = Lab::new(hosts.clone());
    lab.start();
    lab.run_ms(300_000);
    assert_eq!(lab.node.known().len(), 20, "it may be our line");
    hosts.push((supernode(50), Host::good(10)));
    let mut lab = Lab::new(hosts.clone());
    lab.start();
    lab.run_to_supernode();
    let asked = lab.asked().len();
    // But for the last five, or fewer, whose time is not over.
    let silent = (asked - 1) / 5 * 5;
    assert!(lab.node.known().len() <= 21 - silent, "{asked}");
    assert!(lab.node.known().contains(&supernode(50)));
    // Where UDP tells nothing, those that could be called are the ones that count.
    let mut quiet: Vec<_> = (0..3)
        .map(|number| (supernode(number), Host::new(Udp::Silent, Tcp::Refuses, 10)))
        .collect();
    quiet.push((supernode(50), Host::new(Udp::Silent, Tcp::Greets, 10)));
    let mut lab = Lab::new(quiet);
    lab.start();
    lab.run_to_supernode();
    let absent = lab.tried().len() - 1;
    assert_eq!(lab.node.known().len(), 4 - absent);
}

/// FTNODE-16: so is who answers by UDP and has nothing to say in a session.
#[test]
fn those_that_have_nothing_to_say_are_forgotten() {
    let mut lab = Lab::new([(supernode(1), Host::new(Udp::Room, Tcp::Mute, 10))]);
    lab.start();
    lab.run_ms(10_020);
    lab.hosts.insert(supernode(2), Host::good(10));
    lab.node.give_hosts(&[supernode(2)], lab.now);
    lab.run_ms(9);
    assert_eq!(lab.node.known().len(), 2);
    lab.run_to_supernode();
    assert_eq!(lab.node.known(), [supernode(2)]);
}

/// FTNODE-16: however many come, one list in ten minutes is heard.
#[test]
fn lists_are_heard_once_in_a_while() {
    let (mut lab, slot) = Lab::child();
    let learnt =
        |lab: &Lab| lab.all(|output| matches!(output, Output::Learnt { .. }).then_some(())).len();
    let heard = |lab: &mut Lab| {
        lab.outputs.clear();
        for number in 0..100 {
            lab.say(slot, &list(&[supernode(number + 100)]));
        }
        learnt(lab)
    };
    assert_eq!(heard(&mut lab), 0, "one came with the greeting");
    // It came 120 ms before.
    lab.run_ms(NODE_LIST_EVERY_MS - 121);
    assert_eq!(heard(&mut lab), 0);
    lab.run_ms(1);
    assert_eq!(heard(&mut lab), 1);
    assert_eq!(lab.node.known().len(), 2);
}

/// FTNODE-01: whatever lists name, calls have a pace.
#[test]
fn supernodes_that_decline_are_called_at_a_bounded_pace() {
    let number_max = 2_000;
    let host = |number: u16| {
        let mut host = Host::new(Udp::Room, Tcp::Declines, 0);
        host.names = (1..20).map(|step| supernode((number + step) % number_max)).collect();
        (supernode(number), host)
    };
    let mut lab = Lab::new((0..number_max).map(host));
    lab.cache = vec![supernode(0)];
    lab.start();
    lab.run_ms(60_000);
    let called = lab.called().len();
    let burst = SUPERNODE_CALLS_BURST as usize;
    assert!((burst + 55..=burst + 60).contains(&called), "{called}");
}

/// FTUDP-04: who is full may name its own supernode.
#[test]
fn the_supernode_of_a_full_one_is_remembered() {
    let mut lab = Lab::new([(supernode(1), Host::new(Udp::Silent, Tcp::Lost, 0))]);
    lab.start();
    let below = FullBelow { supernode: supernode(2), unknown: 0 };
    let full = Datagram::Full { least: 1, kind: 2, id: 7, supernode: Some(below) };
    lab.node.datagram(supernode(3), &full, lab.now);
    assert_eq!(lab.node.known(), [supernode(1)], "nobody asked it");
    lab.node.datagram(supernode(1), &full, lab.now);
    assert!(lab.node.known().contains(&supernode(2)));
}

/// FTSAFE-11: in a laboratory all have addresses that strangers cannot have, and often the same one.
#[test]
fn a_laboratory_is_a_network() {
    let mut settings = settings();
    settings.allow_private = true;
    let local = |port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let mut lab = Lab::with(settings, [(local(4_000), Host::good(1))]);
    lab.hosts.get_mut(&local(4_000)).unwrap().names = (4_001..4_021).map(local).collect();
    lab.start();
    lab.run_to_supernode();
    assert_eq!(lab.node.known().len(), 21);
}
