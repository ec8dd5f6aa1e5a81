//! Each threshold of each profile, at its limit and one past it.

#[allow(dead_code, reason = "every test file uses a part of it")]
use std::time::Duration;

use filbert::base::time::Time;
use filbert::promotion::{Observation, Protocol, Record, Role, Test, Thresholds};

use crate::desk::{HOUR, MINUTE, MOMENT, Node, SECOND, host};

const GTK_GNUTELLA: Thresholds = Thresholds::gtk_gnutella();
const LIMEWIRE: Thresholds = Thresholds::limewire();
const FILBERT: Thresholds = Thresholds::filbert();
const LABORATORY: Thresholds = Thresholds::laboratory();

/// A node that has been running for so long, after earlier runs.
fn aged(thresholds: Thresholds, record: &Record, run: Duration) -> Node {
    let mut node = Node::new(thresholds);
    node.promotion.import(record, Duration::ZERO, Time::ZERO);
    node.wait(run);
    node
}

/// A node that carried these rates, one a window.
fn carried(thresholds: Thresholds, rates: &[u64]) -> Node {
    let mut node = Node::new(thresholds);
    for &rate in rates {
        node.carry(rate, false, 1);
    }
    node
}

/// UP-05
#[test]
fn the_present_run_is_long_enough_from_its_limit_on() {
    for (thresholds, limit) in [
        (GTK_GNUTELLA, 3_601 * SECOND),
        (LIMEWIRE, 2 * HOUR),
        (FILBERT, HOUR),
        (LABORATORY, MINUTE),
    ] {
        let name = thresholds.name;
        // After many runs that ended at once, the average does not help.
        let record = Record { runs: 1_000, ..Record::default() };
        let at = aged(thresholds.clone(), &record, limit);
        let before = aged(thresholds, &record, limit - MOMENT);
        assert_eq!(
            (at.passes(Test::Uptime), before.passes(Test::Uptime)),
            (Some(true), Some(false)),
            "{name}"
        );
    }
}

/// UP-05
#[test]
fn a_long_average_makes_up_for_a_short_run_where_the_profile_says_so() {
    // Decaying: three quarters of the old average and one of the present run. Mean: two runs.
    let decaying = |average: u32| Record { average: average * SECOND, ..Record::default() };
    let mean = |total: u32| Record { runs: 1, total: total * SECOND, ..Record::default() };
    for (thresholds, record, run) in [
        (LIMEWIRE, mean(5_000), 2_200 * SECOND),
        (FILBERT, decaying(14_200), 10 * MINUTE),
        (FILBERT, decaying(14_000), 1_200 * SECOND),
        (LABORATORY, decaying(1_000), 10 * SECOND),
    ] {
        let name = thresholds.name;
        let at = aged(thresholds.clone(), &record, run);
        let before = aged(thresholds, &record, run - MOMENT);
        assert_eq!(
            (at.passes(Test::Uptime), before.passes(Test::Uptime)),
            (Some(true), Some(false)),
            "{name}"
        );
        assert_eq!(at.passes(Test::AverageUptime), None);
    }
    let record = decaying(13_196);
    let at = aged(GTK_GNUTELLA, &record, 3_612 * SECOND);
    let before = aged(GTK_GNUTELLA, &record, 3_612 * SECOND - MOMENT);
    assert_eq!(at.passes(Test::AverageUptime), Some(true));
    assert_eq!(before.passes(Test::AverageUptime), Some(false));
    assert_eq!(before.passes(Test::Uptime), Some(true));
}

/// UP-05
#[test]
fn the_address_has_to_stay_where_the_profile_says_so() {
    // Half of the old average and half of the present life: an hour and a half, and as much again.
    let record = Record { address_average: 3 * HOUR, ..Record::default() };
    for (thresholds, asked) in
        [(GTK_GNUTELLA, true), (LIMEWIRE, false), (FILBERT, false), (LABORATORY, false)]
    {
        let mut node = aged(thresholds, &record, Duration::ZERO);
        node.see(Observation::Address { ip: host(1), told_by: host(2) });
        node.wait(3 * HOUR - MOMENT);
        assert_eq!(node.passes(Test::AddressLife), asked.then_some(false));
        node.wait(MOMENT);
        assert_eq!(node.passes(Test::AddressLife), asked.then_some(true));
        // Somebody else sees another address, and then a second one does: it is a new one.
        node.see(Observation::Address { ip: host(5), told_by: host(2) });
        node.see(Observation::Address { ip: host(5), told_by: host(2) });
        assert_eq!(node.passes(Test::AddressLife), asked.then_some(true));
        node.see(Observation::Address { ip: host(5), told_by: host(3) });
        assert_eq!(node.passes(Test::AddressLife), asked.then_some(false));
    }
}

