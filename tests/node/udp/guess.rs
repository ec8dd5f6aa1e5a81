use bytes::BytesMut;
use filbert::base::limits::DATAGRAM_HIT_PASSED_LEN_MAX;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::{AreaWriter, Frame, Function, Pong, Query, QueryFlags, QueryHit};

use super::{ask_for_key, chain, key_in, ping, send, sent, stranger};
use crate::support::messages::{frame, guid, hit};
use crate::support::net::Net;

/// A query by UDP with this key; without one if it is empty.
fn guess(number: u32, words: &str, key: &[u8]) -> Frame {
    let mut block = Writer::new();
    if !key.is_empty() {
        block.put_value("QK", Place::Query, &Value::Token(key.to_vec())).unwrap();
    }
    let mut area = AreaWriter::new();
    area.put_block(&block.finish());
    let extensions = area.finish(Place::Query);
    let (flags, text) = (QueryFlags::marked(), words.to_owned().into());
    let mut payload = BytesMut::new();
    Query { flags, text, extensions }.encode(&mut payload);
    frame(guid(number), Function::QUERY, 1, payload.freeze())
}

/// An ultrapeer with a file, one of its leaves with another, and an ultrapeer next to it.
fn house() -> (Net, usize, usize, usize) {
    let mut net = Net::new();
    let [other, at] = chain(&mut net);
    let leaf = net.add(Role::Leaf);
    net.share(at, &["winter night.ogg"]);
    net.share(leaf, &["winter light.ogg"]);
    net.connect(leaf, at);
    net.run(120);
    net.places[at].lost.clear();
    (net, other, at, leaf)
}

fn names(frames: &[(std::net::SocketAddr, Frame)]) -> Vec<String> {
    let hits = frames.iter().filter(|(_, frame)| frame.function == Function::QUERY_HIT);
    let hits = hits.flat_map(|(_, frame)| QueryHit::decode(&frame.payload).unwrap().records);
    hits.map(|record| String::from_utf8(record.name.to_vec()).unwrap()).collect()
}

/// GUESS-01, GUESS-03, GUESS-04, GUESS-05
#[test]
fn a_query_with_a_key_is_answered_by_us_and_our_leaves() {
    let (mut net, other, at, leaf) = house();
    let key = ask_for_key(&mut net, at, stranger());
    net.places[at].lost.clear();
    send(&mut net, at, stranger(), &guess(5, "winter", &key));
    net.run(30);
    let answers = sent(&net, at, 0);
    assert!(answers.iter().all(|(to, frame)| (*to, frame.guid) == (stranger(), guid(5))));
    assert_eq!(answers[0].1.function, Function::PONG);
    assert_eq!(names(&answers), ["winter night.ogg", "winter light.ogg"]);
    let [shown] = net.frames(leaf, Function::QUERY)[..] else { panic!("one query") };
    assert_eq!((shown.guid, shown.ttl, shown.hops), (guid(5), 1, 1));
    assert!(Query::decode(&shown.payload).unwrap().extensions.find("QK").is_none());
    assert_eq!(net.received(other, Function::QUERY), 0);
    assert_eq!(net.received(other, Function::QUERY_HIT), 0);
    assert_eq!(net.strikes(at), [""; 0]);
}

/// GUESS-04
#[test]
fn the_same_query_again_is_acknowledged_and_no_more() {
    let (mut net, _, at, leaf) = house();
    let key = ask_for_key(&mut net, at, stranger());
    for _ in 0..3 {
        send(&mut net, at, stranger(), &guess(5, "winter", &key));
    }
    net.run(30);
    assert_eq!(names(&sent(&net, at, 0)).len(), 2);
    assert_eq!(net.received(leaf, Function::QUERY), 1);
}

/// GUESS-02
#[test]
fn a_query_without_the_right_key_gets_a_key_at_most() {
    for (words, key, answers) in [
        ("winter", &b""[..], 0),
        ("winter", b"abcd", 0),
        // Only where the pong is no longer than the query.
        ("winter night", b"abcd", 1),
    ] {
        let (mut net, _, at, leaf) = house();
        let before = net.received(leaf, Function::QUERY);
        let len = send(&mut net, at, stranger(), &guess(5, words, key));
        net.run(30);
        let sent = sent(&net, at, 0);
        assert_eq!((sent.len(), net.received(leaf, Function::QUERY)), (answers, before), "{words}");
        for (_, pong) in sent {
            assert!(pong.wire_len() <= len && pong.guid == guid(5));
            let key = key_in(&pong).unwrap();
            send(&mut net, at, stranger(), &guess(5, words, &key));
            assert_eq!(names(&super::sent(&net, at, 1)), ["winter night.ogg"]);
        }
    }
}

/// GUESS-05: whoever has seen the GUID of a query does not get the hits for it.
#[test]
fn a_query_that_came_over_a_connection_is_answered_there() {
    let (mut net, other, at, leaf) = house();
    let key = ask_for_key(&mut net, at, stranger());
    net.places[at].lost.clear();
    net.forge(other, at, Frame { hops: 1, ..guess(5, "winter light", b"") });
    send(&mut net, at, stranger(), &guess(5, "winter light", &key));
    net.run(30);
    assert_eq!(names(&sent(&net, at, 0)), [""; 0]);
    assert_eq!(net.places[at].lost.len(), 1, "the pong");
    assert_eq!(net.received(leaf, Function::QUERY), 1);
    assert_eq!(net.received(other, Function::QUERY_HIT), 1);
}

/// GUESS-01
#[test]
fn a_leaf_gives_no_keys_and_takes_no_queries() {
    let (mut net, _, _, leaf) = house();
    net.places[leaf].lost.clear();
    send(&mut net, leaf, stranger(), &ping(1, b"\xc3\x82QK\x40"));
    send(&mut net, leaf, stranger(), &guess(5, "winter", b"abcd"));
    let [(_, pong)] = &sent(&net, leaf, 0)[..] else { panic!("one pong") };
    assert_eq!(key_in(pong), None);
}

/// GUESS-01
#[test]
fn an_ultrapeer_says_that_it_answers_queries_by_datagram() {
    let (mut net, _, at, leaf) = house();
    assert!(net.places[at].node.profile().guess.is_some());
    assert_eq!(net.places[leaf].node.profile().guess, None);
    send(&mut net, at, stranger(), &ping(1, b"\xc3\x83SCP\x40"));
    let [(_, pong)] = &sent(&net, at, 0)[..] else { panic!("one pong") };
    let told = Pong::decode(&pong.payload).unwrap().extensions.value("GUE");
    assert_eq!(told, Some(Value::Guess { version: 1, port: None }));
}

/// SIZE-17, GUESS-05
#[test]
fn hits_of_a_leaf_that_fit_a_datagram_are_passed_on() {
    for (len, is_passed_on) in
        [(DATAGRAM_HIT_PASSED_LEN_MAX, true), (DATAGRAM_HIT_PASSED_LEN_MAX + 1, false)]
    {
        let (mut net, _, at, leaf) = house();
        let key = ask_for_key(&mut net, at, stranger());
        send(&mut net, at, stranger(), &guess(5, "summer", &key));
        net.places[at].lost.clear();
        let empty = hit(guid(5), 1, "").payload.len();
        net.forge(leaf, at, hit(guid(5), 1, &"x".repeat(len - empty)));
        net.run(10);
        assert_eq!(sent(&net, at, 0).len(), usize::from(is_passed_on), "{len}");
        assert_eq!(net.strikes(at), [""; 0]);
    }
}
