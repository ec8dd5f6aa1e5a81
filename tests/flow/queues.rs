//! What waits for a neighbour: how much of it, in which order, for how long, and what is dropped.

use filbert::base::error::Fault;
use filbert::base::limits::{
    ANSWER_WAIT_MS, CONGESTED_MS, PING_WAIT_MS, QUERY_WAIT_MS, SEND_QUEUE_CONTROL_LEN_MAX,
    SEND_QUEUE_LEN_MAX, SEND_QUEUE_LEN_MIN, SEND_QUEUE_SHARED_LEN_MAX, SEND_QUEUE_TABLE_LEN_MAX,
    SEND_QUEUES_LEN_MAX,
};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::flow::{Class, Flow, Pushed, SendQueues};
use filbert::gnutella::link::Cost;
use filbert::gnutella::wire::{Frame, Function};

use crate::support::flow;
use crate::support::flow::{frame, number, slots};

const NOW: Time = Time::ZERO;
const KIB: usize = 1_024;

/// A neighbour that has just come.
fn neighbour() -> (SendQueues, Slot) {
    let (mut queues, slot) = (SendQueues::new(), slots(1)[0]);
    queues.open(slot);
    (queues, slot)
}

fn push(queues: &mut SendQueues, slot: Slot, class: Class, frame: Frame) -> Pushed {
    queues.push(slot, class, frame, None, NOW)
}

fn popped(queues: &mut SendQueues, slot: Slot, now: Time) -> Vec<u32> {
    std::iter::from_fn(|| queues.pop(slot, now)).map(|frame| number(&frame)).collect()
}

#[test]
fn a_driver_hears_of_the_first_message_and_takes_all_of_them() {
    let (mut queues, slot) = neighbour();
    assert!(push(&mut queues, slot, Class::Query, frame(1, 100)).ready);
    assert!(!push(&mut queues, slot, Class::Query, frame(2, 100)).ready);
    assert_eq!((queues.len_bytes(slot), queues.total_len_bytes()), (200, 200));
    assert_eq!(popped(&mut queues, slot, NOW), [1, 2]);
    assert!(queues.is_empty(slot) && queues.total_len_bytes() == 0);
    assert!(push(&mut queues, slot, Class::Query, frame(3, 100)).ready);
}

/// FLOW-01
#[test]
fn as_much_waits_for_a_neighbour_as_the_limit_allows() {
    let (mut queues, slot) = neighbour();
    for number in 0..96 {
        assert_eq!(push(&mut queues, slot, Class::Query, frame(number, KIB)).dropped, 0);
    }
    assert_eq!(queues.len_bytes(slot), SEND_QUEUE_LEN_MAX);
    assert_eq!(push(&mut queues, slot, Class::Query, frame(96, 23)).dropped, 1);
    assert_eq!(queues.len_bytes(slot), SEND_QUEUE_LEN_MAX - KIB + 23);
    assert_eq!(popped(&mut queues, slot, NOW), (1..97).collect::<Vec<_>>(), "the oldest is gone");
}

/// FLOW-01
#[test]
fn all_neighbours_together_have_a_limit_and_each_has_a_little_however_many_are_slow() {
    const SLOW: usize = 2_000;
    let (mut queues, slots) = (SendQueues::new(), slots(SLOW));
    let one = frame(0, KIB);
    for &slot in &slots {
        queues.open(slot);
        for _ in 0..=96 {
            push(&mut queues, slot, Class::Query, one.clone());
        }
        assert!((SEND_QUEUE_LEN_MIN..=SEND_QUEUE_LEN_MAX).contains(&queues.len_bytes(slot)));
    }
    assert_eq!(queues.len_bytes(slots[0]), SEND_QUEUE_LEN_MAX);
    assert_eq!(queues.len_bytes(slots[SLOW - 1]), SEND_QUEUE_LEN_MIN);
    let rest_len = SLOW * SEND_QUEUE_LEN_MIN;
    assert!(queues.total_len_bytes() <= SEND_QUEUES_LEN_MAX + rest_len);
    // Those who came first give way as soon as something is to be sent to them.
    for &slot in &slots {
        push(&mut queues, slot, Class::Query, one.clone());
    }
    assert!(queues.total_len_bytes() <= SEND_QUEUES_LEN_MAX);
}

