//! Roles change, and addresses.

use filbert::fasttrack::peer::{Kin, Output, Room, Sought};
use filbert::fasttrack::supernode::Supernode;
use filbert::fasttrack::wire::Realm;
use filbert::promotion::Role;

use super::world::{World, at, node_at, shown, supernode_at};

/// FTNODE-15, FTSUPER-07
#[test]
fn children_of_a_supernode_that_is_one_no_more_find_another_and_so_does_it() {
    let mut world = World::of(2, 20, 6);
    let gone = supernode_at(1);
    world.known.retain(|known| *known != gone);
    world.with(gone, |peer, now| peer.become_role(Role::Leaf, now));
    world.run_s(30);
    assert_eq!(world.parent(gone), Some(supernode_at(2)));
    for number in 1..=6 {
        assert_eq!(world.parent(node_at(number)), Some(supernode_at(2)), "{number}");
    }
    assert_eq!(world.peer(gone).neighbours(), (0, 1));
    assert_eq!(world.peer(supernode_at(2)).neighbours(), (7, 0));
    assert!(world.peer(gone).as_supernode().is_none());
}

/// FTPEER-01
#[test]
fn a_node_that_is_promoted_leaves_its_supernode_and_takes_children() {
    let mut world = World::of(1, 1, 1);
    let promoted = node_at(1);
    world.offer(promoted, &["oak.mp3"]);
    world.told.clear();
    world.with(promoted, |peer, now| peer.become_role(Role::Supernode, now));
    world.peer(promoted).set_room(Room { children: 5, neighbours: 5 });
    world.run_s(5);
    assert_eq!(world.kin(promoted), []);
    assert_eq!(world.kin(supernode_at(1)), []);
    let told = world.told_to(promoted);
    assert!(told.contains(&Output::Orphaned), "{told:?}");
    world.open(promoted, supernode_at(1));
    world.known = vec![promoted];
    world.node(2);
    world.run_s(90);
    assert_eq!(world.kin(promoted), [(Kin::Child, node_at(2)), (Kin::Neighbour, supernode_at(1))]);
    assert_eq!(shown(&world.search(node_at(2), "oak")), [format!("oak.mp3 by {promoted}")]);
}

/// FTNODE-15
#[test]
fn searches_of_a_supernode_go_on_when_it_is_one_no_more() {
    let mut world = World::of(3, 9, 6);
    let by = supernode_at(1);
    let holder = (1..=6).map(node_at).find(|node| world.parent(*node) != Some(by)).unwrap();
    world.offer(holder, &["oak.mp3"]);
    world.run_s(5);
    world.told.clear();
    world.known.retain(|known| *known != by);
    let sought = Sought::words("oak", Realm::EVERYTHING);
    let search = world.with(by, |peer, now| peer.search(sought, now));
    world.with(by, |peer, now| peer.become_role(Role::Leaf, now));
    let found = world.results(by, search, 200);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1.address, holder);
}

/// FTNODE-15
#[test]
fn searches_of_a_node_go_on_when_it_is_promoted() {
    let mut world = World::of(2, 9, 1);
    let by = node_at(1);
    world.told.clear();
    let sought = Sought::words("oak", Realm::EVERYTHING);
    let search = world.with(by, |peer, now| {
        let search = peer.search(sought, now);
        peer.become_role(Role::Supernode, now);
        search
    });
    // It knows nobody: there is nobody to ask.
    assert_eq!(world.results(by, search, 70), []);
}

/// FTPEER-12
#[test]
fn a_supernode_with_another_address_is_another_one_for_its_neighbours() {
    let mut world = World::of(2, 5, 2);
    let (moved, other) = (supernode_at(2), supernode_at(1));
    let children = world.peer(moved).neighbours().0;
    world.with(moved, |peer, _| peer.listens_at(moved));
    world.run_s(1);
    assert_eq!(world.peer(moved).neighbours(), (children, 1), "nothing is new");
    world.with(moved, |peer, _| peer.listens_at(at("5.77.1.1:1214")));
    world.run_s(1);
    assert_eq!(world.peer(moved).neighbours(), (children, 0));
    assert_eq!(world.peer(other).neighbours().1, 0);
    // Whoever does not know where it can be called is no supernode yet.
    let mut nowhere = super::world::settings(at("5.88.1.1:1214"));
    nowhere.listen = None;
    let here = at("5.88.1.1:1214");
    world.add(nowhere, Role::Supernode, here);
    world.with(here, |peer, _| peer.set_room(Room { children: 5, neighbours: 5 }));
    assert!(world.peer(here).as_supernode().is_none());
    let ended = world.search(here, "oak");
    assert_eq!(ended.len(), 0);
    world.with(here, |peer, _| peer.listens_at(here));
    assert!(world.peer(here).as_supernode().is_some_and(Supernode::has_room));
}
