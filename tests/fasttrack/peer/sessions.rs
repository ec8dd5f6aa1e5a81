//! What a session is, and when it ends.

use std::collections::BTreeSet;
use std::net::SocketAddrV4;

use bytes::Bytes;
use filbert::base::limits::FASTTRACK_NEWCOMER_MS;
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::fasttrack::peer::{Kin, Output, Peer, Reason};
use filbert::fasttrack::wire::{
    Bandwidth, Datagram, Frame, Kind, Message, NodeInfo, Search, Side, Table, Term,
};
use filbert::promotion::Role;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::world::{World, at, node_at, settings, supernode_at};

pub(super) fn info(address: &str) -> Message {
    let user = Bytes::from_static(b"somebody");
    Message::NodeInfo(NodeInfo { address: at(address), bandwidth: Bandwidth(0x60), user })
}

/// A supernode alone, and somebody who has called it.
pub(super) fn called() -> (World, Slot) {
    let mut world = World::new();
    let supernode = world.supernode(1, 9);
    let slot = world.knock(supernode, at("6.1.1.1:40000"));
    world.told.clear();
    (world, slot)
}

pub(super) fn say(world: &mut World, slot: Slot, message: &Message) -> Vec<Output> {
    say_frame(world, slot, &message.to_frame())
}

pub(super) fn say_frame(world: &mut World, slot: Slot, frame: &Frame) -> Vec<Output> {
    world.with(supernode_at(1), |peer, now| peer.receive(slot, frame, now));
    world.told_to(supernode_at(1))
}

/// All that waits for a session.
pub(super) fn waiting(world: &mut World, slot: Slot) -> Vec<Frame> {
    let now = world.now;
    std::iter::from_fn(|| world.peer(supernode_at(1)).transmit(slot, now)).collect()
}

/// FTSUPER-01
#[test]
fn the_first_message_tells_what_a_session_is() {
    let (mut world, slot) = called();
    for message in [
        Message::Version { number: 0x26 },
        Message::NetworkName { text: Bytes::from_static(b"KaZaA") },
        Message::ConfigRevision { number: 0 },
        Message::SendShares,
        Message::SearchEnd { id: 5 },
    ] {
        assert_eq!(say(&mut world, slot, &message), []);
    }
    // Nobody looks into what comes before, and so nothing of it is a fault.
    let cut = Frame { kind: Kind::SHARE, payload: Bytes::from_static(&[0, 1, 0, 0, 7]) };
    assert_eq!(say_frame(&mut world, slot, &cut), []);
    assert_eq!(waiting(&mut world, slot), []);
    let told = say(&mut world, slot, &info("6.1.1.1:1214"));
    assert!(told.contains(&Output::Became { slot, kin: Kin::Child }), "{told:?}");
    let kinds: Vec<_> = waiting(&mut world, slot).iter().map(|frame| frame.kind.0).collect();
    assert_eq!(kinds, [0x00, 0x23, 0x26, 0x1d, 0x2c, 0x03, 0x1e]);
    // A child stays one: a table of its is passed by.
    let table = Message::Table([].into_iter().collect::<Table>());
    assert_eq!(say(&mut world, slot, &table), []);
    assert_eq!(world.kin(supernode_at(1)), [(Kin::Child, at("6.1.1.1:40000"))]);
}

/// FTPEER-03, FTSUPER-01
#[test]
fn an_ordinary_node_that_is_called_closes_without_a_word() {
    for first in [info("6.1.1.1:1214"), Message::Table([].into_iter().collect::<Table>())] {
        let mut world = World::new();
        let node = world.node(1);
        let slot = world.knock(node, at("6.9.1.1:40000"));
        let frame = first.to_frame();
        world.with(node, |peer, now| peer.receive(slot, &frame, now));
        let told = world.told_to(node);
        assert!(told.iter().any(|it| matches!(it, Output::Close { slot: of, .. } if *of == slot)));
        let now = world.now;
        assert_eq!(world.peer(node).transmit(slot, now), None);
    }
}

