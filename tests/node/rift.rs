//! Ultrapeers whose line broke, and who finds them again.

mod lines;

use std::sync::Arc;
use std::time::Duration;

use filbert::gnutella::link::Role;
use filbert::node::{Direction, RolePolicy};
use filbert::promotion::{SlotThresholds, Thresholds};

use crate::support::net::{Net, address};
use lines::{Lines, Manner};

/// An ultrapeer that wants no more than two neighbours, and has these six.
fn with_six_neighbours() -> (Net, usize, [usize; 6]) {
    let mut net = Net::new();
    let at = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        let mut thresholds = Thresholds::filbert();
        thresholds.slots.supernodes_target = 2;
        config.thresholds = Arc::new(thresholds);
    });
    let others = [(); 6].map(|()| net.add(Role::Ultrapeer));
    others.iter().for_each(|other| net.connect(*other, at));
    net.run(60);
    assert_eq!(net.neighbours(at).len(), 6);
    (net, at, others)
}

/// UP-16: three that fell silent together are called until one of them is reached, and then all are.
#[test]
fn neighbours_that_fell_silent_together_come_back() {
    let (mut net, at, others) = with_six_neighbours();
    let lost = &others[..3];
    lost.iter().for_each(|other| net.places[*other].is_cut = true);
    net.run(300);
    assert_eq!(net.neighbours(at).len(), 3, "they are given up");
    net.run(600);
    lost.iter().for_each(|other| net.places[*other].is_cut = false);
    net.run(60);
    assert_eq!(net.neighbours(at).len(), 6, "they are back");
}

/// UP-16: that two computers stop says nothing, and there are enough neighbours.
#[test]
fn two_that_fell_silent_are_not_looked_for() {
    let (mut net, at, others) = with_six_neighbours();
    let lost = &others[..2];
    lost.iter().for_each(|other| net.places[*other].is_cut = true);
    net.run(900);
    lost.iter().for_each(|other| net.places[*other].is_cut = false);
    net.run(3_600);
    assert_eq!(net.neighbours(at).len(), 4);
}

/// UP-16: six are a fifth of thirty, though all are given up at the same moment.
#[test]
fn those_that_are_given_up_at_one_moment_are_counted_once() {
    let mut lines = Lines::of(30, |_| {});
    lines.cut(1..=6);
    lines.run(90);
    assert!((1..=6).any(|n| !lines.calls(n).is_empty()), "they are looked for");
    let mut lines = Lines::of(31, |_| {});
    lines.cut(1..=6);
    lines.run(90);
    assert!((1..=6).all(|n| lines.calls(n).is_empty()), "six of thirty-one are less");
}

/// UP-16, HAND-62: whether one or all stay away, and whether the node has others left or none.
#[test]
fn nobody_is_called_a_third_time_in_a_minute() {
    for (count, back) in [(4, 2), (4, 0), (3, 2), (3, 0)] {
        let mut lines = Lines::of(count, |_| {});
        lines.cut(1..=3);
        lines.run(120);
        lines.mend(1..=back);
        lines.run(3_600);
        assert_spared(&lines);
        assert!(lines.calls(3).len() >= 20, "and yet often");
    }
}

/// UP-16, HAND-62: nor where the last ultrapeer is lost soon after they were called for that.
#[test]
fn nobody_is_called_a_third_time_in_a_minute_in_a_hurry() {
    for after_s in (60..=140).step_by(10) {
        let mut lines = Lines::of(4, |_| {});
        lines.cut(1..=3);
        lines.run(after_s);
        lines.cut(4..=4);
        lines.hang_up(4);
        lines.run(600);
        assert_spared(&lines);
    }
}

#[track_caller]
fn assert_spared(lines: &Lines) {
    for n in 1..=3 {
        let calls = lines.calls(n);
        for three in calls.windows(3) {
            assert!(three[2].since(three[0]) >= Duration::from_secs(60), "{n}: {calls:?}");
        }
    }
}

