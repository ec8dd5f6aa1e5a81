//! What a node hears of others, for how long it believes that, and what it tells.

use std::net::{Ipv4Addr, SocketAddr};

use filbert::base::limits::{
    HOST_FRESH_S, HOST_HEARSAY_LIFE_S, HOST_MET_LIFE_S, HOST_SWEEP_S, HOSTS_OF_HEAD_MAX,
    TOLD_OF_NETWORK_MAX,
};
use filbert::gnutella::pinging::{FreeSlots, RoomFor};
use filbert::node::host_cache::{Facts, Outcome, Quality, Source};

use super::{Lab, ULTRAPEER, at, host};

/// HAND-75
#[test]
fn ten_hosts_of_one_head_are_heard() {
    for (named, heard) in [(10, 10), (11, 10)] {
        let mut lab = Lab::new();
        let hosts: Vec<_> = (0..named).map(host).collect();
        let source = Source::Peer(host(1_000).ip());
        lab.cache.learn_from_head(&hosts, source, false, &lab.filter, at(0));
        assert_eq!((lab.cache.len(), HOSTS_OF_HEAD_MAX), (heard, 10));
        assert_eq!(lab.cache.count(Quality::Hearsay), heard, "none is trusted");
    }
}

/// HAND-75
#[test]
fn what_cannot_be_a_public_host_is_not_heard() {
    let mut lab = Lab::new();
    let lies = ["10.0.0.1:6346", "127.0.0.1:6346", "0.0.0.0:6346", "224.0.0.1:6346", "81.2.3.4:0"];
    let lies = lies.map(|lie| lie.parse().unwrap());
    lab.cache.learn_from_head(&lies, Source::Peer(host(1).ip()), true, &lab.filter, at(0));
    assert!(lab.cache.is_empty());
}

#[test]
fn hearsay_grows_old_and_proven_hosts_do_not() {
    let lives = [
        (Source::Peer(host(1).ip()), Some(HOST_HEARSAY_LIFE_S)),
        (Source::Itself, Some(HOST_MET_LIFE_S)),
        (Source::User, None),
    ];
    for (source, life_s) in lives {
        let mut lab = Lab::new();
        lab.prove(host(3), 0);
        lab.learn(host(2), source, 60);
        let last = life_s.map_or(4_000_000, |life_s| 60 + life_s);
        lab.learn(host(9), Source::User, last);
        assert!(lab.cache.quality(host(2)).is_some(), "{source:?}");
        lab.learn(host(10), Source::User, last + 120);
        assert_eq!(lab.cache.quality(host(2)).is_some(), life_s.is_none(), "{source:?}");
        assert_eq!(lab.cache.quality(host(3)), Some(Quality::Proven));
    }
}

fn with_slots(leaves: u8, ultrapeers: u8) -> Facts {
    Facts { free_slots: Some(FreeSlots { leaves, ultrapeers }), ..ULTRAPEER }
}

/// HAND-45
#[test]
fn fresh_ultrapeers_with_room_are_told_to_others() {
    let mut lab = Lab::new();
    let (peer, now) = (Source::Peer(host(1_000).ip()), HOST_FRESH_S);
    lab.learn(host(1), peer, 0);
    lab.cache.learn(host(2), peer, with_slots(0, 1), &lab.filter, at(now));
    lab.cache.learn(host(3), peer, with_slots(0, 0), &lab.filter, at(now));
    lab.cache.learn(host(4), peer, Facts::default(), &lab.filter, at(now));
    lab.learn(host(5), peer, now);
    lab.cache.outcome(host(5), Outcome::Failed, at(now));
    lab.learn(host(6), peer, now);
    lab.learn(host(7), peer, now);
    lab.cache.outcome(host(7), Outcome::Refused(503), at(now));
    let told = |lab: &mut Lab, second| {
        let mut told =
            lab.cache
                .sample((10, RoomFor::Anybody), at(second), &mut lab.rng, |known| known == host(6));
        told.sort_unstable();
        told
    };
    assert_eq!(told(&mut lab, now), [host(1), host(2)]);
    assert_eq!(told(&mut lab, now + 1), [host(2)]);
    for number in 100..120 {
        lab.prove(host(number), now);
    }
    let told = told(&mut lab, now);
    assert_eq!(told.len(), 10);
    assert!(told.iter().all(|host| lab.cache.quality(*host) == Some(Quality::Proven)));
}

