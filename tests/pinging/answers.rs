//! What answers which ping.

use std::collections::BTreeSet;

use filbert::base::limits::{
    CRAWL_PONGS_MAX, PING_INTERVAL_LEAF_MS, PING_INTERVAL_ULTRAPEER_MS, PONG_CACHED_LEN_MAX,
    PONG_LIFE_MS, PONGS_CACHED_MAX, PONGS_MAX, PONGS_OF_LINK_MAX,
};
use filbert::base::slots::Slot;
use filbert::gnutella::pinging::{Own, Peer, Pinged, Rules, Step};
use filbert::gnutella::wire::ggep::Value;
use filbert::gnutella::wire::{Frame, Pong, VendorCode};

use crate::desk::{GUID, Lab, OWN, about, at, at_ms, host, pong};

/// A node with so many neighbours, all of them ultrapeers, each of which has just sent so many
/// pongs of hops 1.
fn with_pongs(links: u16, pongs: u16) -> (Lab, Vec<Slot>) {
    let mut lab = Lab::new(Rules::default(), true);
    let slots: Vec<_> = (0..links).map(|_| lab.open(false, at(0))).collect();
    lab.ask(&slots);
    for (link, slot) in (0_u16..).zip(&slots) {
        for number in 0..pongs {
            let about = host(1_000 + 100 * link + number);
            assert!(lab.room.pong(&pong(about, 64, 1, b""), *slot, lab.now).is_some());
        }
    }
    (lab, slots)
}

fn hosts(pongs: &[Frame]) -> Vec<u16> {
    let number = |pong: &Frame| {
        let std::net::IpAddr::V4(ip) = about(pong).ip() else { panic!() };
        u16::from_be_bytes([ip.octets()[1], ip.octets()[2]])
    };
    pongs.iter().map(number).collect()
}

/// PING-06, PONG-10, PONG-11
#[test]
fn a_ping_with_ttl_1_is_answered_at_once_however_often_it_comes() {
    for is_ultrapeer in [false, true] {
        let mut lab = Lab::without_refill(is_ultrapeer);
        let slot = lab.open(false, at(0));
        for _ in 0..100 {
            let (pinged, pongs) = lab.ping(1, 0, slot, at(1));
            assert_eq!((pinged, pongs.len()), (Pinged::Alive, 1));
            assert_eq!((pongs[0].guid, pongs[0].ttl, pongs[0].hops), (GUID, 1, 0));
            assert_eq!(about(&pongs[0]), OWN.address);
        }
    }
}

/// PONG-05, PONG-08
#[test]
fn our_own_pong_says_what_others_want_to_know() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(false, at(0));
    let said = |own: &Own, lab: &mut Lab| {
        let pong = lab.ping_as(own, 1, 0, slot, at(1)).1.remove(0);
        Pong::decode(&pong.payload).unwrap()
    };
    let pong = said(&OWN, &mut lab);
    assert_eq!((pong.files, pong.kib), (3, 512));
    let version = Some(1);
    let vendor = Value::Vendor { code: VendorCode::FILBERT, version };
    assert_eq!(pong.extensions.value("VC"), Some(vendor));
    let ultrapeer = Value::Ultrapeer { version: 2, leaf_slots: 5, ultrapeer_slots: 2 };
    assert_eq!(pong.extensions.value("UP"), Some(ultrapeer));
    assert_eq!(pong.extensions.value("DU"), Some(Value::Number(3_600)));
    for (kib, said_kib) in [(0, 8), (1, 8), (11, 8), (12, 16), (24, 32), (u32::MAX, 1 << 31)] {
        assert_eq!(said(&Own { kib, ..OWN }, &mut lab).kib, said_kib, "{kib}");
    }
    let leaf = Own { is_ultrapeer: false, kib: 1_024, ..OWN };
    let pong = said(&leaf, &mut lab);
    assert_eq!((pong.kib, pong.extensions.value("UP")), (1_025, None));
    assert_eq!(said(&Own { files: 0, kib: 0, ..leaf }, &mut lab).kib, 0);
}

