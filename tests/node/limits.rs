//! The limits of a node's connections: each at its limit and one past it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use filbert::base::limits::{
    DIAL_HANGS_MS, DIAL_RETRY_MS, DIALS_CUT_OFF_MAX, DIALS_MAX, GREETING_FROM_ADDRESS_MAX,
    REVIEW_MS, ULTRAPEER_SHARES,
};
use filbert::base::time::Time;
use filbert::gnutella::link::{Agreement, Refusal, Role};
use filbert::gnutella::wire::{Frame, Function, Guid};
use filbert::node::{Command, Config, Direction, Input, LinkId, Node, Output, Reason, RolePolicy};

use crate::support::agreements::capable;
use crate::support::messages::frame;

const NOW: Time = Time::from_millis(1_000);

fn node(role: Role) -> Node {
    let mut config = Config::new(RolePolicy::Always(role));
    // One network is as good as many, so that only the limit counts.
    config.hosts.network_percent = 100;
    Node::new(config, 1, NOW)
}

fn outputs(node: &mut Node, input: Input, now: Time) -> Vec<Output> {
    node.handle(input, now);
    std::iter::from_fn(|| node.poll()).collect()
}

fn host(number: usize) -> SocketAddr {
    let number = u8::try_from(number).unwrap();
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(20, number, 1, 1)), 6346)
}

/// Whom the node calls at once when it knows so many hosts.
fn dialled(count: usize) -> usize {
    let mut node = node(Role::Ultrapeer);
    let hosts = (0..count).map(host).collect();
    outputs(&mut node, Input::Command(Command::Know(hosts)), NOW);
    let told = outputs(&mut node, Input::Timeout, NOW);
    told.iter().filter(|output| matches!(output, Output::Dial { .. })).count()
}

#[test]
fn as_many_hosts_are_called_at_once_as_the_limit_allows() {
    assert_eq!(dialled(DIALS_MAX), DIALS_MAX);
    assert_eq!(dialled(DIALS_MAX + 1), DIALS_MAX);
}

/// Milliseconds from the beginning on at which it is time for this, the first three.
fn times(node: &mut Node, wanted: Reason) -> Vec<u64> {
    let mut times = Vec::new();
    while let Some((due, reason)) = node.next_timeout().filter(|_| times.len() < 3) {
        if reason == wanted {
            times.push(u64::try_from(due.since(NOW).as_millis()).unwrap());
        }
        outputs(node, Input::Timeout, due);
        for link in (0..3).map(LinkId) {
            while node.transmit(link, due).is_some() {}
        }
    }
    times
}

fn open(node: &mut Node, number: u64, direction: Direction, peer_role: Role) {
    let (link, address) = (LinkId(number), host(usize::try_from(number).unwrap()));
    outputs(node, Input::Connected { link, address, direction }, NOW);
    let agreement = Box::new(Agreement::plain(Role::Ultrapeer, peer_role, capable()));
    outputs(node, Input::Opened { link, agreement }, NOW);
}

/// When the node wakes, and when it calls somebody, until then. Whoever is called does not answer.
fn lonely(node: &mut Node, until: Time) -> (Vec<Time>, Vec<Time>) {
    let (mut wakes, mut calls) = (Vec::new(), Vec::new());
    while let Some((due, _)) = node.next_timeout().filter(|(due, _)| *due <= until) {
        wakes.push(due);
        for output in outputs(node, Input::Timeout, due) {
            if let Output::Dial { address } = output {
                calls.push(due);
                outputs(node, Input::DialFailed { address }, due);
            }
        }
    }
    (wakes, calls)
}

#[test]
fn who_knows_nobody_does_not_even_wake() {
    let mut node = node(Role::Leaf);
    outputs(&mut node, Input::Timeout, NOW);
    let day = NOW.after_ms(24 * 3_600_000);
    assert_eq!(lonely(&mut node, day), (vec![], vec![]));
    outputs(&mut node, Input::Command(Command::Know(vec![host(1)])), day);
    let (wakes, calls) = lonely(&mut node, day);
    assert_eq!((wakes.last(), calls), (Some(&day), vec![day]));
}

