//! Attacks that others suffered from: long lists, lying lengths, forged senders, floods (FTSAFE).

use bytes::{BufMut, Bytes, BytesMut};
use filbert::base::slots::Slot;
use filbert::fasttrack::neighbours::Dropped;
use filbert::fasttrack::peer::{Kin, Output};
use filbert::fasttrack::wire::{Frame, Kind, Message, PushRequest, Results, Unicast};
use proptest::prelude::*;

use super::queues::beside;
use super::sessions::{called, info, say, say_frame, waiting};
use super::world::{World, at, node_at, supernode_at};
use crate::support::properties::cases;

/// CVE-2003-0397: lists of so many entries, whole and cut, to an ordinary node and to a supernode.
///
/// FTSAFE-01, FTSAFE-02, FTSAFE-03, FTSAFE-04
#[test]
fn lists_of_any_length_cost_no_more_than_their_length_and_64_kib() {
    for (kind, entry_len) in [(Kind::NODE_LIST, 8), (Kind::TABLE, 26)] {
        for count in [0, 1, 200, 201, 1_001, 1_002, 65_535 / entry_len] {
            for cut in [0, 1, entry_len - 1] {
                let len = (count * entry_len + cut).min(65_535);
                let entry = |place: usize| u8::try_from(place % 251).unwrap();
                let payload: Bytes = (0..len).map(entry).collect();
                let frame = Frame { kind, payload };
                hear_as_node(&frame);
                hear_as_supernode(&frame);
            }
        }
    }
}

/// What it may cost to hear a message.
fn bounded(frame: &Frame, hear: impl FnMut()) {
    let mut hear = hear;
    let len = i64::try_from(frame.payload.len()).unwrap();
    let cost = allocation_counter::measure(&mut hear);
    assert!(
        cost.bytes_current <= len + 65_536,
        "{} of {len} bytes leaves {} bytes",
        frame.kind,
        cost.bytes_current
    );
}

fn hear_as_node(frame: &Frame) {
    let mut world = World::of(1, 5, 1);
    let node = node_at(1);
    let parent = world.peer(node).sessions().find(|(_, it)| it.kin == Kin::Parent);
    let slot = parent.map(|(slot, _)| slot).unwrap();
    let now = world.now;
    let peer = world.peer(node);
    bounded(frame, || {
        peer.receive(slot, frame, now);
        while peer.poll().is_some() {}
    });
    assert!(peer.session(slot).is_some());
}

fn hear_as_supernode(frame: &Frame) {
    let mut world = World::of(2, 5, 0);
    let (now, hub) = (world.now, supernode_at(1));
    let (slot, _) = world.peer(hub).sessions().next().unwrap();
    let peer = world.peer(hub);
    bounded(frame, || {
        peer.receive(slot, frame, now);
        while peer.poll().is_some() {}
    });
}

/// A million entries come in 123 messages: CVE-2003-0397 again (FTSAFE-02).
#[test]
fn a_million_entries_leave_no_more_behind_than_a_few() {
    let mut world = World::of(1, 5, 1);
    let node = node_at(1);
    let (slot, _) = world.peer(node).sessions().next().unwrap();
    let now = world.now;
    let peer = world.peer(node);
    let grown = allocation_counter::measure(|| {
        for message in 0..123_u32 {
            let mut payload = BytesMut::new();
            for entry in 0..8_191_u32 {
                payload.put_u32(0x0800_0001 + (message * 8_191 + entry) * 256);
                payload.put_u32(0x04be_0132);
            }
            let frame = Frame { kind: Kind::NODE_LIST, payload: payload.freeze() };
            peer.receive(slot, &frame, now.after_ms(u64::from(message) * 700_000));
            while peer.poll().is_some() {}
        }
    });
    assert!(grown.bytes_current < 1 << 20, "{} bytes", grown.bytes_current);
}

/// CVE-2002-0314 and CVE-2002-0315: a million messages of a child, with whatever senders, leave nothing
/// behind.
///
/// FTSAFE-08, FTSAFE-09
#[test]
fn a_million_messages_of_a_child_leave_nothing_behind() {
    let (mut world, slot) = called();
    say(&mut world, slot, &info("6.1.1.1:1214"));
    let victim = world.knock(supernode_at(1), at("6.2.1.1:40000"));
    say(&mut world, victim, &info("6.2.1.1:1214"));
    waiting(&mut world, victim);
    let frames = flood();
    let round = |world: &mut World, rounds: u32| {
        for number in 0..rounds {
            let now = world.now;
            let peer = world.peer(supernode_at(1));
            peer.receive(slot, &frames[number as usize % frames.len()], now);
            while let Some(output) = peer.poll() {
                assert!(!matches!(output, Output::Close { .. }), "{output:?}");
            }
            while peer.transmit(slot, now).is_some() {}
            world.now = world.now.after_ms(1);
        }
    };
    round(&mut world, 10_000);
    let grown = allocation_counter::measure(|| round(&mut world, 1_000_000));
    assert!(grown.bytes_current < 1 << 20, "{} bytes", grown.bytes_current);
    // Nothing of it was said to somebody else, and nobody became somebody else.
    assert_eq!(waiting(&mut world, victim), []);
    let peer = world.peer(supernode_at(1));
    assert_eq!(peer.as_supernode().unwrap().child(victim), Some(("somebody", at("6.2.1.1:1214"))));
}