/// HAND-33
#[test]
fn whoever_does_not_know_ggep_gets_the_plain_pong() {
    let mut lab = Lab::without_refill(true);
    let ip = host(1).ip();
    let peer = Peer { is_leaf: false, ggep: false, pong_caching: true, ip, listen: None };
    let slot = lab.open_as(&peer, at(0));
    assert_eq!(lab.ping(1, 0, slot, at(1)).1[0].payload.len(), 14);
}

/// PONG-06
#[test]
fn an_address_of_ipv6_stands_in_an_extension() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(false, at(0));
    let own = Own { address: "[2a02:1::7]:6346".parse().unwrap(), ..OWN };
    let pong = Pong::decode(&lab.ping_as(&own, 1, 0, slot, at(1)).1[0].payload).unwrap();
    assert_eq!(pong.endpoint().to_string(), "127.0.0.0:6346");
    assert_eq!(pong.extensions.value("6"), Some(Value::Ipv6("2a02:1::7".parse().unwrap())));
}

/// PING-08, PONG-11
#[test]
fn a_crawler_is_told_of_our_neighbours() {
    let mut lab = Lab::without_refill(true);
    let asker = lab.open(false, at(0));
    let other = lab.open(false, at(0));
    lab.open(true, at(0));
    let ip = "2a02:1::7".parse().unwrap();
    let listen = Some("[2a02:ffff::1]:6346".parse().unwrap());
    lab.open_as(&Peer { is_leaf: false, ggep: true, pong_caching: true, ip, listen }, at(0));
    let unknown = Peer { is_leaf: false, ggep: true, pong_caching: true, ip, listen: None };
    lab.open_as(&unknown, at(0));
    let (pinged, pongs) = lab.ping(2, 0, asker, at(1));
    assert_eq!(pinged, Pinged::Answered);
    assert_eq!(about(&pongs[0]), OWN.address);
    assert_eq!(about(&pongs[1]), host(1));
    let pong = Pong::decode(&pongs[2].payload).unwrap();
    // The address that it has, and not the one that it says it has.
    assert_eq!(pong.extensions.value("6"), Some(Value::Ipv6(ip_v6(ip))));
    assert_eq!(pongs.len(), 3);
    assert!(pongs[1..].iter().all(|pong| (pong.guid, pong.ttl, pong.hops) == (GUID, 1, 1)));
    lab.close(other);
    assert_eq!(lab.ping(2, 0, asker, at(61)).1.len(), 2);
}

fn ip_v6(ip: std::net::IpAddr) -> std::net::Ipv6Addr {
    let std::net::IpAddr::V6(ip) = ip else { panic!("{ip}") };
    ip
}

/// PING-08
#[test]
fn a_crawler_is_told_of_so_many_neighbours_and_no_more() {
    for (others, told) in
        [(CRAWL_PONGS_MAX, CRAWL_PONGS_MAX), (CRAWL_PONGS_MAX + 1, CRAWL_PONGS_MAX)]
    {
        let mut lab = Lab::without_refill(true);
        let asker = lab.open(true, at(0));
        for _ in 0..others {
            lab.open(false, at(0));
        }
        assert_eq!(lab.ping(2, 0, asker, at(1)).1.len(), 1 + told);
    }
}

/// PING-08, PONG-12: its own pong says how much it shares; what it says of a third is not its own.
#[test]
fn what_a_neighbour_says_of_itself_is_told_to_a_crawler() {
    let mut lab = Lab::new(Rules::default(), true);
    let (asker, other) = (lab.open(false, at(0)), lab.open(false, at(0)));
    lab.ask(&[other]);
    lab.room.pong(&pong(host(77), 4_711, 0, b""), other, lab.now);
    let own = std::net::SocketAddr::new(host(1).ip(), 7_777);
    lab.room.pong(&pong(own, 815, 0, b""), other, lab.now);
    let pongs = lab.ping(2, 0, asker, lab.later(1)).1;
    let told = Pong::decode(&pongs[1].payload).unwrap();
    assert_eq!((told.endpoint().to_string(), told.kib), (own.to_string(), 815));
}

