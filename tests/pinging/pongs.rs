//! Pings with which a node asks for pongs, and what it takes from those that come.

use std::collections::BTreeSet;

use filbert::base::limits::{
    ALIVE_PONGS_TAKEN_MAX, PONG_FILES_MAX, PONG_HOSTS_TAKEN_MAX, PONG_LIFE_MS, PONGS_TAKEN_MAX,
    REFILL_BROADCASTING_MS, REFILL_JITTER_MS, REFILL_LEAF_MS, REFILL_NEIGHBOURS_MIN, REFILL_SHARE,
    REFILL_ULTRAPEER_MS,
};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::gnutella::pinging::{FreeSlots, Peer, PongHost, Rules, Step};
use filbert::gnutella::wire::ggep::value::Address6;
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::{Frame, Function, GgepArea, Pong};

use crate::desk::{Lab, at, host, pong};

/// Who was asked for pongs, and when.
fn asked(happened: &[(Time, Step)]) -> Vec<(Time, Slot, Frame)> {
    let refill = |(now, step): &(Time, Step)| match step {
        Step::Refill { to, ping } => Some((*now, *to, ping.clone())),
        _ => None,
    };
    happened.iter().filter_map(refill).collect()
}

/// The moments at which somebody was asked, each once.
fn rounds(asked: &[(Time, Slot, Frame)]) -> Vec<Time> {
    let moments: BTreeSet<_> = asked.iter().map(|(now, ..)| *now).collect();
    moments.into_iter().collect()
}

/// PING-05, PING-09
#[test]
fn an_ultrapeer_asks_three_others_every_few_seconds() {
    let mut lab = Lab::new(Rules { own_ttl: 3, ..Rules::default() }, true);
    for _ in 0..10 {
        lab.open(false, at(0));
    }
    let leaf = lab.open(true, at(0));
    let asked = asked(&lab.run_until(at(600)));
    let rounds = rounds(&asked);
    assert_eq!(asked.len(), rounds.len() * REFILL_NEIGHBOURS_MIN as usize);
    let waits: Vec<_> = rounds.windows(2).map(|two| two[1].since(two[0]).as_millis()).collect();
    let (least, most) =
        (REFILL_ULTRAPEER_MS.into(), (REFILL_ULTRAPEER_MS + REFILL_JITTER_MS).into());
    assert!(waits.iter().all(|wait| (least..=most).contains(wait)), "{waits:?}");
    assert!(waits.iter().min() != waits.iter().max(), "not all at once");
    assert!(u128::from(PONG_LIFE_MS) > most, "the cache never runs dry");
    let everybody: BTreeSet<_> = asked.iter().map(|(_, to, _)| *to).collect();
    assert!(everybody.len() == 10 && !everybody.contains(&leaf), "each has its turn");
    let guids: BTreeSet<_> = asked.iter().map(|(.., ping)| ping.guid).collect();
    assert_eq!(guids.len(), asked.len());
    for (.., ping) in asked {
        assert_eq!((ping.function, ping.ttl, ping.hops), (Function::PING, 3, 0));
        assert!(ping.guid.0[8] == 0xff && ping.guid.0[15] >= 1);
    }
}

/// PING-09
#[test]
fn of_many_neighbours_one_in_ten_is_asked() {
    for (neighbours, expected) in [(2, 2), (3, 3), (39, 3), (40, 40 / REFILL_SHARE), (60, 6)] {
        let mut lab = Lab::new(Rules::default(), true);
        for _ in 0..neighbours {
            lab.open(false, at(0));
        }
        assert_eq!(asked(&lab.run_until(at(0))).len(), expected as usize, "{neighbours}");
    }
}

#[test]
fn a_leaf_asks_one_neighbour_every_two_minutes() {
    let mut lab = Lab::new(Rules::default(), false);
    for _ in 0..3 {
        lab.open(false, at(0));
    }
    let asked = asked(&lab.run_until(at(1_200)));
    let rounds = rounds(&asked);
    assert_eq!(asked.len(), rounds.len());
    let mut waits = rounds.windows(2).map(|two| two[1].since(two[0]).as_millis());
    let expected = REFILL_LEAF_MS.into()..=(REFILL_LEAF_MS + REFILL_JITTER_MS).into();
    assert!(waits.all(|wait| expected.contains(&wait)));
}

/// HAND-34
#[test]
fn a_neighbour_that_broadcasts_pings_is_spared() {
    let mut lab = Lab::new(Rules::default(), true);
    let ip = host(1).ip();
    let peer = Peer { is_leaf: false, ggep: true, pong_caching: false, ip, listen: None };
    let slot = lab.open_as(&peer, at(0));
    let mut last = None;
    for (now, to, _) in asked(&lab.run_until(at(600))) {
        assert_eq!(to, slot);
        assert!(last.is_none_or(|last: Time| last.after_ms(REFILL_BROADCASTING_MS) <= now));
        last = Some(now);
    }
    assert!(last.is_some_and(|last| last > at(500)));
}

