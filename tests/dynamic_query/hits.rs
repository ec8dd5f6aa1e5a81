//! Which hits are carried home, and which questions of a leaf are heard.

use allocation_counter::measure;
use bytes::{BufMut, BytesMut};
use filbert::base::limits::{
    HIT_COUNTER_LIFE_MS, HIT_COUNTERS_MAX, HIT_COUNTERS_TIDY_MS, HIT_NEIGHBOUR_LEN_MIN,
    HIT_NEIGHBOUR_RESULTS_MIN, HIT_NEIGHBOURS_MAX, HIT_QUERY_LEN_MAX, HIT_RESULTS_CONGESTED_MAX,
    HIT_RESULTS_FEW, HIT_RESULTS_FEW_MAX, HIT_RESULTS_MAX, OWN_HITS_LEN_MAX, OWN_RESULTS_TOLD_MAX,
    REQUERIES_MAX, REQUERY_REMEMBERED_MAX, REQUERY_WAIT_MS,
};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::dynamic_query::{
    HitLimits, HitPolicy, HitSize, HitVerdict, RequeryThrottle,
};
use filbert::gnutella::wire::Query;

use crate::desk::guid;

const NOW: Time = Time::ZERO;
/// Results in a hit that is not one with few.
const MANY: u8 = HIT_RESULTS_FEW + 1;

/// The neighbour with this number.
fn neighbour(number: usize) -> Slot {
    let mut slots = Slots::new();
    (0..=number).map(|_| slots.insert(())).last().unwrap()
}

fn hit(results: u8, len: usize) -> HitSize {
    HitSize { results, len }
}

/// A small hit of the first neighbour.
fn carry(policy: &mut HitPolicy, number: u32, results: u8) -> HitVerdict {
    policy.carry(guid(number), neighbour(0), hit(results, 100), false, NOW)
}

/// Carries hits of this size of a neighbour until one is refused; returns how many results went, and
/// why there were no more.
fn carry_all(policy: &mut HitPolicy, number: u32, from: usize, size: HitSize) -> (u32, HitVerdict) {
    let (from, mut carried) = (neighbour(from), 0);
    loop {
        match policy.carry(guid(number), from, size, false, NOW) {
            HitVerdict::Carry { of_neighbour, .. } => {
                assert_eq!(u32::from(of_neighbour), carried);
            }
            refused => return (carried, refused),
        }
        carried += u32::from(size.results);
    }
}

/// DQ-20: alone, a neighbour may use half.
#[test]
fn so_many_results_are_carried_for_a_query_and_no_more() {
    let mut policy = HitPolicy::new();
    let most = u32::from(HIT_RESULTS_MAX) / 2;
    assert_eq!(carry_all(&mut policy, 1, 0, hit(5, 100)), (most, HitVerdict::Enough));
    assert_eq!(carry_all(&mut policy, 1, 0, hit(MANY, 100)), (0, HitVerdict::Enough), "for good");
    assert_eq!(carry_all(&mut policy, 2, 0, hit(125, 100)).0, most);
    assert_eq!(carry_all(&mut policy, 3, 0, hit(126, 100)), (0, HitVerdict::Enough), "too large");
    // However many bring some, nearly all of it is used, and no more.
    let brought: u32 = (0..4).map(|from| carry_all(&mut policy, 4, from, hit(5, 100)).0).sum();
    assert!((200..=u32::from(HIT_RESULTS_MAX)).contains(&brought), "{brought}");
}

/// DQ-20
#[test]
fn hits_with_few_results_come_on_top() {
    let mut policy = HitPolicy::new();
    carry_all(&mut policy, 1, 0, hit(5, 100));
    let before = HIT_RESULTS_MAX / 2;
    let few = HitVerdict::Carry { before, of_neighbour: before };
    assert_eq!(carry(&mut policy, 1, HIT_RESULTS_FEW), few);
    assert_eq!(carry(&mut policy, 1, MANY), HitVerdict::Enough);
    let most = u32::from(HIT_RESULTS_FEW_MAX) / 2;
    assert_eq!(carry_all(&mut policy, 2, 0, hit(1, 100)), (most, HitVerdict::Enough));
}

/// DQ-20
#[test]
fn so_many_bytes_are_carried_for_a_query_and_no_more() {
    let mut policy = HitPolicy::new();
    let hits = u32::try_from(HIT_QUERY_LEN_MAX / 2 / (16 * 1024)).unwrap();
    let (carried, why) = carry_all(&mut policy, 1, 0, hit(1, 16 * 1024));
    assert_eq!((carried, why), (hits, HitVerdict::Enough), "large hits that say they have one");
    let (carried, _) = carry_all(&mut policy, 2, 0, hit(1, 15 * 1024 + 1));
    assert_eq!(carried, hits, "rounded up");
}

