//! Pushes, both ways.

use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::Bytes;
use filbert::base::limits::{
    CALLBACK_ASKED_MS, CALLBACK_EVERY_MS, CALLBACK_FAILED_MS, CALLBACKS_OF_ASKER_MAX, GIVE_WAIT_MS,
    GIVES_WAITED_FOR_MAX, OWN_PUSHES_OF_SERVENT_MAX, PUSHED_CALLS_MAX,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::ordinary_node::{Callback, NoPush, Output, PushTarget};
use filbert::fasttrack::wire::{Message, Push, PushRequest};

use super::lab::{Lab, SEEN_AS, at, settings, supernode};

fn target(number: u8) -> PushTarget {
    let address = SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, number), 1214);
    PushTarget { address, supernode: supernode(9), user: Bytes::from_static(b"bob\xe9") }
}

fn push(lab: &mut Lab, number: u8) -> Result<u32, NoPush> {
    let pushed = lab.node.push(&target(number), lab.now);
    lab.drain();
    pushed
}

/// FTNODE-11, FTSUPER-18: with the address that the supernode sees, and the name byte for byte.
#[test]
fn a_push_names_us_and_its_target_as_they_stood_in_the_result() {
    let (mut lab, slot) = Lab::child();
    let id = push(&mut lab, 5).unwrap();
    let PushTarget { address, supernode, user } = target(5);
    let requester = at("7.7.7.7:1214");
    let request = PushRequest { id, requester, target: address, supernode, user };
    assert_eq!(lab.sent(slot), [Message::PushRequest(request)]);
}

/// FTNODE-11
#[test]
fn who_cannot_be_called_asks_nobody_to_call() {
    let mut lab = Lab::new([]);
    assert_eq!(push(&mut lab, 5), Err(NoPush::NoSupernode));
    let mut settings = settings();
    settings.address.set_port(0);
    let mut lab = Lab::with(settings, []);
    lab.start();
    let slot = lab.open(supernode(1));
    lab.say(slot, &Message::ExternalIp { address: SEEN_AS });
    assert_eq!(push(&mut lab, 5), Err(NoPush::NotCallable));
}

/// FTNODE-14
#[test]
fn give_is_taken_once_for_a_push_of_the_last_two_minutes() {
    let (mut lab, _) = Lab::child();
    let first = push(&mut lab, 1).unwrap();
    lab.run_ms(1);
    let second = push(&mut lab, 2).unwrap();
    let mut give = |wait_ms, number| {
        lab.run_ms(wait_ms);
        lab.node.take_give(number, lab.now)
    };
    assert_eq!(give(0, first.wrapping_add(1)), None);
    assert_eq!(give(GIVE_WAIT_MS - 1, first), None, "its time is over");
    assert_eq!(give(0, second), Some(target(2)));
    assert_eq!(give(0, second), None, "it came");
}

/// FTNODE-14
#[test]
fn numbers_of_pushes_differ_and_cannot_be_guessed() {
    let (mut lab, _) = Lab::child();
    let mut numbers: Vec<_> = (0..=255).map(|number| push(&mut lab, number).unwrap()).collect();
    assert_eq!(numbers.len(), GIVES_WAITED_FOR_MAX);
    assert_eq!(push(&mut lab, 1), Err(NoPush::TooMany));
    let steps: Vec<_> = numbers.windows(2).map(|two| two[1].wrapping_sub(two[0])).collect();
    assert!(steps.windows(2).all(|two| two[0] != two[1]));
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), GIVES_WAITED_FOR_MAX);
    lab.run_ms(GIVE_WAIT_MS);
    assert!(push(&mut lab, 1).is_ok());
}

/// FTNODE-11: for some files of one node at once, not for many.
#[test]
fn one_node_is_asked_to_call_a_few_times_in_a_minute() {
    let (mut lab, _) = Lab::child();
    for _ in 0..OWN_PUSHES_OF_SERVENT_MAX {
        assert!(push(&mut lab, 1).is_ok());
    }
    assert_eq!(push(&mut lab, 1), Err(NoPush::TooMany));
    assert!(push(&mut lab, 2).is_ok());
}

fn pushed(lab: &mut Lab, slot: Slot, to: SocketAddrV4) -> bool {
    lab.outputs.clear();
    lab.say(slot, &Message::Push(Push { id: 42, requester: to }));
    let pushed = lab.all(|output| match output {
        Output::Pushed { to, number } => Some((*to, *number)),
        _ => None,
    });
    for (_, pushed) in &pushed {
        assert_eq!(*pushed, (to, 42));
    }
    pushed.len() == 1
}

fn asker(last: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(9, 9, 9, last), 4000)
}