/// Everybody forwards it, so that it has one name.
#[test]
fn in_a_flood_one_ping_goes_to_all() {
    let mut lab = Lab::new(Rules { flood: true, own_ttl: 7, ..Rules::default() }, true);
    for leaf in [false, false, true] {
        lab.open(leaf, at(0));
    }
    let asked = asked(&lab.run_until(at(0)));
    let guids: BTreeSet<_> = asked.iter().map(|(.., ping)| ping.guid).collect();
    assert_eq!((asked.len(), guids.len(), asked[0].2.ttl), (3, 1, 7));
}

/// How many of so many pongs are taken.
fn taken(lab: &mut Lab, slot: Slot, count: u8) -> usize {
    let sent = (0..count).map(|number| pong(host(100 + u16::from(number)), 64, 1, b""));
    sent.filter(|pong| lab.room.pong(pong, slot, lab.now).is_some()).count()
}

/// PONG-14
#[test]
fn pongs_are_taken_in_answer_to_pings_only() {
    let mut lab = Lab::new(Rules::default(), true);
    let slot = lab.open(false, at(0));
    assert_eq!(taken(&mut lab, slot, 1), 0);
    lab.ask(&[slot]);
    assert_eq!(taken(&mut lab, slot, PONGS_TAKEN_MAX), usize::from(PONGS_TAKEN_MAX));
    assert_eq!(taken(&mut lab, slot, 1), 0);
    lab.ask(&[slot]);
    assert_eq!(taken(&mut lab, slot, PONGS_TAKEN_MAX + 1), usize::from(PONGS_TAKEN_MAX));
    let mut alive = Lab::without_refill(true);
    let slot = alive.open(false, at(0));
    alive.run_until(at(15));
    assert_eq!(
        taken(&mut alive, slot, ALIVE_PONGS_TAKEN_MAX + 1),
        usize::from(ALIVE_PONGS_TAKEN_MAX)
    );
}

#[test]
fn in_a_flood_pongs_come_without_end() {
    let mut lab = Lab::new(Rules { flood: true, ..Rules::default() }, true);
    let slot = lab.open(false, at(0));
    assert_eq!(taken(&mut lab, slot, 100), 100);
}

fn said(pong: &Pong, hops: u8) -> Option<PongHost> {
    PongHost::of(pong, hops)
}

fn plain(files: u32, kib: u32) -> Pong {
    let extensions = GgepArea::new(bytes::Bytes::new(), Place::Pong);
    Pong { port: 6346, address: [81, 2, 3, 4].into(), files, kib, extensions }
}

fn with(values: &[(&str, Value)]) -> Pong {
    let mut writer = Writer::new();
    for (id, value) in values {
        writer.put_value(id, Place::Pong, value).unwrap();
    }
    Pong { extensions: GgepArea::new(writer.finish(), Place::Pong), ..plain(1, 3) }
}

/// PONG-05, PONG-08
#[test]
fn a_pong_says_what_its_host_is() {
    for (kib, is_ultrapeer) in [(4, false), (7, false), (8, true), (9, false), (1 << 31, true)] {
        assert_eq!(said(&plain(1, kib), 0).unwrap().is_ultrapeer, is_ultrapeer, "{kib}");
    }
    let up = Value::Ultrapeer { version: 2, leaf_slots: 9, ultrapeer_slots: 0 };
    let guess = Value::Guess { version: 2, port: None };
    let host = said(&with(&[("GUE", guess), ("UP", up), ("DU", Value::Number(777))]), 3).unwrap();
    assert!(host.is_ultrapeer && host.guess);
    assert_eq!(host.free_slots, Some(FreeSlots { leaves: 9, ultrapeers: 0 }));
    assert_eq!((host.daily_uptime_s, host.hops, host.files, host.kib), (Some(777), 3, 1, 3));
    let plain = said(&plain(1, 3), 0).unwrap();
    assert!(!plain.guess && plain.free_slots.is_none() && plain.daily_uptime_s.is_none());
}

/// PONG-06
#[test]
fn an_address_of_ipv6_counts_where_there_is_none_of_ipv4() {
    let ipv6 = || ("6", Value::Ipv6("2a02:1::7".parse().unwrap()));
    let both = with(&[ipv6()]);
    assert_eq!(said(&both, 0).unwrap().address.to_string(), "81.2.3.4:6346");
    let only = Pong { address: [127, 0, 0, 0].into(), ..with(&[ipv6()]) };
    assert_eq!(said(&only, 0).unwrap().address.to_string(), "[2a02:1::7]:6346");
    let none = Pong { address: [127, 0, 0, 0].into(), ..plain(1, 1) };
    assert!(!said(&none, 0).unwrap().is_callable(true));
}

