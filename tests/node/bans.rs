//! Who is turned away, for how long, and why.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use filbert::base::error::{Misbehaved, Rule};
use filbert::base::limits::{
    ADMIT_NETWORK_TIMES, ADMIT_PERIOD_S, ADMIT_TIMES, BAN_AT_POINTS, BAN_BLAME_S, BAN_HASTE_MAX_S,
    BAN_HASTE_S, BAN_MAX_S, BAN_MEMORY_S, BAN_RECORDS_MAX, BANNED_OF_NETWORK, BREACH_POINTS,
    FILE_CALLS_AN_ATTEMPT, POINT_LIFE_S, SLIP_POINTS,
};
use filbert::base::time::Time;
use filbert::node::bans::{Admission, Bans, Weight};

const BREACH: Misbehaved = Misbehaved { rule: Rule::new("TTL-10"), what: "a leaf relays" };
const TOLD: Option<(u16, bool)> = Some((429, true));
const SILENT: Option<(u16, bool)> = Some((429, false));
const WELCOME: Option<(u16, bool)> = None;

fn at_s(second: u32) -> Time {
    Time::from_millis(u64::from(second) * 1_000)
}

fn before(time: Time) -> Time {
    Time::from_micros(time.as_micros() - 1)
}

/// Addresses in networks of their own.
fn ip(number: u32) -> IpAddr {
    Ipv4Addr::from_bits(0x5100_0009 + (number << 8)).into()
}

/// By which code somebody is turned away, and whether it is told why.
fn refusal(admission: Admission) -> Option<(u16, bool)> {
    match admission {
        Admission::Welcome => WELCOME,
        Admission::Refused { ban, says_so, .. } => Some((ban.code(), says_so)),
    }
}

/// Somebody calls.
fn admit(bans: &mut Bans, ip: IpAddr, now: Time) -> Option<(u16, bool)> {
    refusal(bans.admit(ip, now))
}

/// Somebody calls, and wants a link.
fn call(bans: &mut Bans, ip: IpAddr, now: Time) -> Option<(u16, bool)> {
    admit(bans, ip, now).or_else(|| refusal(bans.attempt(ip, now)))
}

/// An address banned for blame at this moment.
fn banned(ip: IpAddr, now: Time) -> Bans {
    let mut bans = Bans::new();
    bans.strike(ip, BREACH, Weight::Breach, now);
    assert!(bans.strike(ip, BREACH, Weight::Breach, now).is_some());
    bans
}

/// HAND-62
#[test]
fn the_third_connection_in_a_minute_is_turned_away() {
    assert_eq!((ADMIT_TIMES, ADMIT_PERIOD_S), (2, 60));
    let mut bans = Bans::new();
    let admitted: Vec<_> = (0..4).map(|second| call(&mut bans, ip(1), at_s(second))).collect();
    assert_eq!(admitted, [WELCOME, WELCOME, TOLD, SILENT]);
    assert_eq!(call(&mut bans, ip(2), at_s(3)), WELCOME);
    let end = at_s(2 + BAN_HASTE_S);
    assert_eq!(call(&mut bans, ip(1), before(end)), SILENT);
    assert_eq!(call(&mut bans, ip(1), end), WELCOME);
}

/// HAND-62: gtk-gnutella opens five within a millisecond, browsers six.
#[test]
fn connections_for_files_count_for_little() {
    let mut bans = Bans::new();
    let at_once = ADMIT_TIMES * FILE_CALLS_AN_ATTEMPT;
    assert!((1..at_once).all(|_| admit(&mut bans, ip(1), at_s(0)) == WELCOME));
    assert_eq!(call(&mut bans, ip(1), at_s(0)), WELCOME, "and a link");
    assert_eq!(admit(&mut bans, ip(1), at_s(0)), TOLD);
    let every_second = (0..1_000).map(|second| admit(&mut bans, ip(2), at_s(second)));
    assert!(every_second.into_iter().all(|one| one == WELCOME));
}

/// HAND-62
#[test]
fn whoever_has_tried_for_a_link_twice_may_still_fetch_files() {
    let mut bans = Bans::new();
    for _ in 0..ADMIT_TIMES {
        assert_eq!(call(&mut bans, ip(1), at_s(0)), WELCOME);
    }
    assert!((0..20).all(|_| admit(&mut bans, ip(1), at_s(1)) == WELCOME));
    assert_eq!(refusal(bans.attempt(ip(1), at_s(1))), TOLD);
}

/// HAND-62
#[test]
fn whoever_connects_every_half_minute_is_welcome() {
    let mut bans = Bans::new();
    for time in 0..100 {
        assert_eq!(call(&mut bans, ip(1), at_s(30 * time)), WELCOME);
    }
    let mut bans = Bans::new();
    let turned_away = (0..100).find(|time| call(&mut bans, ip(1), at_s(29 * time)) != WELCOME);
    assert_eq!(turned_away, Some(31), "a second early each time");
}

