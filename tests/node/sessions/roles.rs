//! What a node is in FastTrack, and why.

use std::net::{Ipv4Addr, SocketAddrV4};

use filbert::base::limits::{FASTTRACK_TRIES_MAX, FASTTRACK_TRY_EVERY_MS, SUPERNODES_LOOKED_AT};
use filbert::fasttrack::link::Ending;

use filbert::fasttrack::wire::{Kind, Message, Side};
use filbert::gnutella::link::Role as GnutellaRole;
use filbert::node::fasttrack::{self, RolePolicy};
use filbert::node::{self, Command, Event, Input, Output};
use filbert::promotion::{Observation, Protocol, Role};

use super::scene::{OWN, Scene, host, ip, node_info};

/// Bytes a second that a strong line carries.
const STRONG: u64 = 200_000;

fn roles(events: &[Event]) -> Vec<Role> {
    let role = |event: &Event| match event {
        Event::FastTrack(fasttrack::Event::BecameRole { role, .. }) => Some(*role),
        _ => None,
    };
    events.iter().filter_map(role).collect()
}

fn see(scene: &mut Scene, observation: Observation) {
    scene.handle(Input::Observed(observation));
}

/// All that a node must have shown which is to become a supernode, but that one is needed.
fn prove(scene: &mut Scene, rate: u64) {
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        see(scene, Observation::Reached { protocol, from: ip(host(9)) });
    }
    for _ in 0..40 {
        scene.pass(2_000);
        let sent = rate * 2;
        see(scene, Observation::Traffic { sent, received: sent, congested: false });
    }
}

/// Where nobody is a supernode whoever can becomes one.
#[test]
fn a_node_that_finds_no_supernode_becomes_one_if_it_can() {
    let mut scene = Scene::new(RolePolicy::Auto, |_| {});
    assert_eq!(scene.node.fasttrack_role(), Some(Role::Leaf));
    scene.pass(120_000);
    assert_eq!(roles(&scene.events()), [], "it has shown nothing");
    prove(&mut scene, STRONG);
    scene.pass(10_000);
    assert_eq!(roles(&scene.events()), [Role::Supernode]);
    assert_eq!(scene.node.fasttrack_role(), Some(Role::Supernode));
    assert_eq!(scene.node.role(), GnutellaRole::Leaf, "Gnutella is another matter");
    let child = scene.opened_by(host(1));
    scene.says(child, &node_info(host(1)));
    assert!(scene.sent(child).iter().any(|frame| frame.kind == Kind::SEND_SHARES));
}

/// A node that is content has a supernode: no second one is needed.
#[test]
fn a_node_with_a_supernode_stays_what_it_is() {
    let mut scene = Scene::new(RolePolicy::Auto, |_| {});
    let parent = scene.has_parent(host(1));
    // It goes on living.
    for _ in 0..100 {
        prove_a_while(&mut scene);
        scene.tell(fasttrack::Input::Pong {
            link: parent,
            round_trip: std::time::Duration::from_millis(50),
        });
    }
    assert_eq!(roles(&scene.events()), []);
    assert_eq!(scene.node.fasttrack_role(), Some(Role::Leaf));
}

fn prove_a_while(scene: &mut Scene) {
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        see(scene, Observation::Reached { protocol, from: ip(host(9)) });
    }
    scene.pass(2_000);
    let sent = STRONG * 2;
    see(scene, Observation::Traffic { sent, received: sent, congested: false });
}

#[test]
fn the_user_decides_before_everything_else() {
    let mut scene = Scene::with_role(Role::Leaf);
    let parent = scene.has_parent(host(1));
    scene.heard();
    let be = |role| fasttrack::Command::BeRole(RolePolicy::Always(role));
    scene.command(be(Role::Supernode));
    let heard = scene.heard();
    let leaves = |output: &Output| matches!(output, Output::FastTrack(fasttrack::Output::Close { link, .. }) if *link == parent);
    assert!(heard.iter().any(leaves), "a supernode has no parent: {heard:?}");
    assert_eq!(scene.node.fasttrack_role(), Some(Role::Supernode));
    scene.closed(parent, Ending::Left);
    let child = scene.opened_by(host(2));
    scene.says(child, &node_info(host(2)));
    scene.heard();
    scene.command(be(Role::Leaf));
    assert_eq!(scene.closes().first().map(|(link, _)| *link), Some(child));
    assert_eq!(scene.node.fasttrack_role(), Some(Role::Leaf));
}