/// PONG-07
#[test]
fn what_nobody_can_call_decodes_and_is_no_host() {
    let callable = |address: [u8; 4], port, allow_private| {
        let pong = Pong { address: address.into(), port, ..plain(1, 1) };
        said(&pong, 0).unwrap().is_callable(allow_private)
    };
    assert!(callable([81, 2, 3, 4], 6346, false));
    assert!(!callable([192, 168, 1, 1], 6346, false) && callable([192, 168, 1, 1], 6346, true));
    for (address, port) in [([81, 2, 3, 4], 0), ([224, 0, 0, 1], 6346), ([0, 0, 0, 0], 6346)] {
        assert!(!callable(address, port, true), "{address:?}:{port}");
    }
}

/// PONG-09
#[test]
fn counts_in_the_wrong_order_are_mended() {
    let counts = |files, kib| said(&plain(files, kib), 0).map(|host| (host.files, host.kib));
    assert_eq!(counts(PONG_FILES_MAX, 5), Some((PONG_FILES_MAX, 5)));
    let swapped = |number: u32| number.swap_bytes();
    assert_eq!(counts(swapped(3), swapped(64)), Some((3, 64)));
    assert_eq!(counts(swapped(3), 64), Some((3, 64)));
    assert_eq!(counts(swapped(PONG_FILES_MAX), 1), Some((PONG_FILES_MAX, 1)));
    assert_eq!(counts(PONG_FILES_MAX + 1, 5), None);
}

/// GGEP-55
#[test]
fn hosts_that_a_pong_names_are_taken_up_to_a_limit() {
    let v4 = |number: u16| match host(number) {
        std::net::SocketAddr::V4(host) => host,
        std::net::SocketAddr::V6(_) => panic!(),
    };
    let v6 = Address6 { ip: "2a02:1::7".parse().unwrap(), port: 6346 };
    for (count, taken) in [(28, 29), (29, 30), (30, 30)] {
        let packed = Value::Addresses((0..count).map(v4).collect());
        let packed6 = Value::Addresses6(vec![v6]);
        let host = said(&with(&[("IPP", packed), ("IPP6", packed6)]), 0).unwrap();
        assert_eq!((host.others.len(), PONG_HOSTS_TAKEN_MAX), (taken, 30));
    }
}

/// GGEP-56, GGEP-28, GGEP-79
#[test]
fn a_pong_tells_who_takes_tls() {
    let v4 = |number: u16| match host(number) {
        std::net::SocketAddr::V4(host) => host,
        std::net::SocketAddr::V6(_) => panic!(),
    };
    let v6 = Address6 { ip: "2a02:1::7".parse().unwrap(), port: 6346 };
    let lists = || {
        let packed = Value::Addresses((0..9).map(v4).collect());
        [("IPP", packed), ("IPP6", Value::Addresses6(vec![v6; 2]))]
    };
    let told = |more: &[(&str, Value)]| {
        let host = said(&with(&[&lists()[..], more].concat()), 0).unwrap();
        let others = host.others.iter().map(|other| u8::from(other.takes_tls));
        (host.takes_tls, others.collect::<Vec<_>>())
    };
    assert_eq!(told(&[]), (false, vec![0; 11]));
    let bits = ("IPP_TLS", Value::Bitmap(vec![0b0100_0001, 0b1111_1111]));
    let bits6 = ("IPP6_TLS", Value::Bitmap(vec![0b0100_0000, 1, 2]));
    assert_eq!(
        told(&[("TLS", Value::Mark), bits, bits6]),
        (true, vec![0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 1])
    );
}

/// GGEP-63, GGEP-82
#[test]
fn a_pong_tells_that_its_host_is_a_host_cache() {
    let as_cache = |pong: &Pong| said(pong, 0).unwrap().as_cache;
    assert_eq!(as_cache(&with(&[])), None);
    let marked = with(&[("UDPHC", Value::Mark)]);
    assert_eq!(as_cache(&marked).as_deref(), Some("81.2.3.4:6346"));
    let named = with(&[("UDPHC", Value::Text("uhc.example.org".to_owned()))]);
    assert_eq!(as_cache(&named).as_deref(), Some("uhc.example.org:6346"));
    let ipv6 = with(&[("UDPHC", Value::Mark), ("6", Value::Ipv6("2a02:1::7".parse().unwrap()))]);
    let ipv6 = Pong { address: [127, 0, 0, 0].into(), ..ipv6 };
    assert_eq!(as_cache(&ipv6).as_deref(), Some("[2a02:1::7]:6346"));
}

/// PONG-12: only a neighbour's own pong counts as such, and a broken one as none.
#[test]
fn repeated_and_foreign_pongs_are_taken_like_others() {
    let mut lab = Lab::new(Rules::default(), true);
    let slot = lab.open(false, at(0));
    lab.ask(&[slot]);
    let foreign = pong(host(77), 64, 0, b"");
    assert_eq!(lab.room.pong(&foreign, slot, lab.now), lab.room.pong(&foreign, slot, lab.now));
    let cut = Frame { payload: foreign.payload.slice(..13), ..foreign };
    assert_eq!(lab.room.pong(&cut, slot, lab.now), None);
}