/// DQ-20
#[test]
fn each_neighbour_may_use_half_of_what_the_others_leave() {
    let mut policy = HitPolicy::new();
    let mut left = u32::from(HIT_RESULTS_MAX);
    for from in 0..4 {
        let (carried, why) = carry_all(&mut policy, 1, from, hit(MANY, 100));
        assert_eq!((carried, why), (left / 2 / 4 * 4, HitVerdict::Enough));
        left -= carried;
    }
    // What later ones have brought, the first ones have less.
    assert_eq!(carry_all(&mut policy, 1, 0, hit(MANY, 100)), (0, HitVerdict::Enough));
}

/// DQ-20: and a little in any case, also where others have used up all.
#[test]
fn each_neighbour_may_bring_a_little_whatever_others_have_brought() {
    let mut policy = HitPolicy::new();
    for from in 0..9 {
        carry_all(&mut policy, 1, from, hit(1, 100));
        carry_all(&mut policy, 2, from, hit(1, 16 * 1024));
    }
    let late = neighbour(9);
    let mut bring = |number, results: u16, len| {
        let size = hit(u8::try_from(results).unwrap(), len);
        policy.carry(guid(number), late, size, false, NOW)
    };
    assert_eq!(bring(1, HIT_NEIGHBOUR_RESULTS_MIN + 1, 100), HitVerdict::Enough);
    let carried = bring(1, HIT_NEIGHBOUR_RESULTS_MIN, 100);
    assert!(matches!(carried, HitVerdict::Carry { of_neighbour: 0, .. }), "{carried:?}");
    assert_eq!(bring(1, 1, 100), HitVerdict::Enough);
    assert_eq!(bring(2, 1, HIT_NEIGHBOUR_LEN_MIN + 1), HitVerdict::Enough);
    let carried = bring(2, 1, HIT_NEIGHBOUR_LEN_MIN);
    assert!(matches!(carried, HitVerdict::Carry { of_neighbour: 0, .. }), "{carried:?}");
}

/// DQ-20
#[test]
fn so_many_neighbours_have_an_account_and_all_others_share_one() {
    let mut policy = HitPolicy::new();
    let mut before =
        |from, results| match policy.carry(guid(1), neighbour(from), hit(results, 100), false, NOW)
        {
            HitVerdict::Carry { of_neighbour, .. } => of_neighbour,
            refused => panic!("{refused:?}"),
        };
    for from in 0..HIT_NEIGHBOURS_MAX {
        assert_eq!(before(from, 1), 0);
    }
    assert_eq!(before(HIT_NEIGHBOURS_MAX - 1, 2), 1, "its own");
    assert_eq!([before(100, 1), before(101, 1), before(100, 1)], [0, 1, 2], "one together");
    assert_eq!(before(0, 1), 1);
    assert_eq!(policy.len(), HIT_NEIGHBOURS_MAX + 1);
}

/// DQ-20: queries with few hits come first.
#[test]
fn where_the_way_is_congested_only_queries_with_next_to_nothing_are_served() {
    let mut policy = HitPolicy::new();
    let mut bring = |number, from, results, is_congested| {
        policy.carry(guid(number), neighbour(from), hit(results, 100), is_congested, NOW)
    };
    let half = HIT_RESULTS_CONGESTED_MAX / 2;
    for before in 0..half {
        let carried = HitVerdict::Carry { before, of_neighbour: before };
        assert_eq!(bring(1, 0, 1, true), carried);
    }
    assert_eq!(bring(1, 0, 1, true), HitVerdict::Congested);
    let carried = HitVerdict::Carry { before: half, of_neighbour: half };
    assert_eq!(bring(1, 0, 1, false), carried, "later");
    assert_eq!(bring(2, 0, 100, true), HitVerdict::Carry { before: 0, of_neighbour: 0 });
    assert_eq!(bring(2, 0, 1, true), HitVerdict::Congested);
    let carried = HitVerdict::Carry { before: 100, of_neighbour: 0 };
    assert_eq!(bring(2, 1, 1, true), carried, "the first of each neighbour");
    assert_eq!(bring(2, 1, 1, true), HitVerdict::Congested);
}

/// DQ-15
#[test]
fn hits_that_nobody_wants_are_dropped() {
    let mut policy = HitPolicy::new();
    policy.close(guid(1), NOW);
    assert_eq!(carry(&mut policy, 1, 1), HitVerdict::Unwanted);
    carry(&mut policy, 2, 1);
    policy.close(guid(2), NOW);
    assert_eq!(carry(&mut policy, 2, 1), HitVerdict::Unwanted);
    let other = policy.carry(guid(2), neighbour(1), hit(1, 100), true, NOW);
    assert_eq!(other, HitVerdict::Unwanted);
    // As much as can be counted is not taken for that.
    for _ in 0..1_000 {
        policy.carry(guid(3), neighbour(0), hit(255, usize::MAX), false, NOW);
    }
    carry_all(&mut policy, 3, 0, hit(1, 100));
    assert_eq!(carry(&mut policy, 3, 1), HitVerdict::Enough);
}

