//! Ordinary nodes and supernodes find each other.

use filbert::base::limits::FASTTRACK_NODES_MAX;
use filbert::fasttrack::peer::{Answer, Kin, Output, Room};
use filbert::fasttrack::wire::{Kind, Message, Side};

use super::world::{World, node_at, supernode_at};

/// FTNODE-01, FTSUPER-02
#[test]
fn a_node_becomes_the_child_of_a_supernode_that_has_answered() {
    let mut world = World::of(1, 5, 1);
    assert_eq!(world.kin(node_at(1)), [(Kin::Parent, supernode_at(1))]);
    assert_eq!(world.kin(supernode_at(1)), [(Kin::Child, node_at(1))]);
    let told = world.told_to(node_at(1));
    let from = supernode_at(1);
    let answer = Output::Answered { from, answer: Answer::HasRoom { users: 1, load: 0 } };
    assert!(told.contains(&answer), "{told:?}");
    let seen = Output::Seen { by: *from.ip(), ip: *node_at(1).ip() };
    assert!(told.contains(&seen), "{told:?}");
    let learnt = |output: &Output| matches!(output, Output::Learnt { from: by, .. } if *by == from);
    assert!(told.iter().any(learnt), "{told:?}");
    assert_eq!(world.peer(node_at(1)).neighbours(), (0, 1));
    assert_eq!(world.peer(supernode_at(1)).neighbours(), (1, 0));
    assert_eq!(world.peer(node_at(1)).seen_as(), Some(*node_at(1).ip()));
}

/// FTSUPER-07, FTNODE-15
#[test]
fn each_supernode_takes_as_many_as_it_has_room_for() {
    let mut world = World::of(3, 3, 9);
    let mut parents: Vec<_> =
        (1..=9).map(|number| world.parent(node_at(number)).unwrap()).collect();
    parents.sort();
    let expected: Vec<_> = [1, 1, 1, 2, 2, 2, 3, 3, 3].map(supernode_at).into();
    assert_eq!(parents, expected);
    // One more finds no room, and goes on looking.
    let lost = world.node(10);
    world.run_s(60);
    assert_eq!(world.parent(lost), None);
    world.peer(supernode_at(2)).set_room(Room { children: 4, neighbours: 50 });
    world.run_s(90);
    assert_eq!(world.parent(lost), Some(supernode_at(2)));
}

/// FTNODE-15: every node has a supernode again within half a minute.
#[test]
fn whoever_loses_its_supernode_has_another_one_soon() {
    let mut world = World::of(4, 20, 16);
    let lost = world.parent(node_at(1)).unwrap();
    let orphans: Vec<_> =
        (1..=16).map(node_at).filter(|node| world.parent(*node) == Some(lost)).collect();
    world.kill(lost);
    world.run_s(30);
    for node in orphans {
        let parent = world.parent(node).unwrap_or_else(|| panic!("{node} has no supernode"));
        assert_ne!(parent, lost);
        let told = world.told_to(node);
        assert!(told.contains(&Output::Orphaned));
    }
}

/// FTPEER-02, FTPEER-12, FTSUPER-05
#[test]
fn a_child_is_told_of_the_supernodes_beside_its_own_first() {
    let mut world = World::of(3, 5, 0);
    let hub = supernode_at(1);
    assert_eq!(
        world.kin(hub),
        [(Kin::Neighbour, supernode_at(2)), (Kin::Neighbour, supernode_at(3))]
    );
    world.known =
        (1..=250).map(|number| super::world::at(&format!("8.{number}.1.1:1214"))).collect();
    let slot = world.knock(hub, node_at(7));
    let now = world.now;
    let hello = filbert::fasttrack::wire::NodeInfo {
        address: node_at(7),
        bandwidth: filbert::fasttrack::wire::Bandwidth(0x60),
        user: "x".into(),
    };
    let frame = Message::NodeInfo(hello).to_frame();
    world.with(hub, |peer, now| peer.receive(slot, &frame, now));
    let list = world.peer(hub).transmit(slot, now).unwrap();
    assert_eq!(list.kind, Kind::NODE_LIST);
    let Ok(Message::NodeList(list)) = Message::parse(&list, Side::Down) else { panic!("no list") };
    let nodes: Vec<_> = list.nodes().collect();
    assert_eq!(nodes.len(), FASTTRACK_NODES_MAX);
    let first: Vec<_> = nodes.iter().take(4).map(|node| (node.address, node.minutes)).collect();
    assert_eq!(first[..3], [(hub, 0), (supernode_at(2), 0), (supernode_at(3), 0)]);
    assert_eq!(first[3].1, 1);
}

/// FTPEER-03
#[test]
fn a_supernode_without_room_for_another_declines_it_with_a_list() {
    let mut world = World::of(2, 5, 0);
    world.peer(supernode_at(1)).set_room(Room { children: 5, neighbours: 1 });
    world.supernode(3, 5);
    world.told.clear();
    world.open(supernode_at(3), supernode_at(1));
    world.run_s(5);
    assert_eq!(world.kin(supernode_at(1)), [(Kin::Neighbour, supernode_at(2))]);
    assert_eq!(world.kin(supernode_at(3)), []);
    let told = world.told_to(supernode_at(3));
    let learnt = told.iter().find_map(|output| match output {
        Output::Learnt { from, nodes } => {
            Some((*from, nodes.iter().map(|node| node.address).collect::<Vec<_>>()))
        }
        _ => None,
    });
    // Itself it does not name, and whoever asks comes from elsewhere.
    let named = vec![supernode_at(2), supernode_at(3)];
    assert_eq!(learnt, Some((supernode_at(1), named)));
}
