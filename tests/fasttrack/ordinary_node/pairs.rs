//! Our ordinary nodes with our supernodes: greeting, shares, searches, pushes, and death.

use std::net::SocketAddrV4;

use filbert::base::limits::SHARED_WITH_SUPERNODE_MAX;
use filbert::fasttrack::ordinary_node::{Callback, Output, PushTarget, Reach};
use filbert::fasttrack::sought::Sought;
use filbert::fasttrack::wire::{Found, Media, Realm, Share, Tag, TagWriter};

use super::town::{Town, at};

const ABOVE: &str = "5.1.0.1:1214";
const OTHER: &str = "5.2.0.1:1214";

fn file(number: u8, name: &str) -> Share {
    let tags = TagWriter::new().text(Tag::FILE_NAME, name).finish();
    Share { media: Media::AUDIO, hash: [number; 20], file_id: number.into(), size: 1_000, tags }
}

fn words(words: &str) -> Sought {
    Sought::words(words, Realm::EVERYTHING)
}

fn share(town: &mut Town, node: usize, files: &[Share]) {
    town.with(node, |node, now| node.share(files.to_vec(), now));
}

fn results(town: &Town, node: usize) -> Vec<Found> {
    let told = town.below[node].told.iter();
    let results = told.filter_map(|(_, output)| match output {
        Output::Hits { results, .. } => Some(results.clone()),
        _ => None,
    });
    results.flatten().collect()
}

/// FTNODE-05, FTNODE-06, FTNODE-09, FTNODE-10, FTSUPER-02, FTSUPER-08
#[test]
fn files_of_one_child_are_found_by_another() {
    let mut town = Town::new();
    town.supernode(ABOVE, 10);
    let [ann, bob] = [1, 2].map(|number| town.public_node(number));
    let many: Vec<_> = (1..=90).map(|number| file(number, &format!("tune {number}.mp3"))).collect();
    share(&mut town, ann, &many);
    town.run_ms(2_000);
    assert_eq!([ann, bob].map(|node| town.parent(node)), [Some(at(ABOVE)); 2]);
    assert_eq!(town.above[&at(ABOVE)].rules.files_len(), SHARED_WITH_SUPERNODE_MAX);
    town.search(bob, 1, words("tune 7"));
    town.search(bob, 2, Sought::hash(&[9; 20]));
    town.search(bob, 3, words("nothing"));
    town.search(ann, 4, words("tune"));
    town.run_ms(1_000);
    assert_eq!(town.found(bob, 1), (vec![(at(ABOVE), "tune 7.mp3".to_owned())], true));
    assert_eq!(town.found(bob, 2), (vec![(at(ABOVE), "tune 9.mp3".to_owned())], true));
    assert_eq!(town.found(bob, 3), (vec![], true));
    assert_eq!(town.found(ann, 4), (vec![], true), "one's own files are none");
    let found = &results(&town, bob)[0];
    assert_eq!((found.address, found.size), (at("6.1.1.1:1214"), 1_000));
    assert_eq!(town.below[bob].rules.reach(found), Reach::Call);
}

/// FTNODE-07, FTSUPER-10
#[test]
fn what_is_taken_back_is_not_found() {
    let mut town = Town::new();
    town.supernode(ABOVE, 10);
    let [ann, bob] = [1, 2].map(|number| town.public_node(number));
    share(&mut town, ann, &[file(1, "winter tune.mp3"), file(2, "summer tune.mp3")]);
    town.run_ms(2_000);
    share(&mut town, ann, &[file(2, "autumn tune.mp3"), file(3, "spring tune.mp3")]);
    town.run_ms(1_000);
    town.search(bob, 1, words("tune"));
    town.run_ms(1_000);
    let (mut found, _) = town.found(bob, 1);
    found.sort();
    let names: Vec<_> = found.into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["autumn tune.mp3", "spring tune.mp3"]);
}