/// Which children a supernode takes: of `count` that come, how many are greeted.
fn taken(scene: &mut Scene, count: u8) -> usize {
    let mut taken = 0;
    for number in 0..count {
        let from = host(number);
        let link = scene.opened_by(from);
        scene.says(link, &node_info(from));
        let sent = scene.sent(link);
        assert!(sent.iter().any(|frame| frame.kind == Kind::NODE_LIST), "{sent:?}");
        taken += usize::from(sent.iter().any(|frame| frame.kind == Kind::SEND_SHARES));
    }
    taken
}

/// Promotion by one measure: who is an ultrapeer and a supernode has half of its line for each.
#[test]
fn who_is_a_supernode_in_both_networks_divides_its_machine() {
    // Memory for a hundred children and as many links.
    let memory = |scene: &mut Scene| see(scene, Observation::Memory { physical: 60 << 20 });
    let strong = |role| {
        let mut scene = Scene::new(RolePolicy::Auto, |config| {
            config.role = node::RolePolicy::Always(role);
            config.dials = false;
        });
        memory(&mut scene);
        prove(&mut scene, STRONG * 10);
        scene.command(fasttrack::Command::BeRole(RolePolicy::Always(Role::Supernode)));
        scene.heard();
        scene
    };
    let alone = taken(&mut strong(GnutellaRole::Leaf), 250);
    let beside = taken(&mut strong(GnutellaRole::Ultrapeer), 250);
    assert!(alone > 100, "{alone}");
    assert!((alone * 2 / 5..=alone * 3 / 5).contains(&beside), "{beside}, {alone} alone");
}

/// FTNODE-22, FTSUPER-22: what one asks, the other one does.
#[test]
fn who_may_become_a_supernode_asks_whether_it_can_be_called_and_is_called() {
    for (policy, asks) in [(RolePolicy::Auto, true), (RolePolicy::Always(Role::Leaf), false)] {
        let mut scene = Scene::new(policy, |_| {});
        let parent = scene.has_parent(host(1));
        scene.pass(1);
        let asked = |scene: &mut Scene| {
            let is_one = |frame: &filbert::fasttrack::wire::Frame| frame.kind == Kind::UDP_TEST;
            scene.sent(parent).into_iter().filter(is_one).collect::<Vec<_>>()
        };
        let first = asked(&mut scene);
        assert_eq!(first.len(), usize::from(asks), "{policy:?}");
        let mut again = 0;
        for _ in 0..130 {
            scene.pass(10_000);
            again += asked(&mut scene).len();
            scene.tell(fasttrack::Input::Pong {
                link: parent,
                round_trip: std::time::Duration::from_millis(50),
            });
        }
        assert_eq!(again, usize::from(asks), "and again after 20 minutes");
        if let [frame] = &first[..] {
            assert_eq!(
                Message::parse(frame, Side::Up),
                Ok(Message::UdpTestRequest { address: OWN })
            );
        }
    }
    let mut scene = Scene::with_role(Role::Supernode);
    let child = scene.opened_by(host(2));
    scene.says(child, &node_info(host(3)));
    scene.heard();
    let ask = Message::UdpTestRequest { address: host(4) };
    scene.says(child, &ask);
    let calls = |scene: &mut Scene| {
        let heard = scene.heard();
        let tcp = heard.iter().filter_map(|output| match output {
            Output::ConnectBack { to } => Some(*to),
            _ => None,
        });
        let udp = heard.iter().filter_map(|output| match output {
            Output::FastTrack(fasttrack::Output::Datagram { to, bytes }) if bytes[0] == 0x27 => {
                Some((*to).into())
            }
            _ => None,
        });
        (tcp.collect::<Vec<_>>(), udp.collect::<Vec<_>>())
    };
    // At the address of its connection, and the port that it named first.
    let at = vec![host(2).into()];
    assert_eq!(calls(&mut scene), (at.clone(), at.clone()));
    scene.says(child, &ask);
    assert_eq!(calls(&mut scene), (vec![], vec![]), "not so soon");
    scene.sent(child);
    scene.pass(FASTTRACK_TRY_EVERY_MS);
    scene.heard();
    scene.says(child, &ask);
    assert_eq!(calls(&mut scene), (at.clone(), at));
    scene.handle(Input::Command(Command::ShutDown));
}

