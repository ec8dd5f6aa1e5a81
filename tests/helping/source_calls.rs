//! Calls to those who are said to have a file, pushes of ours, and pushes that are asked for over HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use filbert::base::limits::{
    CALLED_PORT_MIN, OWN_PUSH_EVERY_MS, OWN_PUSHES_MAX, OWN_PUSHES_OF_HOST_MAX,
    OWN_PUSHES_OF_SERVENT_MAX, REQUESTED_PUSHES_EVERY_MS, REQUESTED_PUSHES_MAX,
    REQUESTED_PUSHES_OF_HOST_MAX, REQUESTED_PUSHES_OF_SERVENT_MAX, SOURCE_CALL_EVERY_MS,
    SOURCE_CALLS_MAX, SOURCE_CALLS_OF_HOST_MAX, SOURCE_LEFT_ALONE_MS, SOURCE_SERVENT_EVERY_MS,
    SOURCE_SERVENTS_MAX,
};
use filbert::base::time::Time;
use filbert::gnutella::push_proxy::{
    Callback, Callbacks, OwnPushes, Permit, RequestedPushes, SourceCalls,
};
use filbert::gnutella::wire::Guid;

const NOW: Time = Time::ZERO;
const SOON: Permit = Permit::Later { wait_ms: SOURCE_CALL_EVERY_MS };

fn host(number: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0xcb01_0000 + u32::try_from(number).unwrap()))
}

fn at(number: usize) -> SocketAddr {
    SocketAddr::new(host(number), 6_346)
}

fn servent(number: usize) -> Guid {
    Guid((number as u128).to_be_bytes())
}

fn just_before(ms: u64) -> Time {
    Time::from_micros(ms * 1_000 - 1)
}

/// DOWN-15, PUSH-16, A7 of the attacks: every hit of every search names one victim.
#[test]
fn a_victim_that_hits_name_is_called_once_a_minute_and_three_times_in_all() {
    let mut calls = SourceCalls::new(false);
    let mut called = Vec::new();
    for second in 0..3_599 {
        for port in [6_346, 8_080, 6_347] {
            let victim = SocketAddr::new(host(1), port);
            if calls.allow(victim, Time::from_millis(second * 1_000)) == Permit::Now {
                called.push(second);
            }
        }
    }
    assert_eq!(called, [0, 60, 120]);
    assert_eq!(called.len(), usize::from(SOURCE_CALLS_OF_HOST_MAX));
    assert_eq!(calls.allow(at(1), just_before(SOURCE_LEFT_ALONE_MS)), Permit::LeftAlone);
    // The first of three calls is forgotten then.
    assert_eq!(calls.allow(at(1), Time::from_millis(SOURCE_LEFT_ALONE_MS)), Permit::Now);
}

/// DOWN-15, PUSH-16: a link that somebody else has made may name anybody.
#[test]
fn whom_the_user_names_is_called_no_more_often_and_at_any_port() {
    let mut calls = SourceCalls::new(false);
    let called = (0..600).filter(|second| {
        let now = Time::from_millis(second * 1_000);
        calls.allow_named(SocketAddr::new(host(1), 80), now) == Permit::Now
    });
    assert_eq!(called.collect::<Vec<_>>(), [0, 60, 120]);
    let inside = "192.168.1.1:8080".parse().unwrap();
    assert_eq!(calls.allow_named(inside, NOW), Permit::Now);
}

/// PUSH-16
#[test]
fn a_host_waits_for_its_second_call() {
    let mut calls = SourceCalls::new(false);
    assert_eq!(calls.allow(at(1), NOW), Permit::Now);
    assert_eq!(calls.allow(at(1), just_before(SOURCE_CALL_EVERY_MS)), SOON);
    assert_eq!(calls.allow(at(1), Time::from_millis(SOURCE_CALL_EVERY_MS)), Permit::Now);
}

/// DOWN-16, PUSH-16, A7 of the attacks
#[test]
fn what_is_no_servent_is_not_called_again() {
    let mut calls = SourceCalls::new(false);
    assert_eq!(calls.allow(at(1), NOW), Permit::Now);
    calls.is_servent(at(1), NOW);
    calls.is_no_servent(at(1), NOW);
    assert_eq!(calls.allow(at(1), just_before(SOURCE_LEFT_ALONE_MS)), Permit::LeftAlone);
    assert_eq!(calls.allow(at(1), Time::from_millis(SOURCE_LEFT_ALONE_MS)), Permit::Now);
}

/// PUSH-16
#[test]
fn a_servent_is_called_as_often_as_there_is_reason() {
    let mut calls = SourceCalls::new(false);
    assert_eq!(calls.allow(at(1), NOW), Permit::Now);
    calls.is_servent(at(1), NOW);
    for call in 1..20 {
        let now = Time::from_millis(call * SOURCE_SERVENT_EVERY_MS);
        let early = Time::from_micros(now.as_micros() - 1);
        let later = Permit::Later { wait_ms: SOURCE_SERVENT_EVERY_MS };
        assert_eq!(calls.allow(at(1), early), later);
        assert_eq!(calls.allow(at(1), now), Permit::Now);
    }
    // Who has not shown it for long is a stranger.
    let late = Time::from_millis(SOURCE_LEFT_ALONE_MS);
    assert_eq!(calls.allow(at(1), late), Permit::Now);
    assert_eq!(calls.allow(at(1), late.after_ms(SOURCE_SERVENT_EVERY_MS)), SOON);
}