#[test]
fn what_waits_long_holds_no_memory_but_its_own() {
    let (mut queues, slot) = neighbour();
    let received: Vec<_> = (0..10).map(|number| frame(number, KIB)).collect();
    for frame in &received {
        push(&mut queues, slot, Class::Hit, frame.clone());
    }
    for (number, frame) in received.iter().enumerate() {
        let sent = queues.pop(slot, NOW).unwrap();
        let is_shared = sent.payload.as_ptr() == frame.payload.as_ptr();
        assert_eq!(is_shared, number * KIB <= SEND_QUEUE_SHARED_LEN_MAX, "{number}");
        assert_eq!(sent, *frame);
    }
}

/// FLOW-06
#[test]
fn what_must_not_be_dropped_ends_the_link_when_it_has_no_room() {
    for (class, len_max) in
        [(Class::Control, SEND_QUEUE_CONTROL_LEN_MAX), (Class::Table, SEND_QUEUE_TABLE_LEN_MAX)]
    {
        let (mut queues, slot) = neighbour();
        for number in 0..u32::try_from(len_max / KIB).unwrap() {
            assert_eq!(push(&mut queues, slot, class, frame(number, KIB)).fault, None);
        }
        let pushed = push(&mut queues, slot, class, frame(99, 23));
        let fault = pushed.fault.unwrap();
        assert_eq!(fault.rule.id(), "FLOW-06");
        assert_eq!(Cost::of(&Fault::from(fault)), Cost::Bye(502));
        assert_eq!((pushed.dropped, queues.len_bytes(slot)), (1, len_max));
    }
}

#[test]
fn a_sender_of_tables_that_asks_first_never_makes_a_queue_overflow() {
    let (mut queues, slot) = neighbour();
    for number in 0..u32::try_from(SEND_QUEUE_TABLE_LEN_MAX / 2 / KIB).unwrap() {
        assert!(queues.has_room_for_table(slot));
        push(&mut queues, slot, Class::Table, frame(number, KIB));
    }
    assert!(!queues.has_room_for_table(slot));
    assert_eq!(push(&mut queues, slot, Class::Table, frame(99, 4 * KIB)).fault, None);
    queues.pop(slot, NOW);
    queues.clear(slot);
    assert!(queues.has_room_for_table(slot));
}

/// FLOW-02
#[test]
fn the_best_class_goes_first() {
    let (mut queues, slot) = neighbour();
    for (number, class) in (0..).zip(Class::ALL.into_iter().rev()) {
        push(&mut queues, slot, class, frame(number, 100));
    }
    assert_eq!(popped(&mut queues, slot, NOW), [7, 6, 5, 4, 3, 2, 1, 0]);
}

/// FLOW-02
#[test]
fn no_class_shuts_out_another_and_something_better_need_not_wait() {
    let (mut queues, slot) = neighbour();
    let mut sent = [0; 8];
    for round in 0..4_000 {
        // More of each comes than can go.
        for class in Class::ALL.into_iter().skip(2) {
            push(&mut queues, slot, class, frame(class as u32, 128));
        }
        if round % 100 == 99 {
            push(&mut queues, slot, Class::Control, frame(0, 128));
            assert_eq!(number(&queues.pop(slot, NOW).unwrap()), 0, "a sign of life does not wait");
        }
        sent[usize::try_from(number(&queues.pop(slot, NOW).unwrap())).unwrap()] += 1;
    }
    let [_, _, push, hit, own, query, pong, ping] = sent;
    assert!(ping > 50 && pong > ping && query > pong, "{sent:?}");
    assert!(hit > push && hit > own && hit > query && push >= query, "{sent:?}");
}

/// FLOW-02: a class whose queue is empty again and again has no more than one that always waits.
#[test]
fn who_comes_anew_each_time_gets_no_more_than_its_part() {
    let (mut queues, slot) = neighbour();
    let mut sent_bytes = [0; 2];
    for _ in 0..1_000 {
        push(&mut queues, slot, Class::Hit, frame(0, 4 * KIB));
        push(&mut queues, slot, Class::Query, frame(1, KIB));
        push(&mut queues, slot, Class::Query, frame(1, KIB));
        let sent = queues.pop(slot, NOW).unwrap();
        sent_bytes[usize::try_from(number(&sent)).unwrap()] += sent.wire_len();
    }
    let [hits, queries] = sent_bytes;
    assert!(queries * 5 > hits && hits > queries * 3, "{sent_bytes:?}");
}

