//! What a node holds: thousands of them share a simulation, and one ultrapeer has many leaves.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;

use allocation_counter::measure;
use bytes::{Bytes, BytesMut};
use filbert::base::time::Time;
use filbert::gnutella::announced::Abilities;
use filbert::gnutella::link::{Agreement, Capabilities, Role};
use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::vendor::{Body, MessageId, PushProxyAcknowledgement};
use filbert::gnutella::wire::{Frame, Function, GgepArea, Pong, Vendor};
use filbert::node::{
    Command, Config, Direction, Input, LinkId, Node, Output, RolePolicy, SharedFile,
};
use filbert::promotion::{Observation, Thresholds};

use crate::support::agreements::capable;

/// Ultrapeers that a leaf has.
const PARENTS: u32 = 3;

const LEAVES: u32 = 30;
const ULTRAPEERS: u32 = 32;

fn address(number: u32) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::from_bits(0x0505_0101 + number * 0x0001_0100)), 6346)
}

/// As a simulation makes them: they share what says who becomes an ultrapeer.
fn node(policy: RolePolicy, thresholds: &Arc<Thresholds>) -> Node {
    let mut config = Config::new(policy);
    config.listen = Some(address(200));
    config.thresholds = Arc::clone(thresholds);
    Node::new(config, 1, Time::ZERO)
}

/// Hands something in, and calls whom the node wants called.
fn hand_in(node: &mut Node, input: Input, now: Time) {
    node.handle(input, now);
    let mut called = Vec::new();
    while let Some(output) = node.poll() {
        called.extend(if let Output::Dial { address } = output { Some(address) } else { None });
    }
    for host in called {
        let number = (1..).find(|number| address(*number) == host).unwrap();
        open(node, number, Role::Ultrapeer, now);
    }
}

/// Tells it of ultrapeers, which it calls when time passes.
fn know(node: &mut Node, hosts: RangeInclusive<u32>) {
    hand_in(node, Input::Command(Command::Know(hosts.map(address).collect())), Time::ZERO);
}

/// Shares so many files, which nobody else has.
fn share(node: &mut Node, owner: u32, files: u8) {
    let file = |number| SharedFile {
        name: format!("a sample number{owner}x{number} of winter light.ogg"),
        size: 1_000_000,
        sha1: Some([number; 20]),
    };
    hand_in(node, Input::Command(Command::Share((0..files).map(file).collect())), Time::ZERO);
}

/// Opens a link to a neighbour, which says what it can do.
fn open(node: &mut Node, number: u32, peer_role: Role, now: Time) {
    let (link, address) = (LinkId(number.into()), address(number));
    let direction = match peer_role {
        Role::Ultrapeer => Direction::Outgoing,
        Role::Leaf => Direction::Incoming,
    };
    hand_in(node, Input::Connected { link, address, direction }, now);
    let peer = Capabilities { listen: Some(address), ..capable() };
    let agreement = Agreement {
        sends_deflate: true,
        receives_deflate: true,
        ..Agreement::plain(node.role(), peer_role, peer)
    };
    hand_in(node, Input::Opened { link, agreement: Box::new(agreement) }, now);
    let mut greeting = Vec::new();
    Abilities::OURS.and(Abilities::UDP_CONNECT_BACK).greet(&mut greeting);
    for frame in greeting {
        hand_in(node, Input::Frame { link, frame }, now);
    }
}

/// What a neighbour says to what it gets: it lives, and takes pushes. That nobody can connect to us
/// leaves more to be remembered than if somebody could.
fn answer(frame: &Frame, number: u32) -> Option<Frame> {
    let (listen, mut payload) = (address(number), BytesMut::new());
    let SocketAddr::V4(listen) = listen else { return None };
    if frame.function == Function::PING {
        let extensions = GgepArea::new(Bytes::new(), Place::Pong);
        let (port, address) = (listen.port(), *listen.ip());
        Pong { port, address, files: 9, kib: 900, extensions }.encode(&mut payload);
        let (function, payload) = (Function::PONG, payload.freeze());
        return Some(Frame { function, payload, ttl: 1, hops: 0, ..frame.clone() });
    }
    let vendor = Vendor::decode(&frame.payload).ok()?;
    if frame.function != Function::VENDOR || vendor.body != Body::PushProxyRequest {
        return None;
    }
    let agreed = PushProxyAcknowledgement::Address { address: listen };
    let agreed = Body::PushProxyAcknowledgement(agreed);
    let version = MessageId::PUSH_PROXY_ACKNOWLEDGEMENT_V2;
    Some(Vendor::new(version, agreed).into_frame(frame.guid))
}