/// Somebody who can be called again is no reason to look at the cache every few seconds.
#[test]
fn who_has_nobody_to_call_sleeps_until_there_is_somebody() {
    let mut node = node(Role::Leaf);
    outputs(&mut node, Input::Command(Command::Know(vec![host(1)])), NOW);
    let (wakes, calls) = lonely(&mut node, NOW.after_ms(24 * 3_600_000));
    assert!(calls.len() >= 3, "{calls:?}");
    assert!(wakes.len() <= 3 * calls.len() + 3, "{} wakes for {calls:?}", wakes.len());
}

#[test]
fn who_has_nobody_to_call_looks_again_after_a_while() {
    let mut node = node(Role::Ultrapeer);
    outputs(&mut node, Input::Command(Command::Know(vec![host(1)])), NOW);
    let told = outputs(&mut node, Input::Timeout, NOW);
    assert!(matches!(told[..], [Output::Dial { address }] if address == host(1)), "{told:?}");
    open(&mut node, 1, Direction::Outgoing, Role::Ultrapeer);
    // Its only host may be called again, and is a neighbour.
    let mut times = Vec::new();
    while let Some((due, reason)) = node.next_timeout().filter(|_| times.len() < 4) {
        if reason == Reason::Connect && due > NOW.after_ms(130_000) {
            times.push(due);
        }
        outputs(&mut node, Input::Timeout, due);
        while let Some(frame) = node.transmit(LinkId(1), due) {
            let pong = Bytes::from_static(b"\xca\x18\x14\x01\x01\x01\0\0\0\0\0\0\0\0");
            if frame.function == Function::PING {
                let answer = Frame { function: Function::PONG, payload: pong, ..frame };
                outputs(&mut node, Input::Frame { link: LinkId(1), frame: answer }, due);
            }
        }
    }
    let gaps: Vec<u128> = times.windows(2).map(|pair| pair[1].since(pair[0]).as_millis()).collect();
    assert_eq!(gaps[..2], [DIAL_RETRY_MS.into(); 2], "{gaps:?}");
}

/// Whom nobody answers, and who has nobody else.
#[test]
fn who_is_cut_off_makes_more_calls_beside_those_that_hang_up_to_a_limit() {
    let mut node = node(Role::Ultrapeer);
    let hosts = (0..50).map(host).collect();
    outputs(&mut node, Input::Command(Command::Know(hosts)), NOW);
    let dials = |told: Vec<Output>| {
        told.iter().filter(|output| matches!(output, Output::Dial { .. })).count()
    };
    let mut called = dials(outputs(&mut node, Input::Timeout, NOW));
    assert_eq!(called, DIALS_MAX);
    for round in 1..6 {
        let hung = NOW.after_ms(round * DIAL_HANGS_MS);
        let before = Time::from_micros(hung.as_micros() - 1);
        assert_eq!(dials(outputs(&mut node, Input::Timeout, before)), 0);
        called += dials(outputs(&mut node, Input::Timeout, hung));
        let expected = DIALS_MAX * usize::try_from(round + 1).unwrap();
        assert_eq!(called, expected.min(DIALS_CUT_OFF_MAX));
    }
}

/// Handshakes that one address begins and none of which goes on.
#[test]
fn one_address_has_a_few_handshakes_at_once_and_not_one_more() {
    let mut node = node(Role::Ultrapeer);
    let turned_away = |told: &[Output]| {
        told.iter().any(
            |output| matches!(output, Output::Close { code, .. } if *code == Refusal::TOO_MANY),
        )
    };
    for number in 0..=GREETING_FROM_ADDRESS_MAX {
        // Slowly enough not to be taken for somebody in a hurry (HAND-62).
        let now = NOW.after_ms(120_000 * number as u64);
        let link = LinkId(number as u64);
        let address = SocketAddr::new(host(1).ip(), 40_000 + u16::try_from(number).unwrap());
        let direction = Direction::Incoming;
        let told = outputs(&mut node, Input::Connected { link, address, direction }, now);
        assert_eq!(turned_away(&told), number == GREETING_FROM_ADDRESS_MAX, "{number}: {told:?}");
    }
}