/// UP-16: calls over the rift say nothing against a host, whether nobody takes them or somebody who
/// hangs up; once one is reached, all are back at once.
#[test]
fn whoever_is_looked_for_stays_known_and_comes_back() {
    let mut lines = Lines::of(6, |_| {});
    lines.cut(1..=3);
    lines.teach(3, Manner::HangsUp);
    // The own part of the overlay goes on: there is somebody new every minute.
    for n in 7..=36 {
        lines.run(60);
        lines.know(n);
    }
    assert!((1..=3).all(|n| lines.calls(n).len() > 6));
    assert!((1..=3).all(|n| lines.node.known_hosts().any(|known| known == address(n))));
    lines.unteach(3);
    lines.mend(1..=3);
    lines.run(60);
    assert!((1..=3).all(|n| lines.is_neighbour(n)));
    assert_called_at_once(&lines);
}

/// UP-16: one that has no room now is there, and so are the others.
#[test]
fn whoever_declines_is_reached() {
    let mut lines = Lines::of(6, |_| {});
    lines.cut(1..=3);
    lines.teach(1, Manner::Declines);
    lines.run(65);
    assert_called_at_once(&lines);
}

/// All three were called for the last time at one moment.
#[track_caller]
fn assert_called_at_once(lines: &Lines) {
    let seconds = [1, 2, 3].map(|n| lines.calls(n).last().map(|call| call.as_micros() / 1_000_000));
    assert_eq!(seconds, [seconds[0]; 3]);
    assert!(seconds[0].is_some());
}

/// UP-16: beyond as many as an ultrapeer seeks, and not beyond as many as it takes.
#[test]
fn nobody_is_called_for_whom_there_is_no_slot() {
    let six_at_most = |slots: &mut SlotThresholds| {
        (slots.supernodes_target, slots.supernodes_max) = (2, 6);
        (slots.poor_percent, slots.incoming_percent) = (100, 100);
    };
    let mut lines = Lines::of(6, six_at_most);
    lines.cut(1..=3);
    lines.run(45);
    (7..=9).for_each(|n| lines.let_in(n));
    lines.run(120);
    assert_eq!(lines.neighbours_len(), 6);
    let calls: Vec<_> = (1..=3).map(|n| lines.calls(n)).collect();
    assert!(calls.iter().all(Vec::is_empty), "there is no slot: {calls:?}");
}

/// UP-16: leaves come back by themselves.
#[test]
fn leaves_that_fell_silent_are_not_looked_for() {
    let mut lines = Lines::of(2, |_| {});
    (3..=8).for_each(|n| lines.open(n, Role::Leaf, Direction::Incoming));
    lines.cut(3..=8);
    lines.run(400);
    assert_eq!(lines.neighbours_len(), 2);
    assert!((3..=8).all(|n| lines.calls(n).is_empty()));
}

/// UP-16: while one has taken a call and not yet said anything, it is not called again.
#[test]
fn whoever_is_greeted_is_not_called() {
    let mut lines = Lines::of(6, |_| {});
    lines.cut(1..=3);
    lines.teach(1, Manner::Waits);
    lines.run(400);
    assert_eq!(lines.calls(1).len(), 1);
    assert!(lines.calls(2).len() > 4);
}

/// UP-16: that somebody was a neighbour does not lift a ban.
#[test]
fn whoever_is_banned_is_not_called() {
    let mut lines = Lines::of(6, |_| {});
    lines.cut(1..=3);
    lines.run(45);
    (0..8).for_each(|_| lines.knock(1));
    lines.run(120);
    assert!(lines.calls(1).is_empty(), "{:?}", lines.calls(1));
    assert!(!lines.calls(2).is_empty() && !lines.calls(3).is_empty());
}

/// UP-16: who turns out to belong to another network is there, and no longer looked for.
#[test]
fn whoever_answers_as_a_stranger_is_not_called_again() {
    let mut lines = Lines::of(6, |_| {});
    lines.cut(1..=3);
    lines.teach(1, Manner::IsStranger);
    lines.run(65);
    assert_called_at_once(&lines);
    lines.run(600);
    assert_eq!(lines.calls(1).len(), 1);
    assert!(lines.calls(2).len() > 4);
}
