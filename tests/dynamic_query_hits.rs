//! Which hits are carried home, and which questions of a leaf are heard.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "dynamic_query/desk.rs"]
mod desk;

use allocation_counter::measure;
use bytes::{BufMut, BytesMut};
use desk::guid;
use filbert::base::limits::{
    HIT_COUNTERS_MAX, HIT_COUNTERS_TURN_MS, HIT_QUERY_LEN_MAX, HIT_RESULTS_CONGESTED_MAX,
    HIT_RESULTS_FEW, HIT_RESULTS_FEW_MAX, HIT_RESULTS_MAX, REQUERY_REMEMBERED_MAX, REQUERY_WAIT_MS,
};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::dynamic_query::{HitPolicy, HitVerdict, RequeryThrottle};
use filbert::gnutella::wire::Query;

const NOW: Time = Time::ZERO;
/// Results in a hit that is not one with few.
const MANY: u8 = HIT_RESULTS_FEW + 1;

/// Carries hits of so many results each until one is refused; returns how many results went, and
/// why there were no more.
fn carry_all(policy: &mut HitPolicy, number: u32, results: u8, len: usize) -> (u32, HitVerdict) {
    let mut carried = 0;
    loop {
        match policy.carry(guid(number), results, len, false, NOW) {
            HitVerdict::Carry { before } => assert_eq!(u32::from(before), carried),
            refused => return (carried, refused),
        }
        carried += u32::from(results);
    }
}

/// DQ-20
#[test]
fn so_many_results_are_carried_for_a_query_and_no_more() {
    let mut policy = HitPolicy::new();
    // The last hit may go past the limit, since hits are not cut.
    let (carried, why) = carry_all(&mut policy, 1, 10, 100);
    assert_eq!((carried, why), (u32::from(HIT_RESULTS_MAX), HitVerdict::Enough));
    let (carried, _) = carry_all(&mut policy, 2, MANY, 100);
    assert_eq!(carried, 252);
    assert_eq!(carry_all(&mut policy, 3, 255, 100).0, 255);
    assert_eq!(carry_all(&mut policy, 1, 10, 100), (0, HitVerdict::Enough), "for good");
}

/// DQ-20
#[test]
fn hits_with_few_results_come_on_top() {
    let mut policy = HitPolicy::new();
    carry_all(&mut policy, 1, 10, 100);
    let few = policy.carry(guid(1), HIT_RESULTS_FEW, 100, false, NOW);
    assert_eq!(few, HitVerdict::Carry { before: HIT_RESULTS_MAX });
    assert_eq!(policy.carry(guid(1), MANY, 100, false, NOW), HitVerdict::Enough);
    let (carried, why) = carry_all(&mut policy, 2, 1, 100);
    assert_eq!((carried, why), (u32::from(HIT_RESULTS_FEW_MAX), HitVerdict::Enough));
}

/// DQ-20
#[test]
fn so_many_bytes_are_carried_for_a_query_and_no_more() {
    let mut policy = HitPolicy::new();
    let hits = u32::try_from(HIT_QUERY_LEN_MAX / (16 * 1024)).unwrap();
    let (carried, why) = carry_all(&mut policy, 1, 1, 16 * 1024);
    assert_eq!((carried, why), (hits, HitVerdict::Enough), "large hits that say they have one");
    let (carried, _) = carry_all(&mut policy, 2, 1, 15 * 1024 + 1);
    assert_eq!(carried, hits, "rounded up");
}

/// DQ-20: queries with few hits come first.
#[test]
fn where_the_way_is_congested_only_queries_with_next_to_nothing_are_served() {
    let mut policy = HitPolicy::new();
    for before in 0..HIT_RESULTS_CONGESTED_MAX {
        assert_eq!(policy.carry(guid(1), 1, 100, true, NOW), HitVerdict::Carry { before });
    }
    assert_eq!(policy.carry(guid(1), 1, 100, true, NOW), HitVerdict::Congested);
    let before = HIT_RESULTS_CONGESTED_MAX;
    assert_eq!(policy.carry(guid(1), 1, 100, false, NOW), HitVerdict::Carry { before }, "later");
    assert_eq!(policy.carry(guid(2), 255, 100, true, NOW), HitVerdict::Carry { before: 0 });
    assert_eq!(policy.carry(guid(2), 1, 100, true, NOW), HitVerdict::Congested);
}

