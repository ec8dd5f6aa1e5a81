//! What a node leaves to the next run, and how it finds its first hosts.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use filbert::base::limits::{
    HOST_FRESH_S, HOST_KEPT_HEARSAY_LIFE_S, HOST_KEPT_LIFE_S, PONG_CACHES_TAKEN_MAX,
};
use filbert::base::time::Time;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::{Datagram, Frame, Function, GgepArea, Ping, Pong};
use filbert::node::host_cache::{Quality, SavedHost};
use filbert::node::{Command, Config, Earlier, Event, Input, Node, Output, RolePolicy};
use filbert::promotion::Record;

fn host(number: u8) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::new(5, number, 7, 8).into(), 6346)
}

fn node(role: RolePolicy) -> Node {
    let mut config = Config::new(role);
    config.dials = false;
    Node::new(config, 1, Time::ZERO)
}

fn at(second: u64) -> Time {
    Time::from_millis(second * 1_000)
}

fn hand_in(node: &mut Node, input: Input, now: Time) -> Vec<Output> {
    node.handle(input, now);
    std::iter::from_fn(|| node.poll()).collect()
}

fn saved(number: u8, quality: Quality, age_s: u32) -> SavedHost {
    let address = host(number);
    SavedHost { address, quality, is_ultrapeer: true, daily_uptime_min: 3, distance: 1, age_s }
}

fn remember(hosts: Vec<SavedHost>) -> Node {
    let mut node = node(RolePolicy::Always(Role::Leaf));
    hand_in(&mut node, Input::Command(Command::Remember(hosts)), at(0));
    node
}

#[test]
fn hosts_of_an_earlier_run_are_known_and_handed_on() {
    let node = remember(vec![saved(1, Quality::Proven, 500), saved(2, Quality::Hearsay, 10)]);
    let kept = node.export_hosts(at(100));
    let facts: Vec<_> = kept.iter().map(|host| (host.address, host.quality, host.age_s)).collect();
    // A host to which nobody has been connected since grows old over all runs.
    assert_eq!(facts, [(host(1), Quality::Proven, 600), (host(2), Quality::Hearsay, 100)]);
}

#[test]
fn hosts_are_remembered_for_so_long_and_not_a_second_longer() {
    for (quality, life_s) in [
        (Quality::Proven, HOST_KEPT_LIFE_S),
        (Quality::Met, HOST_KEPT_LIFE_S),
        (Quality::Hearsay, HOST_KEPT_HEARSAY_LIFE_S),
    ] {
        let known = |age_s| remember(vec![saved(1, quality, age_s)]).known_hosts().count();
        assert_eq!((known(life_s), known(life_s + 1)), (1, 0), "{quality:?}");
    }
}

/// A ping in a datagram that asks for hosts.
fn asks_for_hosts() -> Bytes {
    let mut writer = Writer::new();
    writer.put("SCP", &[0]).unwrap();
    // A longer ping may get a longer answer.
    writer.put("x", &[b'.'; 100]).unwrap();
    let (guid, function) = (filbert::gnutella::wire::Guid([3; 16]), Function::PING);
    let payload = writer.finish();
    let frame = Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload };
    Datagram::Frame { frame, deflated: false, can_inflate: false }.to_bytes()
}

/// GGEP-55
#[test]
fn hosts_that_were_not_heard_of_for_long_are_not_told_to_others() {
    let told = |age_s| {
        let mut node = remember(vec![saved(1, Quality::Hearsay, age_s)]);
        let ask = Input::Datagram { from: host(9), bytes: asks_for_hosts() };
        let said = hand_in(&mut node, ask, at(1));
        let [Output::Datagram { bytes, .. }] = &said[..] else { panic!("{said:?}") };
        let Ok(Datagram::Frame { frame, .. }) = Datagram::decode(bytes) else { panic!() };
        Pong::decode(&frame.payload).unwrap().extensions.value("IPP").is_some()
    };
    assert!(told(HOST_FRESH_S) && !told(HOST_FRESH_S + 1));
}

/// BOOT-05, PONG-15: one who is no neighbour is one voice, whatever he says.
#[test]
fn hosts_that_somebody_names_are_hearsay_of_his() {
    let mut node = node(RolePolicy::Always(Role::Leaf));
    let hosts: Vec<SocketAddr> = (0..=255).map(host).collect();
    hand_in(&mut node, Input::Command(Command::Told { by: host(1).ip(), hosts }), at(0));
    let known = node.known_hosts().count();
    assert!((10..=32).contains(&known), "{known}");
    assert!(node.export_hosts(at(0)).iter().all(|host| host.quality == Quality::Hearsay));
}

#[test]
fn the_record_goes_from_one_run_to_the_next() {
    let record = Record { runs: 4, demotions: 3, upload_proven: 50_000, ..Record::default() };
    let resume = |role| {
        let mut config = Config::new(role);
        let away = Duration::from_secs(60);
        config.earlier = Some(Earlier { record: record.clone(), away });
        Node::new(config, 1, Time::ZERO)
    };
    let kept = resume(RolePolicy::Auto).record(at(10)).unwrap();
    assert_eq!((kept.runs, kept.demotions, kept.upload_proven), (5, 3, 50_000));
    // A leaf by the will of the user has none, and has not lost the old one when that changes.
    let mut leaf = resume(RolePolicy::Always(Role::Leaf));
    assert_eq!(leaf.record(at(10)), None);
    hand_in(&mut leaf, Input::Command(Command::BeRole(RolePolicy::Auto)), at(20));
    assert_eq!(leaf.record(at(30)).unwrap().demotions, 3);
}