/// DQ-23
#[test]
fn what_is_for_ourselves_has_larger_limits_of_the_same_kind() {
    let mut policy = HitPolicy::with_limits(HitLimits::OWN);
    let most = u32::from(OWN_RESULTS_TOLD_MAX) / 2;
    assert_eq!(carry_all(&mut policy, 1, 0, hit(10, 1_000)), (most, HitVerdict::Enough));
    assert_eq!(carry(&mut policy, 1, 1), HitVerdict::Enough, "one past it");
    let hits = u32::try_from(OWN_HITS_LEN_MAX / 2 / (32 * 1024)).unwrap();
    let (carried, why) = carry_all(&mut policy, 2, 0, hit(1, 32 * 1024));
    assert_eq!((carried, why), (hits, HitVerdict::Enough));
    policy.forget(guid(1));
    assert_eq!(policy.len(), 1);
}

/// DQ-20: whoever needs many accounts loses its own, and of nobody else's but those of who has most.
#[test]
fn accounts_are_bounded_and_each_neighbour_has_half_of_what_others_leave() {
    let mut policy = HitPolicy::new();
    let max = u32::try_from(HIT_COUNTERS_MAX).unwrap();
    policy.close(guid(0), NOW);
    carry_all(&mut policy, 1, 50, hit(5, 100));
    let mut bring = |from: usize, numbers: std::ops::Range<u32>| {
        for number in numbers {
            policy.carry(guid(number), neighbour(from), hit(100, 100), false, NOW);
            assert!(policy.len() <= HIT_COUNTERS_MAX);
        }
        policy.len()
    };
    let mut len = 2;
    for (from, first) in [(0, 10_000), (1, 20_000)] {
        len += (HIT_COUNTERS_MAX - len).div_ceil(2);
        assert_eq!(bring(from, first..first + max), len, "{from}");
    }
    for from in 2..12 {
        let first = 10_000 + 10_000 * u32::try_from(from).unwrap();
        bring(from, first..first + max);
    }
    // What one of them did lately is known, and what it did first is not. The last one has no less than
    // if all had the same number.
    let mut again = |number, from| {
        policy.carry(guid(number), neighbour(from), hit(100, 100), false, NOW) == HitVerdict::Enough
    };
    assert_eq!([again(9_999 + max, 0), again(10_000, 0), again(1, 50)], [true, false, true]);
    let share = max / 14;
    let last = 120_000 + max;
    assert_eq!([again(last - share, 11), again(last - share - 1, 11)], [true, false]);
    assert_eq!(carry(&mut policy, 0, 1), HitVerdict::Unwanted, "nor what was closed");
    // However many there are.
    for from in 10..40 {
        let first = 1_000 * u32::try_from(from).unwrap();
        for number in 0..max / 8 {
            policy.carry(guid(200_000 + first + number), neighbour(from), hit(1, 100), false, NOW);
        }
        assert!(policy.len() <= HIT_COUNTERS_MAX);
    }
    assert_eq!(carry(&mut policy, 0, 1), HitVerdict::Unwanted);
    let before = policy.len();
    policy.close_neighbour(neighbour(0));
    assert!(policy.len() < before, "who goes leaves room");
}

#[test]
fn an_account_lives_for_its_time_and_a_little() {
    let mut policy = HitPolicy::new();
    assert_eq!(policy.next_timeout(), None);
    carry_all(&mut policy, 1, 0, hit(5, 100));
    let ends = NOW.after_ms(HIT_COUNTER_LIFE_MS);
    assert_eq!(policy.next_timeout(), Some(ends));
    let before = Time::from_micros(ends.as_micros() - 1);
    policy.carry(guid(2), neighbour(0), hit(10, 100), false, before);
    policy.timeout(before);
    assert_eq!((policy.len(), policy.next_timeout()), (2, Some(ends)));
    let refused = policy.carry(guid(1), neighbour(0), hit(10, 100), false, before);
    assert_eq!(refused, HitVerdict::Enough);
    policy.timeout(ends);
    assert_eq!(policy.len(), 1);
    let later = before.after_ms(HIT_COUNTER_LIFE_MS);
    assert_eq!(policy.next_timeout(), Some(later));
    policy.timeout(later);
    assert_eq!((policy.is_empty(), policy.next_timeout()), (true, None));
}

