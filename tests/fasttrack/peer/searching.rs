//! Searches, from a node to whoever has the file.

use filbert::base::limits::FASTTRACK_SEARCH_MS;
use filbert::fasttrack::peer::{Numbers, Output, Sought};
use filbert::fasttrack::wire::{Names, Realm};

use super::world::{World, hash_of, node_at, shown, supernode_at};

/// FTSUPER-12, FTNODE-06
#[test]
fn a_node_finds_what_others_of_its_supernode_share() {
    let mut world = World::of(1, 5, 3);
    world.offer(node_at(1), &["hazel song.mp3", "walnut song.mp3"]);
    world.offer(supernode_at(1), &["oak song.mp3"]);
    world.run_s(5);
    let found = world.search(node_at(2), "song");
    let by = supernode_at(1);
    let expected = [format!("hazel song.mp3 by {by}"), format!("oak song.mp3 by {by}")];
    assert_eq!(shown(&found)[..2], expected);
    assert_eq!(found.len(), 3);
    let hazel = found.iter().find(|(_, one)| one.hash == hash_of("hazel song.mp3")).unwrap();
    assert_eq!(hazel.1.address, node_at(1));
    assert_eq!(hazel.1.names, Names::full("user1", "KaZaA"));
    // What is offered no longer is found no longer (FTNODE-07).
    world.offer(node_at(1), &["walnut song.mp3"]);
    world.run_s(5);
    assert_eq!(world.search(node_at(3), "hazel").len(), 0);
}

/// FTPEER-16, FTPEER-18, FTPEER-19, FTSUPER-15
#[test]
fn what_the_children_of_other_supernodes_share_is_found_and_says_whose_it_is() {
    let mut world = World::of(4, 2, 8);
    for number in 1..=8 {
        world.offer(node_at(number), &["common song.mp3"]);
    }
    world.run_s(90);
    let found = world.search(node_at(1), "common song");
    assert_eq!(found.len(), 7, "{:?}", shown(&found));
    for (supernode, one) in &found {
        assert_eq!(world.parent(one.address), Some(*supernode));
    }
    // A supernode searches for itself in the same way.
    let found = world.search(supernode_at(3), "common song");
    assert_eq!(found.len(), 8);
}

/// FTNODE-10, FTSEARCH-08
#[test]
fn a_content_is_found_by_its_hash() {
    let mut world = World::of(2, 2, 4);
    world.offer(node_at(2), &["hazel.mp3"]);
    world.run_s(90);
    let sought = Sought::hash(&hash_of("hazel.mp3"));
    let search = world.with(node_at(1), |peer, now| peer.search(sought, now));
    let found = world.results(node_at(1), search, 120);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1.address, node_at(2));
}

/// FTSUPER-14, FTSEARCH-15
#[test]
fn what_nobody_has_is_not_found_and_the_search_ends() {
    let mut world = World::of(3, 2, 3);
    assert_eq!(world.search(node_at(1), "nothing of that name").len(), 0);
    assert_eq!(world.search(supernode_at(1), "nothing of that name").len(), 0);
}

#[test]
fn a_search_that_nobody_wants_any_more_tells_nothing_but_its_end() {
    for by in [node_at(1), supernode_at(1)] {
        let mut world = World::of(2, 2, 4);
        world.offer(node_at(2), &["hazel.mp3"]);
        world.run_s(90);
        world.told.clear();
        let sought = Sought::words("hazel", Realm::EVERYTHING);
        let search = world.with(by, |peer, now| {
            let search = peer.search(sought, now);
            peer.end_search(search, now);
            search
        });
        world.run_s(FASTTRACK_SEARCH_MS / 1_000 + 30);
        let told = world.told_to(by);
        let of_it: Vec<_> = told
            .iter()
            .filter(|output| {
                matches!(output, Output::Hits { search: of, .. } | Output::SearchEnded { search: of, .. } if *of == search)
            })
            .collect();
        assert!(matches!(of_it.last(), Some(Output::SearchEnded { .. })), "{by}: {of_it:?}");
        let ends = of_it.iter().filter(|it| matches!(it, Output::SearchEnded { .. }));
        assert_eq!(ends.count(), 1, "{by}");
    }
}

/// FTSUPER-21
#[test]
fn a_supernode_counts_the_network_by_its_table() {
    let mut world = World::of(3, 4, 6);
    world.offer(node_at(1), &["hazel.mp3", "walnut.mp3"]);
    world.offer(supernode_at(1), &["oak.mp3"]);
    world.run_s(300);
    let Numbers { users, files, .. } = world.peer(supernode_at(2)).numbers();
    assert_eq!((users, files), (9, 3));
    // It is too small to be told of, and so a child knows nothing (FTSUPER-04).
    assert_eq!(world.peer(node_at(1)).numbers(), Numbers::default());
}