/// The ping with which a node asks a host cache.
fn ping_to(node: &mut Node, cache: SocketAddr) -> Frame {
    let said = hand_in(node, Input::Command(Command::AskHostCache(cache)), at(1));
    let [Output::Datagram { to, bytes }] = &said[..] else { panic!("{said:?}") };
    assert_eq!(*to, cache);
    let Ok(Datagram::Frame { frame, .. }) = Datagram::decode(bytes) else { panic!("{bytes:?}") };
    frame
}

/// BOOT-03
#[test]
fn a_host_cache_is_asked_for_hosts_with_room_for_such_as_us() {
    for (role, flag) in [(Role::Leaf, 0), (Role::Ultrapeer, 1)] {
        let ping = ping_to(&mut node(RolePolicy::Always(role)), host(1));
        assert_eq!((ping.function, ping.ttl, ping.hops), (Function::PING, 1, 0));
        let extensions = Ping::decode(&ping.payload).extensions;
        match extensions.value("SCP") {
            Some(Value::Wants(wants)) => assert_eq!(wants.0, flag),
            other => panic!("{other:?}"),
        }
        assert!(extensions.value("VC").is_some());
    }
}

/// BOOT-03, BOOT-19
#[test]
fn hosts_of_ipv6_are_asked_for_where_they_can_be_called() {
    for (has_ipv6, flags) in [(false, 0x01), (true, 0x05)] {
        let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
        (config.dials, config.has_ipv6) = (false, has_ipv6);
        let ping = ping_to(&mut Node::new(config, 1, Time::ZERO), host(1));
        match Ping::decode(&ping.payload).extensions.value("SCP") {
            Some(Value::Wants(wants)) => assert_eq!(wants.0, flags),
            other => panic!("{other:?}"),
        }
    }
}

fn pong_of_cache(ping: &Frame, caches: usize) -> Bytes {
    let packed = [2, 3].map(|number| match host(number) {
        SocketAddr::V4(host) => host,
        SocketAddr::V6(_) => unreachable!(),
    });
    let mut writer = Writer::new();
    writer.put_value("IPP", Place::Pong, &Value::Addresses(packed.to_vec())).unwrap();
    let lines: Vec<String> = (0..caches).map(|number| format!("c{number}.net:9")).collect();
    writer.put("PHC", lines.join("\n").as_bytes()).unwrap();
    let extensions = GgepArea::new(writer.finish(), Place::Pong);
    let address = Ipv4Addr::new(5, 1, 7, 8);
    let mut payload = BytesMut::new();
    Pong { port: 6346, address, files: 0, kib: 0, extensions }.encode(&mut payload);
    let (guid, payload) = (ping.guid, payload.freeze());
    let frame =
        Frame { guid, function: Function::PONG, ttl: 1, hops: 0, size_flags: None, payload };
    Datagram::Frame { frame, deflated: false, can_inflate: false }.to_bytes()
}

fn answers(said: &[Output]) -> Vec<(SocketAddr, usize, usize)> {
    let answers = said.iter().filter_map(|output| match output {
        Output::Event(Event::HostCacheAnswered { from, hosts, caches }) => {
            Some((*from, *hosts, caches.len()))
        }
        _ => None,
    });
    answers.collect()
}

/// BOOT-03, GGEP-63, PONG-13
#[test]
fn what_a_host_cache_answers_is_known_and_told() {
    let mut node = node(RolePolicy::Always(Role::Leaf));
    let ping = ping_to(&mut node, host(1));
    let mut hear = |from, caches| {
        let bytes = pong_of_cache(&ping, caches);
        answers(&hand_in(&mut node, Input::Datagram { from, bytes }, at(2)))
    };
    assert_eq!(hear(host(9), 1), [], "whoever was not asked");
    assert_eq!(hear(host(1), 1), [(host(1), 2, 1)]);
    assert_eq!(hear(host(1), 1), [], "a second answer");
    let known: Vec<SocketAddr> = node.known_hosts().collect();
    assert_eq!(known, [host(1), host(2), host(3)]);
}

/// BOOT-05
#[test]
fn so_many_caches_are_taken_from_one_pong_and_not_one_more() {
    let taken = |count| {
        let mut node = node(RolePolicy::Always(Role::Leaf));
        let ping = ping_to(&mut node, host(1));
        let bytes = pong_of_cache(&ping, count);
        answers(&hand_in(&mut node, Input::Datagram { from: host(1), bytes }, at(2)))[0].2
    };
    assert_eq!(taken(PONG_CACHES_TAKEN_MAX), PONG_CACHES_TAKEN_MAX);
    assert_eq!(taken(PONG_CACHES_TAKEN_MAX + 1), PONG_CACHES_TAKEN_MAX);
}
