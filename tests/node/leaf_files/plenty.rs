//! Leaves that have told of much: what finding it costs, and how much of it is named.

use std::collections::BTreeSet;
use std::sync::Arc;

use allocation_counter::measure;
use filbert::base::limits::{ANSWERS_MAX, LEAF_FILES_MAX};
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::Function;
use filbert::node::{Input, RolePolicy};
use filbert::promotion::Thresholds;

use super::{file, files_of_leaves, named};
use crate::answers::worked_on_at_once;
use crate::support::messages::{guid, query};
use crate::support::net::Net;

/// How many queries for this text an ultrapeer works on that are sent at once by one neighbour. Its
/// leaves have told of a thousand files, of each word one half.
fn worked_on(words: &str) -> u64 {
    let mut net = Net::new();
    let asker = net.add(Role::Ultrapeer);
    let ultrapeer = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        (config.dials, config.work_per_second) = (false, 20_000);
    });
    net.connect(asker, ultrapeer);
    let told = |number: u16| {
        let mut sha1 = [7; 20];
        sha1[..2].copy_from_slice(&number.to_be_bytes());
        let kind = if number.is_multiple_of(2) { "mp3" } else { "ogg" };
        file(&format!("n{number} {kind}"), Some(sha1))
    };
    for first in (0..1_000).step_by(LEAF_FILES_MAX) {
        let leaf = net.add(Role::Leaf);
        net.connect(leaf, ultrapeer);
        net.run(1);
        let link = net.link_between(ultrapeer, leaf).unwrap();
        let files = (0..1_000).skip(first).take(LEAF_FILES_MAX).map(told).collect();
        net.hand_in(ultrapeer, Input::Announced { link, files });
    }
    net.run(10);
    worked_on_at_once(&mut net, asker, ultrapeer, words)
}

/// FLOW-07: what is dear to find among the files of leaves is charged to whoever asks for it.
#[test]
fn a_query_costs_its_sender_what_it_costs_to_look_through_the_files_of_leaves() {
    let (cheap, dear) = (worked_on("winter night"), worked_on("mp3 ogg"));
    assert!(cheap > 900, "{cheap}");
    assert!((10..cheap * 9 / 10).contains(&dear), "{cheap} and {dear}");
}

/// Forty leaves that each told of so many files with the same words, and somebody who asks.
fn crowd(files_each: u8) -> (Net, usize, usize) {
    let mut thresholds = Thresholds::filbert();
    thresholds.slots.leaves_least = 40;
    let mut net = Net::new();
    let asker = net.add(Role::Ultrapeer);
    let ultrapeer = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        (config.dials, config.thresholds) = (false, Arc::new(thresholds));
    });
    net.connect(asker, ultrapeer);
    for number in 0..40 {
        let leaf = net.add(Role::Leaf);
        net.connect(leaf, ultrapeer);
        net.run(1);
        let link = net.link_between(ultrapeer, leaf).unwrap();
        let digest = |nth| std::array::from_fn(|at| if at == 0 { number } else { nth });
        let files = (0..files_each).map(|nth| file("winter light", Some(digest(nth)))).collect();
        net.hand_in(ultrapeer, Input::Announced { link, files });
    }
    net.run(10);
    assert_eq!(files_of_leaves(&net, ultrapeer), 40 * usize::from(files_each));
    (net, asker, ultrapeer)
}

#[test]
fn of_all_leaves_together_so_many_files_are_named_and_of_each_its_share() {
    let (mut net, asker, ultrapeer) = crowd(3);
    net.forge(asker, ultrapeer, query(guid(1), 1, "winter"));
    net.run(10);
    let hits = net.places[asker].received.iter().map(|(_, frame)| frame);
    let hits = hits.filter(|frame| frame.function == Function::QUERY_HIT);
    let found: Vec<_> = hits.flat_map(named).collect();
    let holders: BTreeSet<_> = found.iter().map(|(_, holder)| *holder).collect();
    assert_eq!((found.len(), holders.len()), (ANSWERS_MAX, 40));
}

/// Who asks for what everybody has is told of few files, and makes no work of the others.
#[test]
fn what_is_found_and_not_named_allocates_nothing() {
    let allocations = |files_each| {
        let (mut net, asker, ultrapeer) = crowd(files_each);
        let link = net.link_between(ultrapeer, asker).unwrap();
        let (now, node) = (net.now, &mut net.places[ultrapeer].node);
        let frame = query(guid(1), 1, "winter");
        let measured = measure(|| node.handle(Input::Frame { link, frame }, now));
        assert!(node.transmit(link, now).is_some(), "there are hits");
        println!("{files_each} files each: {measured:?}");
        measured.count_total
    };
    let (few, many) = (allocations(3), allocations(200));
    // What grows is the list of what was found.
    assert!(
        many <= few + 20,
        "{few} allocations where 120 files are found, {many} where 8,000 are"
    );
}