#[test]
fn one_in_sixteen_attempts_is_told_why() {
    let mut bans = Bans::new();
    let told = (0..34).filter(|_| call(&mut bans, ip(1), at_s(1)) == TOLD).count();
    assert_eq!(told, 2);
}

/// HAND-62
#[test]
fn haste_is_punished_for_longer_each_time_up_to_an_hour() {
    let mut bans = Bans::new();
    let mut now = at_s(0);
    for expected_s in [300, 600, 1_200, 2_400, BAN_HASTE_MAX_S, BAN_HASTE_MAX_S] {
        for _ in 0..3 {
            call(&mut bans, ip(1), now);
        }
        let ban = bans.ban_of(ip(1), now).unwrap();
        assert_eq!(ban.until, now.after_ms(u64::from(expected_s) * 1_000));
        assert_eq!(ban.breach.rule.id(), "HAND-62");
        now = ban.until;
    }
}

/// HAND-62
#[test]
fn many_addresses_of_one_network_are_one_haste() {
    let mut bans = Bans::new();
    let campus = |last| IpAddr::V4(Ipv4Addr::new(95, 1, 1, last));
    let admitted: Vec<_> = (0..20).map(|last| call(&mut bans, campus(last), at_s(0))).collect();
    let welcome = admitted.iter().filter(|one| **one == WELCOME).count();
    assert_eq!(u32::try_from(welcome).unwrap(), ADMIT_NETWORK_TIMES);
    assert_eq!(admitted[16], TOLD);
    assert_eq!(bans.ban_of(campus(200), at_s(1)).unwrap().network.to_string(), "95.1.1.0/24");
    let private = |last| IpAddr::V4(Ipv4Addr::new(10, 1, 1, last));
    assert!((0..20).all(|last| call(&mut bans, private(last), at_s(0)) == WELCOME));
}

#[test]
fn this_machine_is_always_welcome() {
    let mut bans = Bans::new();
    for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        assert!((0..100).all(|_| call(&mut bans, ip, at_s(0)) == WELCOME));
        assert!((0..100).all(|_| bans.strike(ip, BREACH, Weight::Breach, at_s(0)).is_none()));
    }
    assert!(bans.is_empty());
}

#[test]
fn two_breaches_in_a_while_are_a_ban() {
    let forgiven_s = (2 * BREACH_POINTS - BAN_AT_POINTS) * POINT_LIFE_S;
    for (wait_s, is_banned) in [(0, true), (forgiven_s, true), (forgiven_s + 1, false)] {
        let mut bans = Bans::new();
        assert_eq!(bans.strike(ip(1), BREACH, Weight::Breach, at_s(10)), None);
        let ban = bans.strike(ip(1), BREACH, Weight::Breach, at_s(10 + wait_s));
        assert_eq!(ban.is_some(), is_banned, "{wait_s}");
        let until = ban.map(|ban| ban.until);
        assert_eq!(until, is_banned.then(|| at_s(10 + wait_s + BAN_BLAME_S)));
        assert_eq!(bans.ban_of(ip(1), at_s(10 + wait_s)), ban);
    }
}

#[test]
fn slips_are_forgiven_and_many_are_not() {
    let mut bans = Bans::new();
    let slip = |bans: &mut Bans, now| bans.strike(ip(1), BREACH, Weight::Slip, now).is_some();
    assert_eq!(SLIP_POINTS, 1);
    for _ in 1..BAN_AT_POINTS {
        assert!(!slip(&mut bans, at_s(0)));
    }
    assert!(slip(&mut bans, at_s(0)));
    let mut bans = Bans::new();
    assert!((0..1_000).all(|time| !slip(&mut bans, at_s(time * POINT_LIFE_S))));
}

#[test]
fn a_ban_ends_and_the_next_one_is_longer() {
    let mut bans = Bans::new();
    let mut now = at_s(0);
    for (time, expected_s) in
        (1..).zip([3_600, 7_200, 14_400, 28_800, 57_600, BAN_MAX_S, BAN_MAX_S])
    {
        bans.strike(ip(1), BREACH, Weight::Breach, now);
        let ban = bans.strike(ip(1), BREACH, Weight::Breach, now).unwrap();
        assert_eq!((ban.until, ban.times), (now.after_ms(u64::from(expected_s) * 1_000), time));
        assert!(bans.ban_of(ip(1), before(ban.until)).is_some());
        assert!(bans.ban_of(ip(1), ban.until).is_none());
        now = ban.until;
    }
    let forgotten = now.after_ms(u64::from(BAN_MEMORY_S) * 1_000);
    bans.strike(ip(1), BREACH, Weight::Breach, forgotten);
    let ban = bans.strike(ip(1), BREACH, Weight::Breach, forgotten).unwrap();
    assert_eq!(ban.times, 1);
}

