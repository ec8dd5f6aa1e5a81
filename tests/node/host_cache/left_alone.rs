//! For how long a node leaves a host alone.

use std::net::SocketAddr;

use filbert::base::limits::{
    DIAL_BUSY_S, DIAL_CONTACT_S, DIAL_DISLIKED_S, DIAL_FAILURES_MAX, DIAL_FAILURES_PROVEN_MAX,
    DIAL_FOREIGN_S, DIAL_INTERVAL_S, DIAL_UNKNOWN_CODE_S, DIAL_WAIT_MAX_S, HOSTS_SHUNNED_MAX,
    PARTED_SOON_S,
};
use filbert::gnutella::link::Refusal;
use filbert::gnutella::pinging::RoomFor;
use filbert::node::host_cache::{Facts, Learnt, Outcome, Quality, Source};

use super::{Lab, at, host};

/// HAND-73, HAND-74
#[test]
fn a_refusal_says_for_how_long_a_host_is_left_alone() {
    for (code, first_s, second_s) in [
        (503, DIAL_BUSY_S, 2 * DIAL_BUSY_S),
        (409, DIAL_BUSY_S, 2 * DIAL_BUSY_S),
        (429, DIAL_INTERVAL_S, 2 * DIAL_INTERVAL_S),
        (204, DIAL_DISLIKED_S, DIAL_DISLIKED_S),
        (299, DIAL_UNKNOWN_CODE_S, 2 * DIAL_UNKNOWN_CODE_S),
        (777, DIAL_UNKNOWN_CODE_S, 2 * DIAL_UNKNOWN_CODE_S),
    ] {
        let mut lab = Lab::new();
        lab.prove(host(1), 0);
        lab.cache.outcome(host(1), Outcome::Refused(code), at(1_000));
        assert_eq!(lab.next_call_s(1_000), Some(1_000 + first_s), "{code}");
        assert_eq!(lab.cache.quality(host(1)), Some(Quality::Proven), "{code}: it stays known");
        lab.cache.outcome(host(1), Outcome::Refused(code), at(9_000));
        assert_eq!(lab.next_call_s(9_000), Some(9_000 + second_s), "{code}: longer each time");
        lab.cache.outcome(host(1), Outcome::Connected, at(19_000));
        lab.cache.outcome(host(1), Outcome::Refused(code), at(20_000));
        assert_eq!(lab.next_call_s(20_000), Some(20_000 + first_s), "{code}: all is forgiven");
    }
}

/// HAND-73: no wait grows beyond an hour for want of room.
#[test]
fn a_busy_host_is_asked_again_within_the_hour() {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    for time in 0..40 {
        lab.cache.outcome(host(1), Outcome::Refused(503), at(1_000 * time));
    }
    assert_eq!(lab.next_call_s(39_000), Some(39_000 + DIAL_DISLIKED_S));
}

/// HAND-74
#[test]
fn a_refusal_may_be_for_long() {
    for (code, wait_s) in [
        (403, Some(DIAL_DISLIKED_S)),
        (550, Some(DIAL_DISLIKED_S)),
        (400, Some(DIAL_DISLIKED_S)),
        (406, Some(DIAL_FOREIGN_S)),
        (593, Some(DIAL_FOREIGN_S)),
        (401, None),
        (577, None),
    ] {
        let mut lab = Lab::new();
        lab.prove(host(1), 0);
        lab.cache.outcome(host(1), Outcome::Refused(code), at(1_000));
        assert_eq!(lab.cache.quality(host(1)), None, "{code}");
        let end_s = 1_000 + wait_s.unwrap_or(10_000_000);
        assert_eq!(lab.learn(host(1), Source::Itself, end_s - 1), Learnt::Shunned, "{code}");
        let expected = if wait_s.is_some() { Learnt::New } else { Learnt::Shunned };
        assert_eq!(lab.learn(host(1), Source::User, end_s), expected, "{code}");
        let other_port = SocketAddr::new(host(1).ip(), 99);
        assert_eq!(lab.learn(other_port, Source::User, end_s), Learnt::New, "another program");
    }
}

