//! A node that is asked by UDP for hosts and for host caches.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use filbert::base::limits::{HOST_CACHE_NAMED_LIFE_MS, HOST_CACHES_NAMED_MAX};
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::ggep::value::Wants;
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::{Frame, Function, GgepArea, Guid, Pong};
use filbert::node::{Command, Event, Input, RolePolicy};

use super::{in_datagram, send, sent, stranger};
use crate::support::messages::{frame, guid};
use crate::support::net::{Net, address};

/// A ping for hosts that is so long that much may answer it.
fn asking(number: u32, flags: u8) -> Frame {
    let mut writer = Writer::new();
    writer.put_value("SCP", Place::Ping, &Value::Wants(Wants(flags))).unwrap();
    writer.put("x", &[b'-'; 200]).unwrap();
    frame(guid(number), Function::PING, 1, writer.finish())
}

/// What it answers.
fn answer(net: &mut Net, at: usize, from: SocketAddr, flags: u8) -> GgepArea {
    let before = net.places[at].lost.len();
    send(net, at, from, &asking(1, flags));
    let [(to, pong)] = &sent(net, at, before)[..] else { panic!("one pong") };
    assert_eq!((*to, pong.guid, pong.function), (from, guid(1), Function::PONG));
    Pong::decode(&pong.payload).unwrap().extensions
}

fn named(extensions: &GgepArea) -> Vec<SocketAddr> {
    match extensions.value("IPP") {
        Some(Value::Addresses(named)) => named.into_iter().map(SocketAddr::V4).collect(),
        None => Vec::new(),
        other => panic!("{other:?}"),
    }
}

fn lines(extensions: &GgepArea) -> Vec<String> {
    match extensions.value("PHC") {
        Some(Value::Lines(lines)) => lines.split('\n').map(str::to_owned).collect(),
        None => Vec::new(),
        other => panic!("{other:?}"),
    }
}

fn asker(number: u8) -> SocketAddr {
    SocketAddr::from(([9, number, 9, 9], 6346))
}

/// A pong with these extensions, about the host with this number.
fn pong_about(asked: Guid, number: usize, extensions: &[(&str, Value)]) -> Frame {
    let mut writer = Writer::new();
    for (id, value) in extensions {
        writer.put_value(id, Place::Pong, value).unwrap();
    }
    let SocketAddr::V4(host) = address(number) else { panic!("IPv4") };
    let extensions = GgepArea::new(writer.finish(), Place::Pong);
    let pong = Pong { port: host.port(), address: *host.ip(), files: 1, kib: 1, extensions };
    let mut payload = BytesMut::new();
    pong.encode(&mut payload);
    frame(asked, Function::PONG, 1, payload.freeze())
}

fn room(leaf_slots: u8, ultrapeer_slots: u8) -> (&'static str, Value) {
    ("UP", Value::Ultrapeer { version: 2, leaf_slots, ultrapeer_slots })
}

/// A node, and a host cache that tells it of such a host.
fn told_of(hosts: &[(usize, &[(&str, Value)])]) -> (Net, usize) {
    let mut net = Net::new();
    let at = net.add(Role::Ultrapeer);
    for (number, extensions) in hosts {
        learn(&mut net, at, *number, extensions);
    }
    (net, at)
}

/// A host that is asked says this of itself.
fn learn(net: &mut Net, at: usize, number: usize, extensions: &[(&str, Value)]) {
    let before = net.places[at].lost.len();
    net.command(at, Command::AskHostCache(address(number)));
    let [(_, ping)] = &sent(net, at, before)[..] else { panic!("one ping") };
    let pong = pong_about(ping.guid, number, extensions);
    net.hand_in(at, Input::Datagram { from: address(number), bytes: in_datagram(&pong) });
}

/// BOOT-18
#[test]
fn leaves_are_told_of_room_for_leaves_and_ultrapeers_of_room_for_ultrapeers() {
    let (mut net, at) = told_of(&[(20, &[room(7, 0)]), (30, &[room(0, 7)]), (40, &[room(0, 0)])]);
    assert_eq!(named(&answer(&mut net, at, asker(1), 0)), [address(20)]);
    assert_eq!(named(&answer(&mut net, at, asker(2), 1)), [address(30)]);
    // Nobody is told of itself.
    assert_eq!(named(&answer(&mut net, at, address(20), 0)), []);
}