/// DQ-15
#[test]
fn hits_that_nobody_wants_are_dropped() {
    let mut policy = HitPolicy::new();
    policy.close(guid(1), NOW);
    assert_eq!(policy.carry(guid(1), 1, 100, false, NOW), HitVerdict::Unwanted);
    policy.carry(guid(2), 1, 100, false, NOW);
    policy.close(guid(2), NOW);
    assert_eq!(policy.carry(guid(2), 1, 100, true, NOW), HitVerdict::Unwanted);
    // As much as can be counted is not taken for that.
    for _ in 0..1_000 {
        policy.carry(guid(3), 255, usize::MAX, false, NOW);
    }
    assert_eq!(policy.carry(guid(3), 1, 100, false, NOW), HitVerdict::Enough);
}

/// Whoever asks much makes us forget others' counters earlier, which gives those more, not less.
#[test]
fn counters_are_bounded_and_the_longest_unused_are_forgotten() {
    let mut policy = HitPolicy::new();
    let half = u32::try_from(HIT_COUNTERS_MAX / 2).unwrap();
    carry_all(&mut policy, 0, 10, 100);
    for number in 1..half {
        policy.carry(guid(number), 1, 100, false, NOW);
    }
    assert_eq!(policy.len(), HIT_COUNTERS_MAX / 2);
    assert_eq!(policy.carry(guid(0), 10, 100, false, NOW), HitVerdict::Enough);
    for number in half..2 * half {
        policy.carry(guid(number), 1, 100, false, NOW);
    }
    assert_eq!(policy.len(), HIT_COUNTERS_MAX, "all are known");
    assert_eq!(policy.carry(guid(0), 10, 100, false, NOW), HitVerdict::Enough);
    for number in 2 * half..10 * half {
        policy.carry(guid(number), 1, 100, false, NOW);
        assert!(policy.len() <= HIT_COUNTERS_MAX);
    }
    let anew = HitVerdict::Carry { before: 0 };
    assert_eq!(policy.carry(guid(0), 10, 100, false, NOW), anew);
}

#[test]
fn a_counter_lives_for_a_turn_after_its_last_use_and_two_at_most() {
    let mut policy = HitPolicy::new();
    assert_eq!(policy.next_timeout(), None);
    carry_all(&mut policy, 1, 10, 100);
    let turn = policy.next_timeout().unwrap();
    assert_eq!(turn, NOW.after_ms(HIT_COUNTERS_TURN_MS));
    let before = Time::from_micros(turn.as_micros() - 1);
    policy.timeout(before);
    assert_eq!(policy.next_timeout(), Some(turn));
    policy.timeout(turn);
    assert_eq!(policy.len(), 1);
    assert_eq!(policy.carry(guid(1), 10, 100, false, turn), HitVerdict::Enough, "used again");
    let mut turns = 0;
    while let Some(turn) = policy.next_timeout() {
        policy.timeout(turn);
        turns += 1;
    }
    assert_eq!((turns, policy.is_empty()), (2, true));
}

#[test]
fn counters_weigh_little_and_give_all_of_it_back() {
    let mut policy = HitPolicy::new();
    let kept = measure(|| {
        for number in 0..3 * u32::try_from(HIT_COUNTERS_MAX).unwrap() {
            policy.carry(guid(number), 1, 100, false, NOW);
        }
    });
    println!("{} counters: {} bytes", policy.len(), kept.bytes_current);
    assert!(kept.bytes_current <= 48 * i64::try_from(HIT_COUNTERS_MAX).unwrap());
    let back = measure(|| {
        policy.timeout(NOW.after_ms(HIT_COUNTERS_TURN_MS));
        policy.timeout(NOW.after_ms(2 * HIT_COUNTERS_TURN_MS));
    });
    assert_eq!(-back.bytes_current, kept.bytes_current);
}

fn query(text: &str, extensions: &[u8]) -> Query {
    let mut payload = BytesMut::new();
    payload.put_u16(0x8000);
    payload.put_slice(text.as_bytes());
    payload.put_u8(0);
    payload.put_slice(extensions);
    Query::decode(&payload.freeze()).unwrap()
}

fn leaves() -> [Slot; 2] {
    let mut slots = Slots::new();
    [slots.insert(()), slots.insert(())]
}