/// FTNODE-12, FTNODE-13
#[test]
fn a_push_is_answered_with_one_line_to_who_may_be_called() {
    let (mut lab, slot) = Lab::child();
    let cases = [
        ("9.9.9.1:1024", true),
        ("9.9.9.2:80", true),
        ("9.9.9.3:1023", false),
        ("9.9.9.4:25", false),
        ("9.9.9.5:0", false),
        ("10.0.0.1:4000", false),
        ("127.0.0.1:4000", false),
        ("255.255.255.255:4000", false),
        // Ourselves, as we know it and as others do.
        ("192.168.0.7:1214", false),
        ("7.7.7.7:1214", false),
        ("7.7.7.7:8080", false),
    ];
    for (to, is_called) in cases {
        assert_eq!(pushed(&mut lab, slot, at(to)), is_called, "{to}");
    }
    // In a laboratory.
    let mut settings = settings();
    settings.allow_private = true;
    let mut lab = Lab::with(settings, []);
    lab.start();
    let slot = lab.open(supernode(1));
    lab.say(slot, &Message::ExternalIp { address: [127, 0, 0, 1].into() });
    for (to, is_called) in
        [("127.0.0.1:4000", true), ("127.0.0.1:4001", true), ("127.0.0.1:1214", false)]
    {
        assert_eq!(pushed(&mut lab, slot, at(to)), is_called, "{to}");
    }
}

/// FTNODE-12: those that are only looked at have nothing to ask for.
#[test]
fn pushes_come_from_ones_own_supernode() {
    let mut lab = Lab::new([]);
    lab.start();
    let slot = lab.open(supernode(1));
    assert!(!pushed(&mut lab, slot, asker(1)));
    lab.say(slot, &Message::SendShares);
    assert!(pushed(&mut lab, slot, asker(1)));
}

/// FTNODE-13
#[test]
fn one_host_is_called_once_a_minute_whatever_the_port() {
    let (mut lab, slot) = Lab::child();
    let called = asker(1);
    let other_port = SocketAddrV4::new(*called.ip(), 5000);
    assert!(pushed(&mut lab, slot, called));
    assert!(!pushed(&mut lab, slot, called) && !pushed(&mut lab, slot, other_port));
    lab.run_ms(CALLBACK_EVERY_MS - 1);
    assert!(!pushed(&mut lab, slot, other_port));
    lab.run_ms(1);
    assert!(pushed(&mut lab, slot, other_port));
}

/// FTNODE-13: for some files at once.
#[test]
fn a_host_that_asks_for_files_is_called_more_often() {
    let (mut lab, slot) = Lab::child();
    assert!(pushed(&mut lab, slot, asker(1)));
    lab.node.callback_ended(asker(1), Callback::Asked, lab.now);
    for _ in 1..CALLBACKS_OF_ASKER_MAX {
        assert!(pushed(&mut lab, slot, asker(1)));
    }
    assert!(!pushed(&mut lab, slot, asker(1)));
}

/// FTNODE-13: for as long as it goes on asking, and one call of several may be one too many.
#[test]
fn a_host_that_goes_on_asking_stays_one_that_asks() {
    let (mut lab, slot) = Lab::child();
    // An odd number of times would do even if only every other one counted.
    for _ in 0..4 {
        assert!(pushed(&mut lab, slot, asker(1)));
        lab.node.callback_ended(asker(1), Callback::Asked, lab.now);
        lab.run_ms(CALLBACK_ASKED_MS - 1);
    }
    for _ in 0..CALLBACKS_OF_ASKER_MAX {
        assert!(pushed(&mut lab, slot, asker(1)));
        lab.node.callback_ended(asker(1), Callback::Silent, lab.now);
    }
    assert!(!pushed(&mut lab, slot, asker(1)));
}

/// FTNODE-13
#[test]
fn a_call_that_has_failed_is_not_made_again_for_five_minutes() {
    for how in [Callback::Absent, Callback::Silent] {
        let (mut lab, slot) = Lab::child();
        assert!(pushed(&mut lab, slot, asker(1)));
        lab.node.callback_ended(asker(1), how, lab.now);
        lab.run_ms(CALLBACK_FAILED_MS - 1);
        assert!(!pushed(&mut lab, slot, asker(1)), "{how:?}");
        lab.run_ms(1);
        assert!(pushed(&mut lab, slot, asker(1)), "{how:?}");
    }
}

/// FTNODE-13
#[test]
fn ten_calls_are_made_at_a_time_and_not_one_more() {
    let (mut lab, slot) = Lab::child();
    for last in 1..=10 {
        assert!(pushed(&mut lab, slot, asker(last)), "{last}");
    }
    assert_eq!(PUSHED_CALLS_MAX, 10);
    assert!(!pushed(&mut lab, slot, asker(11)));
    // What was not called does not end.
    lab.node.callback_ended(asker(11), Callback::Absent, lab.now);
    assert!(!pushed(&mut lab, slot, asker(11)));
    lab.node.callback_ended(asker(3), Callback::Asked, lab.now);
    assert!(pushed(&mut lab, slot, asker(11)));
}

/// FTNODE-13: pushes by the thousand.
#[test]
fn a_flood_of_pushes_makes_few_calls() {
    let (mut lab, slot) = Lab::child();
    let mut calls = 0;
    for number in 0..20_000_u32 {
        let requester = SocketAddrV4::new(Ipv4Addr::from(0x0900_0000 + number), 4000);
        lab.say(slot, &Message::Push(Push { id: number, requester }));
        for (_, to) in lab.all(|output| match output {
            Output::Pushed { to, .. } => Some(*to),
            _ => None,
        }) {
            calls += 1;
            lab.node.callback_ended(to, Callback::Absent, lab.now);
        }
        lab.outputs.clear();
    }
    assert_eq!(calls, 128);
}