/// HAND-74
#[test]
fn whoever_dislikes_us_again_is_left_alone_for_twice_as_long() {
    let mut lab = Lab::new();
    for (refused, free) in [(0, 3_600), (3_600, 10_800), (10_800, 25_200)] {
        lab.learn(host(1), Source::User, refused);
        lab.cache.outcome(host(1), Outcome::Refused(403), at(refused));
        assert_eq!(lab.learn(host(1), Source::User, free - 1), Learnt::Shunned);
        assert_eq!(lab.learn(host(1), Source::User, free), Learnt::New);
    }
}

/// HAND-73
#[test]
fn whoever_is_a_leaf_now_is_no_longer_tried_as_an_ultrapeer() {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    lab.cache.outcome(host(1), Outcome::Refused(204), at(0));
    lab.learn(host(2), Source::User, 10_000);
    assert_eq!([lab.next(10_000), lab.next(10_000)], [Some(host(2)), Some(host(1))]);
}

/// A host that does not answer: proven ones are tried six times, others twice.
#[test]
fn a_host_that_fails_is_given_up() {
    for (is_proven, failures) in [(true, DIAL_FAILURES_PROVEN_MAX), (false, DIAL_FAILURES_MAX)] {
        let mut lab = Lab::new();
        lab.prove(host(9), 0);
        lab.learn(host(1), Source::Peer(host(2).ip()), 0);
        if is_proven {
            lab.prove(host(1), 0);
        }
        for failure in 1..=failures {
            assert!(lab.cache.quality(host(1)).is_some(), "{failure}");
            lab.cache.outcome(host(1), Outcome::Failed, at(100));
        }
        assert_eq!(lab.cache.quality(host(1)), None);
        let end_s = 100 + DIAL_DISLIKED_S;
        assert_eq!(lab.learn(host(1), Source::User, end_s - 1), Learnt::Shunned);
        let other_port = SocketAddr::new(host(1).ip(), 99);
        assert_eq!(lab.learn(other_port, Source::User, end_s - 1), Learnt::New);
        assert_eq!(lab.learn(host(1), Source::User, end_s), Learnt::New);
    }
}

/// PONG-16: it was given up, and a call that the user asked for leads to a link: it is known again by
/// our own word. Whoever was shunned for what it said stays so.
#[test]
fn a_host_that_was_given_up_is_known_again_once_it_answers() {
    let mut lab = Lab::new();
    lab.prove(host(9), 0);
    lab.prove(host(1), 0);
    for _ in 0..DIAL_FAILURES_PROVEN_MAX {
        lab.cache.outcome(host(1), Outcome::Failed, at(100));
    }
    assert_eq!(lab.learn(host(1), Source::Itself, 200), Learnt::Shunned);
    lab.cache.outcome(host(1), Outcome::Connected, at(300));
    assert_eq!(lab.cache.quality(host(1)), Some(Quality::Proven));
    assert_eq!(lab.learn(host(1), Source::Itself, 300), Learnt::Known);
    assert_eq!(lab.next(300 + DIAL_INTERVAL_S).map(|_| ()), Some(()));
    lab.cache.outcome(host(1), Outcome::Foreign, at(400));
    lab.cache.outcome(host(1), Outcome::Connected, at(500));
    lab.cache.outcome(host(2), Outcome::Connected, at(500));
    assert_eq!([host(1), host(2)].map(|host| lab.cache.quality(host)), [None; 2]);
}

#[test]
fn whoever_fails_waits_for_longer_each_time() {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    for wait_s in [120, 240, 480, 960, 1_920] {
        lab.cache.outcome(host(1), Outcome::Failed, at(10_000));
        assert_eq!(lab.next_call_s(10_000), Some(10_000 + wait_s));
    }
}

