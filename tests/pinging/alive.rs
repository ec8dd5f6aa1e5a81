//! Signs of life: when a node pings its neighbours, and when it gives them up.

use filbert::base::limits::{
    ALIVE_LEAF_S, ALIVE_MISSES_MAX, ALIVE_ULTRAPEER_S, ALIVE_WAIT_AS_LEAF_S,
    ALIVE_WAIT_AS_ULTRAPEER_S,
};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::gnutella::pinging::{Pinged, Step};

use crate::desk::{Lab, at, at_ms};

/// In which seconds which neighbour was pinged, and in which it was given up.
fn told(happened: &[(Time, Step)], slot: Slot) -> (Vec<u64>, Vec<u64>) {
    let second = |now: &Time| now.as_micros() / 1_000_000;
    let (mut pinged, mut silent) = (Vec::new(), Vec::new());
    for (now, step) in happened {
        match step {
            Step::Alive { to, ping } if *to == slot => {
                assert_eq!((ping.ttl, ping.hops, ping.payload.len()), (1, 0, 0));
                pinged.push(second(now));
            }
            Step::Silent { slot: gone, fault } if *gone == slot => {
                assert_eq!(fault.rule.id(), "PING-07");
                silent.push(second(now));
            }
            _ => {}
        }
    }
    (pinged, silent)
}

/// PING-07, PING-13
#[test]
fn a_silent_ultrapeer_is_asked_three_times_and_given_up() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(false, at(100));
    let (first, wait) = (u64::from(ALIVE_ULTRAPEER_S), u64::from(ALIVE_WAIT_AS_ULTRAPEER_S));
    assert_eq!(lab.room.next_timeout(), Some(at(100 + first)));
    assert!(lab.timeout(at_ms(99_999 + first * 1_000)).is_empty());
    let (pinged, silent) = told(&lab.run_until(at(145)), slot);
    assert_eq!(pinged, [100 + first, 100 + first + wait, 100 + first + 2 * wait]);
    assert_eq!(pinged.len(), usize::from(ALIVE_MISSES_MAX));
    assert_eq!(silent, [145]);
}

/// PING-07, PING-13
#[test]
fn a_silent_leaf_is_asked_after_two_minutes() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(true, at(0));
    let (first, wait) = (u64::from(ALIVE_LEAF_S), u64::from(ALIVE_WAIT_AS_ULTRAPEER_S));
    let (pinged, silent) = told(&lab.run_until(at(first + 3 * wait)), slot);
    assert_eq!(pinged, [first, first + wait, first + 2 * wait]);
    assert_eq!(silent, [first + 3 * wait]);
}

/// PING-07, PING-13
#[test]
fn a_leaf_hears_of_one_of_its_ultrapeers_every_quarter_of_a_minute() {
    for (links, silence) in [(1, 15), (2, 30), (3, 45), (8, 120), (9, 120)] {
        let mut lab = Lab::without_refill(false);
        let slots: Vec<_> = (0..links).map(|_| lab.open(false, at(0))).collect();
        let wait = u64::from(ALIVE_WAIT_AS_LEAF_S);
        let (pinged, silent) = told(&lab.run_until(at(silence + 3 * wait)), slots[0]);
        assert_eq!(pinged, [silence, silence + wait, silence + 2 * wait], "{links} links");
        assert_eq!(silent, [silence + 3 * wait], "{links} links");
    }
}

/// PING-13
#[test]
fn a_leaf_that_loses_a_neighbour_looks_after_the_others_sooner() {
    let mut lab = Lab::without_refill(false);
    let (first, second) = (lab.open(false, at(0)), lab.open(false, at(0)));
    assert_eq!(lab.room.next_timeout(), Some(at(30)));
    lab.close(first);
    assert_eq!(lab.room.next_timeout(), Some(at(15)));
    lab.close(second);
    assert_eq!(lab.room.next_timeout(), None);
}

/// PING-07: whatever is heard is a sign of life.
#[test]
fn any_message_is_a_sign_of_life() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(false, at(0));
    let (pinged, _) = told(&lab.run_until(at(36)), slot);
    assert_eq!(pinged, [15, 25, 35]);
    lab.room.heard(slot, at(40));
    lab.room.sent(slot, at(41));
    let (pinged, silent) = told(&lab.run_until(at(60)), slot);
    assert_eq!((pinged, silent), (vec![55], vec![]));
}

/// PING-07: it is not enough to be heard, one has to be heard by the other side too.
#[test]
fn whoever_talks_to_us_hears_of_us_too() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(false, at(0));
    let mut pinged = Vec::new();
    for second in 1..=60 {
        lab.room.heard(slot, at(second));
        pinged.extend(told(&lab.run_until(at(second)), slot).0);
    }
    assert_eq!(pinged, [15, 30, 45, 60]);
}

/// PING-07: a neighbour to which we send all the time may be dead.
#[test]
fn whoever_only_listens_is_asked_too() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(false, at(0));
    let mut happened = Vec::new();
    for second in 1..=45 {
        lab.room.sent(slot, at(second));
        happened.extend(lab.run_until(at(second)));
    }
    assert_eq!(told(&happened, slot), (vec![15, 25, 35], vec![45]));
}

#[test]
fn on_a_busy_link_nobody_pings() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(false, at(0));
    for second in (10..=300).step_by(10) {
        lab.room.heard(slot, at(second));
        lab.room.sent(slot, at(second));
        assert_eq!(lab.run_until(at(second)), []);
    }
}

#[test]
fn what_is_due_for_thousands_is_done_at_once() {
    let mut lab = Lab::without_refill(true);
    for leaf in 0..5_000 {
        lab.open(true, at_ms(leaf / 5));
    }
    let happened = lab.run_until(at(121));
    assert_eq!(happened.len(), 5_000);
    assert!(happened.iter().all(|(now, _)| *now == at(120)));
}

/// PING-11
#[test]
fn a_ping_with_ttl_0_is_a_sign_of_life_without_an_answer() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(false, at(0));
    assert_eq!(lab.ping(0, 0, slot, at(1)), (Pinged::Sign, vec![]));
}

#[test]
fn a_node_that_becomes_an_ultrapeer_has_another_patience() {
    let mut lab = Lab::without_refill(false);
    for _ in 0..4 {
        lab.open(false, at(0));
    }
    assert_eq!(lab.room.next_timeout(), Some(at(60)));
    lab.room.become_role(true);
    assert_eq!(lab.room.next_timeout(), Some(at(15)));
    lab.room.become_role(false);
    assert_eq!(lab.room.next_timeout(), Some(at(60)));
}
