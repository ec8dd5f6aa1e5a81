//! Queries by UDP: whose are worked on, and where the hits of leaves go.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::{Bytes, BytesMut};
use filbert::base::limits::{
    GUESS_HITS_MAX, GUESS_QUERIES_EVERY_MS, GUESS_QUERIES_MAX, GUESS_QUERIES_OF_HOST_MAX,
    GUESS_ROUTE_LIFE_MS, GUESS_ROUTES_MAX, QUERY_KEY_LIFE_MS,
};
use filbert::base::time::Time;
use filbert::gnutella::guess::{GuessDesk, Judged};
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::{ExtensionArea, Query, QueryFlags};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::support::messages::guid;

const NOW: Time = Time::ZERO;

struct Room {
    desk: GuessDesk,
    rng: ChaCha8Rng,
}

impl Room {
    fn new() -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        Self { desk: GuessDesk::new(&mut rng, NOW), rng }
    }

    fn key(&mut self, of: SocketAddr, now: Time) -> [u8; 4] {
        self.desk.key(of, &mut self.rng, now)
    }

    fn judge(&mut self, key: &[u8], from: SocketAddr, now: Time) -> Judged {
        self.desk.judge(&query(key), from, &mut self.rng, now)
    }
}

fn host(number: usize) -> SocketAddr {
    let bits = 0x0505_0000 + u32::try_from(number).unwrap();
    SocketAddr::new(Ipv4Addr::from_bits(bits).into(), 6_346)
}

/// A query with this key; without, if that is empty.
fn query(key: &[u8]) -> Query {
    let mut writer = Writer::new();
    if !key.is_empty() {
        writer.put_value("QK", Place::Query, &Value::Token(key.to_vec())).unwrap();
    }
    let extensions = ExtensionArea::new(writer.finish(), Place::Query);
    let text = Bytes::from_static(b"winter");
    let mut payload = BytesMut::new();
    Query { flags: QueryFlags::marked(), text, extensions }.encode(&mut payload);
    Query::decode(&payload.freeze()).unwrap()
}

/// GUESS-02, GUESS-03
#[test]
fn a_key_holds_for_its_address() {
    let mut room = Room::new();
    let key = room.key(host(1), NOW);
    let other_port = SocketAddr::new(host(1).ip(), 9_999);
    assert_eq!(room.judge(b"", host(1), NOW), Judged::Dropped);
    assert_eq!(room.judge(b"abcd", host(1), NOW), Judged::Wrong { key });
    for stranger in [host(2), other_port] {
        let Judged::Wrong { key: own } = room.judge(&key, stranger, NOW) else { panic!("wrong") };
        assert_ne!(own, key);
        assert_eq!(room.judge(&own, stranger, NOW), Judged::Right);
    }
    assert_eq!(room.judge(&key, host(1), NOW), Judged::Right);
}

/// GUESS-03
#[test]
fn a_key_holds_while_the_next_one_is_given_out_and_not_after() {
    let holds_at = |waits: &[u64]| {
        let (mut room, mut now, mut last) = (Room::new(), NOW, Judged::Dropped);
        let key = room.key(host(1), now);
        for wait_ms in waits {
            now = now.after_ms(*wait_ms);
            last = room.judge(&key, host(1), now);
        }
        last == Judged::Right
    };
    assert!(holds_at(&[QUERY_KEY_LIFE_MS - 1]) && holds_at(&[QUERY_KEY_LIFE_MS]));
    assert!(holds_at(&[2 * QUERY_KEY_LIFE_MS - 1]) && !holds_at(&[2 * QUERY_KEY_LIFE_MS]));
    assert!(!holds_at(&[QUERY_KEY_LIFE_MS, QUERY_KEY_LIFE_MS]));
}

/// GUESS-04
#[test]
fn so_many_queries_of_a_host_are_worked_on_and_no_more() {
    let mut room = Room::new();
    let key = room.key(host(1), NOW);
    for _ in 0..GUESS_QUERIES_OF_HOST_MAX {
        assert_eq!(room.judge(&key, host(1), NOW), Judged::Right);
    }
    let late = NOW.after_ms(GUESS_QUERIES_EVERY_MS);
    assert_eq!(
        room.judge(&key, host(1), NOW.after_ms(GUESS_QUERIES_EVERY_MS - 1)),
        Judged::Dropped
    );
    assert_eq!(room.judge(&key, host(1), late), Judged::Right);
}

/// GUESS-04
#[test]
fn so_many_queries_are_worked_on_in_all_and_no_more() {
    let mut room = Room::new();
    let worked_on = (0..2 * GUESS_QUERIES_MAX).filter(|number| {
        let key = room.key(host(*number), NOW);
        room.judge(&key, host(*number), NOW) == Judged::Right
    });
    assert_eq!(worked_on.count(), GUESS_QUERIES_MAX);
}

/// GUESS-05
#[test]
fn hits_of_leaves_find_their_way_for_so_long_and_so_often() {
    let mut desk = Room::new().desk;
    assert!(desk.route(guid(1), host(1), NOW));
    assert!(!desk.route(guid(1), host(2), NOW), "it has its way");
    let just_before = NOW.after_ms(GUESS_ROUTE_LIFE_MS - 1);
    assert_eq!(desk.way_of(guid(2), NOW), None);
    for _ in 0..GUESS_HITS_MAX {
        assert_eq!(desk.way_of(guid(1), just_before), Some(host(1)));
    }
    assert_eq!(desk.way_of(guid(1), just_before), None);
    assert!(desk.route(guid(3), host(3), NOW));
    assert_eq!(desk.next_timeout(), Some(NOW.after_ms(GUESS_ROUTE_LIFE_MS)));
    assert_eq!(desk.way_of(guid(3), NOW.after_ms(GUESS_ROUTE_LIFE_MS)), None);
    assert!(desk.is_empty());
}

/// GUESS-05
#[test]
fn so_many_ways_are_known_and_no_more() {
    let mut desk = Room::new().desk;
    let all = u32::try_from(GUESS_ROUTES_MAX).unwrap();
    assert!((0..all).all(|number| desk.route(guid(number), host(1), NOW)));
    assert!(!desk.route(guid(all), host(1), NOW));
    assert!(desk.route(guid(all), host(1), NOW.after_ms(GUESS_ROUTE_LIFE_MS)));
}
