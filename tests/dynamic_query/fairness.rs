//! How many dynamic queries run at a time, whose gives way, and what they weigh.

use allocation_counter::measure;
use filbert::base::limits::{LEAF_SEARCHES_MAX, LEAVES_SEARCHES_MAX, OWN_SEARCHES_MAX};
use filbert::gnutella::dynamic_query::{DynamicQueries, Step, Why};
use filbert::gnutella::wire::Guid;

use crate::desk::{Desk, end, guid, of_leaf, own};

/// The one query that has given way.
fn displaced(steps: &[Step]) -> Guid {
    assert_eq!(end(steps), Why::Displaced);
    let [Step::Finished { guid, .. }] = steps else { panic!("{steps:?}") };
    *guid
}

/// DQ-18
#[test]
fn a_leaf_has_a_few_queries_and_a_further_one_ends_its_oldest() {
    let mut desk = Desk::with_neighbours(4);
    let (leaf, other) = (desk.add_leaf(), desk.add_leaf());
    let few = u32::try_from(LEAF_SEARCHES_MAX).unwrap();
    desk.start(of_leaf(100, other));
    desk.start(own(101));
    (0..few).for_each(|number| desk.start(of_leaf(number, leaf)));
    assert_eq!(desk.take(), []);
    for number in 0..20 {
        desk.start(of_leaf(few + number, leaf));
        assert_eq!(displaced(&desk.take()), guid(number));
    }
    assert_eq!(desk.queries.len(), LEAF_SEARCHES_MAX + 2, "and nobody else lost one");
}

/// DQ-18
#[test]
fn this_node_has_some_queries_and_a_further_one_ends_its_oldest() {
    let mut desk = Desk::with_neighbours(4);
    let leaf = desk.add_leaf();
    desk.start(of_leaf(1_000, leaf));
    let some = u32::try_from(OWN_SEARCHES_MAX).unwrap();
    (0..some).for_each(|number| desk.start(own(number)));
    assert_eq!(desk.take(), []);
    desk.start(own(some));
    assert_eq!(displaced(&desk.take()), guid(0));
    desk.stop(1);
    desk.start(own(some + 1));
    assert_eq!(desk.take(), [], "there is room again");
}

/// DQ-18
#[test]
fn when_all_places_are_taken_whoever_has_most_gives_way() {
    let mut desk = Desk::with_neighbours(4);
    let (all, few) = (u32::try_from(LEAVES_SEARCHES_MAX).unwrap(), LEAF_SEARCHES_MAX);
    let quiet = desk.add_leaf();
    desk.start(of_leaf(0, quiet));
    // The others take the other places, most of them with all that a leaf may have.
    let mut leaves = Vec::new();
    for number in 1..all {
        if (number - 1) % u32::try_from(few).unwrap() == 0 {
            leaves.push(desk.add_leaf());
        }
        desk.start(of_leaf(number, *leaves.last().unwrap()));
    }
    assert_eq!((desk.take(), desk.queries.len()), (vec![], LEAVES_SEARCHES_MAX));
    // Newcomers come in, and the oldest queries of those with most make room, one of each.
    for newcomer in 0..20 {
        let leaf = desk.add_leaf();
        desk.start(of_leaf(all + newcomer, leaf));
        let oldest = 1 + newcomer * u32::try_from(few).unwrap();
        assert_eq!(displaced(&desk.take()), guid(oldest));
    }
    assert_eq!(desk.queries.len(), LEAVES_SEARCHES_MAX);
    assert!(desk.queries.progress(guid(0)).is_some(), "who has one keeps it");
    // Our own queries have places of their own.
    desk.start(own(all + 100));
    assert_eq!((desk.take(), desk.queries.len()), (vec![], LEAVES_SEARCHES_MAX + 1));
}

/// DQ-18
#[test]
fn queries_that_are_over_make_room() {
    let mut desk = Desk::with_neighbours(4);
    let leaf = desk.add_leaf();
    let all = u32::try_from(LEAVES_SEARCHES_MAX).unwrap();
    for number in 0..2 * all {
        desk.start(of_leaf(number, leaf));
        assert_eq!(desk.take(), []);
        assert_eq!(end(&desk.stop(number)), Why::Stopped);
    }
    for number in 0..all {
        let leaf = desk.add_leaf();
        desk.start(of_leaf(number, leaf));
        assert_eq!(desk.take(), []);
        if number % 2 == 0 {
            assert_eq!(end(&desk.close(leaf)), Why::LeafGone);
        }
    }
    assert_eq!(desk.queries.len(), LEAVES_SEARCHES_MAX / 2);
}

/// DQ-18: however many queries one leaf starts, those of another come to their end.
#[test]
fn a_leaf_that_searches_without_end_costs_another_nothing() {
    let run = |flood: u32| {
        let mut desk = Desk::with_neighbours(8);
        let (loud, quiet) = (desk.add_leaf(), desk.add_leaf());
        desk.start(of_leaf(0, quiet));
        let (mut next, mut sent) = (1, Vec::new());
        while desk.queries.progress(guid(0)).is_some() {
            for _ in 0..flood {
                desk.start(of_leaf(next, loud));
                next += 1;
            }
            desk.now = desk.now.after_ms(100);
            for step in desk.timeout() {
                match step {
                    Step::Send { guid: named, to, ttl, .. } if named == guid(0) => {
                        sent.push((desk.now_ms(), to, ttl));
                    }
                    _ => {}
                }
            }
        }
        sent
    };
    let undisturbed = run(0);
    assert!(undisturbed.len() > 8);
    assert_eq!(run(50), undisturbed);
}

/// What a query weighs beside its payload: its state and twelve bytes for each neighbour that was
/// asked; and nothing once all are over.
#[test]
fn queries_weigh_little_and_give_all_of_it_back() {
    for (count, most) in [(1, 1_800), (5, 5 * 900), (100, 100 * 900)] {
        let mut desk = Desk::with_neighbours(32);
        let leaves: Vec<_> = (0..count).map(|_| desk.add_leaf()).collect();
        let mut queries = DynamicQueries::new();
        let kept = measure(|| {
            for (number, leaf) in (0..).zip(&leaves) {
                desk.start(of_leaf(number, *leaf));
            }
            for _ in 0..30 {
                desk.step();
            }
            queries = std::mem::take(&mut desk.queries);
        });
        assert_eq!(queries.len(), count);
        println!("{count} queries: {} bytes", kept.bytes_current);
        assert!(kept.bytes_current <= most, "{} bytes", kept.bytes_current);
        let back = measure(|| {
            let mut steps = Vec::new();
            for leaf in &leaves {
                queries.close(*leaf, &mut steps);
            }
        });
        assert!(queries.is_empty());
        assert_eq!(-back.bytes_current, kept.bytes_current);
    }
}
