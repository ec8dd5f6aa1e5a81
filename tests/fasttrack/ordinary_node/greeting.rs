//! What is said when a session stands.

use std::net::Ipv4Addr;

use bytes::Bytes;
use filbert::base::limits::NODE_INFO_SENT_EVERY_MS;
use filbert::base::slots::Slot;
use filbert::fasttrack::ordinary_node::Output;
use filbert::fasttrack::wire::{Bandwidth, Message, NetworkStats, NodeInfo, StatsSize};

use super::lab::{Host, Lab, SEEN_AS, at, settings, supernode};

fn info(address: &str, user: &str) -> Message {
    let user = Bytes::copy_from_slice(user.as_bytes());
    Message::NodeInfo(NodeInfo { address: at(address), bandwidth: Bandwidth(0x68), user })
}

/// FTNODE-03, FTNODE-04, FTWIRE-28: in the order in which the supernode greets.
#[test]
fn a_greeting_is_answered() {
    let mut lab = Lab::new([(supernode(1), Host::good(10))]);
    lab.start();
    lab.run_ms(1_000);
    let (slot, _) = lab.node.supernode().unwrap();
    let expected = [
        info("192.168.0.7:1214", "ann"),
        Message::Version { number: 0x1f },
        Message::NetworkName { text: "KaZaA".into() },
        info("7.7.7.7:1214", "ann"),
        Message::ConfigRevision { number: 0 },
    ];
    assert_eq!(lab.sent(slot), expected);
    assert_eq!(lab.node.address(), at("7.7.7.7:1214"));
    let seen = lab.all(|output| match output {
        Output::SeenAs { from, address } => Some((*from, *address)),
        _ => None,
    });
    assert_eq!(seen, [(40, (supernode(1), SEEN_AS))]);
}

/// FTNODE-04: once a session, however often it is asked.
#[test]
fn questions_of_the_greeting_are_answered_once() {
    let (mut lab, slot) = Lab::child();
    for number in 0..1_000 {
        lab.say(slot, &Message::Version { number });
        lab.say(slot, &Message::NetworkName { text: "elsewhere".into() });
        lab.say(slot, &Message::ConfigRevision { number });
    }
    assert!(lab.sent(slot).is_empty());
}

/// FTNODE-03: where both are the same, there is nothing to say again.
#[test]
fn who_knows_its_address_says_it_once() {
    let mut settings = settings();
    settings.address = at("7.7.7.7:0");
    settings.user = "two words@home".to_owned();
    let mut lab = Lab::with(settings, [(supernode(1), Host::good(10))]);
    lab.start();
    lab.run_ms(1_000);
    let (slot, _) = lab.node.supernode().unwrap();
    let infos = lab.sent(slot).into_iter().filter(|one| matches!(one, Message::NodeInfo(_)));
    assert_eq!(infos.collect::<Vec<_>>(), [info("7.7.7.7:0", "two_words_home")]);
    assert!(!lab.node.is_callable());
}

/// FTNODE-03: the address by which others saw it before is known in the next session.
#[test]
fn an_address_is_remembered_for_the_next_session() {
    let (mut lab, slot) = Lab::child();
    lab.hang_up(slot);
    lab.outputs.clear();
    let slot = lab.open(supernode(2));
    assert_eq!(lab.sent(slot), [info("7.7.7.7:1214", "ann")]);
}

fn infos(lab: &Lab, slot: Slot) -> usize {
    lab.sent(slot).iter().filter(|one| matches!(one, Message::NodeInfo(_))).count()
}

/// FTNODE-03: nobody makes us repeat it more often.
#[test]
fn who_we_are_is_not_said_again_all_the_time() {
    let (mut lab, slot) = Lab::child();
    for last in 0..100 {
        lab.say(slot, &Message::ExternalIp { address: Ipv4Addr::new(8, 8, 8, last) });
    }
    assert_eq!(infos(&lab, slot), 0);
    // It was said 120 ms before, when the session began.
    lab.run_ms(NODE_INFO_SENT_EVERY_MS - 120);
    assert_eq!(infos(&lab, slot), 1);
    assert_eq!(lab.sent(slot), [info("8.8.8.99:1214", "ann")]);
    lab.say(slot, &Message::ExternalIp { address: Ipv4Addr::new(8, 8, 8, 1) });
    lab.run_ms(NODE_INFO_SENT_EVERY_MS - 1);
    assert_eq!(infos(&lab, slot), 1);
    lab.run_ms(1);
    assert_eq!(infos(&lab, slot), 2);
}

