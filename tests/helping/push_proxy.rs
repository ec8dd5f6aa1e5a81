//! Push proxies, both ways, and the connections that pushes ask of us.

#[allow(dead_code, reason = "each test file uses a part")]
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use filbert::base::limits::{
    CALLBACK_EVERY_MS, CALLBACK_FAILED_MS, CALLBACK_FAILURES_EVERY_MS, CALLBACK_FAILURES_MAX,
    CALLBACKS_FAILED_MAX, CALLBACKS_MAX, CALLED_PORT_MIN, DATAGRAM_PUSH_EVERY_MS,
    DATAGRAM_PUSHES_MAX, DATAGRAM_PUSHES_OF_HOST_MAX, DATAGRAM_PUSHES_SAME_MAX, PUSH_PROXIES_MAX,
    PUSH_PROXY_ANSWER_EVERY_MS, PUSH_PROXY_WAIT_MS,
};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::gnutella::push_proxy::{Callback, Callbacks, DatagramPushes, Proxied, PushProxies};
use filbert::gnutella::wire::vendor::{Body, MessageId, PushProxyAcknowledgement};
use filbert::gnutella::wire::{Frame, Guid, Vendor};

use crate::support::flow::slots;

const NOW: Time = Time::ZERO;
const LEAF: Guid = Guid([7; 16]);
const PROXY: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(203, 0, 113, 1), 6_346);

fn body(frame: &Frame) -> (MessageId, Body) {
    let message = Vendor::decode(&frame.payload).unwrap();
    (message.id, message.body)
}

fn answer(frame: &Frame) -> PushProxyAcknowledgement {
    match body(frame) {
        (MessageId::PUSH_PROXY_ACKNOWLEDGEMENT_V2, Body::PushProxyAcknowledgement(answer)) => {
            answer
        }
        other => panic!("{other:?}"),
    }
}

/// Two that bring pushes.
fn neighbours() -> [Slot; 2] {
    let slots = slots(2);
    [slots[0], slots[1]]
}

fn host(number: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0xcb00_0000 + u32::try_from(number).unwrap()))
}

/// A moment just before so many milliseconds after the start.
fn just_before(ms: u64) -> Time {
    Time::from_micros(ms * 1_000 - 1)
}

/// VMSG-35, VMSG-37: what one side sends is what the other side understands.
#[test]
fn a_leaf_gets_a_proxy_and_pushes_find_their_way() {
    let (slots, mut ours, mut theirs) = (slots(2), PushProxies::new(), Proxied::new());
    let request = ours.ask(slots[0], LEAF, NOW).unwrap();
    assert_eq!(body(&request), (MessageId::PUSH_PROXY_REQUEST_V1, Body::PushProxyRequest));
    assert_eq!((request.guid, request.ttl, request.hops), (LEAF, 1, 0));
    let granted = theirs.requested(slots[1], request.guid, Some(PROXY), NOW).unwrap();
    assert_eq!((granted.guid, granted.ttl, granted.hops), (LEAF, 1, 0));
    let peer = IpAddr::V4(*PROXY.ip());
    assert!(ours.acknowledged(slots[0], peer, granted.guid, answer(&granted)));
    assert_eq!(ours.addresses().collect::<Vec<_>>(), [SocketAddr::V4(PROXY)]);
    assert_eq!(theirs.route(LEAF), Some(slots[1]));
    theirs.close(slots[1]);
    ours.close(slots[0]);
    assert_eq!((theirs.route(LEAF), ours.addresses().count()), (None, 0));
}

/// VMSG-55
#[test]
fn nobody_is_named_in_place_of_a_proxy() {
    let (slots, mut ours) = (slots(2), PushProxies::new());
    let peer = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 9));
    let granted = PushProxyAcknowledgement::Address { address: PROXY };
    assert!(!ours.acknowledged(slots[0], peer, LEAF, granted), "nobody asked");
    ours.ask(slots[0], LEAF, NOW).unwrap();
    assert!(!ours.acknowledged(slots[1], peer, LEAF, granted), "somebody else was asked");
    assert!(!ours.acknowledged(slots[0], peer, Guid([8; 16]), granted), "for somebody else");
    let nowhere = SocketAddrV4::new(*PROXY.ip(), 0);
    let nowhere = PushProxyAcknowledgement::Address { address: nowhere };
    assert!(!ours.acknowledged(slots[0], peer, LEAF, nowhere));
    assert_eq!(ours.addresses().count(), 0);
    assert!(ours.acknowledged(slots[0], peer, LEAF, granted));
    assert_eq!(ours.addresses().collect::<Vec<_>>(), [SocketAddr::new(peer, PROXY.port())]);
}