#[test]
fn a_ban_is_remembered_for_its_time_and_not_a_second_longer() {
    for (later_s, times) in [(BAN_MEMORY_S - 1, 2), (BAN_MEMORY_S, 1)] {
        let mut bans = banned(ip(1), at_s(0));
        let now = at_s(BAN_BLAME_S + later_s);
        bans.strike(ip(1), BREACH, Weight::Breach, now);
        assert_eq!(bans.strike(ip(1), BREACH, Weight::Breach, now).unwrap().times, times);
    }
}

#[test]
fn whoever_is_banned_is_refused_by_another_code() {
    let mut bans = banned(ip(1), at_s(0));
    assert_eq!(call(&mut bans, ip(1), at_s(1)), Some((550, true)));
    assert_eq!(call(&mut bans, ip(1), at_s(1)), Some((550, false)));
}

#[test]
fn a_host_of_ipv6_has_many_addresses() {
    let bans = banned("2a02:1:2:3::1".parse().unwrap(), at_s(0));
    assert!(bans.ban_of("2a02:1:2:3:ffff::9".parse().unwrap(), at_s(1)).is_some());
    assert!(bans.ban_of("2a02:1:2:4::1".parse().unwrap(), at_s(1)).is_none());
    let mapped = banned("::ffff:81.2.3.4".parse().unwrap(), at_s(0));
    assert!(mapped.ban_of("81.2.3.4".parse().unwrap(), at_s(1)).is_some());
}

#[test]
fn a_network_with_several_banned_addresses_is_banned() {
    let mut bans = Bans::new();
    let neighbour = |last| IpAddr::V4(Ipv4Addr::new(95, 1, 1, last));
    let bystander = neighbour(200);
    for last in 1..=4 {
        assert!(bans.ban_of(bystander, at_s(1)).is_none());
        bans.strike(neighbour(last), BREACH, Weight::Breach, at_s(0));
        let ban = bans.strike(neighbour(last), BREACH, Weight::Breach, at_s(0)).unwrap();
        let is_network = ban.network.to_string() == "95.1.1.0/24";
        assert_eq!(is_network, usize::from(last) >= BANNED_OF_NETWORK);
    }
    assert!(bans.ban_of(bystander, at_s(1)).is_some());
    assert!(bans.ban_of(ip(1), at_s(1)).is_none());
    bans.pardon(bystander);
    assert!(bans.ban_of(bystander, at_s(1)).is_none());
    assert!(bans.ban_of(neighbour(1), at_s(1)).is_some(), "its own ban stays");
}

#[test]
fn a_ban_is_explained_in_one_sentence() {
    let mut bans = banned(ip(1), at_s(0));
    assert_eq!(
        bans.explain(ip(1), at_s(61)).unwrap(),
        "81.0.1.9 is turned away for 59 min: a leaf relays (TTL-10)"
    );
    assert_eq!(bans.explain(ip(2), at_s(61)), None);
    bans.strike(ip(1), BREACH, Weight::Breach, at_s(3_600));
    bans.strike(ip(1), BREACH, Weight::Breach, at_s(3_600));
    assert_eq!(
        bans.explain(ip(1), at_s(3_600)).unwrap(),
        "81.0.1.9 is turned away again for 120 min: a leaf relays (TTL-10)"
    );
}

#[test]
fn what_is_watched_is_bounded_and_the_worst_are_remembered() {
    let count = u32::try_from(BAN_RECORDS_MAX).unwrap();
    let mut bans = banned(ip(0), at_s(0));
    bans.strike(ip(1), BREACH, Weight::Breach, at_s(0));
    for number in 2..count {
        bans.strike(ip(number), BREACH, Weight::Slip, at_s(1));
    }
    assert_eq!(bans.len(), BAN_RECORDS_MAX);
    for number in count..count + 100 {
        bans.strike(ip(number), BREACH, Weight::Slip, at_s(2));
    }
    assert_eq!(bans.len(), BAN_RECORDS_MAX);
    assert!(bans.ban_of(ip(0), at_s(2)).is_some());
    assert!(bans.strike(ip(1), BREACH, Weight::Breach, at_s(2)).is_some());
}

#[test]
fn what_is_forgiven_is_forgotten() {
    let mut bans = Bans::new();
    let held = allocation_counter::measure(|| {
        for number in 0..1_000 {
            call(&mut bans, ip(number), at_s(0));
        }
    });
    assert_eq!(bans.len(), 2_000, "the address and its network");
    let given_back = allocation_counter::measure(|| {
        call(&mut bans, ip(1), at_s(100));
    });
    assert_eq!(bans.len(), 2);
    assert!(given_back.bytes_current < -held.bytes_current * 9 / 10);
}
