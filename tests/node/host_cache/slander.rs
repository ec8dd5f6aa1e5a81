//! That wrong ports, which others name for an address, do not keep a node from the right one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use filbert::base::limits::{
    DIAL_FAILURES_MAX, DIAL_INTERVAL_S, HOST_PORTS_WRONG_MAX, HOST_SWEEP_S,
};
use filbert::node::host_cache::{Learnt, Outcome, Quality, Source};

use super::attacks::largest_network;
use super::{Lab, ULTRAPEER, at};

/// A host with a network of its own, which liars name by wrong ports.
fn victim(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34)), port)
}

/// Somebody in a network of his own.
fn teller(number: u8) -> Source {
    Source::Peer(IpAddr::V4(Ipv4Addr::new(45, 66, number, 1)))
}

/// Knows two hundred others and is on the Internet.
fn lab() -> Lab {
    let mut lab = Lab::new();
    for n in 0..200_u32 {
        let ip = Ipv4Addr::from_bits(0x0505_0101 + n * 0x100);
        lab.learn(SocketAddr::new(ip.into(), 6346), Source::User, 0);
    }
    lab.cache.outcome("5.5.1.1:6346".parse().unwrap(), Outcome::Connected, at(0));
    lab
}

impl Lab {
    /// It does not answer until it is given up. How many calls that took.
    fn fail(&mut self, host: SocketAddr, second: u32) -> u8 {
        let mut calls = 0;
        while self.cache.quality(host).is_some() {
            self.cache.outcome(host, Outcome::Failed, at(second));
            calls += 1;
        }
        calls
    }

    /// Whether this one is called, if all others may not be.
    fn is_called(&mut self, host: SocketAddr, second: u32) -> bool {
        self.cache.next(at(second), &mut self.rng, |other| other != host).is_some()
    }
}

/// PONG-16
#[test]
fn wrong_ports_that_others_name_give_way_to_a_better_word() {
    for source in [Source::Itself, Source::User] {
        let mut lab = lab();
        for number in [1, 2] {
            assert_eq!(lab.learn(victim(number.into()), teller(number), 1), Learnt::New);
        }
        assert_eq!(lab.learn(victim(3), teller(3), 2), Learnt::Full, "hearsay does not");
        assert_eq!(lab.learn(victim(6346), source, 3), Learnt::New, "{source:?}");
        let ports: Vec<_> =
            lab.cache.iter().filter(|(host, _)| host.ip() == victim(1).ip()).collect();
        assert_eq!(ports.len(), 2, "the bound holds");
        lab.cache.outcome(victim(6346), Outcome::Connected, at(4));
        assert_eq!(lab.cache.quality(victim(6346)), Some(Quality::Proven));
        assert_eq!(lab.learn(victim(4), teller(4), 5), Learnt::Full);
        assert_eq!(lab.learn(victim(4), Source::Itself, 5), Learnt::New, "the other lie went");
        assert_eq!(lab.learn(victim(5), Source::Itself, 5), Learnt::Full);
        assert_eq!(lab.cache.quality(victim(6346)), Some(Quality::Proven), "nobody displaces it");
    }
}

/// PONG-16: of one source, one port.
#[test]
fn one_liar_leaves_room_for_what_others_say_of_an_address() {
    let mut lab = lab();
    assert_eq!(lab.learn(victim(1111), teller(1), 1), Learnt::New);
    assert_eq!(lab.learn(victim(2222), teller(1), 1), Learnt::Full);
    assert_eq!(lab.learn(victim(6346), teller(2), 1), Learnt::New);
}

/// PONG-16: the same for the share of a network.
#[test]
fn hosts_that_others_name_in_a_network_give_way_to_a_better_word() {
    for source in [Source::Itself, Source::User] {
        let mut lab = lab();
        let near = |last| SocketAddr::new(IpAddr::V4(Ipv4Addr::new(93, 184, 216, last)), 1111);
        let lies =
            (100..200).filter(|last| lab.learn(near(*last), teller(*last), 1) == Learnt::New);
        assert_eq!(lies.count(), 22, "a tenth");
        assert_eq!(lab.learn(victim(6346), source, 2), Learnt::New, "{source:?}");
        assert_eq!(largest_network(&lab.cache), 22);
        // Also where the network has to shrink: the user's word stays, though it is older.
        lab.learn("9.9.9.9:1".parse().unwrap(), Source::User, 2 + HOST_SWEEP_S);
        assert!(lab.cache.quality(victim(6346)).is_some());
    }
}

/// PONG-16
#[test]
fn a_wrong_port_speaks_against_no_other_port() {
    for source in [teller(2), Source::Itself, Source::User] {
        let mut lab = lab();
        lab.learn(victim(1111), teller(1), 1);
        lab.fail(victim(1111), 2);
        assert_eq!(lab.learn(victim(1111), source, 3), Learnt::Shunned, "{source:?}");
        assert_eq!(lab.learn(victim(6346), source, 3), Learnt::New, "{source:?}");
        lab.learn(victim(1112), teller(3), 3);
        lab.fail(victim(1112), 4);
        assert!(lab.cache.quality(victim(6346)).is_some(), "{source:?}: it stays known");
    }
}

/// PONG-16, and A7 of the attacks: whoever names a victim has 65,535 names for it.
#[test]
fn after_three_wrong_ports_others_are_not_believed_about_an_address() {
    let mut lab = lab();
    let (mut calls, mut second) = (0, 0);
    for port in 1..=200 {
        second += 60;
        lab.learn(victim(port), teller(u8::try_from(port).unwrap()), second);
        calls += lab.fail(victim(port), second);
        let (mut cache, honest) = (lab.cache.clone(), teller(0));
        let learnt = cache.learn(victim(6346), honest, ULTRAPEER, &lab.filter, at(second));
        let is_barred = learnt == Learnt::Shunned;
        assert_eq!(is_barred, usize::from(port) >= HOST_PORTS_WRONG_MAX, "{port}");
    }
    assert_eq!(calls, DIAL_FAILURES_MAX + 2, "two to the first one, and one to each further one");
    assert_eq!(lab.learn(victim(6346), Source::Itself, second), Learnt::New);
    assert_eq!(lab.learn(victim(6347), Source::User, second), Learnt::New);
}

/// PONG-16: and whoever misleads us about itself gets no further.
#[test]
fn after_three_wrong_ports_a_host_is_not_believed_about_itself() {
    let mut lab = lab();
    let mut calls = 0;
    for port in 1..=100 {
        lab.learn(victim(port), Source::Itself, 60);
        calls += lab.fail(victim(port), 60);
    }
    assert_eq!(calls, DIAL_FAILURES_MAX + 2);
    assert_eq!(lab.learn(victim(6346), Source::Itself, 60), Learnt::Shunned);
    assert_eq!(lab.learn(victim(6346), Source::User, 60), Learnt::New);
}

/// HAND-62: a new name for an address that was called a moment ago is no reason to call it again.
#[test]
fn another_port_rests_for_as_long_as_the_address() {
    let interval = DIAL_INTERVAL_S;
    for source in [teller(2), Source::Itself, Source::User] {
        for fails in [false, true] {
            let mut lab = lab();
            lab.learn(victim(1111), teller(1), 100);
            assert!(lab.is_called(victim(1111), 100));
            if fails {
                lab.fail(victim(1111), 100);
            }
            lab.learn(victim(6346), source, 101);
            assert!(!lab.is_called(victim(6346), 100 + interval - 1), "{source:?}");
            assert!(lab.is_called(victim(6346), 100 + interval), "{source:?}");
        }
    }
}
