//! Pushes, from whoever wants a file to whoever nobody can call.

use filbert::base::limits::GIVES_WAITED_FOR_MAX;
use filbert::fasttrack::peer::{Callback, NoPush, Output, PushTarget};
use filbert::fasttrack::wire::Names;
use filbert::promotion::Role;

use super::world::{World, at, node_at, settings, supernode_at};

/// A node that takes no connections.
fn hidden(world: &mut World) -> std::net::SocketAddrV4 {
    let seen_at = at("6.200.1.1:40000");
    let mut hidden = settings(seen_at);
    (hidden.listen, hidden.user) = (None, "hidden".into());
    world.add(hidden, Role::Leaf, seen_at);
    world.offer(seen_at, &["secret song.mp3"]);
    world.run_s(120);
    seen_at
}

/// FTNODE-11, FTNODE-12, FTNODE-14, FTSUPER-16, FTSUPER-17, FTPEER-21
#[test]
fn a_push_finds_its_way_to_who_cannot_be_called() {
    // On the same supernode, on another one, and from a supernode itself.
    for (supernodes, asker) in [
        (1, node_at(1)),
        (3, node_at(1)),
        (3, node_at(2)),
        (3, node_at(3)),
        (3, supernode_at(1)),
        (3, supernode_at(2)),
        (3, supernode_at(3)),
    ] {
        let mut world = World::of(supernodes, 9, 3);
        let target = hidden(&mut world);
        let found = world.search(asker, "secret");
        let [(supernode, one)] = &found[..] else { panic!("{asker}: {found:?}") };
        assert_eq!(one.address, at("6.200.1.1:0"));
        let Names::Full { user, .. } = &one.names else { panic!("{one:?}") };
        let wanted = PushTarget { address: one.address, supernode: *supernode, user: user.clone() };
        let number = world.with(asker, |peer, now| peer.push(&wanted, now)).unwrap();
        world.run_s(2);
        let told = world.told_to(target);
        assert!(told.contains(&Output::Pushed { to: asker, number }), "{asker}: {told:?}");
        world.with(target, |peer, now| peer.called_back(asker, Callback::Asked, now));
        let who = world.with(asker, |peer, now| peer.take_give(number, now));
        assert_eq!(who, Some(wanted));
        assert_eq!(world.with(asker, |peer, now| peer.take_give(number, now)), None);
    }
}

/// FTNODE-11
#[test]
fn who_cannot_be_called_asks_nobody_to_call() {
    let mut world = World::of(1, 9, 1);
    let hidden = hidden(&mut world);
    let target =
        PushTarget { address: node_at(1), supernode: supernode_at(1), user: "user1".into() };
    let outcome = world.with(hidden, |peer, now| peer.push(&target, now));
    assert_eq!(outcome, Err(NoPush::NotCallable));
    let nobody = PushTarget { supernode: supernode_at(9), ..target };
    let outcome = world.with(supernode_at(1), |peer, now| peer.push(&nobody, now));
    assert_eq!(outcome, Err(NoPush::NoSupernode));
    let gone = PushTarget { supernode: supernode_at(1), user: "gone".into(), ..nobody };
    let outcome = world.with(supernode_at(1), |peer, now| peer.push(&gone, now));
    assert_eq!(outcome, Err(NoPush::NoSupernode));
}

/// FTNODE-14: what has not gone is not waited for.
#[test]
fn a_push_without_a_way_takes_no_place_of_those_that_are_waited_for() {
    let mut world = World::of(1, 9, 1);
    let asker = supernode_at(1);
    let mut push = |address, supernode| {
        let target = PushTarget { address, supernode, user: "user1".into() };
        world.with(asker, |peer, now| peer.push(&target, now))
    };
    for number in 0..=u16::try_from(GIVES_WAITED_FOR_MAX).unwrap() {
        let [high, low] = number.to_be_bytes();
        let address = std::net::SocketAddrV4::new([10, 0, high, low].into(), 1_214);
        assert_eq!(push(address, supernode_at(9)), Err(NoPush::NoSupernode), "{number}");
    }
    assert!(push(node_at(1), asker).is_ok());
}