/// FLOW-03
#[test]
fn where_there_is_no_room_the_worst_class_that_has_more_than_its_share_loses() {
    let (mut queues, slot) = neighbour();
    for number in 0..90 {
        push(&mut queues, slot, Class::Query, frame(number, KIB));
    }
    for (number, class) in [(101, Class::Ping), (102, Class::Pong), (103, Class::Push)] {
        push(&mut queues, slot, class, frame(number, KIB));
    }
    // Hits take the room of queries, down to their share, and nobody else's.
    for number in 200..290 {
        push(&mut queues, slot, Class::Hit, frame(number, KIB));
    }
    let left = popped(&mut queues, slot, NOW);
    let count = |from, to| left.iter().filter(|number| (from..to).contains(*number)).count();
    assert_eq!(count(0, 100), 10, "the share of queries");
    assert_eq!(count(101, 104), 3, "what is in its share stays");
    assert_eq!(left.len(), 96);
    let hits: Vec<_> = left.iter().copied().filter(|number| *number >= 200).collect();
    assert_eq!(hits, (207..290).collect::<Vec<_>>(), "the oldest went first");
}

/// FLOW-03
#[test]
fn in_a_class_whoever_has_most_waiting_loses_first() {
    let (mut queues, slot) = neighbour();
    let sources = slots(4);
    let mut total = 0;
    for number in 0..80 {
        total += queues.push(slot, Class::Query, frame(number, KIB), Some(sources[1]), NOW).dropped;
    }
    for number in 100..130 {
        total += queues.push(slot, Class::Query, frame(number, KIB), Some(sources[2]), NOW).dropped;
    }
    assert_eq!(total, 14);
    let left = popped(&mut queues, slot, NOW);
    let (few, many): (Vec<_>, Vec<_>) = left.into_iter().partition(|number| *number >= 100);
    assert_eq!(few, (100..130).collect::<Vec<_>>());
    assert_eq!(many, (14..80).collect::<Vec<_>>());
}

/// FLOW-04
#[test]
fn what_has_waited_for_too_long_is_not_sent() {
    for (class, wait_ms) in [
        (Class::Push, ANSWER_WAIT_MS),
        (Class::Hit, ANSWER_WAIT_MS),
        (Class::OwnQuery, ANSWER_WAIT_MS),
        (Class::Query, QUERY_WAIT_MS),
        (Class::Pong, PING_WAIT_MS),
        (Class::Ping, PING_WAIT_MS),
    ] {
        let (mut queues, slot) = neighbour();
        push(&mut queues, slot, class, frame(1, 100));
        let late = Time::from_millis(wait_ms);
        queues.push(slot, class, frame(2, 100), None, Time::from_micros(1));
        assert_eq!(popped(&mut queues, slot, late), [2], "{class:?}");
        assert!(queues.is_empty(slot) && queues.total_len_bytes() == 0);
    }
    for class in [Class::Control, Class::Table] {
        let (mut queues, slot) = neighbour();
        push(&mut queues, slot, class, frame(1, 100));
        assert_eq!(popped(&mut queues, slot, Time::from_micros(u64::MAX)), [1], "{class:?}");
    }
}

/// FLOW-05
#[test]
fn a_neighbour_is_congested_at_half_its_room_and_calm_at_a_quarter() {
    let (mut queues, slot) = neighbour();
    for number in 0..47 {
        push(&mut queues, slot, Class::Hit, frame(number, KIB));
    }
    assert_eq!((queues.poll_change(), queues.is_congested(slot)), (None, false));
    push(&mut queues, slot, Class::Hit, frame(47, KIB));
    assert_eq!(queues.poll_change(), Some((slot, Flow::Congested)));
    assert!(queues.is_congested(slot));
    while queues.len_bytes(slot) > 25 * KIB {
        queues.pop(slot, NOW);
        assert_eq!((queues.poll_change(), queues.is_congested(slot)), (None, true));
    }
    queues.pop(slot, NOW);
    assert_eq!(queues.poll_change(), Some((slot, Flow::Calm)));
    assert!(!queues.is_congested(slot) && queues.next_timeout().is_none());
}

#[test]
fn a_change_that_nobody_has_heard_of_is_taken_back() {
    let (mut queues, slot) = neighbour();
    for number in 0..48 {
        push(&mut queues, slot, Class::Hit, frame(number, KIB));
    }
    queues.clear(slot);
    assert_eq!((queues.poll_change(), queues.is_congested(slot)), (None, false));
}