#[test]
fn who_takes_us_in_to_send_us_away_is_left_alone_for_a_while() {
    for (lasted_s, wait_s) in [(PARTED_SOON_S - 1, DIAL_BUSY_S), (PARTED_SOON_S, 0)] {
        let mut lab = Lab::new();
        lab.prove(host(1), 0);
        lab.cache.outcome(host(1), Outcome::Parted { lasted_s }, at(1_000));
        assert_eq!(lab.next_call_s(1_000), Some(1_000 + wait_s));
    }
}

/// BYE-18: it is not named to others either, until it has been heard of again.
#[test]
fn who_has_said_goodbye_is_as_good_as_busy() {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    lab.cache.outcome(host(1), Outcome::Goodbye, at(1_000));
    assert_eq!(lab.next_call_s(1_000), Some(1_000 + DIAL_BUSY_S));
    assert_eq!(lab.cache.quality(host(1)), Some(Quality::Proven), "it stays known");
    let named =
        |lab: &mut Lab| lab.cache.sample((9, RoomFor::Anybody), at(1_001), &mut lab.rng, |_| false);
    assert_eq!(named(&mut lab), []);
    lab.cache.outcome(host(1), Outcome::Connected, at(1_001));
    assert_eq!(named(&mut lab), [host(1)]);
}

/// When our own line is down everybody fails, and nobody is to blame.
#[test]
fn who_fails_while_nobody_answers_is_not_given_up() {
    for (failed, is_kept) in [(DIAL_CONTACT_S, false), (DIAL_CONTACT_S + 1, true)] {
        let mut lab = Lab::new();
        lab.prove(host(9), 0);
        lab.learn(host(1), Source::User, 0);
        for _ in 0..DIAL_FAILURES_MAX {
            lab.cache.outcome(host(1), Outcome::Failed, at(failed));
        }
        assert_eq!(lab.cache.quality(host(1)).is_some(), is_kept, "{failed}");
    }
}

/// HAND-74
#[test]
fn a_host_of_another_network_and_ourselves_are_not_called_again() {
    for (outcome, end_s) in [(Outcome::Foreign, Some(DIAL_FOREIGN_S)), (Outcome::Ourselves, None)] {
        let mut lab = Lab::new();
        lab.prove(host(1), 0);
        lab.cache.outcome(host(1), outcome, at(0));
        let last = end_s.map_or(4_000_000_000, |end_s| end_s - 1);
        assert_eq!(lab.learn(host(1), Source::User, last), Learnt::Shunned);
        if let Some(end_s) = end_s {
            assert_eq!(lab.learn(host(1), Source::User, end_s), Learnt::New);
        }
    }
}

#[test]
fn so_many_are_shunned_and_the_next_to_be_free_goes_first() {
    for (count, is_forgotten) in [(HOSTS_SHUNNED_MAX, false), (HOSTS_SHUNNED_MAX + 1, true)] {
        let mut lab = Lab::new();
        lab.cache.outcome(host(0), Outcome::Refused(403), at(0));
        for number in 1..u32::try_from(count).unwrap() {
            lab.cache.outcome(host(number), Outcome::Foreign, at(0));
        }
        assert_eq!(lab.learn(host(0), Source::User, 1) == Learnt::New, is_forgotten);
        assert_eq!(lab.learn(host(1), Source::User, 1), Learnt::Shunned);
    }
}

/// HAND-74
#[test]
fn no_host_is_left_alone_for_longer_than_the_limit_by_doubling() {
    let mut lab = Lab::new();
    let mut now = 0;
    for time in 1..20 {
        lab.learn_as(host(1), Source::User, Facts::default(), now);
        lab.cache.outcome(host(1), Outcome::Refused(Refusal::FORBIDDEN), at(now));
        let mut learn = |second| lab.learn_as(host(1), Source::User, Facts::default(), second);
        now += DIAL_WAIT_MAX_S;
        let was_free = learn(now - 1) != Learnt::Shunned;
        assert_eq!(was_free, time < 6, "after {time} times");
        assert_eq!(learn(now), if was_free { Learnt::Known } else { Learnt::New });
    }
}