/// BOOT-19
#[test]
fn hosts_of_ipv6_are_told_where_they_are_wanted() {
    let (mut net, at) = told_of(&[]);
    let v6: SocketAddr = "[2a02:1::7]:6346".parse().unwrap();
    net.command(at, Command::Know(vec![address(20), v6]));
    let told = |net: &mut Net, number, flags| {
        let extensions = answer(net, at, asker(number), flags);
        (named(&extensions).len(), extensions.value("IPP6").is_some())
    };
    assert_eq!(told(&mut net, 1, 0), (1, false));
    assert_eq!(told(&mut net, 2, 4), (1, true));
    assert_eq!(told(&mut net, 3, 12), (0, true));
    assert_eq!(told(&mut net, 4, 8), (0, false));
}

/// BOOT-20
#[test]
fn hosts_that_take_tls_are_marked_for_those_who_ask() {
    let tls = ("TLS", Value::Mark);
    let (mut net, at) = told_of(&[(20, &[room(7, 7), tls])]);
    let bits =
        |net: &mut Net, number, flags| answer(net, at, asker(number), flags).value("IPP_TLS");
    assert_eq!(bits(&mut net, 1, 2), Some(Value::Bitmap(vec![0x80])));
    assert_eq!(bits(&mut net, 2, 0), None);
}

/// BOOT-21
#[test]
fn host_caches_that_work_are_named_for_a_while() {
    let (mut net, at) = told_of(&[]);
    let names = |count: usize| -> Vec<String> {
        (0..count).map(|number| format!("cache{number}.example.net:6346")).collect()
    };
    assert_eq!(lines(&answer(&mut net, at, asker(1), 0)), names(0));
    net.command(at, Command::NameHostCaches(names(HOST_CACHES_NAMED_MAX + 1)));
    assert_eq!(lines(&answer(&mut net, at, asker(2), 0)), names(HOST_CACHES_NAMED_MAX));
    net.now = net.now.after_ms(HOST_CACHE_NAMED_LIFE_MS - 1);
    assert_eq!(lines(&answer(&mut net, at, asker(3), 0)).len(), HOST_CACHES_NAMED_MAX);
    net.now = net.now.after_ms(1);
    assert_eq!(lines(&answer(&mut net, at, asker(4), 0)), names(0));
    net.command(at, Command::NameHostCaches(names(1)));
    assert_eq!(lines(&answer(&mut net, at, asker(5), 0)), names(1));
    net.command(at, Command::NameHostCaches(names(0)));
    assert_eq!(lines(&answer(&mut net, at, asker(6), 0)), names(0));
}

/// BOOT-22
#[test]
fn a_node_says_that_it_is_a_host_cache_where_its_user_wants_that() {
    let mut net = Net::new();
    let plain = net.add(Role::Ultrapeer);
    let cache =
        net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| config.is_host_cache = true);
    let said = |net: &mut Net, at, number| answer(net, at, asker(number), 1).value("UDPHC");
    assert_eq!(said(&mut net, plain, 1), None);
    assert_eq!(said(&mut net, cache, 1), Some(Value::Mark));
    // Not to those who ask for nothing.
    let before = net.places[cache].lost.len();
    send(&mut net, cache, stranger(), &frame(guid(3), Function::PING, 1, Bytes::new()));
    let [(_, pong)] = &sent(&net, cache, before)[..] else { panic!("one pong") };
    assert_eq!(Pong::decode(&pong.payload).unwrap().extensions.value("UDPHC"), None);
}

/// BOOT-22
#[test]
fn a_host_cache_is_no_host_to_be_connected_to_unless_it_is_an_ultrapeer() {
    let mark = || ("UDPHC", Value::Mark);
    let (net, at) = told_of(&[(20, &[mark()]), (30, &[mark(), room(1, 1)]), (40, &[])]);
    let known: Vec<SocketAddr> = net.places[at].node.known_hosts().collect();
    assert_eq!(known, [address(30), address(40)]);
}

/// BOOT-05
#[test]
fn neighbours_name_host_caches_and_themselves_as_such() {
    let mut net = Net::new();
    let (one, other) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
    net.connect(one, other);
    net.run(30);
    let caches = |net: &Net| -> Vec<Vec<String>> {
        let named = net.places[one].events.iter().filter_map(|event| match event {
            Event::HostCachesNamed { caches } => Some(caches.clone()),
            _ => None,
        });
        named.collect()
    };
    assert_eq!(caches(&net), Vec::<Vec<String>>::new(), "plain pongs name none");
    let asked = net.frames(other, Function::PING).last().expect("a ping").guid;
    let phc = Value::Lines("a.example.net:1\nb.example.net".to_owned());
    let udphc = Value::Text("uhc.example.org".to_owned());
    let pong = pong_about(asked, 50, &[("PHC", phc), ("UDPHC", udphc)]);
    net.forge(other, one, pong);
    assert_eq!(caches(&net), [["a.example.net:1", "b.example.net", "uhc.example.org:6346"]]);
}
