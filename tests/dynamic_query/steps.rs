//! The steps of one dynamic query: whom it asks, and how far.

use std::collections::{BTreeMap, BTreeSet};

use filbert::base::limits::{HOP_WAIT_MS, OWN_RESULTS_WANTED, PROBES_MAX};
use filbert::gnutella::dynamic_query::{Origin, Step, Why, reach};

use crate::desk::{Desk, PAYLOAD, guid, of_leaf, own};

/// DQ-01, DQ-07
#[test]
fn three_neighbours_with_the_words_are_probed_and_then_one_more_is_asked_at_a_time() {
    let mut desk = Desk::with_neighbours(10);
    for neighbour in &mut desk.neighbours[4..] {
        neighbour.table = Some(true);
    }
    desk.start(own(1));
    let probes = desk.step();
    assert_eq!((probes.len(), desk.now_ms()), (PROBES_MAX, 0));
    let mut asked = BTreeSet::new();
    for step in probes {
        let Step::Send { guid: named, payload, to, ttl, hops } = step else { panic!("{step:?}") };
        assert_eq!((named, payload, ttl, hops), (guid(1), PAYLOAD, 1, 0));
        assert_eq!(desk.neighbour(to).table, Some(true));
        assert!(asked.insert(to));
    }
    desk.hit(1, 2);
    // The probes are given one link more than they cross; then TTL 2 and 3 follow.
    for at_ms in [2 * HOP_WAIT_MS, 4 * HOP_WAIT_MS, 7 * HOP_WAIT_MS] {
        let sent = desk.sent();
        assert_eq!((sent.len(), sent[0].at_ms), (1, at_ms));
        assert!(asked.insert(sent[0].to), "somebody is asked again while others were not");
    }
}

/// DQ-07
#[test]
fn where_few_tables_have_the_words_others_are_probed_with_ttl_2() {
    let mut desk = Desk::with_neighbours(10);
    desk.neighbours[7].table = Some(true);
    desk.neighbours[8].congested = true;
    desk.neighbours[8].table = Some(true);
    for neighbour in &mut desk.neighbours[..6] {
        neighbour.table = Some(false);
    }
    desk.start(own(1));
    let mut probes: Vec<_> = desk.sent().iter().map(|sent| (sent.ttl, sent.to)).collect();
    probes.sort_unstable();
    let [with, silent, other] = [7, 6, 9].map(|index: usize| desk.neighbours[index].slot);
    assert_eq!(probes, [(1, with), (2, silent), (2, other)], "those without a table come next");
    assert_eq!(desk.sent()[0].at_ms, 3 * HOP_WAIT_MS);
}

/// DQ-01, DQ-07: a table tells who is likely to have something.
#[test]
fn who_has_the_words_is_asked_before_who_sent_no_table_and_who_has_them_not() {
    let mut desk = Desk::with_neighbours(30);
    let tables = [Some(true), None, Some(false)];
    for (index, neighbour) in desk.neighbours.iter_mut().enumerate() {
        neighbour.table = tables[index % 3];
    }
    desk.start(own(1));
    let (sent, _) = desk.run();
    let order: Vec<_> = sent.iter().map(|sent| desk.neighbour(sent.to).table).collect();
    assert_eq!(order[..30], tables.map(|table| [table; 10]).concat());
}

/// DQ-08
#[test]
fn the_next_ttl_is_the_least_that_suffices() {
    // Three probes with TTL 1 reach 4 ultrapeers, this one among them. Ten neighbours are left,
    // three of which would be asked again: each has to lead to missing * 4 / results / 10.
    for (results, ttl) in [
        // 590, that is 59 for each, and without a result as many
        (1, 3),
        (0, 3),
        // 296, 30 for each
        (2, 2),
        (60, 1),
        (119, 1),
    ] {
        let mut desk = Desk::with_neighbours(10);
        desk.neighbours.iter_mut().for_each(|neighbour| neighbour.table = Some(true));
        desk.start(own(1));
        desk.step();
        desk.hit(1, results);
        let progress = desk.queries.progress(guid(1)).unwrap();
        assert_eq!((progress.horizon, progress.sent), (4, 3));
        assert_eq!(progress.missing, OWN_RESULTS_WANTED - results);
        assert_eq!(desk.sent()[0].ttl, ttl, "{results} results");
    }
}