/// FLOW-05
#[test]
fn a_neighbour_that_stays_congested_has_to_go() {
    let (mut queues, slot) = neighbour();
    for number in 0..48 {
        push(&mut queues, slot, Class::Hit, frame(number, KIB));
    }
    let due = Time::from_millis(CONGESTED_MS);
    assert_eq!(queues.next_timeout(), Some(due));
    let mut slow = Vec::new();
    queues.timeout(Time::from_micros(due.as_micros() - 1), &mut slow);
    assert_eq!(slow, []);
    queues.timeout(due, &mut slow);
    assert_eq!(slow.iter().map(|(_, fault)| fault.rule.id()).collect::<Vec<_>>(), ["FLOW-05"]);
    assert_eq!(Cost::of(&Fault::from(slow[0].1)), Cost::Bye(405));
    assert_eq!((slow[0].0, queues.next_timeout()), (slot, None));
}

#[test]
fn what_waited_for_a_neighbour_goes_with_it() {
    let mut places = Slots::new();
    let mut queues = SendQueues::new();
    let first = places.insert(());
    queues.open(first);
    for number in 0..60 {
        push(&mut queues, first, Class::Hit, frame(number, KIB));
    }
    queues.close(first);
    places.remove(first);
    let second = places.insert(());
    queues.open(second);
    assert_eq!((queues.total_len_bytes(), queues.next_timeout()), (0, None));
    assert_eq!((queues.poll_change(), queues.pop(second, NOW)), (None, None));
    assert_eq!(push(&mut queues, first, Class::Hit, frame(0, KIB)).dropped, 1, "it is gone");
    assert!(!push(&mut queues, first, Class::Hit, frame(0, KIB)).ready);
    assert!(push(&mut queues, second, Class::Hit, frame(1, KIB)).ready);
}

/// Bytes that are kept for so many neighbours after a hundred messages have gone to each.
fn kept_for(neighbours: usize) -> u64 {
    let slots = slots(neighbours);
    let one = frame(0, 100);
    let mut queues = SendQueues::new();
    let measured = allocation_counter::measure(|| {
        for &slot in &slots {
            queues.open(slot);
        }
        for &slot in &slots {
            for _ in 0..100 {
                push(&mut queues, slot, Class::Query, one.clone());
            }
        }
        for &slot in &slots {
            while queues.pop(slot, NOW).is_some() {}
        }
    });
    assert!(measured.bytes_max > 100 * neighbours as u64 * 64);
    u64::try_from(measured.bytes_current).unwrap()
}

#[test]
fn neighbours_for_whom_nothing_waits_cost_next_to_nothing() {
    let (leaf, ultrapeer, large) = (kept_for(3), kept_for(60), kept_for(5_000));
    assert!(leaf < 600, "{leaf} bytes");
    assert!(ultrapeer < 12_000, "{ultrapeer} bytes");
    assert!(large < 5_000 * 45, "{large} bytes");
}

/// FLOW-01
#[test]
fn what_is_longer_than_what_may_wait_does_not_wait() {
    let (mut queues, slots) = (SendQueues::new(), slots(1_000));
    let one = frame(0, 4 * KIB);
    slots.iter().for_each(|&slot| queues.open(slot));
    for &slot in &slots[1..] {
        for _ in 0..24 {
            push(&mut queues, slot, Class::Hit, one.clone());
        }
    }
    let expected = Pushed { ready: false, dropped: 1, fault: None };
    assert_eq!(push(&mut queues, slots[0], Class::Hit, frame(1, 16 * KIB)), expected);
    assert!(queues.is_empty(slots[0]) && !queues.is_congested(slots[0]));
    assert!(push(&mut queues, slots[0], Class::Hit, frame(2, 100)).ready);
}

#[test]
fn a_node_that_rests_keeps_what_waits_and_no_more() {
    let slots = slots(3);
    let one = frame(7, 100);
    let mut queues = SendQueues::new();
    let measured = allocation_counter::measure(|| {
        slots.iter().for_each(|&slot| queues.open(slot));
        for &slot in &slots {
            push(&mut queues, slot, Class::Query, one.clone());
        }
        slots[1..].iter().for_each(|&slot| drop(queues.pop(slot, NOW)));
        queues.rest();
    });
    // Three places, one queue, one message, and what queues share.
    assert!(measured.bytes_current < 3 * 16 + 250 + 128, "{} bytes", measured.bytes_current);
    assert_eq!(popped(&mut queues, slots[0], NOW), [7]);
}

