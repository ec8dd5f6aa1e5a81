//! Another supernode is found when one is gone.

use filbert::fasttrack::ordinary_node::Output;
use filbert::fasttrack::wire::Message;

use super::lab::{Host, Lab, Tcp, Udp, supernode};

/// FTNODE-15
#[test]
fn another_supernode_is_found_at_once_when_one_is_gone() {
    let mut lab = Lab::new((0..3).map(|number| (supernode(number), Host::good(25))));
    lab.start();
    lab.run_ms(120_000);
    let (slot, first) = lab.node.supernode().unwrap();
    lab.hang_up(slot);
    lab.run_ms(1_000);
    let parents = lab.parents();
    assert_eq!(parents.len(), 2);
    assert_eq!(parents[1].0, 120_100, "four round trips later");
    assert_ne!(parents[1].1, first);
    let orphaned = lab.all(|output| matches!(output, Output::Orphaned).then_some(()));
    assert_eq!(orphaned, [(120_000, ())]);
}

/// FTNODE-15: even where most that are known have gone, and nothing is heard by UDP.
#[test]
fn there_is_a_supernode_again_within_thirty_seconds() {
    for (good, udp) in [(4, Udp::Room), (40, Udp::Silent)] {
        let host = |number: u16| match number % 200 < good {
            true => Host::new(udp, Tcp::Greets, 100),
            false => Host::dead(),
        };
        let all: Vec<_> = (0..200).map(|number| (supernode(number), host(number))).collect();
        let mut lab = Lab::new(all);
        lab.start();
        for _ in 0..20 {
            let before = lab.parents().len();
            lab.run_ms(30_000);
            assert_eq!(lab.parents().len(), before + 1, "{udp:?}");
            lab.run_ms(60_000);
            let (slot, _) = lab.node.supernode().expect("it stays");
            lab.hang_up(slot);
        }
    }
}

/// FTNODE-15: 1 s to 60 s.
#[test]
fn where_all_fail_they_are_asked_again_after_longer_and_longer() {
    let mut lab = Lab::new([(supernode(1), Host::new(Udp::Silent, Tcp::Refuses, 0))]);
    lab.start();
    lab.run_ms(600_000);
    let times: Vec<_> = lab.asked().into_iter().map(|(at, _)| at).collect();
    // Each time two seconds for the answer that does not come, then the wait.
    let waits: Vec<_> = times.windows(2).map(|two| two[1] - two[0] - 2_000).collect();
    assert_eq!(waits[0], 1_000);
    for (wait, longest) in waits.iter().zip([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]) {
        let longest = longest * 1_000;
        assert!((longest / 2..=longest).contains(wait) && *wait >= 1_000, "{waits:?}");
    }
    assert!(waits.len() >= 9, "{waits:?}");
}

/// FTNODE-15
#[test]
fn waits_begin_anew_when_there_was_a_supernode() {
    let mut lab = Lab::new([(supernode(1), Host::new(Udp::Silent, Tcp::Refuses, 0))]);
    lab.start();
    lab.run_ms(100_000);
    lab.hosts.insert(supernode(1), Host::good(10));
    lab.run_to_supernode();
    lab.run_ms(60_000);
    let (slot, _) = lab.node.supernode().unwrap();
    lab.hosts.insert(supernode(1), Host::new(Udp::Silent, Tcp::Refuses, 0));
    lab.outputs.clear();
    lab.hang_up(slot);
    lab.run_ms(10_000);
    let times: Vec<_> = lab.asked().into_iter().map(|(at, _)| at).collect();
    // 1 s, for nobody else is there; then 2 s for the answer, and 1 s to 2 s.
    assert!((3_000..=4_000).contains(&(times[1] - times[0])), "{times:?}");
}

/// FTNODE-15: whoever is taken and dropped again and again does not call ever faster.
#[test]
fn sessions_that_do_not_last_are_followed_by_waits() {
    let mut lab = Lab::new((0..50).map(|number| (supernode(number), Host::good(10))));
    lab.start();
    let lost_after = |lab: &mut Lab, lasts_ms| {
        lab.run_to_supernode();
        lab.run_ms(lasts_ms);
        let (slot, _) = lab.node.supernode().unwrap();
        lab.hang_up(slot);
        // Four round trips are no wait.
        lab.run_to_supernode() - 40
    };
    let waits: Vec<_> = (0..9).map(|_| lost_after(&mut lab, 59_990)).collect();
    assert_eq!(waits[..2], [0, 1_000]);
    for (wait, longest) in waits.iter().zip([0, 1, 2, 4, 8, 16, 32, 60, 60]) {
        assert!((longest * 500..=longest * 1_000 + 10).contains(wait), "{waits:?}");
    }
    assert_eq!(lost_after(&mut lab, 60_000), 0, "one that lasts makes up for all");
}

/// FTNODE-02: hosts that are named meanwhile are for the next time.
#[test]
fn who_has_a_supernode_asks_nobody() {
    let mut lab = Lab::new([]);
    lab.start();
    lab.run_ms(10_000);
    let slot = lab.open(supernode(1));
    lab.say(slot, &Message::SendShares);
    lab.outputs.clear();
    lab.node.give_hosts(&[supernode(2), supernode(3)], lab.now);
    lab.run_ms(60_000);
    assert!(lab.outputs.is_empty(), "{:?}", lab.outputs);
    lab.hang_up(slot);
    assert_eq!(lab.asked().len(), 2);
}

/// FTNODE-15: others come first, and then the one that is gone, which may be back.
#[test]
fn the_one_that_is_gone_is_asked_when_all_others_were() {
    let mut lab = Lab::new([(supernode(1), Host::good(10))]);
    lab.start();
    lab.run_to_supernode();
    lab.run_ms(60_000);
    lab.outputs.clear();
    let (slot, _) = lab.node.supernode().unwrap();
    lab.hosts.insert(supernode(2), Host::new(Udp::Full, Tcp::Declines, 10));
    lab.node.give_hosts(&[supernode(2)], lab.now);
    let lost = lab.now;
    lab.hang_up(slot);
    lab.run_to_supernode();
    let asked: Vec<_> = lab.asked().into_iter().map(|(_, asked)| asked).collect();
    assert_eq!(asked[0], supernode(2));
    assert!(asked[1..].contains(&supernode(1)));
    assert!(lab.now.since(lost).as_millis() < 1_100);
}