/// PING-08
#[test]
fn a_leaf_tells_a_crawler_of_itself_only() {
    let mut lab = Lab::without_refill(false);
    let (asker, _) = (lab.open(false, at(0)), lab.open(false, at(0)));
    assert_eq!(lab.ping(2, 0, asker, at(1)).1.len(), 1);
    assert_eq!(lab.ping(7, 0, asker, at(61)).1.len(), 1);
}

/// PING-09, PONG-10, PONG-11
#[test]
fn other_pings_are_answered_with_ten_pongs_of_others() {
    let (mut lab, slots) = with_pongs(4, 10);
    let (pinged, pongs) = lab.ping(7, 2, slots[0], lab.later(1));
    assert_eq!((pinged, pongs.len()), (Pinged::Answered, PONGS_MAX));
    assert_eq!((pongs[0].guid, pongs[0].ttl, pongs[0].hops), (GUID, 3, 0));
    assert!(pongs[1..].iter().all(|pong| (pong.guid, pong.ttl, pong.hops) == (GUID, 3, 2)));
    let told: BTreeSet<_> = hosts(&pongs[1..]).into_iter().collect();
    assert_eq!(told.len(), PONGS_MAX - 1, "each host once");
    // Three each from those who did not ask.
    for link in 1..4 {
        assert_eq!(told.iter().filter(|host| (*host - 1_000) / 100 == link).count(), 3);
    }
}

/// PING-09
#[test]
fn pongs_are_spread_over_distances_and_come_from_no_farther_than_the_ping_went() {
    for (ttl, far) in [(2, 1), (3, 2), (4, 3), (5, 3)] {
        let mut lab = Lab::new(Rules::default(), true);
        let (asker, other) = (lab.open(false, at(0)), lab.open(false, at(0)));
        lab.ask(&[other]);
        for number in 0..8 {
            lab.room.pong(&pong(host(1_000 + number), 64, 0, b""), other, lab.now);
        }
        lab.room.pong(&pong(host(2_000), 64, 1, b""), other, lab.now);
        lab.room.pong(&pong(host(3_000), 64, 2, b""), other, lab.now);
        let pongs = lab.ping(ttl, 1, asker, lab.later(1)).1;
        let hops: BTreeSet<_> = pongs[1..].iter().map(|pong| pong.hops).collect();
        assert_eq!(hops, (1..=far).collect(), "TTL {ttl}");
    }
}

/// PING-09: who has no room need not be found, and a cache without pongs is no reason to be silent.
#[test]
fn a_node_without_room_tells_of_others_only() {
    let (mut lab, slots) = with_pongs(2, 3);
    let full = Own { free_leaf_slots: 0, free_ultrapeer_slots: 0, ..OWN };
    let pongs = lab.ping_as(&full, 7, 0, slots[0], lab.later(1)).1;
    assert_eq!(pongs.len(), 3);
    assert!(pongs.iter().all(|pong| pong.hops == 2));
}

/// PING-09: a leaf has no use for leaves.
#[test]
fn a_leaf_is_told_of_ultrapeers_only() {
    let (mut lab, slots) = with_pongs(1, 2);
    assert!(lab.room.pong(&pong(host(50), 63, 1, b""), slots[0], lab.now).is_some());
    let (leaf, ultrapeer) = (lab.open(true, lab.now), lab.open(false, lab.now));
    assert_eq!(lab.ping(7, 0, leaf, lab.later(1)).1.len(), 1 + 2);
    assert_eq!(lab.ping(7, 0, ultrapeer, lab.later(1)).1.len(), 1 + 3);
}