#[test]
fn a_queue_that_many_have_filled_keeps_nothing_of_it() {
    let (mut queues, slot) = neighbour();
    let sources = slots(1_000);
    let one = frame(0, 23);
    let measured = allocation_counter::measure(|| {
        for &source in &sources {
            queues.push(slot, Class::Query, one.clone(), Some(source), NOW);
        }
        while queues.pop(slot, NOW).is_some() {}
    });
    assert!(measured.bytes_max > 1_000 * 100);
    assert!(measured.bytes_current < 500, "{} bytes are kept", measured.bytes_current);
}

#[test]
fn queues_that_have_become_short_give_memory_back_and_lose_nothing() {
    const SLOW: usize = 10;
    let slots = slots(SLOW);
    let one = frame(0, 100);
    let mut queues = SendQueues::new();
    let measured = allocation_counter::measure(|| {
        for &slot in &slots {
            queues.open(slot);
            for number in 0..400 {
                let one = Frame { guid: frame(number, 23).guid, ..one.clone() };
                push(&mut queues, slot, Class::Query, one);
            }
        }
        for number in 0..397 {
            for &slot in &slots {
                let sent = queues.pop(slot, NOW).map(|frame| flow::number(&frame));
                assert_eq!(sent, Some(number));
            }
        }
    });
    assert!(measured.bytes_max > 4_000 * 72);
    assert!(measured.bytes_current < 15_000, "{} bytes are kept", measured.bytes_current);
    for &slot in &slots {
        assert_eq!(popped(&mut queues, slot, NOW), [397, 398, 399]);
    }
}

#[test]
fn a_message_that_goes_to_half_of_the_neighbours_allocates_nothing() {
    let (mut queues, slots) = (SendQueues::new(), slots(60));
    slots.iter().for_each(|&slot| queues.open(slot));
    let one = frame(0, 100);
    let mut broadcast = || {
        for &slot in &slots[..30] {
            push(&mut queues, slot, Class::Query, one.clone());
        }
        slots.iter().filter(|slot| queues.pop(**slot, NOW).is_some()).count()
    };
    assert_eq!(broadcast(), 30);
    let measured = allocation_counter::measure(|| assert_eq!(broadcast(), 30));
    assert_eq!(measured.count_total, 0);
}

#[test]
fn a_message_that_is_taken_at_once_allocates_nothing() {
    let (mut queues, slot) = neighbour();
    let one = frame(0, 100);
    let take = |queues: &mut SendQueues| {
        push(queues, slot, Class::Query, one.clone());
        queues.pop(slot, NOW).map(|frame| number(&frame))
    };
    assert_eq!(take(&mut queues), Some(0));
    let measured = allocation_counter::measure(|| assert_eq!(take(&mut queues), Some(0)));
    assert_eq!(measured.count_total, 0);
}

#[test]
fn a_message_has_the_class_of_its_function_and_its_way() {
    let of = |function, ttl, hops, is_own| {
        Class::of(&Frame { function, ttl, hops, ..frame(0, 100) }, is_own)
    };
    assert_eq!(of(Function::PING, 1, 0, false), Class::Control);
    assert_eq!(of(Function::PING, 3, 0, false), Class::Ping);
    assert_eq!(of(Function::PING, 1, 2, false), Class::Ping);
    assert_eq!(of(Function::PONG, 1, 0, false), Class::Control);
    assert_eq!(of(Function::PONG, 3, 2, false), Class::Pong);
    assert_eq!(of(Function::QUERY, 3, 0, true), Class::OwnQuery);
    assert_eq!(of(Function::QUERY, 3, 1, false), Class::Query);
    assert_eq!(of(Function::QUERY_HIT, 3, 1, false), Class::Hit);
    assert_eq!(of(Function::PUSH, 3, 1, false), Class::Push);
    assert_eq!(of(Function::QUERY_TABLE, 1, 0, false), Class::Table);
    for function in [Function::VENDOR, Function::VENDOR_STANDARD, Function::HSEP, Function::BYE] {
        assert_eq!(of(function, 1, 0, false), Class::Control);
    }
}