/// BOOT-18
#[test]
fn whoever_asks_is_told_of_hosts_with_room_for_such_as_it_is() {
    let mut lab = Lab::new();
    let peer = Source::Peer(host(1_000).ip());
    for (number, facts) in (1..).zip([
        with_slots(3, 0),
        with_slots(0, 3),
        with_slots(0, 0),
        with_slots(255, 255),
        ULTRAPEER,
    ]) {
        lab.learn_as(host(number), peer, facts, 0);
    }
    for (room, fit) in [
        (RoomFor::Leaves, vec![host(1), host(4), host(5)]),
        (RoomFor::Ultrapeers, vec![host(2), host(4), host(5)]),
        (RoomFor::Anybody, vec![host(1), host(2), host(4), host(5)]),
    ] {
        let mut told = lab.cache.sample((10, room), at(1), &mut lab.rng, |_| false);
        if room != RoomFor::Anybody {
            assert_eq!(told.last(), Some(&host(5)), "the one that does not say comes last");
        }
        told.sort_unstable();
        assert_eq!(told, fit, "{room:?}");
    }
    // Whom we know better comes first all the same.
    lab.learn_as(host(6), Source::Itself, ULTRAPEER, 0);
    let told = lab.cache.sample((1, RoomFor::Leaves), at(1), &mut lab.rng, |_| false);
    assert_eq!(told, [host(6)]);
}

/// BOOT-20
#[test]
fn that_a_host_takes_tls_is_remembered() {
    let mut lab = Lab::new();
    let (peer, secure) = (Source::Peer(host(1_000).ip()), Facts { takes_tls: true, ..ULTRAPEER });
    for (number, first, then) in [
        (1, (peer, ULTRAPEER), (peer, secure)),
        (2, (peer, secure), (peer, ULTRAPEER)),
        (3, (peer, ULTRAPEER), (Source::Itself, secure)),
    ] {
        lab.learn_as(host(number), first.0, first.1, 0);
        lab.learn_as(host(number), then.0, then.1, 1);
        assert!(lab.cache.takes_tls(host(number)), "{number}");
    }
    lab.learn(host(4), peer, 0);
    assert!(!lab.cache.takes_tls(host(4)) && !lab.cache.takes_tls(host(5)));
    // By another's word nothing changes that it has said itself.
    lab.learn(host(6), Source::Itself, 0);
    lab.learn_as(host(6), peer, secure, 1);
    assert!(!lab.cache.takes_tls(host(6)));
}

/// HAND-45
#[test]
fn of_one_network_two_are_told() {
    let mut lab = Lab::new();
    for number in 0..30 {
        lab.learn(host(number), Source::User, 0);
    }
    for last in 1..5 {
        let neighbour = SocketAddr::new(Ipv4Addr::new(95, 1, 1, last).into(), 6346);
        lab.learn(neighbour, Source::User, 0);
    }
    let told = lab.cache.sample((100, RoomFor::Anybody), at(0), &mut lab.rng, |_| false);
    let of_network = told.iter().filter(|host| host.to_string().starts_with("95.1.1.")).count();
    assert_eq!((of_network, told.len()), (TOLD_OF_NETWORK_MAX, 30 + TOLD_OF_NETWORK_MAX));
}

#[test]
fn what_an_earlier_run_knew_is_known_again() {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    lab.learn(host(2), Source::Itself, 50);
    lab.learn(host(3), Source::Peer(host(2).ip()), 60);
    let saved = lab.cache.export(at(100));
    let facts: Vec<_> =
        saved.iter().map(|host| (host.address, host.quality, host.distance, host.age_s)).collect();
    assert_eq!(
        facts,
        [
            (host(1), Quality::Proven, 0, 100),
            (host(2), Quality::Met, 2, 50),
            (host(3), Quality::Hearsay, 3, 40),
        ]
    );
    let mut later = Lab::new();
    later.cache.import(&saved, &later.filter, at(0));
    let known: Vec<_> = later.cache.iter().collect();
    assert_eq!(
        known,
        [(host(1), Quality::Proven), (host(2), Quality::Hearsay), (host(3), Quality::Hearsay),]
    );
    assert_eq!(later.cache.export(at(0))[0].distance, 0);
    // It may be gone, and is not called for hours as one would be that was proven in this run.
    later.prove(host(9), 0);
    later.cache.outcome(host(1), Outcome::Failed, at(0));
    assert!(later.cache.quality(host(1)).is_some());
    later.cache.outcome(host(1), Outcome::Failed, at(0));
    assert_eq!(later.cache.quality(host(1)), None);
}

#[test]
fn old_hosts_are_looked_for_now_and_then() {
    let mut lab = Lab::new();
    let mut learn = |number, second| {
        lab.learn_as(host(number), Source::Peer(host(200).ip()), Facts::default(), second);
        lab.cache.quality(host(1)).is_some()
    };
    let begun = 60;
    assert!(learn(1, begun));
    let end = begun + HOST_HEARSAY_LIFE_S;
    assert!(learn(2, end), "the last moment of its life");
    assert!(learn(3, end + HOST_SWEEP_S - 1));
    assert!(!learn(4, end + HOST_SWEEP_S));
}