/// DQ-19
#[test]
fn the_same_text_is_heard_again_after_1700_seconds_and_not_a_microsecond_earlier() {
    let [leaf, other] = leaves();
    let mut throttle = RequeryThrottle::new();
    let (song, film) = (query("a song", b""), query("a film", b""));
    assert!(throttle.may_ask(leaf, &song, NOW));
    let again = Time::from_millis(REQUERY_WAIT_MS);
    let before = Time::from_micros(again.as_micros() - 1);
    assert!(!throttle.may_ask(leaf, &song, NOW));
    assert!(throttle.may_ask(leaf, &film, NOW) && throttle.may_ask(other, &song, NOW));
    assert!(!throttle.may_ask(leaf, &song, before));
    assert!(throttle.may_ask(leaf, &song, again), "the refused ones do not prolong the wait");
    assert!(!throttle.may_ask(leaf, &song, again.after_ms(1_000)));
}

/// DQ-19: moments are remembered in whole seconds, and no wait is shorter for that.
#[test]
fn a_question_within_a_second_waits_for_its_end() {
    let [leaf, _] = leaves();
    let mut throttle = RequeryThrottle::new();
    let song = query("a song", b"");
    assert!(throttle.may_ask(leaf, &song, Time::from_millis(500)));
    assert!(!throttle.may_ask(leaf, &song, Time::from_millis(REQUERY_WAIT_MS + 999)));
    assert!(throttle.may_ask(leaf, &song, Time::from_millis(REQUERY_WAIT_MS + 1_000)));
}

/// DQ-19
#[test]
fn a_hash_is_what_counts_where_there_is_one() {
    const ONE: &[u8] = b"urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
    const TWO: &[u8] = b"urn:sha1:QLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
    let [leaf, _] = leaves();
    let mut throttle = RequeryThrottle::new();
    assert!(throttle.may_ask(leaf, &query("\\", ONE), NOW));
    assert!(!throttle.may_ask(leaf, &query("a song", ONE), NOW), "another text, the same hash");
    assert!(throttle.may_ask(leaf, &query("\\", TWO), NOW), "the same text, another hash");
    assert!(throttle.may_ask(leaf, &query("\\", b""), NOW));
    assert!(throttle.may_ask(leaf, &query("a song", b"urn:sha1:"), NOW), "that is no hash");
}

/// DQ-19
#[test]
fn what_is_new_may_be_asked_at_any_time() {
    let [leaf, _] = leaves();
    let mut throttle = RequeryThrottle::new();
    // One GGEP extension, WH, whose payload is one byte.
    let by_extension = query("news", b"\xc3\x82WH\x41\x01");
    for asked in [query("WhatIsNewXOXO", b""), by_extension] {
        for _ in 0..3 {
            assert!(throttle.may_ask(leaf, &asked, NOW));
        }
    }
}

/// DQ-19
#[test]
fn a_leaf_that_asks_much_makes_us_forget_what_it_asked_first() {
    let [leaf, other] = leaves();
    let mut throttle = RequeryThrottle::new();
    assert!(throttle.may_ask(other, &query("0", b""), NOW));
    let ask = |throttle: &mut RequeryThrottle, number: usize| {
        throttle.may_ask(leaf, &query(&number.to_string(), b""), NOW)
    };
    let kept = measure(|| (0..REQUERY_REMEMBERED_MAX).for_each(|n| assert!(ask(&mut throttle, n))));
    assert!(kept.bytes_current <= 1_024, "{} bytes", kept.bytes_current);
    assert!(!ask(&mut throttle, 0), "all are remembered");
    assert!(ask(&mut throttle, REQUERY_REMEMBERED_MAX));
    assert!(ask(&mut throttle, 0), "the first is not");
    assert!(!ask(&mut throttle, 2));
    assert!(!throttle.may_ask(other, &query("0", b""), NOW), "others' are");
    throttle.close(leaf);
    assert!(ask(&mut throttle, 2), "it is gone and all is forgotten");
}

/// Nothing is kept of a leaf that is gone, and nothing of a node that has no leaves.
#[test]
fn questions_give_all_memory_back() {
    let (mut throttle, [leaf, other]) = (RequeryThrottle::new(), leaves());
    let questions: Vec<Query> = (0..10).map(|n| query(&format!("number {n}"), b"")).collect();
    let left = measure(|| {
        for question in &questions {
            throttle.may_ask(leaf, question, NOW);
            throttle.may_ask(other, question, NOW);
        }
        throttle.close(leaf);
        throttle.close(other);
    });
    assert_eq!(left.bytes_current, 0);
    assert_ne!(left.count_total, 0);
}