#[test]
fn the_address_has_to_be_public_outside_of_a_laboratory() {
    for (thresholds, asked) in
        [(GTK_GNUTELLA, true), (LIMEWIRE, true), (FILBERT, true), (LABORATORY, false)]
    {
        for (ip, is_public) in [("80.1.1.1", true), ("192.168.1.1", false)] {
            let mut node = Node::new(thresholds.clone());
            assert_eq!(node.passes(Test::PublicAddress), asked.then_some(false));
            node.see(Observation::Address { ip: ip.parse().unwrap(), told_by: host(2) });
            assert_eq!(node.passes(Test::PublicAddress), asked.then_some(is_public), "{ip}");
        }
    }
}

/// UP-04
#[test]
fn a_proof_that_others_reach_us_holds_until_its_limit() {
    for (thresholds, life) in [
        (GTK_GNUTELLA, Some(30 * MINUTE)),
        (LIMEWIRE, None),
        (FILBERT, Some(30 * MINUTE)),
        (LABORATORY, Some(30 * MINUTE)),
    ] {
        for (protocol, test) in [(Protocol::Tcp, Test::Tcp), (Protocol::Udp, Test::Udp)] {
            let mut node = Node::new(thresholds.clone());
            assert_eq!(node.passes(test), Some(false), "nobody has reached it yet");
            node.see(Observation::Reached { protocol, from: host(3) });
            node.wait(life.unwrap_or(1_000 * HOUR) - MOMENT);
            assert_eq!(node.passes(test), Some(true), "{}", thresholds.name);
            node.wait(MOMENT);
            assert_eq!(node.passes(test), Some(life.is_none()), "{}", thresholds.name);
        }
    }
}

/// UP-04
#[test]
fn who_asks_often_enough_in_vain_is_not_reached_any_more() {
    for (thresholds, limit) in
        [(GTK_GNUTELLA, None), (LIMEWIRE, None), (FILBERT, Some(3)), (LABORATORY, Some(3))]
    {
        let mut node = Node::new(thresholds);
        node.reach();
        for _ in 1..limit.unwrap_or(200) {
            node.see(Observation::Missed(Protocol::Tcp));
        }
        assert_eq!(node.passes(Test::Tcp), Some(true));
        node.see(Observation::Missed(Protocol::Tcp));
        assert_eq!(node.passes(Test::Tcp), Some(limit.is_none()));
        assert_eq!(node.passes(Test::Udp), Some(true), "one protocol says nothing of the other");
        node.reach();
        assert_eq!(node.passes(Test::Tcp), Some(true), "a proof makes up for all misses");
    }
}

/// UP-04
#[test]
fn who_reaches_us_from_our_own_house_proves_nothing_outside_of_a_laboratory() {
    for (thresholds, counts) in
        [(GTK_GNUTELLA, false), (LIMEWIRE, false), (FILBERT, false), (LABORATORY, true)]
    {
        let mut node = Node::new(thresholds);
        let from = "192.168.1.7".parse().unwrap();
        node.see(Observation::Reached { protocol: Protocol::Tcp, from });
        assert_eq!(node.passes(Test::Tcp), Some(counts));
    }
}

/// UP-06
#[test]
fn the_line_carries_enough_from_its_limit_on() {
    for (thresholds, limit, windows) in
        [(LIMEWIRE, 10_000, 1), (FILBERT, 20_000, 3), (LABORATORY, 20_000, 3)]
    {
        let name = thresholds.name;
        let passes = |rate, windows| {
            let rates = vec![rate; windows];
            carried(thresholds.clone(), &rates).passes(Test::Upload)
        };
        assert_eq!(passes(limit, windows), Some(true), "{name}");
        assert_eq!(passes(limit - 1, 8), Some(false), "{name}");
        assert_eq!(passes(limit * 100, windows - 1), Some(false), "{name}: too few windows");
    }
}

