//! What those say that are asked whether one more supernode is needed.

use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use filbert::base::limits::SUPERNODES_LOOKED_AT_AGAIN_MS;
use filbert::base::time::Time;
use filbert::fasttrack::wire::{Datagram, FullBelow};
use filbert::node::fasttrack::{self, RolePolicy};
use filbert::node::{Input, LinkId};
use filbert::promotion::{Observation, Protocol, Role, Thresholds};

use super::scene::{Scene, host, ip};

/// Supernodes that are known, all of which are asked sooner or later.
const KNOWN: std::ops::RangeInclusive<u8> = 2..=20;

/// Whether a node becomes a supernode that could, where all that it knows answer like this.
fn rises(answer: impl Fn(SocketAddrV4) -> Datagram) -> bool {
    let mut scene = Scene::new(RolePolicy::Auto, |_| {});
    let parent = scene.has_parent(host(1));
    scene.command(fasttrack::Command::Know(KNOWN.map(host).collect()));
    for _ in 0..100 {
        live(&mut scene, parent, 2_000);
        // Whom one names is asked then.
        for _ in 0..3 {
            let pings = asked(&mut scene);
            pings.into_iter().for_each(|asked| answers(&mut scene, asked, &answer(asked)));
        }
        if scene.node.fasttrack_role() == Some(Role::Supernode) {
            return true;
        }
    }
    false
}

/// Who was asked by UDP.
fn asked(scene: &mut Scene) -> Vec<SocketAddrV4> {
    let is_ping = |(to, bytes): (SocketAddr, Vec<u8>)| match (bytes[0], to) {
        (0x27, SocketAddr::V4(to)) => Some(to),
        _ => None,
    };
    scene.datagrams().into_iter().filter_map(is_ping).collect()
}

fn answers(scene: &mut Scene, from: SocketAddrV4, answer: &Datagram) {
    scene.handle(Input::Datagram { from: from.into(), bytes: answer.to_bytes() });
}

/// A while of a node with a strong line and a supernode that answers.
fn live(scene: &mut Scene, parent: LinkId, ms: u64) {
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        let reached = Observation::Reached { protocol, from: ip(host(9)) };
        scene.handle(Input::Observed(reached));
    }
    scene.pass(ms);
    let traffic = Observation::Traffic { sent: ms * 200, received: ms * 200, congested: false };
    scene.handle(Input::Observed(traffic));
    scene.sent(parent);
    let round_trip = Duration::from_millis(50);
    scene.tell(fasttrack::Input::Pong { link: parent, round_trip });
}

fn room(load: u8) -> Datagram {
    Datagram::Pong { least: 1, users: 5, load, unknown: 0, network: "KaZaA".into() }
}

fn full(names: Option<SocketAddrV4>) -> Datagram {
    let supernode = names.map(|supernode| FullBelow { supernode, unknown: 0 });
    Datagram::Full { least: 1, kind: 1, id: 0, supernode }
}

/// FTNODE-23
#[test]
fn one_more_is_needed_where_those_that_are_asked_have_hardly_any_room() {
    assert!(!rises(|_| room(89)));
    assert!(rises(|_| room(90)));
    assert!(rises(|_| full(None)));
}

/// FTNODE-23: those that are full stay full, and yet there is room.
#[test]
fn where_a_full_one_names_another_that_one_counts() {
    let elsewhere = |of: SocketAddrV4| host(of.ip().octets()[1] + 100);
    let is_old = |node: SocketAddrV4| node.ip().octets()[1] < 100;
    let with = |young: Datagram| {
        rises(move |asked| match is_old(asked) {
            true => full(Some(elsewhere(asked))),
            false => young.clone(),
        })
    };
    assert!(!with(room(50)));
    assert!(with(full(None)));
    // Names alone are no room, and nobody is sent from one to the next for ever.
    assert!(with(full(Some(host(200)))));
}

/// FTNODE-23: whoever waits for its turn sees whether others were first.
#[test]
fn those_that_were_full_are_asked_again_before_one_more_comes() {
    for (load, role) in [(100, Role::Supernode), (50, Role::Leaf)] {
        let mut scene = Scene::new(RolePolicy::Auto, |config| {
            let mut thresholds = Thresholds::laboratory();
            thresholds.need.spread = Duration::from_secs(120);
            config.fasttrack.as_mut().unwrap().thresholds = Arc::new(thresholds);
        });
        let parent = scene.has_parent(host(1));
        scene.command(fasttrack::Command::Know(KNOWN.map(host).collect()));
        let (mut is_second, mut last) = (false, Time::ZERO);
        while !is_second {
            live(&mut scene, parent, 100);
            let asked = asked(&mut scene);
            if !asked.is_empty() {
                // The others come after a third of the time for which an answer counts.
                is_second = last > Time::ZERO && scene.now.since(last) < Duration::from_secs(9);
                last = scene.now;
            }
            for asked in asked {
                answers(&mut scene, asked, &room(if is_second { load } else { 100 }));
            }
            assert_eq!(scene.node.fasttrack_role(), Some(Role::Leaf), "not without a second look");
            assert!(scene.now.as_micros() < 300_000_000, "there is none");
        }
        live(&mut scene, parent, SUPERNODES_LOOKED_AT_AGAIN_MS - 200);
        assert_eq!(scene.node.fasttrack_role(), Some(Role::Leaf));
        live(&mut scene, parent, 400);
        assert_eq!(scene.node.fasttrack_role(), Some(role), "{load}");
    }
}
