//! Whatever is observed, and however it jitters: nobody flaps, and nothing depends on the driver.

#[allow(dead_code, reason = "every test file uses a part of it")]
use std::time::Duration;

use filbert::base::time::Time;
use filbert::promotion::{Change, Guide, Observation, Protocol, Role, Room, Thresholds};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::desk::{HOUR, MINUTE, Node, SECOND, host};

/// Something that happens to a node, after some time.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Seen(Observation),
    Guided(Guide),
    Reached,
}

fn any_profile() -> impl Strategy<Value = Thresholds> {
    prop_oneof![
        Just(Thresholds::gtk_gnutella()),
        Just(Thresholds::limewire()),
        Just(Thresholds::filbert()),
        Just(Thresholds::laboratory()),
    ]
}

/// Values on both sides of the thresholds, so that everything changes all the time.
fn any_observation() -> impl Strategy<Value = Observation> {
    let rate = 0_u64..4_000_000;
    let protocol = prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp)];
    let room = prop_oneof![
        Just(Room::Accepted),
        Just(Room::Refused),
        any::<bool>().prop_map(|needed| Room::Guidance { needed }),
        (0_u32..2).prop_map(|free_leaf_slots| Room::Told { free_leaf_slots }),
    ];
    prop_oneof![
        4 => (rate.clone(), rate, any::<bool>())
            .prop_map(|(sent, received, congested)| Observation::Traffic { sent, received, congested }),
        1 => (10_000_u64..30_000).prop_map(|upload| Observation::Claimed { upload }),
        1 => Just(Observation::UploadStalled),
        1 => Just(Observation::Searched),
        2 => (0_u16..=1_000).prop_map(|busy_permille| Observation::Processor { busy_permille }),
        1 => (0_u64..2_000).prop_map(|limit| Observation::Descriptors { limit, others: 0 }),
        1 => (0_u64..1 << 28).prop_map(|physical| Observation::Memory { physical }),
        1 => any::<bool>().prop_map(Observation::Shortage),
        1 => protocol.prop_map(Observation::Missed),
        3 => (0_u32..4, 0_u32..3)
            .prop_map(|(leaves, supernodes)| Observation::Neighbours { leaves, supernodes }),
        4 => (any::<u8>(), any::<u8>(), room).prop_map(|(about, teller, news)| Observation::Room {
            host: host(about),
            told_by: host(teller),
            news,
        }),
    ]
}

fn any_life() -> impl Strategy<Value = Vec<(Duration, Happening)>> {
    let guide = any::<u8>().prop_map(|n| Guide {
        host: host(n),
        running_for: Some(100_000 * HOUR),
        is_good: true,
    });
    let happening = prop_oneof![
        6 => any_observation().prop_map(Happening::Seen),
        1 => guide.prop_map(Happening::Guided),
        4 => Just(Happening::Reached),
    ];
    let wait = prop_oneof![0_u64..10_000, 0_u64..1_000_000].prop_map(Duration::from_millis);
    prop::collection::vec((wait, happening), 1..300)
}

/// Lives through everything; `polls` are further moments at which it is asked to decide.
fn lived(thresholds: &Thresholds, life: &[(Duration, Happening)], polls: u32) -> Node {
    let mut node = Node::capable(thresholds.clone());
    node.need();
    for &(wait, happening) in life {
        let pieces = u64::from(polls) + 1;
        let piece = Duration::from_millis(u64::try_from(wait.as_millis()).unwrap() / pieces);
        for _ in 0..polls {
            node.live(piece);
        }
        node.live(wait - piece * polls);
        match happening {
            Happening::Seen(observation) => node.see(observation),
            Happening::Guided(guide) => {
                if node.promotion.follows(guide, node.now) {
                    node.changes.push((node.now, Change::Demote));
                }
            }
            Happening::Reached => node.reach(),
        }
        node.decide();
    }
    node
}

