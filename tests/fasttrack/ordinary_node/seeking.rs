//! How a supernode is found, and another one when it is gone.

use std::net::SocketAddrV4;

use filbert::base::limits::SUPERNODE_CALL_MS;
use filbert::fasttrack::ordinary_node::{Outcome, Output};
use filbert::fasttrack::wire::Datagram;

use super::lab::{Host, Lab, Tcp, Udp, at, list, settings, supernode};

/// FTNODE-01, FTUDP-02
#[test]
fn five_are_asked_at_once_and_the_fastest_is_taken() {
    let mut lab = Lab::new((0..9).map(|number| (supernode(number), Host::good(100))));
    lab.start();
    let asked: Vec<_> = lab.asked().into_iter().map(|(_, asked)| asked).collect();
    assert_eq!(asked.len(), 5);
    // The third that was asked is the fastest.
    for (address, rtt_ms) in asked.iter().zip([90, 80, 30, 70, 60]) {
        lab.hosts.insert(*address, Host::good(rtt_ms));
    }
    let hosts = lab.hosts.clone();
    let mut lab = Lab::new(hosts);
    lab.start();
    lab.run_ms(5_000);
    assert_eq!(lab.asked().len(), 5, "nobody else is asked");
    // All have answered; two round trips until the session stands, one for the greeting.
    assert_eq!(lab.called(), [(90, asked[2])]);
    assert_eq!(lab.parents(), [(180, asked[2])]);
    assert_eq!(lab.tried(), [(asked[2], Outcome::Accepted)]);
}

/// FTNODE-01: who answers after two seconds has not answered yet.
#[test]
fn the_next_five_are_asked_after_two_seconds_and_the_first_are_called() {
    let mut lab = Lab::new((0..12).map(|number| (supernode(number), Host::dead())));
    lab.start();
    lab.run_ms(1_999);
    assert_eq!((lab.asked().len(), lab.called().len()), (5, 0));
    lab.run_ms(1);
    let first: Vec<_> = lab.asked().into_iter().take(5).map(|(_, asked)| asked).collect();
    assert_eq!((lab.asked().len(), lab.called().len()), (10, 1));
    lab.run_ms(8_000);
    // One after another, and no more than five at a time.
    let called: Vec<_> = lab.called();
    let times: Vec<_> = called.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [2_000, 4_000, 6_000, 8_000, 10_000]);
    assert!(called.iter().all(|(_, called)| first.contains(called)));
    lab.run_ms(6_999);
    assert_eq!(lab.called().len(), 5);
    lab.run_ms(1);
    assert_eq!(lab.called().len(), 6, "a call has failed");
}

/// FTNODE-01
#[test]
fn where_nobody_answers_by_udp_one_is_found_by_tcp() {
    let host = Host::new(Udp::Silent, Tcp::Greets, 100);
    let mut lab = Lab::new((0..5).map(|number| (supernode(number), host.clone())));
    lab.start();
    lab.run_ms(3_000);
    assert_eq!(lab.parents().iter().map(|(at, _)| *at).collect::<Vec<_>>(), [2_300]);
}

/// FTUDP-04: they are there, but take nobody.
#[test]
fn those_that_say_that_they_are_full_are_not_called() {
    let full = Host::new(Udp::Full, Tcp::Declines, 50);
    let mut hosts: Vec<_> = (0..5).map(|number| (supernode(number), full.clone())).collect();
    let mut lab = Lab::new(hosts.clone());
    lab.start();
    lab.run_ms(10_000);
    assert!(lab.called().is_empty());
    hosts.push((supernode(9), Host::good(10)));
    let mut lab = Lab::new(hosts);
    lab.start();
    lab.run_ms(1_000);
    // Where it was not among the first five, these were done with as soon as all had answered.
    let parents: Vec<_> = lab.parents().into_iter().map(|(_, parent)| parent).collect();
    assert_eq!(parents, [supernode(9)]);
}

