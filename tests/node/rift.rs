//! Ultrapeers whose line broke, and who finds them again.

use std::sync::Arc;

use filbert::gnutella::link::Role;
use filbert::node::RolePolicy;
use filbert::promotion::Thresholds;

use crate::support::net::Net;

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
    net.run(15);
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
