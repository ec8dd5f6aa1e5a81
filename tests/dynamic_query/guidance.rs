//! How a leaf guides its query: what it is asked, what it tells, what it leaves unsaid.

use allocation_counter::measure;
use filbert::base::limits::{
    LEAF_RESULTS_WANTED, LEAF_ULTRAPEERS, OWN_RESULTS_WANTED, SEARCH_ROUTED_FACTOR_MAX,
    STATUS_AFTER_RESULTS, STATUS_WAIT_MS,
};
use filbert::base::slots::Slot;
use filbert::gnutella::dynamic_query::{Guidance, Step, Why};
use filbert::gnutella::wire::vendor::QueryStatus;

use crate::desk::{Desk, end, guid, of_leaf, own};

const STOP: u16 = QueryStatus::STOP.results;

/// A desk on which the query 1 of a leaf has sent its three probes.
fn probed(guidance: Guidance) -> (Desk, Slot) {
    let mut desk = Desk::with_neighbours(20);
    let leaf = desk.add_leaf();
    let mut search = of_leaf(1, leaf);
    search.guidance = guidance;
    desk.start(search);
    assert_eq!(desk.sent().len(), 3);
    (desk, leaf)
}

/// The same, where the leaf tells what it kept and wants so much that nothing ends it.
fn guided() -> (Desk, Slot) {
    let mut desk = Desk::with_neighbours(20);
    let leaf = desk.add_leaf();
    let mut search = of_leaf(1, leaf);
    (search.guidance, search.wanted) = (Guidance::Total, 1_000);
    desk.start(search);
    assert_eq!(desk.sent().len(), 3);
    (desk, leaf)
}

fn asks(steps: &[Step], leaf: Slot) -> bool {
    steps == [Step::AskStatus { guid: guid(1), leaf }]
}

/// DQ-12
#[test]
fn a_leaf_is_asked_after_three_messages_and_twenty_results() {
    for (results, is_asked) in [(STATUS_AFTER_RESULTS - 1, false), (STATUS_AFTER_RESULTS, true)] {
        let (mut desk, leaf) = probed(Guidance::Total);
        desk.hit(1, results);
        assert_eq!(asks(&desk.step(), leaf), is_asked, "{results} results");
    }
    // Only two neighbours, so that two messages are sent.
    let mut desk = Desk::with_neighbours(2);
    let leaf = desk.add_leaf();
    let mut search = of_leaf(1, leaf);
    search.guidance = Guidance::Total;
    desk.start(search);
    assert_eq!(desk.sent().len(), 2);
    desk.hit(1, STATUS_AFTER_RESULTS);
    assert_eq!(desk.sent().len(), 1, "the third message comes first");
    assert!(asks(&desk.step(), leaf));
}

/// DQ-12
#[test]
fn who_tells_nothing_is_not_asked_and_neither_are_we() {
    let (mut desk, leaf) = probed(Guidance::None);
    desk.hit(1, STATUS_AFTER_RESULTS);
    assert_eq!(desk.sent().len(), 1);
    assert!(!desk.run().0.is_empty(), "and it went on");
    desk.close(leaf);
    let mut search = own(2);
    search.guidance = Guidance::Total;
    desk.start(search);
    desk.step();
    desk.hit(2, STATUS_AFTER_RESULTS);
    assert_eq!(desk.sent().len(), 1);
}

/// DQ-12: it is asked once, and again after three more messages and twenty more results.
#[test]
fn a_query_rests_until_the_answer_and_goes_on_with_it_at_once() {
    let (mut desk, leaf) = probed(Guidance::Total);
    desk.hit(1, STATUS_AFTER_RESULTS);
    assert!(asks(&desk.step(), leaf));
    desk.now = desk.now.after_ms(700);
    assert_eq!(desk.timeout(), [], "it rests");
    desk.queries.status(leaf, guid(1), 3, desk.now);
    assert_eq!(desk.queries.next_timeout(), Some(desk.now));
    assert_eq!(desk.sent().len(), 1);
    desk.hit(1, STATUS_AFTER_RESULTS);
    assert_eq!((desk.sent().len(), desk.sent().len()), (1, 1));
    assert!(asks(&desk.step(), leaf));
}

/// DQ-13
#[test]
fn what_was_kept_replaces_what_was_counted_and_new_results_are_added() {
    for (guidance, share) in [(Guidance::Total, LEAF_ULTRAPEERS), (Guidance::Share, 1)] {
        let (mut desk, leaf) = probed(guidance);
        desk.hit(1, 40);
        assert!(asks(&desk.step(), leaf));
        desk.queries.status(leaf, guid(1), 12, desk.now);
        let results = |desk: &Desk| desk.queries.progress(guid(1)).unwrap().results;
        assert_eq!(results(&desk), 12 / share);
        desk.hit(1, 5);
        assert_eq!(results(&desk), 12 / share + 5);
        desk.queries.status(leaf, guid(1), 18, desk.now);
        assert_eq!(results(&desk), 18 / share, "told without a question");
    }
}