/// FTNODE-23: whoever could be a supernode asks some of those that it knows, by turns, and only then.
#[test]
fn some_supernodes_are_asked_for_their_room_where_it_matters() {
    let mut scene = Scene::new(RolePolicy::Auto, |_| {});
    let parent = scene.has_parent(host(1));
    scene.command(fasttrack::Command::Know((2..=20).map(host).collect()));
    let asked = |scene: &mut Scene| {
        let is_ping =
            |(to, bytes): (std::net::SocketAddr, Vec<u8>)| (bytes[0] == 0x27).then_some(to);
        scene.datagrams().into_iter().filter_map(is_ping).collect::<Vec<_>>()
    };
    let mut live = |proves: bool| {
        asked(&mut scene);
        let mut rounds = Vec::new();
        for _ in 0..60 {
            match proves {
                true => prove_a_while(&mut scene),
                false => scene.pass(2_000),
            }
            let round = asked(&mut scene);
            rounds.extend((!round.is_empty()).then_some(round));
            scene.sent(parent);
            let round_trip = std::time::Duration::from_millis(50);
            scene.tell(fasttrack::Input::Pong { link: parent, round_trip });
        }
        rounds
    };
    assert!(live(false).is_empty(), "it has shown nothing");
    let rounds = live(true);
    assert!(!rounds.is_empty());
    for mut round in rounds {
        round.sort_unstable();
        round.dedup();
        assert_eq!(round.len(), SUPERNODES_LOOKED_AT);
    }
}

/// FTSUPER-22, at the limit and one past it.
#[test]
fn so_many_are_tried_in_a_while_and_not_one_more() {
    let mut scene = Scene::with_role(Role::Supernode);
    let mut tried = 0;
    let mut ask = |scene: &mut Scene, number: usize| {
        let [high, low] = u16::try_from(number).unwrap().to_be_bytes();
        let address = SocketAddrV4::new(Ipv4Addr::new(81, high, low, 4), 2_000);
        let child = scene.opened_by(address);
        scene.says(child, &node_info(address));
        scene.says(child, &Message::UdpTestRequest { address });
        let heard = scene.heard();
        tried += heard.iter().filter(|said| matches!(said, Output::ConnectBack { .. })).count();
        scene.closed(child, Ending::Closed);
        tried
    };
    for number in 1..=FASTTRACK_TRIES_MAX {
        assert_eq!(ask(&mut scene, number), number);
    }
    assert_eq!(ask(&mut scene, FASTTRACK_TRIES_MAX + 1), FASTTRACK_TRIES_MAX);
    scene.pass(FASTTRACK_TRY_EVERY_MS);
    assert_eq!(ask(&mut scene, FASTTRACK_TRIES_MAX + 2), FASTTRACK_TRIES_MAX + 1);
}

/// A call shows that others reach us, whatever they want, and though nobody has a part in Gnutella.
#[test]
fn a_call_proves_that_a_node_of_fasttrack_can_be_called() {
    for is_outside in [true, false] {
        let mut scene = Scene::new(RolePolicy::Auto, |config| config.listen = None);
        let from = if is_outside { host(1) } else { "10.1.1.1:2000".parse().unwrap() };
        let (link, direction) = (node::LinkId(1), node::Direction::Incoming);
        scene.handle(Input::Connected { link, address: from.into(), direction });
        let why = scene.node.explain_fasttrack_role(scene.now);
        assert_eq!(!why.contains("never reached by TCP"), is_outside, "{why}");
    }
}

/// Whoever is alone becomes a supernode and is one in vain: it takes ever longer until it is one again.
#[test]
fn a_node_that_is_alone_changes_ever_more_seldom() {
    let mut scene = Scene::new(RolePolicy::Auto, |_| {});
    let (mut role, mut since, mut as_leaf) = (Some(Role::Leaf), scene.now, Vec::new());
    for _ in 0..7_200 {
        prove_a_while(&mut scene);
        scene.heard();
        let is = scene.node.fasttrack_role();
        if is != role {
            if role == Some(Role::Leaf) {
                as_leaf.push(scene.now.since(since).as_secs());
            }
            (role, since) = (is, scene.now);
        }
    }
    println!("seconds as an ordinary node, in four hours: {as_leaf:?}");
    assert!((3..=30).contains(&as_leaf.len()), "{as_leaf:?}");
    assert!(as_leaf.windows(2).skip(1).all(|two| two[1] * 10 >= two[0] * 8), "{as_leaf:?}");
    assert!(as_leaf.last() > Some(&600), "{as_leaf:?}");
}