/// A laboratory on one machine: all of its hosts have one address.
#[test]
fn a_laboratory_has_many_handshakes_with_one_address() {
    let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
    (config.dials, config.allow_private) = (false, true);
    let mut node = Node::new(config, 1, NOW);
    for (ip, is_hurry) in [("127.0.0.1", false), ("9.9.9.9", true)] {
        let mut closed = false;
        for number in 0..40 {
            let address = SocketAddr::new(ip.parse().unwrap(), 40_000 + number);
            let link = LinkId(u64::from(address.port()) + u64::from(is_hurry) * 100);
            let direction = Direction::Incoming;
            let told = outputs(&mut node, Input::Connected { link, address, direction }, NOW);
            closed |= told.iter().any(|output| matches!(output, Output::Close { .. }));
        }
        assert_eq!(closed, is_hurry, "{ip}");
    }
}

/// A pong that nobody asked for: it costs work, and nothing follows from it.
fn pong(guid: Guid) -> Frame {
    let payload = Bytes::from_static(&[0; 14]);
    frame(guid, Function::PONG, 3, payload)
}

/// How many of its messages were worked on, of a leaf and of an ultrapeer that both send far too many.
fn served() -> [u64; 2] {
    let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
    config.dials = false;
    config.work_per_second = 1_500;
    let mut node = Node::new(config, 1, NOW);
    let links = [Role::Leaf, Role::Ultrapeer].map(|role| {
        let number = usize::from(role.is_leaf());
        let (link, address) = (LinkId(number as u64), host(number));
        let direction = Direction::Outgoing;
        outputs(&mut node, Input::Connected { link, address, direction }, NOW);
        let agreement = Box::new(Agreement::plain(Role::Ultrapeer, role, capable()));
        outputs(&mut node, Input::Opened { link, agreement }, NOW);
        link
    });
    let count = |node: &Node| {
        links.map(|link| {
            let slot = node.slot(link).unwrap();
            let traffic = node.servent().neighbour(slot).unwrap().traffic;
            traffic.received - traffic.dropped
        })
    };
    let mut before = [0; 2];
    for number in 0..40_000_u32 {
        // What was saved up at first is used up by then.
        if number == 10_000 {
            before = count(&node);
        }
        let now = Time::from_micros(NOW.as_micros() + u64::from(number) * 500);
        for link in links {
            let mut guid = [7; 16];
            guid[..4].copy_from_slice(&number.to_be_bytes());
            guid[4] = u8::from(link == links[0]);
            outputs(&mut node, Input::Frame { link, frame: pong(Guid(guid)) }, now);
            while node.transmit(link, now).is_some() {}
        }
    }
    let after = count(&node);
    [0, 1].map(|at: usize| after[at] - before[at])
}

/// FLOW-07: of what we do for both, an ultrapeer gets so many times as much as a leaf.
#[test]
fn an_ultrapeer_has_so_many_shares_as_the_limit_says() {
    let [leaf, ultrapeer] = served();
    let times = ultrapeer as f64 / leaf as f64;
    let wanted = f64::from(ULTRAPEER_SHARES);
    assert!((wanted * 0.9..wanted * 1.1).contains(&times), "{ultrapeer} and {leaf}: {times}");
}

/// One leaf, that stays.
#[test]
fn neighbours_are_looked_at_again_after_a_while() {
    let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
    config.dials = false;
    let mut node = Node::new(config, 1, NOW);
    open(&mut node, 1, Direction::Incoming, Role::Leaf);
    assert_eq!(times(&mut node, Reason::Review), [1, 2, 3].map(|times| times * REVIEW_MS));
}
