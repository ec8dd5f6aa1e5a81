//! Whoever has asked for a file over a connection that a push made us open is called more often; nobody else is.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use filbert::base::limits::{
    CALLBACK_ASKED_MS, CALLBACK_EVERY_MS, CALLBACK_FAILED_MS, CALLBACKS_ASKED_MAX,
    CALLBACKS_OF_ASKER_MAX,
};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::gnutella::push_proxy::{Callback, Callbacks};

use crate::support::flow::slots;

fn at(number: usize) -> SocketAddr {
    let host = Ipv4Addr::from(0xcb00_0000 + u32::try_from(number).unwrap());
    SocketAddr::new(IpAddr::V4(host), 6_346)
}

fn just_before(ms: u64) -> Time {
    Time::from_micros(ms * 1_000 - 1)
}

/// How often an address is called of so many pushes that come at once.
fn calls(callbacks: &mut Callbacks, to: SocketAddr, from: &[Slot], now: Time) -> usize {
    (0..100).filter(|push| callbacks.allow(to, from[push % from.len()], now)).count()
}

/// PUSH-29
#[test]
fn whoever_has_asked_is_called_so_often_in_a_minute() {
    let (mut callbacks, from) = (Callbacks::new(), slots(10));
    assert_eq!(calls(&mut callbacks, at(1), &from, Time::ZERO), 1, "nobody knows it");
    callbacks.ended(at(1), Callback::Asked, Time::from_millis(200));
    let most = usize::from(CALLBACKS_OF_ASKER_MAX);
    assert_eq!(calls(&mut callbacks, at(1), &from, Time::from_millis(300)), most - 1);
    assert_eq!(calls(&mut callbacks, at(1), &from, just_before(CALLBACK_EVERY_MS)), 0);
    assert_eq!(calls(&mut callbacks, at(1), &from, Time::from_millis(CALLBACK_EVERY_MS)), 1);
    assert_eq!(calls(&mut callbacks, at(1), &from, Time::from_millis(2 * CALLBACK_EVERY_MS)), most);
}

/// PUSH-29
#[test]
fn that_somebody_has_asked_holds_for_its_time() {
    let (mut callbacks, from) = (Callbacks::new(), slots(10));
    callbacks.ended(at(1), Callback::Asked, Time::ZERO);
    let most = usize::from(CALLBACKS_OF_ASKER_MAX);
    assert_eq!(calls(&mut callbacks, at(1), &from, just_before(CALLBACK_ASKED_MS)), most);
    let mut callbacks = Callbacks::new();
    callbacks.ended(at(1), Callback::Asked, Time::ZERO);
    assert_eq!(calls(&mut callbacks, at(1), &from, Time::from_millis(CALLBACK_ASKED_MS)), 1);
}

/// PUSH-29: whoever fetches one file after the other goes on.
#[test]
fn that_somebody_has_asked_holds_from_the_last_time_on() {
    let (mut callbacks, from) = (Callbacks::new(), slots(10));
    let last = Time::from_millis(CALLBACK_ASKED_MS - 10_000);
    callbacks.ended(at(1), Callback::Asked, Time::ZERO);
    callbacks.ended(at(1), Callback::Asked, last);
    let most = usize::from(CALLBACKS_OF_ASKER_MAX);
    let first_over = Time::from_millis(CALLBACK_ASKED_MS);
    assert_eq!(calls(&mut callbacks.clone(), at(1), &from, first_over), most);
    let over = last.after_ms(CALLBACK_ASKED_MS);
    assert_eq!(calls(&mut callbacks, at(1), &from, over), 1);
}

/// PUSH-29: whoever asks at one port does not have another one called, which may be somebody else's.
#[test]
fn other_ports_of_whoever_has_asked_are_those_of_strangers() {
    let (mut callbacks, from) = (Callbacks::new(), slots(10));
    callbacks.ended(at(1), Callback::Asked, Time::ZERO);
    let mut called = 0;
    for port in 2_000..3_000 {
        let to = SocketAddr::new(at(1).ip(), port);
        called += calls(&mut callbacks, to, &from, Time::ZERO);
    }
    assert_eq!(called, 1);
}

/// PUSH-12, PUSH-29: what has asked once and is gone is left alone like everybody else.
#[test]
fn whoever_has_asked_and_fails_is_left_alone_and_has_to_ask_again() {
    let (mut callbacks, from) = (Callbacks::new(), slots(10));
    callbacks.ended(at(1), Callback::Asked, Time::from_millis(1));
    assert!(calls(&mut callbacks, at(1), &from, Time::from_millis(1)) > 1);
    callbacks.ended(at(1), Callback::Absent, Time::from_millis(2));
    let late = 2 + CALLBACK_FAILED_MS;
    assert_eq!(calls(&mut callbacks, at(1), &from, just_before(late)), 0);
    assert_eq!(calls(&mut callbacks, at(1), &from, Time::from_millis(late)), 1);
}

/// PUSH-29: whoever asks a lot takes no more of what is called than its neighbour may have.
#[test]
fn so_many_who_have_asked_are_remembered() {
    let mut callbacks = Callbacks::new();
    for number in 0..=CALLBACKS_ASKED_MAX {
        callbacks.ended(at(number), Callback::Asked, Time::ZERO);
    }
    let from = slots(10);
    let mut called = |number| calls(&mut callbacks, at(number), &from, Time::ZERO);
    assert_eq!(called(CALLBACKS_ASKED_MAX), 1);
    assert_eq!(called(CALLBACKS_ASKED_MAX - 1), usize::from(CALLBACKS_OF_ASKER_MAX));
}

/// PUSH-22, PUSH-29: whoever wants two connections to be sure of one ends the other.
#[test]
fn a_connection_too_many_is_no_failure_of_whoever_has_asked() {
    let (mut callbacks, from) = (Callbacks::new(), slots(10));
    callbacks.ended(at(1), Callback::Asked, Time::ZERO);
    callbacks.ended(at(1), Callback::Silent, Time::ZERO);
    assert!(calls(&mut callbacks, at(1), &from, Time::ZERO) > 1);
    callbacks.ended(at(2), Callback::Silent, Time::ZERO);
    assert_eq!(calls(&mut callbacks, at(2), &from, just_before(CALLBACK_FAILED_MS)), 0);
}