/// VMSG-36
#[test]
fn a_proxy_that_names_only_its_port_is_one_too() {
    let (slots, mut ours) = (slots(1), PushProxies::new());
    ours.ask(slots[0], LEAF, NOW).unwrap();
    let mapped = IpAddr::V6(PROXY.ip().to_ipv6_mapped());
    let granted = PushProxyAcknowledgement::Port { port: PROXY.port() };
    assert!(ours.acknowledged(slots[0], mapped, LEAF, granted));
    assert_eq!(ours.addresses().collect::<Vec<_>>(), [SocketAddr::V4(PROXY)]);
}

#[test]
fn as_many_are_asked_as_the_limit_allows_and_nobody_twice() {
    let (slots, mut ours) = (slots(PUSH_PROXIES_MAX + 1), PushProxies::new());
    for &slot in &slots[..PUSH_PROXIES_MAX] {
        assert!(ours.ask(slot, LEAF, NOW).is_some());
        assert_eq!(ours.ask(slot, LEAF, NOW), None);
    }
    assert_eq!(ours.ask(slots[PUSH_PROXIES_MAX], LEAF, NOW), None);
    ours.close(slots[0]);
    assert!(ours.ask(slots[PUSH_PROXIES_MAX], LEAF, NOW).is_some());
}

#[test]
fn who_does_not_answer_is_asked_again_or_makes_room_for_others() {
    let (slots, mut ours) = (slots(PUSH_PROXIES_MAX + 1), PushProxies::new());
    for &slot in &slots[..PUSH_PROXIES_MAX] {
        ours.ask(slot, LEAF, NOW).unwrap();
    }
    let granted = PushProxyAcknowledgement::Address { address: PROXY };
    ours.acknowledged(slots[0], host(1), LEAF, granted);
    let early = just_before(PUSH_PROXY_WAIT_MS);
    assert_eq!(ours.ask(slots[1], LEAF, early), None);
    assert_eq!(ours.ask(slots[PUSH_PROXIES_MAX], LEAF, early), None);
    let late = Time::from_millis(PUSH_PROXY_WAIT_MS);
    assert_eq!(ours.ask(slots[0], LEAF, late), None, "it has agreed");
    assert!(ours.ask(slots[1], LEAF, late).is_some());
    assert!(ours.ask(slots[PUSH_PROXIES_MAX], LEAF, late).is_some());
    assert_eq!(ours.addresses().count(), 1);
}

/// VMSG-19
#[test]
fn all_who_were_asked_are_told_when_they_are_needed_no_longer() {
    let (slots, mut ours, mut theirs) = (slots(3), PushProxies::new(), Proxied::new());
    theirs.requested(slots[2], LEAF, Some(PROXY), NOW).unwrap();
    ours.ask(slots[0], LEAF, NOW).unwrap();
    ours.ask(slots[1], LEAF, NOW).unwrap();
    let mut out = Vec::new();
    ours.cancel(&mut out);
    let told: Vec<_> = out.iter().map(|(slot, frame)| (*slot, body(frame))).collect();
    let cancel = (MessageId::PUSH_PROXY_CANCEL, Body::PushProxyCancel);
    assert_eq!(told, [(slots[0], cancel.clone()), (slots[1], cancel)]);
    out.clear();
    ours.cancel(&mut out);
    assert!(out.is_empty() && ours.addresses().count() == 0);
}

/// VMSG-56
#[test]
fn who_cannot_be_reached_is_nobodys_proxy() {
    let (slots, mut theirs) = (slots(1), Proxied::new());
    let nowhere = SocketAddrV4::new(*PROXY.ip(), 0);
    for ours in [None, Some(nowhere)] {
        assert_eq!(theirs.requested(slots[0], LEAF, ours, NOW), None);
    }
    assert_eq!(theirs.requested(slots[0], Guid::ZERO, Some(PROXY), NOW), None);
    assert_eq!((theirs.route(LEAF), theirs.route(Guid::ZERO)), (None, None));
}