/// FTSAFE-12
#[test]
fn a_session_with_ourselves_ends() {
    let (mut world, slot) = called();
    let told = say(&mut world, slot, &info(&supernode_at(1).to_string()));
    let [Output::Fault { fault, .. }, Output::Close { .. }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(fault.rule().id(), "FTSAFE-12");
    // Nothing of it is heard any more.
    assert_eq!(say(&mut world, slot, &info("6.1.1.1:1214")), []);
    assert_eq!(waiting(&mut world, slot), []);
    // Nor is anybody we who was somebody else first.
    let other = world.knock(supernode_at(1), at("6.2.1.1:40000"));
    say(&mut world, other, &info("6.2.1.1:1214"));
    let told = say(&mut world, other, &info(&supernode_at(1).to_string()));
    let [Output::Fault { fault, .. }, Output::Close { .. }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(fault.rule().id(), "FTSAFE-12");
}

#[test]
fn whoever_does_not_say_what_it_is_has_to_go() {
    let (mut world, slot) = called();
    let child = world.knock(supernode_at(1), at("6.2.1.1:40000"));
    let frame = info("6.2.1.1:1214").to_frame();
    world.with(supernode_at(1), |peer, now| peer.receive(child, &frame, now));
    world.told.clear();
    let due = Time::from_millis(1 + FASTTRACK_NEWCOMER_MS);
    world.run_until(Time::from_micros(due.as_micros() - 1));
    assert_eq!(world.told_to(supernode_at(1)), []);
    world.run_until(due);
    let told = world.told_to(supernode_at(1));
    let [Output::Close { slot: of, .. }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(*of, slot);
}

/// Nobody is waited for who has gone without a word.
#[test]
fn who_goes_before_it_says_what_it_is_is_forgotten() {
    let (mut world, slot) = called();
    let due = |world: &mut World| world.peer(supernode_at(1)).next_timeout();
    let is_waited_for =
        |due: Option<(Time, Reason)>| due.is_some_and(|it| it.1 == Reason::Sessions);
    assert!(is_waited_for(due(&mut world)));
    world.with(supernode_at(1), |peer, now| peer.close(slot, now));
    assert!(!is_waited_for(due(&mut world)));
}

/// FTSAFE-10, FTSUPER-14, FTSAFE-06
#[test]
fn what_cannot_be_read_is_a_fault_and_the_session_goes_on() {
    let (mut world, slot) = called();
    say(&mut world, slot, &info("6.1.1.1:1214"));
    waiting(&mut world, slot);
    let cut = Frame { kind: Kind::SHARE, payload: Bytes::from_static(&[0, 1, 0, 0, 7]) };
    let told = say_frame(&mut world, slot, &cut);
    let [Output::Fault { slot: of, fault }] = &told[..] else { panic!("{told:?}") };
    assert_eq!((*of, fault.rule().id()), (slot, "FTWIRE-13"));
    // A search that is too much has an end all the same.
    let terms = vec![Term::words(filbert::fasttrack::wire::Tag::ANY, "x"); 16];
    let realm = filbert::fasttrack::wire::Realm::EVERYTHING;
    let search = Search { by_hand: true, max: 9, id: 0x1234, realm, terms };
    let mut payload = Message::Search(search).to_frame().payload.to_vec();
    payload[8] = 17;
    payload.extend_from_slice(&[5, 0, 1, b'x']);
    let frame = Frame { kind: Kind::SEARCH, payload: payload.into() };
    let told = say_frame(&mut world, slot, &frame);
    assert!(told.iter().any(|it| matches!(it, Output::Fault { .. })), "{told:?}");
    let heard = waiting(&mut world, slot);
    assert_eq!(Message::parse(&heard[0], Side::Down), Ok(Message::SearchEnd { id: 0x1234 }));
    let supernode = world.peer(supernode_at(1));
    assert_eq!(supernode.session(slot).unwrap().traffic.dropped, 2);
}

/// FTUDP-03, FTUDP-04, FTUDP-07
#[test]
fn pings_are_answered_seldom_shortly_and_to_where_they_came_from() {
    let rng = ChaCha8Rng::seed_from_u64(1);
    let ping = b"\x27\0\0\0\x29\x80KaZaA\0";
    let answers = |peer: &mut Peer| {
        let all: Vec<_> = std::iter::from_fn(|| peer.poll()).collect();
        let all = all.into_iter().filter_map(|output| match output {
            Output::Datagram { to, bytes } => Some((to, bytes)),
            _ => None,
        });
        all.collect::<Vec<_>>()
    };
    for (role, children, expected) in
        [(Role::Supernode, 1, 0x28), (Role::Supernode, 0, 0x29), (Role::Leaf, 0, 0x29)]
    {
        let mut peer = Peer::new(settings(supernode_at(1)), role, &rng);
        peer.set_room(filbert::fasttrack::peer::Room { children, neighbours: 0 });
        answers(&mut peer);
        let from = node_at(1);
        let ask = |peer: &mut Peer, from, bytes: &[u8], ms| {
            let is_ours = peer.receive_datagram(from, bytes, Time::from_millis(ms));
            (is_ours, answers(peer))
        };
        let (is_ours, first) = ask(&mut peer, from, ping, 10_000);
        let [(to, bytes)] = &first[..] else { panic!("{role:?}: {first:?}") };
        assert_eq!((is_ours, *to, bytes[0]), (true, from, expected));
        assert!(bytes.len() <= ping.len() + 9);
        assert_eq!(ask(&mut peer, from, ping, 11_999), (true, vec![]), "too soon");
        let other_port = SocketAddrV4::new(*from.ip(), 3_000);
        assert_eq!(ask(&mut peer, other_port, ping, 11_999), (true, vec![]), "the same host");
        assert_eq!(ask(&mut peer, from, ping, 12_000).1.len(), 1);
        // Too short to be answered with so much.
        let short = b"\x27\0\0\0\x29\x80\0";
        let (_, said) = ask(&mut peer, node_at(2), short, 12_000);
        assert_eq!(said.is_empty(), expected == 0x28);
        assert!(said.iter().all(|(_, bytes)| bytes.len() <= short.len() + 9));
        // Not ours, or without a form.
        for other in [&b"\x28\0"[..], b"\x27", b"", b"\xc0\x28", b"GND\x01"] {
            assert_eq!(ask(&mut peer, node_at(3), other, 12_000), (false, vec![]));
        }
        // All together.
        let mut count = 0;
        for number in 0..=255_u8 {
            let from = at(&format!("7.{number}.1.1:2000"));
            count += ask(&mut peer, from, ping, 20_000).1.len();
        }
        assert_eq!(count, 100);
        assert_eq!(ask(&mut peer, at("7.1.2.1:2000"), ping, 20_009).1.len(), 0);
        assert_eq!(ask(&mut peer, at("7.1.2.1:2000"), ping, 20_010).1.len(), 1);
    }
}

/// FTUDP-04: who takes no children says who may.
#[test]
fn who_is_full_names_one_that_was_not_and_an_ordinary_node_its_own() {
    let mut world = World::of(3, 1, 1);
    world.run_s(120);
    let named = |world: &mut World, asked: SocketAddrV4, from: SocketAddrV4| {
        let ping = b"\x27\0\0\0\x29\x80KaZaA\0";
        world.with(asked, |peer, now| {
            assert!(peer.receive_datagram(from, ping, now));
            let told = std::iter::from_fn(|| peer.poll()).find_map(|output| match output {
                Output::Datagram { to, bytes } if to == from => Some(bytes),
                _ => None,
            });
            match Datagram::decode(&told.unwrap()) {
                Ok(Datagram::Full { supernode, .. }) => supernode.map(|below| below.supernode),
                other => panic!("{other:?}"),
            }
        })
    };
    let parent = world.parent(node_at(1)).unwrap();
    assert_eq!(named(&mut world, node_at(1), at("7.1.1.1:2000")), Some(parent));
    assert_eq!(named(&mut world, node_at(1), parent), None, "it knows itself");
    // The one child fills its supernode.
    let others: BTreeSet<_> = (1..=3).map(supernode_at).filter(|one| *one != parent).collect();
    let drawn: BTreeSet<_> = (1..=20)
        .map(|number| named(&mut world, parent, at(&format!("7.2.{number}.1:2000"))).unwrap())
        .collect();
    assert_eq!(drawn, others);
}