#[test]
fn old_accounts_are_looked_for_now_and_then() {
    let mut policy = HitPolicy::new();
    for number in 0..10 {
        let now = NOW.after_ms(u64::from(number) * HIT_COUNTERS_TIDY_MS / 10);
        policy.carry(guid(number), neighbour(0), hit(10, 100), false, now);
    }
    let mut lens = Vec::new();
    while let Some(due) = policy.next_timeout() {
        policy.timeout(due);
        lens.push((due, policy.len()));
    }
    let first = NOW.after_ms(HIT_COUNTER_LIFE_MS);
    assert_eq!(lens, [(first, 9), (first.after_ms(HIT_COUNTERS_TIDY_MS), 0)]);
}

#[test]
fn accounts_weigh_little_and_give_all_of_it_back() {
    let mut policy = HitPolicy::new();
    let from = neighbour(0);
    let kept = measure(|| {
        for number in 0..3 * u32::try_from(HIT_COUNTERS_MAX).unwrap() {
            policy.carry(guid(number), from, hit(1, 100), false, NOW);
        }
    });
    println!("{} accounts: {} bytes", policy.len(), kept.bytes_current);
    assert!(kept.bytes_current <= 100 * i64::try_from(policy.len()).unwrap());
    let back = measure(|| policy.timeout(NOW.after_ms(HIT_COUNTER_LIFE_MS)));
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

/// The answers to a question that is asked until it is not heard any more.
fn ask_to_the_limit(throttle: &mut RequeryThrottle, leaf: Slot, query: &Query, now: Time) {
    for time in 0..REQUERIES_MAX {
        assert!(throttle.may_ask(leaf, query, now), "{time}");
    }
    assert!(!throttle.may_ask(leaf, query, now), "once more than the limit");
}

/// DQ-19
#[test]
fn the_same_text_is_heard_so_often_in_1700_seconds_and_not_a_microsecond_earlier_again() {
    let [leaf, other] = leaves();
    let mut throttle = RequeryThrottle::new();
    let (song, film) = (query("a song", b""), query("a film", b""));
    ask_to_the_limit(&mut throttle, leaf, &song, NOW);
    let again = Time::from_millis(REQUERY_WAIT_MS);
    let before = Time::from_micros(again.as_micros() - 1);
    assert!(throttle.may_ask(leaf, &film, NOW) && throttle.may_ask(other, &song, NOW));
    assert!(!throttle.may_ask(leaf, &song, before));
    assert!(throttle.may_ask(leaf, &song, again), "the refused ones do not prolong the wait");
}

/// DQ-19: each time counts by itself.
#[test]
fn what_was_asked_later_is_forgotten_later() {
    let [leaf, _] = leaves();
    let mut throttle = RequeryThrottle::new();
    let song = query("a song", b"");
    let later = Time::from_millis(60_000);
    assert!(throttle.may_ask(leaf, &song, NOW));
    (1..REQUERIES_MAX).for_each(|_| assert!(throttle.may_ask(leaf, &song, later)));
    assert!(!throttle.may_ask(leaf, &song, later));
    let again = Time::from_millis(REQUERY_WAIT_MS);
    assert!(throttle.may_ask(leaf, &song, again));
    assert!(!throttle.may_ask(leaf, &song, again));
}

/// DQ-19: moments are remembered in whole seconds, and no wait is shorter for that.
#[test]
fn a_question_within_a_second_waits_for_its_end() {
    let [leaf, _] = leaves();
    let mut throttle = RequeryThrottle::new();
    let song = query("a song", b"");
    ask_to_the_limit(&mut throttle, leaf, &song, Time::from_millis(500));
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
    ask_to_the_limit(&mut throttle, leaf, &query("\\", ONE), NOW);
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
        for _ in 0..=REQUERIES_MAX {
            assert!(throttle.may_ask(leaf, &asked, NOW));
        }
    }
}

/// DQ-19
#[test]
fn a_leaf_that_asks_much_makes_us_forget_what_it_asked_first() {
    let [leaf, other] = leaves();
    let mut throttle = RequeryThrottle::new();
    let number = |number: usize| query(&number.to_string(), b"");
    ask_to_the_limit(&mut throttle, other, &number(0), NOW);
    let kept = measure(|| {
        ask_to_the_limit(&mut throttle, leaf, &number(0), NOW);
        for asked in REQUERIES_MAX..REQUERY_REMEMBERED_MAX {
            assert!(throttle.may_ask(leaf, &number(asked), NOW));
        }
    });
    assert!(kept.bytes_current <= 1_024, "{} bytes", kept.bytes_current);
    assert!(!throttle.may_ask(leaf, &number(0), NOW), "all are remembered");
    assert!(throttle.may_ask(leaf, &number(REQUERY_REMEMBERED_MAX), NOW));
    assert!(throttle.may_ask(leaf, &number(0), NOW), "the first is not");
    assert!(!throttle.may_ask(other, &number(0), NOW), "others' are");
    throttle.close(leaf);
    ask_to_the_limit(&mut throttle, leaf, &number(0), NOW);
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