/// UP-06
#[test]
fn bytes_that_come_make_up_for_bytes_that_go_only_in_limewire() {
    for (thresholds, counts) in [(LIMEWIRE, true), (FILBERT, false), (LABORATORY, false)] {
        for (received, passed) in [(20_000, counts), (19_999, false)] {
            let mut node = Node::new(thresholds.clone());
            let window = thresholds.bandwidth.window;
            for _ in 0..5 {
                let received = received * window.as_secs();
                node.see(Observation::Traffic { sent: 0, received, congested: false });
                node.wait(window);
            }
            assert_eq!(node.passes(Test::Upload), Some(passed), "{}", thresholds.name);
        }
    }
}

/// UP-06
#[test]
fn a_promise_counts_fully_in_one_profile_as_a_trial_in_another_and_not_at_all_in_a_third() {
    for (thresholds, limit) in [
        (GTK_GNUTELLA, Some(16_000)),
        (LIMEWIRE, None),
        (FILBERT, Some(20_000)),
        (LABORATORY, Some(20_000)),
    ] {
        let passes = |upload| {
            let mut node = Node::new(thresholds.clone());
            node.see(Observation::Claimed { upload });
            node.passes(Test::Upload)
        };
        assert_eq!(passes(limit.unwrap_or(u64::MAX)), Some(limit.is_some()));
        assert_eq!(passes(limit.unwrap_or(1) - 1), Some(false));
    }
    // gtk-gnutella takes the line of one who says nothing for good enough.
    assert_eq!(Node::new(GTK_GNUTELLA).passes(Test::Upload), Some(true));
    assert_eq!(Node::new(FILBERT).passes(Test::Upload), Some(false));
}

#[test]
fn an_upload_that_stalled_tells_against_the_line_for_a_while() {
    for (thresholds, life) in [
        (GTK_GNUTELLA, Some(6 * HOUR)),
        (LIMEWIRE, None),
        (FILBERT, Some(30 * MINUTE)),
        (LABORATORY, Some(30 * SECOND)),
    ] {
        let mut node = Node::new(thresholds);
        assert_eq!(node.passes(Test::Stalls), life.map(|_| true));
        node.see(Observation::UploadStalled);
        node.wait(life.unwrap_or(SECOND) - MOMENT);
        assert_eq!(node.passes(Test::Stalls), life.map(|_| false));
        node.wait(MOMENT);
        assert_eq!(node.passes(Test::Stalls), life.map(|_| true));
    }
}

/// UP-15
#[test]
fn descriptors_have_to_be_more_than_are_needed() {
    for (thresholds, needed) in [
        (GTK_GNUTELLA, 300 + 50 + 10),
        (LIMEWIRE, 40 + 32),
        (FILBERT, 10 + 40 + 64),
        (LABORATORY, 10 + 40 + 64),
    ] {
        let mut node = Node::new(thresholds);
        assert_eq!(node.passes(Test::Descriptors), None, "nobody has counted");
        node.see(Observation::Descriptors { limit: needed + 200, others: 200 });
        assert_eq!(node.passes(Test::Descriptors), Some(false));
        node.see(Observation::Descriptors { limit: needed + 201, others: 200 });
        assert_eq!(node.passes(Test::Descriptors), Some(true));
    }
}

/// UP-15
#[test]
fn memory_has_to_be_more_than_is_needed() {
    const KIB: u64 = 1024;
    for (thresholds, needed, percent) in [
        (GTK_GNUTELLA, (300 * 256 + 350 * 96) * KIB, 75),
        (FILBERT, (10 * 32 + 50 * 96) * KIB, 50),
        (LABORATORY, (10 * 32 + 50 * 96) * KIB, 50),
    ] {
        let mut node = Node::new(thresholds);
        assert_eq!(node.passes(Test::Memory), None, "nobody has looked");
        let limit = needed * 100 / percent;
        node.see(Observation::Memory { physical: limit });
        assert_eq!(node.passes(Test::Memory), Some(false));
        node.see(Observation::Memory { physical: limit + 4 });
        assert_eq!(node.passes(Test::Memory), Some(true));
    }
}

