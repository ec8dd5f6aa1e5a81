//! Who has shown that it gets what is sent to it by UDP.

use std::net::{Ipv4Addr, SocketAddrV4};

use filbert::base::limits::{PROOF_LIFE_MS, PROOF_PING_EVERY_MS, PROOF_PINGS_MAX, PROOFS_MAX};
use filbert::base::time::Time;
use filbert::gnutella::out_of_band::Proofs;
use filbert::gnutella::wire::{Function, Guid};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::support::messages::guid;

const NOW: Time = Time::ZERO;

fn host(number: u32) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::from_bits(0x0505_0000 + number), 6_346)
}

/// The GUID of the ping that a host has to answer.
fn asked(proofs: &mut Proofs, to: u32, now: Time) -> Option<Guid> {
    let ping = proofs.ask(host(to), &mut ChaCha8Rng::seed_from_u64(to.into()), now)?;
    assert_eq!((ping.function, ping.ttl, ping.hops, ping.wire_len()), (Function::PING, 1, 0, 23));
    Some(ping.guid)
}

/// OOB-10
#[test]
fn only_whoever_gets_a_ping_can_prove_it() {
    let mut proofs = Proofs::default();
    assert!(!proofs.is_proven(host(1), NOW) && !proofs.pong(guid(1), host(1), NOW));
    let ping = asked(&mut proofs, 1, NOW).unwrap();
    let other_port = SocketAddrV4::new(*host(1).ip(), 9_999);
    for (guid, from) in [(guid(1), host(1)), (ping, host(2)), (ping, other_port)] {
        assert!(!proofs.pong(guid, from, NOW) && !proofs.is_proven(host(1), NOW));
    }
    assert!(proofs.pong(ping, host(1), NOW) && proofs.is_proven(host(1), NOW));
    assert!(!proofs.is_proven(other_port, NOW) && !proofs.is_proven(host(2), NOW));
}

/// OOB-10
#[test]
fn a_host_is_pinged_for_proof_once_in_so_long() {
    for (later_ms, again) in [(PROOF_PING_EVERY_MS - 1, false), (PROOF_PING_EVERY_MS, true)] {
        let mut proofs = Proofs::default();
        let ping = asked(&mut proofs, 1, NOW).unwrap();
        let later = NOW.after_ms(later_ms);
        assert_eq!(proofs.next_timeout(), Some(NOW.after_ms(PROOF_PING_EVERY_MS)));
        assert_eq!(asked(&mut proofs, 1, later).is_some(), again);
        // The same randomness makes the same GUID.
        assert!(proofs.pong(ping, host(1), later));
        let mut proofs = Proofs::default();
        let ping = asked(&mut proofs, 1, NOW).unwrap();
        assert_eq!(proofs.pong(ping, host(1), later), !again);
    }
}

/// OOB-10
#[test]
fn a_proof_counts_for_so_long() {
    let mut proofs = Proofs::default();
    proofs.prove(host(1), NOW);
    assert!(proofs.is_proven(host(1), NOW.after_ms(PROOF_LIFE_MS - 1)));
    let end = NOW.after_ms(PROOF_LIFE_MS);
    assert!(!proofs.is_proven(host(1), end));
    assert_eq!(proofs.next_timeout(), Some(end));
    proofs.forget_old(end);
    assert!(proofs.is_empty());
}

/// OOB-10
#[test]
fn so_many_hosts_are_pinged_for_proof_and_no_more() {
    let (mut proofs, most) = (Proofs::default(), u32::try_from(PROOF_PINGS_MAX).unwrap());
    assert!((0..most).all(|number| asked(&mut proofs, number, NOW).is_some()));
    assert_eq!(asked(&mut proofs, most, NOW), None);
    assert!(asked(&mut proofs, most, NOW.after_ms(PROOF_PING_EVERY_MS)).is_some());
}

/// OOB-10: the oldest goes.
#[test]
fn so_many_proofs_are_remembered_and_no_more() {
    let (mut proofs, most) = (Proofs::default(), u32::try_from(PROOFS_MAX).unwrap());
    let at = |number: u32| NOW.after_ms(number.into());
    for number in 0..most {
        proofs.prove(host(number), at(number));
    }
    assert!((0..most).all(|number| proofs.is_proven(host(number), at(most))));
    proofs.prove(host(1), at(most));
    assert!(proofs.is_proven(host(0), at(most)), "it needs no more room");
    proofs.prove(host(most), at(most));
    let is_proven = |number: &u32| proofs.is_proven(host(*number), at(most));
    assert_eq!((0..=most).filter(is_proven).count(), PROOFS_MAX);
    assert!(!proofs.is_proven(host(0), at(most)));
}
