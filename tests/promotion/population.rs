//! What becomes of a whole population: who is elected, who stays, and what liars gain.

#[allow(dead_code, reason = "every test file uses a part of it")]
use std::time::Duration;

use filbert::promotion::Thresholds;

use crate::world::{Lines, World};

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

const FILBERT: Thresholds = Thresholds::filbert();

/// Runs for so many hours, and says how many hours all supernodes served together.
fn served(world: &mut World, hours: usize) -> usize {
    let mut quarters = 0;
    for _ in 0..4 * hours {
        world.run(HOUR / 4);
        quarters += world.supernodes().len();
    }
    quarters / 4
}

/// K-3, R16
#[test]
fn the_elected_have_at_least_five_times_the_mean_capacity() {
    for seed in 0..2 {
        let mut world = World::new(Lines::MeasuredBefore, false, FILBERT, seed);
        served(&mut world, 1);
        let start = world.now;
        served(&mut world, 1);
        assert_eq!(world.promotions_since(start), (0, 0), "everybody stays what it is");
        let supernodes = world.supernodes().len();
        assert!(world.advantage() >= 500, "{} hundredths", world.advantage());
        assert!(world.orphans() <= 1, "{} leaves have no supernode", world.orphans());
        // 350 could be one.
        assert!((5..100).contains(&supernodes), "{supernodes} supernodes");
    }
}

/// K-3, R15
#[test]
fn the_strong_replace_the_weak_as_they_become_known_and_nobody_comes_and_goes() {
    let mut world = World::new(Lines::MeasuredInTime, false, FILBERT, 1);
    served(&mut world, 5);
    assert!(world.advantage() >= 500, "{} hundredths", world.advantage());
    let start = world.now;
    let hours = served(&mut world, 2);
    let (all, again) = world.promotions_since(start);
    assert!(world.advantage() >= 500, "{} hundredths", world.advantage());
    assert!(all > 0, "some are still being replaced");
    assert!(again * 10 < hours, "{again} came back in {hours} hours of service");
    assert!(world.orphans() <= 1, "{} leaves have no supernode", world.orphans());
}

#[test]
fn when_all_supernodes_vanish_others_take_their_place() {
    let mut world = World::new(Lines::MeasuredBefore, false, FILBERT, 1);
    world.run(HOUR);
    let before = world.supernodes();
    world.lose_all_supernodes();
    assert_eq!(world.orphans(), world.peers.len());
    world.run(5 * MINUTE);
    let after = world.supernodes();
    assert!(world.orphans() <= 1, "{} leaves have no supernode", world.orphans());
    assert!(after.iter().all(|number| !before.contains(number)), "they have to stay leaves first");
    assert!(after.len() < 200, "{} supernodes", after.len());
}

/// What liars have of the time that all supernodes serve, in hundredths, in some hours.
fn share_of_liars(world: &mut World, hours: u32) -> usize {
    let (mut all, mut liars) = (0, 0);
    let end = world.now.after(HOUR * hours);
    while world.now < end {
        world.step();
        all += world.supernodes().len();
        liars += world.lying_supernodes();
    }
    liars * 100 / all.max(1)
}

/// A17
#[test]
fn liars_gain_at_most_twice_their_share() {
    for lines in [Lines::MeasuredBefore, Lines::MeasuredInTime, Lines::Unmeasured] {
        let mut world = World::new(lines, true, FILBERT, 1);
        let share = share_of_liars(&mut world, 2);
        assert!(share <= 20, "{lines:?}: {share} of a hundred");
    }
    // Where promises are believed they gain more, so this is not for nothing.
    let mut world = World::new(Lines::Unmeasured, true, Thresholds::gtk_gnutella(), 1);
    let share = share_of_liars(&mut world, 2);
    assert!(share > 20, "{share} of a hundred");
}

/// A17
#[test]
fn a_line_that_does_not_bear_it_is_found_out_within_ten_minutes() {
    let mut world = World::new(Lines::Unmeasured, true, FILBERT, 1);
    let end = world.now.after(2 * HOUR);
    while world.now < end {
        world.step();
        assert!(world.longest_overload() <= 10 * MINUTE, "{:?}", world.now);
    }
    // Those who cannot even bear their neighbours are overloaded from the start.
    let weakest = world.peers.iter().filter(|peer| peer.lies && peer.capacity == 1_000);
    let mut found_out = 0;
    for peer in weakest {
        assert!(!peer.is_supernode());
        assert!(peer.changes.len() <= 2, "nobody is tried twice: {:?}", peer.changes);
        for pair in peer.changes.windows(2) {
            assert!(pair[1].0.since(pair[0].0) <= 10 * MINUTE, "{pair:?}");
            assert!(pair[1].2.starts_with("demoted: upload 1.0 of 20.0 KB/s"), "{pair:?}");
            found_out += 1;
        }
    }
    assert!(found_out >= 3, "only {found_out} were promoted at all");
}
