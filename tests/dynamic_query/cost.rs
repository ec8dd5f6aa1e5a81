//! What a dynamic query costs and finds, next to a flood of the same overlay.

use filbert::base::limits::{HORIZON_MAX, LEAF_RESULTS_WANTED, OWN_RESULTS_WANTED, SEARCH_LIFE_MS};
use filbert::gnutella::dynamic_query::{Why, reach};

use crate::overlay::{ASKING, Asking, HOSTS_A_PEER, Outcome, Overlay, Spread, ask};

const PEERS: u32 = 50_000;
const DEGREE: usize = 32;

/// The largest TTL with which a flood to all neighbours stays within the horizon (DQ-05).
const FLOOD_TTL: u8 = 3;

/// DQ-02, DQ-08. Literature G-3: something that one host in a hundred has costs at most one in
/// twenty messages of the flood, and brings 150 results.
#[test]
fn what_is_common_costs_a_fraction_of_a_flood() {
    let overlay = Overlay::random(PEERS, DEGREE, 1);
    for asking in [ASKING, Asking { tables: false, ..ASKING }] {
        for seed in 0..10 {
            let files = overlay.spread(copies(10_000), seed);
            let outcome = ask(&overlay, &files, asking, seed);
            let flood = Spread::flood(&overlay, &files, FLOOD_TTL);
            print("common", &outcome, &flood);
            assert_eq!(outcome.why, Why::Enough);
            assert!(outcome.spread.results >= OWN_RESULTS_WANTED);
            assert!(outcome.spread.messages * 20 <= flood.messages);
        }
    }
}

/// DQ-03
#[test]
fn a_leaf_gets_its_part_of_what_is_common() {
    let overlay = Overlay::random(PEERS, DEGREE, 2);
    let asking = Asking { for_leaf: true, ..ASKING };
    for seed in 0..10 {
        let files = overlay.spread(copies(10_000), seed);
        let outcome = ask(&overlay, &files, asking, seed);
        let flood = Spread::flood(&overlay, &files, FLOOD_TTL);
        print("common, for a leaf", &outcome, &flood);
        assert_eq!(outcome.why, Why::Enough);
        assert!(outcome.spread.results >= LEAF_RESULTS_WANTED);
        assert!(outcome.spread.messages * 50 <= flood.messages);
    }
}

/// DQ-05, DQ-08, DQ-10. Literature G-3: something that one host in 100,000 has is found as often as
/// by a flood of the same horizon, with a tolerance of five in a hundred.
#[test]
fn what_is_rare_is_found_as_often_as_by_a_flood() {
    let overlay = Overlay::random(PEERS, DEGREE, 3);
    let degree = u32::try_from(DEGREE).unwrap();
    assert!(u64::from(degree) * reach(degree, FLOOD_TTL) <= u64::from(HORIZON_MAX));
    assert!(u64::from(degree) * reach(degree, FLOOD_TTL + 1) > u64::from(HORIZON_MAX));
    // As far as neighbours take it; no further than the flood goes; and for a leaf, one link less.
    for (name, asking) in [
        ("rare", ASKING),
        ("rare, X-Max-TTL 3", Asking { max_ttl: FLOOD_TTL, ..ASKING }),
        ("rare, no tables", Asking { max_ttl: FLOOD_TTL, tables: false, ..ASKING }),
        ("rare, for a leaf", Asking { for_leaf: true, ..ASKING }),
    ] {
        let (mut found, mut flooded) = (0, 0);
        for seed in 0..10 {
            let files = overlay.spread(copies(10), seed);
            let outcome = ask(&overlay, &files, asking, seed);
            let flood = Spread::flood(&overlay, &files, FLOOD_TTL);
            print(name, &outcome, &flood);
            assert!(matches!(outcome.why, Why::Exhausted | Why::Horizon), "{:?}", outcome.why);
            assert!(outcome.took_ms < SEARCH_LIFE_MS);
            found += outcome.spread.results;
            flooded += flood.results;
        }
        println!("{name}: {found} results, {flooded} by the flood");
        assert!(flooded > 50, "too few to tell");
        assert!(found * 100 >= flooded * 95);
    }
}

/// DQ-10. Neighbours that take a query but once are asked with a higher TTL at once, and so on.
#[test]
fn what_is_rare_is_found_through_neighbours_that_take_a_query_but_once() {
    let overlay = Overlay::random(PEERS, DEGREE, 4);
    let asking = Asking { ext_probes: false, ..ASKING };
    let (mut found, mut flooded) = (0, 0);
    for seed in 0..10 {
        let files = overlay.spread(copies(10), seed);
        let outcome = ask(&overlay, &files, asking, seed);
        let mut asked: Vec<u32> = outcome.sent.iter().map(|(peer, _)| *peer).collect();
        asked.sort_unstable();
        asked.dedup();
        assert_eq!(asked.len(), outcome.sent.len(), "somebody was asked twice");
        found += outcome.spread.results;
        flooded += Spread::flood(&overlay, &files, FLOOD_TTL).results;
    }
    println!("asked but once: {found} results, {flooded} by the flood");
    assert!(found * 100 >= flooded * 95);
}

/// DQ-08. Between the common and the rare, a query never costs much more than what its results
/// need.
#[test]
fn the_messages_follow_the_need() {
    let overlay = Overlay::random(PEERS, DEGREE, 5);
    for per_million in [100_000, 30_000, 10_000, 3_000, 1_000, 300] {
        let files = overlay.spread(copies(per_million), 9);
        let outcome = ask(&overlay, &files, ASKING, 9);
        let a_peer = copies(per_million) as u64;
        let needed = u64::from(OWN_RESULTS_WANTED) * u64::from(PEERS) / a_peer;
        println!(
            "{per_million} in a million: {} messages, {needed} needed",
            outcome.spread.messages
        );
        assert_eq!(outcome.why, Why::Enough);
        assert!(outcome.spread.messages <= 2 * needed + 100);
    }
}

fn copies(per_million: usize) -> usize {
    PEERS as usize * HOSTS_A_PEER * per_million / 1_000_000
}

fn print(what: &str, outcome: &Outcome<'_>, flood: &Spread<'_>) {
    println!(
        "{what}: {} messages of {} ({:.2} %), {} results of {}, {} ultrapeers of {}, {:.1} s, {:?}",
        outcome.spread.messages,
        flood.messages,
        100.0 * outcome.spread.messages as f64 / flood.messages as f64,
        outcome.spread.results,
        flood.results,
        outcome.spread.reached,
        flood.reached,
        outcome.took_ms as f64 / 1_000.0,
        outcome.why
    );
}
