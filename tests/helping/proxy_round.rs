//! Having a servent called by its push proxies, over HTTP where nothing else helps.

use std::net::SocketAddr;

use filbert::base::limits::{
    HTTP_PUSH_AFTER_MS, HTTP_PUSH_CALL_WAIT_MS, HTTP_PUSH_PROXIES_MAX, SOURCE_CALL_EVERY_MS,
};
use filbert::base::time::Time;
use filbert::gnutella::http::{Method, OwnHead, PushRequest, Target};
use filbert::gnutella::push_proxy::{Permit, ProxyAnswer, ProxyRound, ProxyStep, SourceCalls};
use filbert::gnutella::wire::Guid;

const START: Time = Time::from_millis(1_000);

fn proxy(number: usize) -> SocketAddr {
    format!("11.0.{}.1:6346", number).parse().unwrap()
}

fn proxies(count: usize) -> Vec<SocketAddr> {
    (0..count).map(proxy).collect()
}

/// Everybody may be called.
fn all(_: SocketAddr) -> Permit {
    Permit::Now
}

/// PUSH-21, PUSH-22
#[test]
fn proxies_are_asked_over_http_when_no_call_has_come_of_a_push() {
    let mut round = ProxyRound::new(&proxies(1), 2, false, START);
    let until = START.after_ms(HTTP_PUSH_AFTER_MS);
    assert_eq!(round.next(START, all), ProxyStep::Wait(until));
    let just_before = Time::from_micros(until.as_micros() - 1);
    assert_eq!(round.next(just_before, all), ProxyStep::Wait(until));
    assert_eq!(round.next(until, all), ProxyStep::Ask(proxy(0)));
    round.answered(ProxyAnswer::Refused, until);
    assert_eq!(round.next(until, all), ProxyStep::Done, "it may still call");
}

/// PUSH-21
#[test]
fn proxies_are_asked_at_once_where_no_push_went_anywhere() {
    let mut round = ProxyRound::new(&proxies(2), 0, false, START);
    assert_eq!(round.next(START, all), ProxyStep::Ask(proxy(0)));
    round.answered(ProxyAnswer::Refused, START);
    assert_eq!(round.next(START, all), ProxyStep::Ask(proxy(1)));
    round.answered(ProxyAnswer::Refused, START);
    assert_eq!(round.next(START, all), ProxyStep::NoWay);
}

/// PUSH-21
#[test]
fn without_any_way_that_is_known_at_once() {
    assert_eq!(ProxyRound::new(&[], 0, false, START).next(START, all), ProxyStep::NoWay);
    assert_eq!(ProxyRound::new(&[], 1, false, START).next(START, all), ProxyStep::Done);
}

/// PUSH-22
#[test]
fn after_a_proxy_has_passed_it_on_the_next_waits() {
    let mut round = ProxyRound::new(&proxies(2), 0, false, START);
    assert_eq!(round.next(START, all), ProxyStep::Ask(proxy(0)));
    round.answered(ProxyAnswer::Passed, START);
    let until = START.after_ms(HTTP_PUSH_CALL_WAIT_MS);
    assert_eq!(round.next(START, all), ProxyStep::Wait(until));
    assert_eq!(round.next(until, all), ProxyStep::Ask(proxy(1)));
    round.answered(ProxyAnswer::Refused, until);
    assert_eq!(round.next(until, all), ProxyStep::Done);
}

/// PUSH-23, at the limit and one past it.
#[test]
fn no_more_than_so_many_proxies_are_asked() {
    let mut round = ProxyRound::new(&proxies(HTTP_PUSH_PROXIES_MAX + 1), 0, false, START);
    for number in 0..HTTP_PUSH_PROXIES_MAX {
        assert_eq!(round.next(START, all), ProxyStep::Ask(proxy(number)));
        round.answered(ProxyAnswer::Refused, START);
    }
    assert_eq!(round.next(START, all), ProxyStep::NoWay);
}

/// PUSH-23, PUSH-08
#[test]
fn proxies_inside_of_networks_are_not_asked() {
    let inside: Vec<SocketAddr> =
        ["10.0.0.1:6346", "127.0.0.1:6346", "192.168.1.1:80", "11.0.0.1:0"]
            .map(|at| at.parse().unwrap())
            .into();
    let mut round = ProxyRound::new(&inside, 0, false, START);
    assert_eq!(round.next(START, all), ProxyStep::NoWay);
    let mut round = ProxyRound::new(&inside, 0, true, START);
    assert_eq!(round.next(START, all), ProxyStep::Ask(inside[0]), "but in a laboratory");
}

/// PUSH-16, PUSH-23, A7 of the attacks: each of a thousand hits names one victim as its push proxy.
#[test]
fn a_victim_that_is_named_as_a_proxy_is_called_three_times() {
    let mut calls = SourceCalls::new(false);
    let mut called = Vec::new();
    for hit in 0..1_000_u64 {
        let now = START.after_ms(hit * 3_000);
        let mut round = ProxyRound::new(&[proxy(1), proxy(1)], 0, false, now);
        while let ProxyStep::Ask(at) = round.next(now, |at| calls.allow(at, now)) {
            called.push((at, now));
            round.answered(ProxyAnswer::Refused, now);
        }
    }
    assert_eq!(called.len(), 3);
    let gaps = called.windows(2).map(|two| two[1].1.since(two[0].1).as_millis());
    assert!(gaps.clone().all(|gap| gap >= u128::from(SOURCE_CALL_EVERY_MS)), "{called:?}");
}

/// PUSH-24: gtk-gnutella takes no other spelling.
#[test]
fn what_a_proxy_is_asked_is_spelled_as_all_read_it() {
    let request = PushRequest { servent: Guid([0xab; 16]), file: Some(7), tls: false };
    let head = OwnHead::request(Method::Get, &Target::PushProxy(request));
    let line = String::from_utf8(head.to_bytes().to_vec()).unwrap();
    let asked = "GET /gnutella/push-proxy?ServerId=VOV2XK5LVOV2XK5LVOV2XK5LVM&file=7 HTTP/1.1\r\n";
    assert!(line.starts_with(asked), "{line}");
    let target = line.split(' ').nth(1).unwrap();
    assert_eq!(Target::parse(target), Target::PushProxy(request));
}