/// DQ-08: the limit is at 32 for each of the neighbours, which is what TTL 2 leads to.
#[test]
fn one_host_more_than_a_ttl_leads_to_calls_for_the_next() {
    for (wanted, ttl) in [(80, 2), (81, 3)] {
        let mut desk = Desk::with_neighbours(10);
        desk.neighbours.iter_mut().for_each(|neighbour| neighbour.table = Some(true));
        let mut search = own(1);
        search.wanted = wanted;
        desk.start(search);
        desk.step();
        // No result: as if there were one.
        assert_eq!(u64::from(wanted) * 4 / 10, reach(32, 2));
        assert_eq!(desk.sent()[0].ttl, ttl);
    }
}

/// DQ-08, TTL-19. Hops and TTL together stay within what the neighbour takes, and within four.
#[test]
fn no_neighbour_gets_more_than_its_maximum_and_nobody_more_than_four() {
    for (max_ttl, for_own, for_leaf) in [(1, 1, 1), (2, 2, 1), (3, 3, 2), (4, 4, 3), (7, 4, 3)] {
        for (is_own, highest) in [(true, for_own), (false, for_leaf)] {
            let mut desk = Desk::with_neighbours(8);
            desk.neighbours.iter_mut().for_each(|neighbour| neighbour.max_ttl = max_ttl);
            let leaf = desk.add_leaf();
            desk.start(if is_own { own(1) } else { of_leaf(1, leaf) });
            let (sent, _) = desk.run();
            assert_eq!(sent.iter().map(|sent| sent.ttl).max(), Some(highest), "{max_ttl}");
        }
    }
}

/// TTL-02 in our part of the way: the query of a leaf has crossed one link.
#[test]
fn the_query_of_a_leaf_goes_on_with_one_hop() {
    let mut desk = Desk::with_neighbours(1);
    let leaf = desk.add_leaf();
    desk.start(of_leaf(1, leaf));
    assert!(matches!(desk.step()[..], [Step::Send { hops: 1, .. }]));
    assert_eq!((Origin::Own.hops(), Origin::Leaf(leaf).hops()), (0, 1));
}

/// DQ-10
#[test]
fn who_takes_a_query_but_once_is_not_probed_with_ttl_1_and_not_asked_again() {
    let mut desk = Desk::with_neighbours(12);
    for (index, neighbour) in desk.neighbours.iter_mut().enumerate() {
        neighbour.ext_probes = index % 3 != 0;
        neighbour.table = Some(true);
        neighbour.max_ttl = 3;
    }
    desk.start(own(1));
    let (sent, whys) = desk.run();
    assert_eq!(whys, [Why::Exhausted]);
    for neighbour in &desk.neighbours {
        let ttls: Vec<u8> =
            sent.iter().filter(|sent| sent.to == neighbour.slot).map(|sent| sent.ttl).collect();
        assert_eq!(ttls.last(), Some(&3), "nobody is left with less than there could be");
        assert!(ttls.windows(2).all(|pair| pair[0] < pair[1]), "each time it goes further");
        assert!(neighbour.ext_probes || ttls.len() == 1, "asked again: {ttls:?}");
    }
    assert!(sent.iter().any(|sent| sent.ttl == 1), "the others are probed");
}