/// PUSH-16
#[test]
fn so_many_strangers_are_called_in_a_minute() {
    let mut calls = SourceCalls::new(false);
    let called =
        (0..=SOURCE_CALLS_MAX).filter(|number| calls.allow(at(*number), NOW) == Permit::Now);
    assert_eq!(called.count(), SOURCE_CALLS_MAX);
}

#[test]
fn so_many_servents_are_remembered() {
    let mut calls = SourceCalls::new(false);
    for number in 0..=SOURCE_SERVENTS_MAX {
        calls.is_servent(at(number), Time::from_millis(number as u64));
    }
    let now = Time::from_millis(SOURCE_CALL_EVERY_MS);
    let again = now.after_ms(SOURCE_SERVENT_EVERY_MS);
    for (number, permit) in [(0, SOON), (1, Permit::Now), (SOURCE_SERVENTS_MAX, Permit::Now)] {
        assert_eq!(calls.allow(at(number), now), Permit::Now);
        assert_eq!(calls.allow(at(number), again), permit, "{number}");
    }
}

/// PUSH-08, PUSH-16
#[test]
fn what_strangers_do_not_have_is_not_called() {
    let mut calls = SourceCalls::new(false);
    let unfit = ["10.0.0.1:6346", "127.0.0.1:6346", "203.1.0.1:0"].map(|at| at.parse().unwrap());
    for to in unfit.into_iter().chain([SocketAddr::new(host(1), CALLED_PORT_MIN - 1)]) {
        assert_eq!(calls.allow(to, NOW), Permit::Unfit, "{to}");
    }
    assert_eq!(calls.allow(SocketAddr::new(host(1), CALLED_PORT_MIN), NOW), Permit::Now);
    // In a laboratory many nodes share an address.
    let mut calls = SourceCalls::new(true);
    for port in [7_001, 7_002] {
        assert_eq!(
            calls.allow(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port), NOW),
            Permit::Now
        );
    }
    assert_eq!(calls.allow(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 7_001), NOW), SOON);
}

/// PUSH-12, A8 of the attacks: a hundred thousand pushes name one victim to a thousand nodes.
#[test]
fn a_thousand_nodes_do_not_flood_a_victim_of_pushes() {
    let mut nodes: Vec<(Callbacks, Vec<u64>)> = vec![Default::default(); 1_000];
    for push in 0..100_000_u64 {
        let second = push / 50;
        let now = Time::from_millis(second * 1_000);
        let (callbacks, called) = &mut nodes[usize::try_from(push * 7_919 % 1_000).unwrap()];
        if callbacks.allow(at(1), None, now) {
            called.push(second);
            // Nobody there speaks as a servent does.
            callbacks.ended(at(1), Callback::Silent, now);
        }
    }
    for (_, called) in &nodes {
        assert!((1..=3).contains(&called.len()), "{called:?}");
        assert!(called.windows(2).all(|pair| pair[1] - pair[0] >= 60), "{called:?}");
    }
}

/// PUSH-18
#[test]
fn few_pushes_are_asked_for_over_http() {
    let mut pushes = RequestedPushes::default();
    let mut passed = |servents: usize, hosts: usize, now: Time| {
        let asked = (0..1_000).map(|number| (servent(number % servents), host(number % hosts)));
        asked.filter(|(servent, host)| pushes.allow(*servent, *host, now)).count()
    };
    assert_eq!(passed(1, 1_000, NOW), usize::from(REQUESTED_PUSHES_OF_SERVENT_MAX));
    assert_eq!(passed(1, 1_000, just_before(REQUESTED_PUSHES_EVERY_MS)), 0);
    let mut late = Time::from_millis(REQUESTED_PUSHES_EVERY_MS);
    assert_eq!(passed(1_000, 1, late), usize::from(REQUESTED_PUSHES_OF_HOST_MAX));
    late = late.after_ms(REQUESTED_PUSHES_EVERY_MS);
    assert_eq!(passed(1_000, 1_000, late), REQUESTED_PUSHES_MAX);
    assert!(!pushes.is_empty());
}

/// PUSH-17
#[test]
fn few_pushes_of_ours_go_to_one_host_or_servent() {
    let mut pushes = OwnPushes::default();
    let again = |pushes: &mut OwnPushes, now| {
        let of_servent = (0..9).filter(|_| pushes.may_push(servent(1), now)).count();
        (of_servent, (0..9).filter(|_| pushes.may_send(host(1), now)).count())
    };
    let most = (usize::from(OWN_PUSHES_OF_SERVENT_MAX), usize::from(OWN_PUSHES_OF_HOST_MAX));
    assert_eq!(again(&mut pushes, NOW), most);
    assert_eq!(again(&mut pushes, just_before(OWN_PUSH_EVERY_MS)), (0, 0));
    assert_eq!(again(&mut pushes, Time::from_millis(OWN_PUSH_EVERY_MS)), most);
    let late = Time::from_millis(OWN_PUSH_EVERY_MS * 2);
    let all = (0..=OWN_PUSHES_MAX).filter(|number| pushes.may_send(host(*number), late)).count();
    assert_eq!((all, pushes.is_empty()), (OWN_PUSHES_MAX, false));
}