/// VMSG-56
#[test]
fn a_leaf_gets_pushes_for_one_servent_and_nobody_takes_those_of_another() {
    let (slots, mut theirs, other) = (slots(2), Proxied::new(), Guid([9; 16]));
    theirs.requested(slots[0], LEAF, Some(PROXY), NOW).unwrap();
    let late = Time::from_millis(PUSH_PROXY_ANSWER_EVERY_MS);
    assert_eq!(theirs.requested(slots[1], LEAF, Some(PROXY), late), None);
    assert_eq!(theirs.requested(slots[0], other, Some(PROXY), late), None);
    assert_eq!((theirs.route(LEAF), theirs.route(other)), (Some(slots[0]), None));
    theirs.close(slots[1]);
    assert_eq!(theirs.route(LEAF), Some(slots[0]));
    theirs.close(slots[0]);
    assert!(theirs.requested(slots[1], LEAF, Some(PROXY), late).is_some());
}

#[test]
fn a_leaf_that_asks_again_is_answered_again_but_not_at_once() {
    let (slots, mut theirs) = (slots(1), Proxied::new());
    theirs.requested(slots[0], LEAF, Some(PROXY), NOW).unwrap();
    let early = just_before(PUSH_PROXY_ANSWER_EVERY_MS);
    assert_eq!(theirs.requested(slots[0], LEAF, Some(PROXY), early), None);
    let late = Time::from_millis(PUSH_PROXY_ANSWER_EVERY_MS);
    assert!(theirs.requested(slots[0], LEAF, Some(PROXY), late).is_some());
}

/// PUSH-12: a hundred thousand pushes that name one host lead to one connection a minute.
#[test]
fn pushes_do_not_flood_anybody() {
    let (mut callbacks, [from, _]) = (Callbacks::new(), neighbours());
    let mut calls = 0;
    for push in 0..100_000_u64 {
        let port = u16::try_from(2_000 + push % 60_000).unwrap();
        let now = Time::from_micros(push * 1_800);
        calls += usize::from(callbacks.allow(SocketAddr::new(host(1), port), from, now));
    }
    assert_eq!(calls, 3, "in three minutes");
}

/// PUSH-12
#[test]
fn a_host_is_called_again_after_its_time() {
    let (mut callbacks, [from, _]) = (Callbacks::new(), neighbours());
    let to = SocketAddr::new(host(1), 6_346);
    assert!(callbacks.allow(to, from, NOW));
    assert!(!callbacks.allow(to, from, just_before(CALLBACK_EVERY_MS)));
    assert!(callbacks.allow(to, from, Time::from_millis(CALLBACK_EVERY_MS)));
}

/// PUSH-12
#[test]
fn a_host_where_a_push_failed_is_left_alone() {
    let (mut callbacks, [from, _]) = (Callbacks::new(), neighbours());
    let to = SocketAddr::new(host(1), 6_346);
    assert!(callbacks.allow(to, from, NOW));
    callbacks.ended(to, Callback::Absent, NOW);
    assert!(!callbacks.allow(to, from, just_before(CALLBACK_FAILED_MS)));
    assert!(callbacks.allow(to, from, Time::from_millis(CALLBACK_FAILED_MS)));
}

/// PUSH-12
#[test]
fn ports_of_other_services_are_never_called() {
    let (mut callbacks, [from, _]) = (Callbacks::new(), neighbours());
    for port in [0, 25, 80, CALLED_PORT_MIN - 1] {
        assert!(!callbacks.allow(SocketAddr::new(host(1), port), from, NOW));
    }
    assert!(callbacks.allow(SocketAddr::new(host(1), CALLED_PORT_MIN), from, NOW));
}

/// PUSH-12: whoever brings many pushes leaves room for what others bring.
#[test]
fn neighbours_share_the_hosts_that_are_called_in_a_minute() {
    let mut callbacks = Callbacks::new();
    let (mut called, mut number) = (Vec::new(), 0);
    for from in slots(10) {
        let mut allow = |now| {
            number += 1;
            callbacks.allow(SocketAddr::new(host(number), 6_346), from, now)
        };
        called.push((0..2 * CALLBACKS_MAX).filter(|_| allow(NOW)).count());
    }
    assert_eq!(called[..3], [CALLBACKS_MAX / 2, CALLBACKS_MAX / 4, CALLBACKS_MAX / 8]);
    assert_eq!(called.iter().sum::<usize>(), CALLBACKS_MAX);
    let [first, _] = neighbours();
    let again = |callbacks: &mut Callbacks, now| {
        (0..CALLBACKS_MAX)
            .filter(|number| {
                callbacks.allow(SocketAddr::new(host(10_000 + number), 6_346), first, now)
            })
            .count()
    };
    assert_eq!(again(&mut callbacks, just_before(CALLBACK_EVERY_MS)), 0);
    let late = Time::from_millis(CALLBACK_EVERY_MS);
    assert_eq!(again(&mut callbacks, late), CALLBACKS_MAX / 2);
}