/// DQ-13
#[test]
fn a_leaf_that_has_enough_from_all_its_ultrapeers_ends_the_query() {
    let enough = u16::try_from(LEAF_RESULTS_WANTED * LEAF_ULTRAPEERS).unwrap();
    let (mut desk, leaf) = probed(Guidance::Total);
    desk.queries.status(leaf, guid(1), enough - 1, desk.now);
    assert_eq!(desk.sent().len(), 1, "it lacks one");
    desk.queries.status(leaf, guid(1), enough, desk.now);
    assert_eq!(end(&desk.step()), Why::Enough);
    let (mut desk, leaf) = probed(Guidance::Share);
    desk.queries.status(leaf, guid(1), u16::try_from(LEAF_RESULTS_WANTED).unwrap(), desk.now);
    assert_eq!(end(&desk.step()), Why::Enough);
}

/// DQ-14
#[test]
fn a_leaf_that_keeps_nothing_gets_five_times_what_was_wanted() {
    let (mut desk, leaf) = probed(Guidance::Total);
    let most = LEAF_RESULTS_WANTED * SEARCH_ROUTED_FACTOR_MAX;
    // As many as bring all that, half of what is wanted each.
    for _ in 3..2 * SEARCH_ROUTED_FACTOR_MAX {
        assert_eq!(desk.sent().len(), 1);
    }
    for results in [49; 5] {
        desk.hit(1, results);
        desk.queries.status(leaf, guid(1), 0, desk.now);
    }
    desk.hit(1, most - 1 - 5 * 49);
    assert_eq!(desk.sent().len(), 1);
    desk.hit(1, 1);
    assert_eq!(end(&desk.step()), Why::Enough);
}

/// Lets three messages and twenty results go by, after which the leaf is asked about query 1.
#[track_caller]
fn be_asked(desk: &mut Desk, leaf: Slot) {
    desk.hit(1, STATUS_AFTER_RESULTS);
    for _ in 0..3 {
        assert_eq!(desk.sent().len(), 1, "three messages come first");
    }
    assert!(asks(&desk.step(), leaf));
}

/// DQ-12
#[test]
fn an_answer_is_waited_for_forty_seconds_and_but_twice() {
    let (mut desk, leaf) = guided();
    desk.hit(1, STATUS_AFTER_RESULTS);
    assert!(asks(&desk.step(), leaf));
    let until = desk.now.after_ms(STATUS_WAIT_MS);
    assert_eq!(desk.queries.next_timeout(), Some(until));
    be_asked(&mut desk, leaf);
    assert_eq!(desk.queries.next_timeout(), Some(desk.now.after_ms(STATUS_WAIT_MS)));
    // Now it is given up, even if it tells something late.
    desk.hit(1, STATUS_AFTER_RESULTS);
    desk.sent();
    desk.queries.status(leaf, guid(1), 3, desk.now);
    desk.hit(1, STATUS_AFTER_RESULTS);
    for _ in 0..4 {
        assert_eq!(desk.sent().len(), 1, "it is not asked a third time");
    }
}

/// DQ-12
#[test]
fn the_next_query_does_not_wait_for_who_did_not_answer_until_it_tells_something() {
    for tells in [false, true] {
        let (mut desk, leaf) = guided();
        desk.hit(1, STATUS_AFTER_RESULTS);
        assert!(asks(&desk.step(), leaf));
        be_asked(&mut desk, leaf);
        desk.sent();
        if tells {
            desk.queries.status(leaf, guid(1), 3, desk.now);
        }
        // It goes on and does not spoil what was told.
        desk.sent();
        desk.stop(1);
        let mut search = of_leaf(1, leaf);
        (search.guidance, search.wanted) = (Guidance::Total, 1_000);
        desk.start(search);
        desk.step();
        desk.hit(1, STATUS_AFTER_RESULTS);
        assert_eq!(asks(&desk.step(), leaf), tells);
        if !tells {
            // Told now, it is asked about this one too.
            desk.queries.status(leaf, guid(1), 3, desk.now);
            be_asked(&mut desk, leaf);
        }
    }
}