/// FTNODE-11, FTNODE-12, FTNODE-14, FTSUPER-17: also where the two have different supernodes.
#[test]
fn who_cannot_be_called_calls() {
    for supernodes in [&[ABOVE][..], &[ABOVE, OTHER]] {
        let mut town = Town::new();
        let room = if supernodes.len() == 1 { 2 } else { 1 };
        supernodes.iter().for_each(|address| town.supernode(address, room));
        // One behind a router that forwards nothing, and another one of the same name.
        let ann = town.node("ann", "192.168.0.5:0", "6.1.1.1:40000");
        town.run_ms(2_000);
        let bob = town.public_node(2);
        share(&mut town, ann, &[file(1, "winter tune.mp3")]);
        town.run_ms(12_000);
        assert_eq!(town.parent(ann) == town.parent(bob), supernodes.len() == 1);
        town.search(bob, 1, words("tune"));
        town.run_ms(1_000);
        let found = results(&town, bob).remove(0);
        let (supernode, _) = town.found(bob, 1).0.remove(0);
        assert_eq!(Some(supernode), town.parent(ann));
        assert_eq!(town.below[bob].rules.reach(&found), Reach::Push);
        let target = PushTarget::of(&found, supernode).unwrap();
        let number = town.with(bob, |bob, now| bob.push(&target, now)).unwrap();
        town.run_ms(1_000);
        let asked = town.below[ann].told.iter().filter_map(|(_, output)| match output {
            Output::Pushed { to, number } => Some((*to, *number)),
            _ => None,
        });
        assert_eq!(asked.collect::<Vec<_>>(), [(at("6.2.1.1:1214"), number)]);
        let to = at("6.2.1.1:1214");
        town.with(ann, |ann, now| ann.callback_ended(to, Callback::Asked, now));
        assert_eq!(town.with(bob, |bob, now| bob.take_give(number, now)), Some(target));
    }
}

fn parents(town: &Town, nodes: &[usize]) -> Vec<SocketAddrV4> {
    nodes.iter().filter_map(|node| town.parent(*node)).collect()
}

/// FTNODE-15: with its files, and its searches.
#[test]
fn children_of_a_dead_supernode_have_another_one_soon() {
    let mut town = Town::new();
    let all: Vec<_> = (1..=20).map(|number| format!("5.{number}.0.1:1214")).collect();
    all.iter().for_each(|address| town.supernode(address, 30));
    let nodes: Vec<_> = (0..100).map(|number| town.public_node(number)).collect();
    for &node in &nodes {
        let number = u8::try_from(node).unwrap() + 1;
        share(&mut town, node, &[file(number, &format!("tune {number}.mp3"))]);
    }
    town.run_ms(30_000);
    assert_eq!(parents(&town, &nodes).len(), 100);
    // Half of them, one after another, and what is asked meanwhile.
    for dead in all.iter().take(10) {
        town.kill(at(dead));
        town.run_ms(100);
    }
    town.search(nodes[0], 1, words("tune"));
    town.run_ms(30_000);
    let parents = parents(&town, &nodes);
    assert_eq!(parents.len(), 100, "all of them have one");
    assert!(parents.iter().all(|parent| town.above[parent].is_up));
    let files: usize =
        town.above.values().filter(|above| above.is_up).map(|above| above.rules.files_len()).sum();
    assert_eq!(files, 100, "and so have their files");
    town.search(nodes[1], 2, words("tune"));
    town.run_ms(1_000);
    let (found, is_over) = town.found(nodes[1], 2);
    assert_eq!((found.len(), is_over), (99, true));
    assert!(town.found(nodes[0], 1).1);
}

/// FTNODE-15, FTSEARCH-15: a search whose end did not come is asked of the next supernode.
#[test]
fn a_search_outlives_its_supernode() {
    let mut town = Town::new();
    town.supernode(ABOVE, 10);
    let [ann, bob] = [1, 2].map(|number| town.public_node(number));
    share(&mut town, ann, &[file(1, "winter tune.mp3")]);
    town.run_ms(2_000);
    town.supernode(OTHER, 10);
    town.kill(at(ABOVE));
    town.search(bob, 1, words("tune"));
    town.run_ms(30_000);
    assert_eq!(parents(&town, &[ann, bob]), [at(OTHER); 2]);
    let (_, is_over) = town.found(bob, 1);
    assert!(is_over, "the one that is there has answered");
    town.search(bob, 2, words("tune"));
    town.run_ms(1_000);
    assert_eq!(town.found(bob, 2), (vec![(at(OTHER), "winter tune.mp3".to_owned())], true));
}

/// FTNODE-15, FTSUPER-07: where most are full.
#[test]
fn all_find_the_room_that_there_is() {
    let mut town = Town::new();
    for number in 1..=50 {
        town.supernode(&format!("5.{number}.0.1:1214"), 4);
    }
    let nodes: Vec<_> = (0..200).map(|number| town.public_node(number)).collect();
    town.run_ms(30_000);
    assert_eq!(parents(&town, &nodes).len(), 200);
    assert!(town.above.values().all(|above| above.rules.children_len() == 4));
}