/// Lets time pass in which nobody wants anything. `seen` sees all that goes out, and to whom.
fn pass(node: &mut Node, ms: u64, from: Time, mut seen: impl FnMut(LinkId, &Frame)) -> Time {
    let until = from.after_ms(ms);
    let mut now = from;
    while let Some((due, _)) = node.next_timeout().filter(|(due, _)| *due <= until) {
        now = now.max(due);
        hand_in(node, Input::Timeout, now);
        let links: Vec<u64> = node.servent().neighbours().map(|(_, other)| other.link).collect();
        for number in links {
            while let Some(frame) = node.transmit(LinkId(number), now) {
                seen(LinkId(number), &frame);
                if let Some(frame) = answer(&frame, u32::try_from(number).unwrap()) {
                    hand_in(node, Input::Frame { link: LinkId(number), frame }, now);
                }
            }
        }
    }
    until
}

/// The bytes that a node holds, itself among them.
fn held(build: impl FnOnce() -> Node) -> u64 {
    let mut node = None;
    let held = measure(|| node = Some(build()));
    u64::try_from(held.bytes_current).unwrap() + u64::try_from(size_of_val(&node)).unwrap()
}

/// With three ultrapeers, for ten minutes in which nothing happens.
fn leaf(policy: RolePolicy, thresholds: &Arc<Thresholds>) -> Node {
    let mut leaf = node(policy, thresholds);
    share(&mut leaf, 0, 3);
    know(&mut leaf, 1..=PARENTS);
    pass(&mut leaf, 600_000, Time::ZERO, |_, _| {});
    assert_eq!(leaf.servent().neighbours_len(), 3);
    leaf
}

/// The messages about its query table that a leaf with 20 files sends.
fn table_of_leaf(number: u32, thresholds: &Arc<Thresholds>) -> Vec<Frame> {
    let mut leaf = node(RolePolicy::Always(Role::Leaf), thresholds);
    share(&mut leaf, number, 20);
    know(&mut leaf, 1..=1);
    let mut frames = Vec::new();
    pass(&mut leaf, 60_000, Time::ZERO, |_, frame| {
        frames.extend((frame.function == Function::QUERY_TABLE).then(|| frame.clone()));
    });
    assert!(frames.len() >= 2, "a reset and a patch are expected");
    frames
}

/// With 30 leaves that share a little and as many ultrapeers as it seeks, and what it has told the
/// first one of these about its query table.
fn ultrapeer(tables: &[Vec<Frame>], thresholds: &Arc<Thresholds>) -> (Node, Vec<Frame>) {
    let mut ultrapeer = node(RolePolicy::Always(Role::Ultrapeer), thresholds);
    share(&mut ultrapeer, 0, 3);
    know(&mut ultrapeer, LEAVES + 1..=LEAVES + ULTRAPEERS);
    let mut told = Vec::new();
    let mut listen = |link: LinkId, frame: &Frame| {
        if link == LinkId(u64::from(LEAVES) + 1) && frame.function == Function::QUERY_TABLE {
            told.push(frame.clone());
        }
    };
    let mut now = pass(&mut ultrapeer, 1_000, Time::ZERO, &mut listen);
    for (number, table) in (1..).zip(tables) {
        open(&mut ultrapeer, number, Role::Leaf, now);
        let link = LinkId(number.into());
        for frame in table.iter().cloned() {
            hand_in(&mut ultrapeer, Input::Frame { link, frame }, now);
        }
        // Only a line that bears them gets more leaves.
        now = pass(&mut ultrapeer, 30_000, now, &mut listen);
        let traffic = Observation::Traffic { sent: 30_000, received: 30_000, congested: false };
        hand_in(&mut ultrapeer, Input::Observed(traffic), now);
    }
    pass(&mut ultrapeer, 600_000, now, &mut listen);
    assert_eq!(ultrapeer.servent().neighbours_len(), 62);
    (ultrapeer, told)
}