/// PING-10
#[test]
fn ordinary_pings_are_answered_seldom_and_alive_ones_always() {
    for (is_leaf, interval_ms) in
        [(false, PING_INTERVAL_ULTRAPEER_MS), (true, PING_INTERVAL_LEAF_MS)]
    {
        let mut lab = Lab::without_refill(true);
        let slot = lab.open(is_leaf, at(0));
        for ttl in [2, 7] {
            assert_eq!(lab.ping(ttl, 0, slot, at(1_000 * u64::from(ttl))).0, Pinged::Answered);
            let again = at(1_000 * u64::from(ttl)).after_ms(interval_ms - 1);
            assert_eq!(lab.ping(7, 0, slot, again), (Pinged::Throttled, vec![]));
            assert_eq!(lab.ping(2, 0, slot, again), (Pinged::Throttled, vec![]));
            assert_eq!(lab.ping(1, 0, slot, again).0, Pinged::Alive);
        }
        let now = at(10_000);
        assert_eq!(lab.ping(7, 0, slot, now).0, Pinged::Answered);
        assert_eq!(lab.ping(7, 0, slot, now.after_ms(interval_ms)).0, Pinged::Answered);
    }
}

/// PING-09: no pong is older than a quarter of a minute.
#[test]
fn old_pongs_are_not_told() {
    for (age_ms, told) in [(PONG_LIFE_MS - 1, 4), (PONG_LIFE_MS, 1)] {
        let (mut lab, slots) = with_pongs(2, 3);
        let then = lab.now.after_ms(age_ms);
        assert_eq!(lab.ping(7, 0, slots[0], then).1.len(), told);
    }
}

/// PING-09
#[test]
fn the_pongs_of_one_neighbour_are_kept_up_to_a_limit() {
    for (pongs, first) in [(PONGS_OF_LINK_MAX, 1_000), (PONGS_OF_LINK_MAX + 1, 1_001)] {
        let (mut lab, _) = with_pongs(1, u16::try_from(pongs).unwrap());
        let asker = lab.open(false, lab.now);
        let full = Own { free_leaf_slots: 0, free_ultrapeer_slots: 0, ..OWN };
        let told = hosts(&lab.ping_as(&full, 7, 0, asker, lab.later(1)).1);
        assert_eq!(told.len(), PONGS_OF_LINK_MAX);
        assert_eq!(told.iter().min(), Some(&first), "the oldest goes");
    }
}

/// How many pongs are kept of each of six neighbours that have sent ten, and of a seventh that
/// sends so many.
fn kept_of_seven(brought: u16) -> Vec<usize> {
    let kept_of = |link: usize| {
        let (mut lab, mut slots) = with_pongs(7, 0);
        for (link, slot) in (0_u16..).zip(&slots) {
            for number in 0..if link < 6 { 10 } else { brought } {
                let about = host(1_000 + 100 * link + number);
                assert!(lab.room.pong(&pong(about, 64, 1, b""), *slot, lab.now).is_some());
            }
        }
        slots.remove(link);
        slots.into_iter().for_each(|other| lab.close(other));
        let asker = lab.open(false, lab.now);
        let full = Own { free_leaf_slots: 0, free_ultrapeer_slots: 0, ..OWN };
        lab.ping_as(&full, 7, 0, asker, lab.later(1)).1.len()
    };
    (0..7).map(kept_of).collect()
}

/// PING-09
#[test]
fn the_pongs_of_all_are_kept_up_to_a_limit_and_who_has_most_loses_one() {
    let at_the_limit = u16::try_from(PONGS_CACHED_MAX - 60).unwrap();
    assert_eq!(kept_of_seven(at_the_limit), [10, 10, 10, 10, 10, 10, 4]);
    let kept = kept_of_seven(at_the_limit + 1);
    assert_eq!((kept.iter().sum::<usize>(), kept[6]), (PONGS_CACHED_MAX, 5));
}