/// DQ-10: later the need is better known, and there is no second time.
#[test]
fn who_takes_a_query_but_once_is_asked_after_the_others() {
    let mut desk = Desk::with_neighbours(20);
    desk.neighbours.iter_mut().for_each(|neighbour| neighbour.max_ttl = 3);
    desk.neighbours[..10].iter_mut().for_each(|neighbour| neighbour.ext_probes = false);
    desk.start(own(1));
    let (sent, _) = desk.run();
    let takes_it_twice: Vec<bool> =
        sent.iter().map(|sent| desk.neighbour(sent.to).ext_probes).collect();
    assert_eq!(takes_it_twice[..10], [true; 10]);
    assert_eq!(takes_it_twice[10..20], [false; 10]);
    assert!(sent[10..20].iter().all(|sent| sent.ttl == 3), "as far as possible at once");
}

/// DQ-10: where there is nobody else, they are probed with TTL 2, which is all that they get.
#[test]
fn where_nobody_takes_it_twice_the_probes_have_ttl_2() {
    let mut desk = Desk::with_neighbours(5);
    for neighbour in &mut desk.neighbours {
        (neighbour.ext_probes, neighbour.table) = (false, Some(true));
    }
    desk.start(own(1));
    assert!(desk.sent().iter().all(|sent| sent.ttl == 2));
    let (sent, _) = desk.run();
    assert_eq!(sent.len(), 2);
}

/// DQ-11
#[test]
fn who_has_not_the_words_gets_no_ttl_1() {
    let mut desk = Desk::with_neighbours(20);
    for neighbour in &mut desk.neighbours[3..] {
        neighbour.table = Some(false);
    }
    desk.neighbours[..3].iter_mut().for_each(|neighbour| neighbour.table = Some(true));
    desk.start(own(1));
    assert!(desk.sent().iter().all(|sent| sent.ttl == 1));
    // So much that one ultrapeer more from each would do.
    desk.hit(1, 120);
    assert_eq!(desk.sent()[0].ttl, 2);
    // And where they take no more than TTL 1, they are not asked at all.
    let mut desk = Desk::with_neighbours(3);
    for neighbour in &mut desk.neighbours {
        (neighbour.table, neighbour.max_ttl) = (Some(false), 1);
    }
    desk.start(own(1));
    assert_eq!(desk.run(), (vec![], vec![Why::Exhausted]));
}

#[test]
fn neighbours_that_come_later_are_asked_too_and_those_that_go_are_not() {
    let mut desk = Desk::with_neighbours(4);
    desk.start(own(1));
    desk.step();
    let fourth = desk.sent()[0].to;
    let gone: Vec<_> =
        desk.neighbours.iter().map(|one| one.slot).filter(|slot| *slot != fourth).collect();
    for slot in gone {
        assert_eq!(desk.close(slot), []);
    }
    let new = desk.add_neighbour().slot;
    assert_eq!(desk.sent()[0].to, new);
    let (sent, _) = desk.run();
    assert!(sent.iter().all(|sent| [new, fourth].contains(&sent.to)), "{sent:?}");
}

#[test]
fn the_same_query_does_not_start_twice() {
    let mut desk = Desk::with_neighbours(10);
    desk.start(own(1));
    desk.step();
    let before = desk.queries.next_timeout();
    desk.start(own(1));
    assert_eq!((desk.queries.len(), desk.queries.next_timeout()), (1, before));
}

/// Nobody is the first choice of every query: of a thousand, each of forty has about 75 probes.
#[test]
fn every_neighbour_gets_its_part_of_the_probes() {
    let mut desk = Desk::with_neighbours(40);
    let mut probes = BTreeMap::new();
    for number in 0..1_000 {
        desk.start(own(number));
        for sent in desk.sent() {
            *probes.entry(sent.to).or_insert(0) += 1;
        }
        desk.stop(number);
    }
    assert_eq!(probes.len(), 40);
    let (least, most) = (probes.values().min().unwrap(), probes.values().max().unwrap());
    assert!((45..=75).contains(least) && (75..=110).contains(most), "{least} to {most}");
}