/// The least time between any two changes of a node.
fn assert_stays(node: &Node) {
    let switch = node.promotion.thresholds().switch;
    let as_supernode = switch.supernode_stay_min.min(switch.urgent_stay_min);
    for pair in node.changes.windows(2) {
        let [(from, first), (to, second)] = pair else { continue };
        let stay = match (first, second) {
            (Change::Promote, Change::Demote) => as_supernode,
            (Change::Demote, Change::Promote) => switch.leaf_stay_min,
            _ => panic!("{first:?} after {second:?}"),
        };
        assert!(to.since(*from) >= stay, "{:?}", node.changes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changes_are_never_closer_than_the_minimum_stay(
        thresholds in any_profile(),
        life in any_life(),
    ) {
        assert_stays(&lived(&thresholds, &life, 0));
    }

    /// A driver that asks at other moments as well gets the same answers.
    #[test]
    fn nothing_happens_between_observations_and_timeouts(
        thresholds in any_profile(),
        life in any_life(),
        polls in 1_u32..5,
    ) {
        let (one, other) = (lived(&thresholds, &life, 0), lived(&thresholds, &life, polls));
        prop_assert_eq!(one.changes, other.changes);
        prop_assert_eq!(one.promotion.explain(one.now), other.promotion.explain(other.now));
    }
}

/// That the two properties are about something: such lives do make supernodes and leaves.
#[test]
fn a_random_life_is_eventful() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut counts = [0, 0];
    for _ in 0..30 {
        let life = any_life().new_tree(&mut runner).unwrap().current();
        for (_, change) in lived(&Thresholds::laboratory(), &life, 0).changes {
            counts[usize::from(change == Change::Demote)] += 1;
        }
    }
    assert!(counts[0] > 30 && counts[1] > 10, "{counts:?}");
}

/// A day in which everything hovers about its threshold, with noise.
fn noisy_day(thresholds: Thresholds, seed: u64) -> Node {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut node = Node::capable(thresholds);
    let start = node.now;
    while node.now.since(start) < 24 * HOUR {
        let rate = rng.random_range(10_000..30_000);
        node.see(Observation::Traffic { sent: rate * 10, received: 0, congested: rng.random() });
        node.see(Observation::Processor { busy_permille: rng.random_range(500..1_000) });
        let leaves = rng.random_range(0..3);
        node.neighbours(leaves, rng.random_range(0..3));
        let news = if rng.random_bool(0.7) { Room::Refused } else { Room::Accepted };
        node.hear(rng.random(), news);
        node.see(Observation::Shortage(rng.random_bool(0.05)));
        if rng.random_bool(0.005) {
            node.reach();
        }
        if rng.random_bool(0.01) {
            node.see(Observation::Missed(Protocol::Tcp));
        }
        node.live(10 * SECOND);
    }
    assert_stays(&node);
    node
}

/// R15
#[test]
fn noise_about_every_threshold_does_not_make_a_node_flap() {
    let mut promotions = 0;
    for seed in 0..10 {
        let node = noisy_day(Thresholds::filbert(), seed);
        let count = node.changes.iter().filter(|(_, change)| *change == Change::Promote).count();
        // With stays of half an hour, one, two, four and eight hours there is room for six.
        assert!(count <= 6, "{:?}", node.changes);
        promotions += count;
    }
    assert!(promotions > 0, "nobody was ever promoted");
}

#[test]
fn the_same_seed_gives_the_same_life() {
    let lives: Vec<_> = (0..2).map(|_| noisy_day(Thresholds::laboratory(), 7).changes).collect();
    assert_eq!(lives[0], lives[1]);
    assert!(!lives[0].is_empty());
}

/// Two nodes that have nobody but each other: one serves, the other is served, and so it stays.
#[test]
fn two_nodes_do_not_take_turns() {
    for seed in 0..20 {
        let mut pair = [Node::capable(Thresholds::filbert()), Node::capable(Thresholds::filbert())];
        for (node, luck) in pair.iter_mut().zip([2 * seed, 2 * seed + 1]) {
            node.rng = ChaCha8Rng::seed_from_u64(luck);
            node.neighbours(0, 0);
        }
        let start = pair[0].now;
        while pair[0].now.since(start) < 48 * HOUR {
            let roles = pair.each_ref().map(|node| node.promotion.role());
            for (node, other) in pair.iter_mut().zip([roles[1], roles[0]]) {
                let ours = node.promotion.role();
                let is_served = ours == Role::Leaf && other == Role::Supernode;
                let serves = ours == Role::Supernode && other == Role::Leaf;
                node.neighbours(u32::from(serves), u32::from(is_served));
                node.reach();
                node.live(MINUTE);
            }
        }
        let roles = pair.each_ref().map(|node| node.promotion.role());
        assert_ne!(roles[0], roles[1], "{}; {}", pair[0].explain(), pair[1].explain());
        let last = pair.iter().flat_map(|node| &node.changes).map(|(at, _)| *at).max().unwrap();
        assert!(last < start.after(4 * HOUR), "they settle, and stay: {last:?}");
    }
}

/// How long a capable node waits when supernodes are needed.
fn delay(rate: u64, seed: u64) -> Duration {
    let mut node = Node::new(Thresholds::filbert());
    node.rng = ChaCha8Rng::seed_from_u64(seed);
    node.see(Observation::Address { ip: host(1), told_by: host(2) });
    node.see(Observation::Claimed { upload: 1_000_000_000 });
    node.neighbours(0, 3);
    node.carry(rate, false, 8);
    node.now = Time::ZERO.after(HOUR);
    let start = node.now;
    while node.promotion.role() == Role::Leaf {
        node.reach();
        node.need();
        node.live(SECOND);
    }
    node.now.since(start)
}

/// UP-03
#[test]
fn the_stronger_goes_first_and_who_only_promises_last() {
    // Bytes a second, and the minutes between which the promotion falls.
    for (rate, first, last) in [
        (1_000_000, 30 * SECOND, 150 * SECOND),
        (200_000, 2 * MINUTE, 4 * MINUTE),
        (40_000, 10 * MINUTE, 20 * MINUTE),
        (20_000, 20 * MINUTE, 40 * MINUTE),
        (0, 40 * MINUTE, 80 * MINUTE),
    ] {
        let delays: Vec<_> = (0..10).map(|seed| delay(rate, seed)).collect();
        let (shortest, longest) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
        assert!(*shortest >= first && *longest <= last + SECOND, "{rate}: {delays:?}");
        assert!(*longest - *shortest > (last - first) / 4, "{rate}: no jitter in {delays:?}");
    }
}

/// UP-03
#[test]
fn who_waits_gives_up_when_the_need_is_over() {
    let mut node = Node::capable(Thresholds::filbert());
    for _ in 0..1_000 {
        node.need();
        node.live(20 * SECOND);
        node.content();
        node.reach();
        node.live(SECOND);
    }
    assert_eq!(node.promotion.role(), Role::Leaf);
    assert_eq!(node.changes, []);
}