/// DQ-12, DQ-17: nothing is remembered of a leaf that is gone, whether it answered or not.
#[test]
fn a_leaf_that_comes_back_starts_with_a_clean_slate() {
    let (mut desk, leaf) = guided();
    desk.hit(1, STATUS_AFTER_RESULTS);
    assert!(asks(&desk.step(), leaf));
    be_asked(&mut desk, leaf);
    desk.sent();
    let gone = measure(|| assert_eq!(end(&desk.close(leaf)), Why::LeafGone));
    assert!(gone.bytes_current < 0);
    let again = desk.add_leaf();
    let mut search = of_leaf(1, again);
    search.guidance = Guidance::Total;
    desk.start(search);
    desk.step();
    desk.hit(1, STATUS_AFTER_RESULTS);
    assert!(asks(&desk.step(), again));
}

/// The same, when its last query was over before.
#[test]
fn a_silent_leaf_that_goes_leaves_nothing_behind() {
    let mut desk = Desk::with_neighbours(20);
    let leaf = desk.add_leaf();
    let mut search = of_leaf(1, leaf);
    (search.guidance, search.wanted) = (Guidance::Total, 1_000);
    let left = measure(|| {
        desk.start(search.clone());
        desk.sent();
        desk.hit(1, STATUS_AFTER_RESULTS);
        assert!(asks(&desk.step(), leaf));
        be_asked(&mut desk, leaf);
        desk.sent();
        desk.stop(1);
        desk.close(leaf);
    });
    assert!(desk.queries.is_empty());
    assert_eq!(left.bytes_current, 0);
}

/// DQ-15
#[test]
fn a_leaf_stops_its_query_asked_or_not_and_nobody_elses() {
    let (mut desk, leaf) = probed(Guidance::None);
    let (other, ultrapeer) = (desk.add_leaf(), desk.neighbours[0].slot);
    for stranger in [other, ultrapeer] {
        desk.queries.status(stranger, guid(1), STOP, desk.now);
        desk.queries.status(stranger, guid(1), 1_000, desk.now);
    }
    assert_eq!(desk.sent().len(), 1, "it goes on");
    desk.queries.status(leaf, guid(1), STOP, desk.now);
    assert_eq!(desk.queries.next_timeout(), Some(desk.now));
    assert_eq!(end(&desk.step()), Why::Stopped);
    // Our own query is stopped by nobody.
    desk.start(own(2));
    desk.step();
    desk.queries.status(leaf, guid(2), STOP, desk.now);
    assert_eq!(desk.sent().len(), 1);
}

/// DQ-16
#[test]
fn where_nobody_tells_what_was_found_the_probes_are_all() {
    let mut desk = Desk::with_neighbours(20);
    let leaf = desk.add_leaf();
    let mut search = of_leaf(1, leaf);
    search.hits_pass_here = false;
    desk.start(search.clone());
    let (sent, whys) = desk.run();
    assert_eq!((sent.len(), &whys[..]), (3, &[Why::Unguided][..]));
    // With a leaf that tells, it is asked after every third message, without a result to be seen.
    search.guidance = Guidance::Total;
    desk.start(search);
    desk.step();
    assert!(asks(&desk.step(), leaf));
    desk.queries.status(leaf, guid(1), 6, desk.now);
    assert_eq!((desk.sent().len(), desk.sent().len(), desk.sent().len()), (1, 1, 1));
    assert!(asks(&desk.step(), leaf));
}

/// DQ-17
#[test]
fn the_queries_of_a_leaf_end_with_it_and_those_of_others_go_on() {
    let mut desk = Desk::with_neighbours(20);
    let (leaf, other) = (desk.add_leaf(), desk.add_leaf());
    for (number, origin) in [(1, leaf), (2, other), (3, leaf)] {
        desk.start(of_leaf(number, origin));
    }
    desk.start(own(4));
    desk.step();
    let ended: Vec<_> = desk
        .close(leaf)
        .into_iter()
        .map(|step| match step {
            Step::Finished { guid, why, .. } => (guid, why),
            step => panic!("{step:?}"),
        })
        .collect();
    assert_eq!(ended, [(guid(1), Why::LeafGone), (guid(3), Why::LeafGone)]);
    assert_eq!(desk.queries.len(), 2);
    assert!(desk.queries.progress(guid(2)).is_some() && desk.queries.progress(guid(4)).is_some());
}

#[test]
fn what_this_node_keeps_counts_for_its_own_query() {
    let mut desk = Desk::with_neighbours(20);
    desk.start(own(1));
    desk.step();
    desk.hit(1, OWN_RESULTS_WANTED - 1);
    desk.queries.kept(guid(1), 10, desk.now);
    assert_eq!(desk.queries.progress(guid(1)).unwrap().missing, OWN_RESULTS_WANTED - 10);
    let leaf = desk.add_leaf();
    desk.start(of_leaf(2, leaf));
    desk.queries.kept(guid(2), 10, desk.now);
    assert_eq!(desk.queries.progress(guid(2)).unwrap().results, 0, "only for its own");
}