/// PONG-05: a pong keeps its tail on the way; one that is longer than any real one stays here.
#[test]
fn long_pongs_are_used_and_not_passed_on() {
    const TAIL: &[u8] = &[b'x'; PONG_CACHED_LEN_MAX];
    for (tail_len, told) in [(PONG_CACHED_LEN_MAX - 14, 2), (PONG_CACHED_LEN_MAX - 13, 1)] {
        let (mut lab, slots) = with_pongs(1, 0);
        let received = pong(host(50), 64, 1, &TAIL[..tail_len]);
        assert!(lab.room.pong(&received, slots[0], lab.now).is_some());
        let asker = lab.open(false, lab.now);
        let pongs = lab.ping(7, 0, asker, lab.later(1)).1;
        assert_eq!(pongs.len(), told);
        assert!(pongs[1..].iter().all(|pong| pong.payload == received.payload));
    }
}

/// PONG-07
#[test]
fn private_addresses_are_not_told() {
    for (allow_private, told) in [(false, 1), (true, 2)] {
        let mut lab = Lab::new(Rules { allow_private, ..Rules::default() }, true);
        let (asker, other) = (lab.open(false, at(0)), lab.open(false, at(0)));
        lab.ask(&[other]);
        for lie in ["192.168.1.1:6346", "224.0.0.1:6346", "81.2.3.4:0", "0.0.0.0:6346"] {
            lab.room.pong(&pong(lie.parse().unwrap(), 64, 1, b""), other, lab.now);
        }
        assert_eq!(lab.ping(7, 0, asker, lab.later(1)).1.len(), told);
    }
}

/// PONG-10: flooded pings are answered by everybody, and by nobody else.
#[test]
fn in_a_flood_each_ping_gets_our_own_pong() {
    let mut lab = Lab::new(Rules { flood: true, ..Rules::default() }, true);
    let (slot, _) = (lab.open(false, at(0)), lab.open(false, at(0)));
    for (ttl, hops) in [(7, 0), (6, 1), (1, 6), (2, 0)] {
        let (pinged, pongs) = lab.ping(ttl, hops, slot, at(1));
        assert_eq!((pinged, pongs.len()), (Pinged::Answered, 1));
        assert_eq!((pongs[0].ttl, pongs[0].hops), (hops + 1, 0));
    }
}

/// The scheme of Rohrs and Falco promises this, also in presence of an attacker.
#[test]
fn whoever_pings_all_the_time_gets_131_bytes_a_second() {
    let mut lab = Lab::new(Rules::default(), true);
    let ip = host(1).ip();
    let peer = Peer { is_leaf: false, ggep: false, pong_caching: true, ip, listen: None };
    let attacker = lab.open_as(&peer, at(0));
    for _ in 0..20 {
        lab.open(false, at(0));
    }
    let (mut bytes, mut told) = (0, 0);
    for tick in 0..30_000 {
        let now = at_ms(tick * 10);
        for (_, step) in lab.run_until(now) {
            let Step::Refill { to, .. } = step else { continue };
            for number in 0..10 {
                let about = host(1_000 + 10 * u16::try_from(tick % 500).unwrap() + number);
                lab.room.pong(&pong(about, 64, 1, b""), to, now);
            }
        }
        let pongs = lab.ping(7, 0, attacker, now).1;
        bytes += pongs.iter().map(Frame::wire_len).sum::<usize>();
        bytes += if pongs.is_empty() { 0 } else { 23 };
        told += pongs.len();
    }
    assert!((900..=1_000).contains(&told), "{told}");
    assert!(bytes <= 300 * 131, "{bytes}");
}

/// PING-09: GnutellaBun sends our own pong back to us, many times; told on, it would go round for
/// ever.
#[test]
fn our_own_address_is_not_told_as_that_of_somebody_else() {
    for (listen, told) in [(None, 1), (Some(host(50)), 0)] {
        let (mut lab, slots) = with_pongs(2, 0);
        lab.room.listens_at(listen);
        lab.room.pong(&pong(host(50), 64, 1, b""), slots[0], lab.now);
        let (_, pongs) = lab.ping(4, 0, slots[1], lab.now);
        assert_eq!(pongs.iter().filter(|pong| about(pong) == host(50)).count(), told, "{listen:?}");
    }
}