/// FTWIRE-28
#[test]
fn how_we_are_seen_is_told_when_it_changes() {
    let (mut lab, slot) = Lab::child();
    for address in [SEEN_AS, Ipv4Addr::new(8, 8, 8, 8), Ipv4Addr::new(8, 8, 8, 8)] {
        lab.say(slot, &Message::ExternalIp { address });
    }
    let seen = lab.all(|output| match output {
        Output::SeenAs { address, .. } => Some(*address),
        _ => None,
    });
    assert_eq!(seen, [(200, Ipv4Addr::new(8, 8, 8, 8))]);
}

/// FTSAFE-11: an address that nobody can have is not believed.
#[test]
fn we_are_nowhere_that_nobody_can_be() {
    let (mut lab, slot) = Lab::child();
    for address in [[0, 0, 0, 0], [127, 0, 0, 1], [10, 0, 0, 1], [224, 0, 0, 1], [255; 4]] {
        lab.say(slot, &Message::ExternalIp { address: address.into() });
    }
    lab.run_ms(60_000);
    assert_eq!((lab.node.address(), infos(&lab, slot)), (at("7.7.7.7:1214"), 0));
}

/// FTNODE-03: what changes is said.
#[test]
fn a_new_port_is_told() {
    let (mut lab, slot) = Lab::child();
    lab.run_ms(NODE_INFO_SENT_EVERY_MS);
    lab.node.set_address(at("192.168.0.7:4000"), lab.now);
    lab.drain();
    assert_eq!(lab.sent(slot), [info("7.7.7.7:4000", "ann")]);
}

/// FTNODE-19
#[test]
fn a_small_network_is_a_network() {
    let (mut lab, slot) = Lab::child();
    assert!(lab.node.network_stats().is_none());
    let stats = |users| {
        let (size, media) = (StatsSize::from_bytes(1 << 30), Default::default());
        NetworkStats { users, files: 7, size, media, networks: Default::default() }
    };
    for users in [100_000, 2, 0] {
        lab.say(slot, &Message::NetworkStats(Box::new(stats(users))));
        assert_eq!(lab.node.network_stats(), Some(&stats(users)));
    }
    lab.run_ms(1_000_000);
    assert_eq!(lab.node.supernode(), Some((slot, supernode(1))));
    assert!(lab.outputs.is_empty(), "{:?}", lab.outputs);
    lab.hang_up(slot);
    assert!(lab.node.network_stats().is_none(), "nobody says so any more");
}

/// FTSUPER-03, FTNODE-15: whoever sends one of them has taken us, and whoever sends neither has not.
#[test]
fn a_supernode_takes_us_by_its_address_for_us_or_by_asking_for_shares() {
    let signs = [
        (Message::ExternalIp { address: SEEN_AS }, true),
        (Message::SendShares, true),
        (Message::GreetingNumber { number: 1 }, false),
        (Message::NodeList([].into_iter().collect()), false),
        (Message::SearchEnd { id: 0 }, false),
    ];
    for (message, is_sign) in signs {
        let mut lab = Lab::new([]);
        lab.start();
        let slot = lab.open(supernode(1));
        lab.say(slot, &message);
        assert_eq!(lab.node.supernode().is_some(), is_sign, "{message:?}");
    }
}

/// FTSAFE-08: what nobody asked for, and what does not go down, is passed by.
#[test]
fn messages_that_do_not_belong_here_are_passed_by() {
    let (mut lab, slot) = Lab::child();
    let messages = [
        info("1.2.3.4:5", "eve"),
        Message::SearchEnd { id: 7 },
        Message::GreetingNumber { number: 2 },
        Message::OwnUdpReached,
    ];
    for message in &messages {
        lab.say(slot, message);
    }
    lab.hang_up(slot);
    lab.outputs.clear();
    lab.node.receive(slot, &Message::SendShares, lab.now);
    lab.drain();
    assert!(lab.outputs.is_empty(), "the session is over");
}