/// FTUDP-04: also where their answers come late.
#[test]
fn who_says_late_that_it_is_full_is_not_called() {
    let full = Host::new(Udp::Full, Tcp::Lost, 2_500);
    let mut lab = Lab::new((0..5).map(|number| (supernode(number), full.clone())));
    lab.start();
    lab.run_ms(10_000);
    assert_eq!(lab.called().len(), 1, "before its answer came");
}

/// FTNODE-15: the list of one that declines is used at once.
#[test]
fn one_that_declines_is_left_and_its_list_is_used() {
    let mut declining = Host::new(Udp::Room, Tcp::Declines, 20);
    declining.names = vec![supernode(2)];
    let mut lab = Lab::new([(supernode(1), declining), (supernode(2), Host::good(30))]);
    lab.cache = vec![supernode(1)];
    lab.start();
    lab.run_ms(1_000);
    assert_eq!(lab.tried(), [(supernode(1), Outcome::Declined), (supernode(2), Outcome::Accepted)]);
    // 20 for UDP, 40 for TCP and the names, 20 for the list; then 30, 60 and 30 more.
    assert_eq!(lab.parents(), [(200, supernode(2))]);
    let learnt = lab.all(|output| match output {
        Output::Learnt { from, nodes } => Some((*from, nodes.len())),
        _ => None,
    });
    assert_eq!(learnt, [(80, (supernode(1), 1)), (200, (supernode(2), 0))]);
}

/// FTNODE-15: the next one need not wait for it.
#[test]
fn one_that_says_nothing_is_left_for_another() {
    let mute = Host::new(Udp::Room, Tcp::Mute, 10);
    let mut lab = Lab::new([(supernode(1), mute), (supernode(2), Host::good(40))]);
    lab.start();
    lab.run_ms(5_000);
    assert_eq!(lab.called(), [(40, supernode(1)), (2_060, supernode(2))]);
    assert_eq!(lab.parents(), [(2_180, supernode(2))]);
    let closed = |lab: &Lab| lab.all(|output| matches!(output, Output::Close { .. }).then_some(()));
    assert_eq!(closed(&lab).len(), 1, "the session that was looked at ends");

    let mut lab = Lab::new([(supernode(1), Host::new(Udp::Room, Tcp::Mute, 10))]);
    lab.start();
    lab.run_ms(10_029);
    assert!(closed(&lab).is_empty());
    lab.run_ms(1);
    assert_eq!(closed(&lab), [(10_030, ())]);
    assert_eq!(lab.tried(), [(supernode(1), Outcome::Declined)]);
}

/// FTNODE-02: of two that take us at the same time one stays, and learns of no file.
#[test]
fn there_is_one_supernode() {
    let mut lab = Lab::new((2..5).map(|number| (supernode(number), Host::good(0))));
    lab.cache.clear();
    lab.start();
    let first = lab.open(supernode(2));
    let second = lab.open(supernode(3));
    lab.run_ms(1_000);
    let parents = lab.parents();
    assert_eq!(parents, [(0, supernode(2))]);
    assert_eq!(lab.node.supernode(), Some((first, supernode(2))));
    assert_eq!(lab.sent(second).len(), 1, "0x02 alone");
    let late = lab.open(supernode(4));
    let closed = |slot| {
        let closed = lab.all(|output| match output {
            Output::Close { slot, .. } => Some(*slot),
            _ => None,
        });
        closed.into_iter().any(|(_, closed)| closed == slot)
    };
    assert!(closed(second) && closed(late) && !closed(first));
    assert!(lab.sent(late).is_empty());
}

/// FTNODE-01: a call whose end nobody tells does not count for ever.
#[test]
fn a_call_of_which_nothing_is_heard_is_given_up() {
    let mut lab = Lab::new([]);
    lab.cache = vec![supernode(1)];
    lab.start();
    lab.hosts.insert(supernode(1), Host::new(Udp::Silent, Tcp::Unheard, 0));
    lab.run_ms(2_000 + SUPERNODE_CALL_MS - 1);
    assert_eq!((lab.called().len(), lab.tried().len()), (1, 0));
    lab.run_ms(1);
    assert_eq!(lab.tried(), [(supernode(1), Outcome::Absent)]);
}