#[test]
fn memory_must_not_be_short() {
    for thresholds in [GTK_GNUTELLA, LIMEWIRE, FILBERT, LABORATORY] {
        let mut node = Node::new(thresholds);
        for is_short in [false, true, false] {
            node.see(Observation::Shortage(is_short));
            assert_eq!(node.passes(Test::Shortage), Some(!is_short));
        }
    }
}

#[test]
fn processors_may_be_busy_up_to_their_limit() {
    for (thresholds, limit) in
        [(GTK_GNUTELLA, 1_000), (LIMEWIRE, 1_000), (FILBERT, 700), (LABORATORY, 700)]
    {
        let passes = |busy_permille| {
            let mut node = Node::new(thresholds.clone());
            node.see(Observation::Processor { busy_permille });
            node.passes(Test::Processor)
        };
        assert_eq!(passes(limit), Some(true));
        // More than everything is everything.
        assert_eq!(passes(limit + 1), Some(limit == 1_000));
    }
    // One busy moment is averaged with those before.
    let mut node = Node::new(FILBERT);
    for busy_permille in [500, 500, 1_000] {
        node.see(Observation::Processor { busy_permille });
    }
    assert_eq!(node.passes(Test::Processor), Some(true));
}

/// UP-05
#[test]
fn limewire_becomes_a_supernode_only_while_its_user_is_idle() {
    let mut node = Node::new(LIMEWIRE);
    node.see(Observation::Searched);
    node.wait(5 * MINUTE - MOMENT);
    assert_eq!(node.passes(Test::Idle), Some(false));
    node.wait(MOMENT);
    assert_eq!(node.passes(Test::Idle), Some(true));
    for (rate, passed) in [(999, true), (1_000, false)] {
        assert_eq!(carried(LIMEWIRE, &[20_000, rate]).passes(Test::IdleLine), Some(passed));
    }
    for thresholds in [GTK_GNUTELLA, FILBERT, LABORATORY] {
        let node = Node::new(thresholds);
        assert_eq!((node.passes(Test::Idle), node.passes(Test::IdleLine)), (None, None));
    }
}

#[test]
fn a_capable_node_passes_everything_and_one_failure_is_enough_to_hold_it_back() {
    type Spoil = fn(&mut Node);
    let private = "192.168.1.1".parse().unwrap();
    let spoils: [(Spoil, &[&str]); 5] = [
        (|_| {}, &[]),
        (
            |node| node.see(Observation::Shortage(true)),
            &["gtk-gnutella", "LimeWire", "Filbert", "laboratory"],
        ),
        (
            |node| node.see(Observation::Descriptors { limit: 20, others: 10 }),
            &["gtk-gnutella", "LimeWire", "Filbert", "laboratory"],
        ),
        (
            |node| (0..3).for_each(|_| node.see(Observation::Missed(Protocol::Udp))),
            &["Filbert", "laboratory"],
        ),
        (|node| node.see(Observation::Searched), &["LimeWire"]),
    ];
    for thresholds in [GTK_GNUTELLA, LIMEWIRE, FILBERT, LABORATORY] {
        for (number, (spoil, held_back)) in spoils.iter().enumerate() {
            let mut node = promotable(&thresholds);
            spoil(&mut node);
            node.live(thresholds.need.spread + MINUTE / 2);
            let is_held_back = node.promotion.role() == Role::Leaf;
            let expected = held_back.contains(&thresholds.name);
            assert_eq!(is_held_back, expected, "{number}, {}: {}", thresholds.name, node.explain());
        }
        let mut node = promotable(&thresholds);
        for n in [8, 9] {
            node.see(Observation::Address { ip: private, told_by: host(n) });
        }
        node.live(thresholds.need.spread + MINUTE / 2);
        let is_leaf = node.promotion.role() == Role::Leaf;
        assert_eq!(is_leaf, thresholds.reach.public_needed, "{}", node.explain());
    }
}

/// Capable, needed, and idle.
fn promotable(thresholds: &Thresholds) -> Node {
    let mut node = Node::capable(thresholds.clone());
    node.need();
    node
}