/// All ultrapeers tell it the same about their query tables as it has told them: they have as many
/// leaves with as many files.
fn hear_tables(ultrapeer: &mut Node, told: &[Frame]) {
    let mut now = Time::from_millis(3_600_000);
    for frame in told {
        now = pass(ultrapeer, 60_000, now, |_, _| {});
        for number in LEAVES + 1..=LEAVES + ULTRAPEERS {
            let (link, frame) = (LinkId(number.into()), frame.clone());
            hand_in(ultrapeer, Input::Frame { link, frame }, now);
        }
    }
    pass(ultrapeer, 600_000, now, |_, _| {});
    assert_eq!(ultrapeer.servent().neighbours_len(), 62);
}

#[test]
fn an_idle_leaf_holds_little() {
    let thresholds = Arc::new(Thresholds::filbert());
    let held = held(|| leaf(RolePolicy::Always(Role::Leaf), &thresholds));
    let itself = size_of::<Node>();
    println!("an idle leaf with three ultrapeers: {held} bytes, of which the node itself {itself}");
    assert!(held <= 4 * 1024, "{held} bytes");
}

#[test]
fn an_idle_leaf_that_decides_its_role_holds_a_little_more() {
    let thresholds = Arc::new(Thresholds::filbert());
    let never = held(|| leaf(RolePolicy::Always(Role::Leaf), &thresholds));
    let decides = held(|| leaf(RolePolicy::Auto, &thresholds));
    println!("an idle leaf that decides its role: {decides} bytes, and {never} without");
    assert!(decides <= never + 640, "{decides} bytes, {never} without");
}

#[test]
fn an_idle_leaf_that_knows_hosts_holds_fifty_bytes_more_for_each() {
    const HOSTS: u32 = 100;
    let thresholds = Arc::new(Thresholds::filbert());
    let knowing = || {
        let mut leaf = leaf(RolePolicy::Always(Role::Leaf), &thresholds);
        know(&mut leaf, 1_000..=999 + HOSTS);
        leaf
    };
    let few = held(|| leaf(RolePolicy::Always(Role::Leaf), &thresholds));
    let many = held(knowing);
    println!("an idle leaf that knows {HOSTS} hosts more: {many} bytes");
    assert!(many - few <= 56 * u64::from(HOSTS), "{few} bytes, {many} bytes");
}

#[test]
fn an_ultrapeer_with_thirty_leaves_holds_not_much() {
    let thresholds = Arc::new(Thresholds::filbert());
    let tables: Vec<_> = (1..=LEAVES).map(|number| table_of_leaf(number, &thresholds)).collect();
    let held = held(|| ultrapeer(&tables, &thresholds).0);
    println!("an ultrapeer with 30 leaves and 32 ultrapeers: {held} bytes");
    assert!(held <= 128 * 1024, "{held} bytes");
}

/// Their tables have the words of as many leaves each: two bytes a word, and more than all the rest.
#[test]
fn an_ultrapeer_whose_ultrapeers_sent_full_tables_holds_more() {
    let thresholds = Arc::new(Thresholds::filbert());
    let tables: Vec<_> = (1..=LEAVES).map(|number| table_of_leaf(number, &thresholds)).collect();
    let (_, told) = ultrapeer(&tables, &thresholds);
    let held = held(|| {
        let (mut ultrapeer, _) = ultrapeer(&tables, &thresholds);
        hear_tables(&mut ultrapeer, &told);
        ultrapeer
    });
    println!("an ultrapeer with 30 leaves, 32 ultrapeers and the tables of all: {held} bytes");
    assert!(held <= 192 * 1024, "{held} bytes");
}