/// Messages as others might forge them: the address and the name of somebody else wherever there is one.
fn flood() -> Vec<Frame> {
    let forged = at("6.2.1.1:1214");
    let push = |requester| {
        Message::PushRequest(PushRequest {
            id: 1,
            requester,
            target: forged,
            supernode: supernode_at(1),
            user: Bytes::from_static(b"somebody"),
        })
    };
    let mut frames = vec![
        info("6.2.1.1:1214").to_frame(),
        push(forged).to_frame(),
        Message::Version { number: 7 }.to_frame(),
        Message::ConfigRevision { number: 7 }.to_frame(),
        Message::NetworkName { text: Bytes::from(vec![b'x'; 60_000]) }.to_frame(),
        Message::RandomFilesRequest { id: 7 }.to_frame(),
        Message::SearchEnd { id: 7 }.to_frame(),
    ];
    for kind in 0..=0x30_u16 {
        for len in [0, 1, 9, 40, 300] {
            let payload = Bytes::from(vec![kind.to_le_bytes()[0] ^ 0x41; len]);
            frames.push(Frame { kind: Kind(kind), payload: payload.clone() });
            frames.push(Frame { kind: Kind(kind | Kind::UNICAST), payload: payload.clone() });
            frames.push(Frame { kind: Kind(kind | Kind::BROADCAST), payload });
        }
    }
    frames
}

/// Anything at all, to anybody.
fn any_frame() -> impl Strategy<Value = Frame> {
    let kinds = prop_oneof![
        4 => (0_u16..0x30).prop_map(Kind),
        1 => (0_u16..0x30).prop_map(|kind| Kind(kind | Kind::UNICAST)),
        1 => any::<u16>().prop_map(Kind),
    ];
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..80),
        prop::collection::vec(0_u8..4, 0..80),
    ];
    (kinds, bytes).prop_map(|(kind, bytes)| Frame { kind, payload: bytes.into() })
}

fn everybody(world: &mut World) -> Vec<(std::net::SocketAddrV4, Slot)> {
    let mut all = Vec::new();
    for address in [supernode_at(1), supernode_at(2), node_at(1), node_at(2)] {
        let slots: Vec<_> = world.peer(address).sessions().map(|(slot, _)| slot).collect();
        all.extend(slots.into_iter().map(|slot| (address, slot)));
    }
    all
}

proptest! {
    #![proptest_config(cases(64))]

    /// FTSAFE-16
    #[test]
    fn any_messages_at_all_are_survived(
        frames in prop::collection::vec((0_usize..100, any_frame()), 0..60),
    ) {
        let mut world = World::of(2, 5, 2);
        for (place, frame) in frames {
            let all = everybody(&mut world);
            if let Some((address, slot)) = all.get(place % all.len().max(1)) {
                world.with(*address, |peer, now| peer.receive(*slot, &frame, now));
            }
            world.run_s(1);
        }
        world.run_s(60);
    }
}

/// FTSAFE-08
#[test]
fn what_a_child_says_again_takes_the_place_of_what_it_said() {
    let (mut world, slot) = called();
    say(&mut world, slot, &info("6.1.1.1:1214"));
    let grown = allocation_counter::measure(|| {
        for number in 0..10_000_u16 {
            let address = format!("192.168.{}.{}:1214", number >> 8, number & 255);
            say_frame(&mut world, slot, &info(&address).to_frame());
        }
    });
    assert!(grown.bytes_current.abs() < 4_096, "{} bytes", grown.bytes_current);
}

/// FTPEER-19: results that nobody asked for lead nowhere, and are counted against whoever brought them.
#[test]
fn what_a_supernode_brings_unasked_counts_against_it() {
    let mut world = World::new();
    world.supernode(1, 9);
    let slot = beside(&mut world, 2);
    let unasked = Results { supernode: supernode_at(2), id: 7, results: Vec::new() };
    for message in [Message::Results(unasked), Message::SearchEnd { id: 7 }] {
        let unicast = Unicast::new(supernode_at(2), supernode_at(1), &message);
        assert_eq!(say(&mut world, slot, &Message::Unicast(unicast)), []);
    }
    let peer = world.peer(supernode_at(1));
    assert_eq!(peer.session(slot).map(|session| session.traffic.dropped), Some(2));
    assert_eq!(peer.as_neighbours().map(|it| it.tally().dropped(Dropped::Unasked)), Some(2));
}