/// FTUDP-08
#[test]
fn an_answer_counts_from_whom_was_asked_once_and_not_for_long() {
    let room = Datagram::Pong { least: 1, users: 5, load: 50, unknown: 0, network: "KaZaA".into() };
    let silent = || Host::new(Udp::Silent, Tcp::Lost, 0);
    let mut lab = Lab::new([(supernode(1), silent())]);
    lab.start();
    lab.cache.clear();
    let calls = |lab: &mut Lab, from| {
        let before = lab.called().len();
        lab.node.datagram(from, &room, lab.now);
        lab.drain();
        lab.called().len() - before
    };
    let other_port = at("5.0.1.1:1215");
    assert_eq!(calls(&mut lab, other_port), 0, "it was not asked");
    assert_eq!(calls(&mut lab, supernode(2)), 0, "it was not asked");
    assert_eq!(calls(&mut lab, supernode(1)), 1);
    lab.node.dial_failed(supernode(1), lab.now);
    assert_eq!(calls(&mut lab, supernode(1)), 0, "once");

    for (wait_ms, is_heard) in [(30_000, true), (30_001, false)] {
        // So many others that it is not asked a second time.
        let lost = (0..100).map(|number| (supernode(number), silent()));
        let mut lab = Lab::new(lost);
        lab.start();
        let (_, first) = lab.asked()[0];
        lab.hosts.insert(first, Host::new(Udp::Silent, Tcp::Refuses, 0));
        lab.run_ms(wait_ms);
        lab.outputs.clear();
        calls(&mut lab, first);
        lab.run_ms(20_000);
        let called: Vec<_> = lab.called().into_iter().map(|(_, called)| called).collect();
        assert_eq!(called.contains(&first), is_heard, "{wait_ms}");
    }
}

/// FTSAFE-11
#[test]
fn addresses_that_cannot_be_called_and_ones_own_are_passed_by() {
    let bad = ["10.0.0.1:1214", "127.0.0.1:1214", "5.5.5.5:0", "224.0.0.1:1214", "0.0.0.0:1214"];
    let mut own = settings();
    own.address = at("7.7.7.8:1214");
    let mut lab = Lab::with(own, [(supernode(1), Host::good(10))]);
    lab.cache = bad.iter().map(|text| at(text)).chain([at("7.7.7.8:1214")]).collect();
    lab.start();
    lab.run_ms(10_000);
    assert!(lab.asked().is_empty());
    let slot = lab.open(supernode(1));
    lab.run_ms(10);
    lab.outputs.clear();
    // As the supernode sees us.
    let named: Vec<_> = lab.cache.iter().copied().chain([at("7.7.7.7:1214")]).collect();
    lab.run_ms(600_000);
    lab.say(slot, &list(&named));
    lab.hang_up(slot);
    lab.run_ms(10_000);
    let asked: Vec<_> = lab.asked().into_iter().map(|(_, asked)| asked).collect();
    assert!(asked.iter().all(|asked| *asked == supernode(1)), "{asked:?}");
}

/// The same seed and the same happenings give the same outputs.
#[test]
fn a_run_can_be_repeated() {
    let run = || {
        let udp = |number| if number % 3 == 0 { Udp::Silent } else { Udp::Full };
        let host = |number: u16| Host::new(udp(number), Tcp::Declines, number.into());
        let mut lab = Lab::new((0..60).map(|number| (supernode(number), host(number))));
        lab.start();
        lab.run_ms(100_000);
        format!("{:?}", lab.outputs)
    };
    assert_eq!(run(), run());
}

/// FTNODE-01: no one network answers for all.
#[test]
fn those_that_are_asked_are_from_many_networks() {
    let crowd = (1..=180).map(|last| SocketAddrV4::new([8, 8, 8, last].into(), 1214));
    let hosts = crowd.chain((1..5).map(supernode));
    let mut lab = Lab::new(hosts.map(|address| (address, Host::dead())));
    lab.start();
    let asked = lab.asked();
    let of_crowd = asked.iter().filter(|(_, asked)| asked.ip().octets()[0] == 8).count();
    assert_eq!((asked.len(), of_crowd), (5, 1));
}