#[test]
fn so_many_hosts_that_failed_are_remembered_and_no_more() {
    let (mut callbacks, [from, _]) = (Callbacks::new(), neighbours());
    for number in 0..=CALLBACKS_FAILED_MAX {
        callbacks.ended(SocketAddr::new(host(number), 6_346), Callback::Absent, NOW);
    }
    let mut allow = |number| callbacks.allow(SocketAddr::new(host(number), 6_346), from, NOW);
    assert!(!allow(CALLBACKS_FAILED_MAX - 1));
    assert!(allow(CALLBACKS_FAILED_MAX));
}

/// PUSH-12
#[test]
fn a_host_where_pushes_fail_often_is_left_alone_for_long() {
    let (mut callbacks, [from, _]) = (Callbacks::new(), neighbours());
    let to = SocketAddr::new(host(1), 6_346);
    for failure in 0..u64::from(CALLBACK_FAILURES_MAX) {
        let now = Time::from_millis(failure * CALLBACK_FAILED_MS);
        assert!(callbacks.allow(to, from, now));
        callbacks.ended(to, Callback::Absent, now);
    }
    let after_the_last = u64::from(CALLBACK_FAILURES_MAX) * CALLBACK_FAILED_MS;
    assert!(!callbacks.allow(to, from, Time::from_millis(after_the_last)));
    assert!(callbacks.allow(
        SocketAddr::new(host(2), 6_346),
        from,
        Time::from_millis(after_the_last)
    ));
    assert!(!callbacks.allow(to, from, just_before(CALLBACK_FAILURES_EVERY_MS)));
    assert!(callbacks.allow(to, from, Time::from_millis(CALLBACK_FAILURES_EVERY_MS)));
}

/// PUSH-12: datagrams have as much of what is called as one neighbour has.
#[test]
fn pushes_in_datagrams_leave_room_for_those_of_neighbours() {
    let (mut callbacks, [from, _]) = (Callbacks::new(), neighbours());
    let mut called = |from: Option<Slot>, first: usize| {
        let to = |number| SocketAddr::new(host(first + number), 6_346);
        (0..CALLBACKS_MAX).filter(|number| callbacks.allow(to(*number), from, NOW)).count()
    };
    assert_eq!(called(None, 0), CALLBACKS_MAX / 2);
    assert_eq!(called(Some(from), CALLBACKS_MAX), CALLBACKS_MAX / 4);
}

/// PUSH-15
#[test]
fn few_pushes_in_datagrams_send_leaves_to_one_host() {
    let mut pushes = DatagramPushes::default();
    let leaves = slots(usize::from(DATAGRAM_PUSHES_OF_HOST_MAX) + 1);
    for _ in 0..DATAGRAM_PUSHES_SAME_MAX {
        assert!(pushes.allow(leaves[0], host(1), NOW));
    }
    assert!(!pushes.allow(leaves[0], host(1), NOW));
    let sent = leaves.iter().skip(1).filter(|leaf| pushes.allow(**leaf, host(1), NOW)).count();
    assert_eq!(sent, usize::from(DATAGRAM_PUSHES_OF_HOST_MAX - 1));
    assert!(pushes.allow(leaves[0], host(2), NOW));
    let late = Time::from_millis(DATAGRAM_PUSH_EVERY_MS);
    assert!(!pushes.allow(leaves[0], host(1), just_before(DATAGRAM_PUSH_EVERY_MS)));
    assert!(pushes.allow(leaves[0], host(1), late));
}

/// PUSH-15
#[test]
fn so_many_pushes_in_datagrams_are_passed_on_in_all() {
    let (mut pushes, [leaf, _]) = (DatagramPushes::default(), neighbours());
    let passed =
        (0..2 * DATAGRAM_PUSHES_MAX).filter(|number| pushes.allow(leaf, host(*number), NOW));
    assert_eq!(passed.count(), DATAGRAM_PUSHES_MAX);
    assert!(!pushes.is_empty());
}
