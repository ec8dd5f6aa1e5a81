use filbert::base::limits::{OFFER_LIFE_MS, UNCLAIMED_MAX};
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::ggep::Value;
use filbert::gnutella::wire::vendor::{Body, MessageId, OutOfBandIndication};
use filbert::gnutella::wire::{Frame, Function, Query, QueryHit, Vendor};
use filbert::node::{Command, RolePolicy};

use super::{answer_ping, chain, guid_of, indicated, pings_to, send, sent, stranger};
use crate::support::messages::{frame, guid, hit};
use crate::support::net::{Net, address};

/// A query that wants hits by UDP, from this far away.
pub(super) fn query(number: u32, hops: u8, payload: &'static [u8]) -> Frame {
    let query = guid_of(number, stranger());
    Frame { hops, ..frame(query, Function::QUERY, 1, payload) }
}

pub(super) const SECURE: &[u8] = b"\x84\0winter\0\xc3\x82SO\x40";
pub(super) const PLAIN: &[u8] = b"\x84\0winter night\0";

pub(super) fn claim(number: u32, wanted: u8, token: &[u8]) -> Frame {
    super::claim(guid_of(number, stranger()), wanted, token)
}

/// An ultrapeer that has one of these files, and its neighbour.
pub(super) fn holder(net: &mut Net) -> (usize, usize) {
    let [asker, holder] = chain(net);
    net.share(holder, &["winter night.ogg", "winter light.ogg"]);
    net.places[holder].lost.clear();
    (asker, holder)
}

/// The stranger answers the only ping that it has got, from here on.
pub(super) fn prove(net: &mut Net, holder: usize, from: usize) {
    let [ping] = &pings_to(net, holder, stranger(), from)[..] else { panic!("one ping") };
    answer_ping(net, holder, stranger(), ping);
}

/// OOB-01, OOB-03, OOB-10, UDP-31: as gtk-gnutella is answered, but whole, for it has not announced fragments.
#[test]
fn whoever_asks_from_far_claims_its_hits_by_datagram() {
    let mut net = Net::new();
    let (asker, holder) = holder(&mut net);
    net.forge(asker, holder, query(1, 1, SECURE));
    assert_eq!(net.received(asker, Function::QUERY_HIT), 0);
    let [(to, told)] = &sent(&net, holder, 0)[..] else { panic!("one indication") };
    assert_eq!((*to, told.guid), (stranger(), guid_of(1, stranger())));
    assert_eq!(indicated(told), Some((MessageId::OUT_OF_BAND_INDICATION_V3, 2)));
    send(&mut net, holder, stranger(), &claim(1, 255, b"\xf9\xde\x87\x88"));
    prove(&mut net, holder, 0);
    let [_, _, (to, answer)] = &sent(&net, holder, 0)[..] else { panic!("one hit") };
    assert_eq!((*to, answer.guid), (stranger(), guid_of(1, stranger())));
    assert_eq!((answer.function, answer.ttl, answer.hops), (Function::QUERY_HIT, 1, 0));
    let hit = QueryHit::decode(&answer.payload).unwrap();
    let token = hit.trailer.unwrap().extensions().value("SO");
    assert_eq!(hit.records.len(), 2);
    assert_eq!(token, Some(Value::Token(b"\xf9\xde\x87\x88".to_vec())));
}

/// OOB-01
#[test]
fn whoever_is_near_or_cannot_be_told_gets_its_hits_over_the_connection() {
    let private = "10.0.0.1:6346".parse().unwrap();
    let service = "9.9.9.9:53".parse().unwrap();
    let to = |address| Frame { guid: guid_of(1, address), ..query(1, 1, SECURE) };
    for (query, is_told) in [
        (query(1, 1, SECURE), true),
        (query(1, 3, PLAIN), true),
        (query(1, 0, SECURE), false),
        (query(1, 1, b"\x80\0winter night\0"), false),
        (to(private), false),
        (to(service), false),
        // Shorter than what would tell of it (OOB-02).
        (query(1, 1, b"\x84\0winter\0"), false),
        (query(1, 1, b"\x84\0winter \0"), true),
    ] {
        let mut net = Net::new();
        let (asker, holder) = holder(&mut net);
        net.forge(asker, holder, query.clone());
        assert_eq!(net.places[holder].lost.len(), usize::from(is_told), "{query:?}");
        assert_eq!(net.received(asker, Function::QUERY_HIT), usize::from(!is_told), "{query:?}");
    }
}

/// OOB-04, OOB-05
#[test]
fn whoever_never_claims_gets_its_hits_over_the_connection() {
    for (unclaimed, is_told) in [(UNCLAIMED_MAX - 1, true), (UNCLAIMED_MAX, false)] {
        let mut net = Net::new();
        let (asker, holder) = holder(&mut net);
        for number in 0..u32::from(unclaimed) {
            net.forge(asker, holder, query(number, 1, SECURE));
        }
        assert_eq!(net.places[holder].lost.len(), usize::from(unclaimed));
        net.run(OFFER_LIFE_MS / 1_000);
        net.places[holder].lost.clear();
        send(&mut net, holder, stranger(), &claim(0, 255, b"abcd"));
        assert_eq!(net.places[holder].lost.len(), 0, "it is too late");
        net.forge(asker, holder, query(100, 1, SECURE));
        assert_eq!(net.places[holder].lost.len(), usize::from(is_told));
        assert_eq!(net.received(asker, Function::QUERY_HIT), usize::from(!is_told));
    }
}

/// A node whose hits somebody looks for who is two links away, both known to be reached by UDP.
fn searcher(role: Role) -> (Net, usize, usize) {
    let mut net = Net::new();
    let [first, middle, last] = chain(&mut net);
    net.share(last, &["winter night.ogg"]);
    if role == Role::Ultrapeer {
        return (net, first, last);
    }
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, first);
    net.connect(leaf, middle);
    net.run(120);
    (net, leaf, last)
}

/// OOB-07, QUERY-09, QUERY-25, QUERY-27
#[test]
fn a_search_takes_hits_by_datagram() {
    for role in [Role::Ultrapeer, Role::Leaf] {
        let (mut net, searcher, last) = searcher(role);
        let search = net.search(searcher, "winter night");
        net.run(60);
        assert_eq!(net.hits(searcher, search), ["winter night.ogg"], "{role:?}");
        assert_eq!(net.received(searcher, Function::QUERY_HIT), 0, "{role:?}");
        let asked = net.frames(last, Function::QUERY)[0];
        assert_eq!(asked.guid.out_of_band_address().to_string(), address(searcher).to_string());
        let query = Query::decode(&asked.payload).unwrap();
        assert!(query.flags.out_of_band() && query.extensions.find("SO").is_some());
    }
}

/// OOB-07
#[test]
fn whoever_is_not_known_to_be_reached_takes_hits_over_connections() {
    let mut net = Net::new();
    let searcher = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        (config.dials, config.out_of_band) = (false, false);
    });
    let [middle, last] = chain(&mut net);
    net.connect(searcher, middle);
    net.share(last, &["winter night.ogg"]);
    net.run(120);
    let search = net.search(searcher, "winter night");
    net.run(60);
    assert_eq!(net.hits(searcher, search), ["winter night.ogg"]);
    assert_eq!(net.received(searcher, Function::QUERY_HIT), 1);
    let query = Query::decode(&net.frames(last, Function::QUERY)[0].payload).unwrap();
    assert!(!query.flags.out_of_band() && query.extensions.find("SO").is_none());
}

/// OOB-07: what would be too long by it asks as before.
#[test]
fn a_long_search_takes_hits_over_connections() {
    for (len, takes_hits) in [(248, true), (249, false)] {
        let (mut net, searcher, last) = searcher(Role::Ultrapeer);
        net.search(searcher, &"w".repeat(len));
        net.run(60);
        let asked = net.frames(last, Function::QUERY)[0];
        let query = Query::decode(&asked.payload).unwrap();
        assert_eq!(query.flags.out_of_band(), takes_hits);
        assert_eq!(asked.payload.len(), len + if takes_hits { 8 } else { 3 });
    }
}

/// OOB-07, OOB-08
#[test]
fn hits_by_datagram_that_nobody_asked_for_are_not_told_of() {
    let (mut net, searcher, last) = searcher(Role::Ultrapeer);
    net.share(last, &[]);
    let search = net.search(searcher, "winter night");
    net.run(10);
    let asked = net.frames(last, Function::QUERY)[0].guid;
    net.places[searcher].lost.clear();
    let told = |id| {
        let body = Body::OutOfBandIndication(OutOfBandIndication::new(2, false, false));
        Vendor::new(id, body).into_frame(asked)
    };
    // Without a claim, without its token, for another search.
    send(&mut net, searcher, stranger(), &hit(asked, 1, "spam"));
    send(&mut net, searcher, stranger(), &told(MessageId::OUT_OF_BAND_INDICATION_V3));
    send(&mut net, searcher, stranger(), &hit(asked, 1, "spam"));
    send(&mut net, searcher, stranger(), &hit(guid(5), 1, "spam"));
    let other = Frame { guid: guid(5), ..told(MessageId::OUT_OF_BAND_INDICATION_V3) };
    send(&mut net, searcher, stranger(), &other);
    assert_eq!(net.hits(searcher, search), [""; 0]);
    let [(to, claim)] = &sent(&net, searcher, 0)[..] else { panic!("one claim") };
    assert_eq!((*to, claim.guid, claim.ttl), (stranger(), asked, 1));
    // Version 2 has no token.
    let second = "9.9.8.8:6346".parse().unwrap();
    send(&mut net, searcher, second, &told(MessageId::OUT_OF_BAND_INDICATION_V2));
    for _ in 0..3 {
        send(&mut net, searcher, second, &hit(asked, 1, "winter"));
    }
    assert_eq!(net.hits(searcher, search), ["winter", "winter"], "two were told of");
}

/// OOB-07: who has ended its search wants nothing more.
#[test]
fn no_hits_are_claimed_for_a_search_that_nobody_wants() {
    let (mut net, searcher, last) = searcher(Role::Ultrapeer);
    net.share(last, &[]);
    let search = net.search(searcher, "winter night");
    net.run(10);
    let asked = net.frames(last, Function::QUERY)[0].guid;
    net.command(searcher, Command::EndSearch(search));
    net.places[searcher].lost.clear();
    let body = Body::OutOfBandIndication(OutOfBandIndication::new(2, false, false));
    let told = Vendor::new(MessageId::OUT_OF_BAND_INDICATION_V3, body).into_frame(asked);
    send(&mut net, searcher, stranger(), &told);
    assert!(net.places[searcher].lost.is_empty());
}

/// OOB-03: a datagram is at most so long, whatever the names.
#[test]
fn hits_by_datagram_fit_packets() {
    let mut net = Net::new();
    let (asker, holder) = holder(&mut net);
    let names: Vec<String> =
        (0..30).map(|number| format!("winter {} {number:03}.ogg", "x".repeat(200))).collect();
    net.share(holder, &names.iter().map(String::as_str).collect::<Vec<_>>());
    net.forge(asker, holder, query(1, 1, SECURE));
    send(&mut net, holder, stranger(), &claim(1, 255, b"abcd"));
    prove(&mut net, holder, 0);
    net.run(120);
    let hits = sent(&net, holder, 2);
    assert!(hits.iter().all(|(_, frame)| frame.wire_len() <= 1_240), "packets");
    let records = hits.iter().map(|(_, frame)| QueryHit::decode(&frame.payload).unwrap().records);
    assert_eq!(records.map(|records| records.len()).sum::<usize>(), 30);
    // A name that fits no packet goes as it always went.
    let mut net = Net::new();
    let (asker, holder) = self::holder(&mut net);
    net.share(holder, &[&format!("winter {}", "x".repeat(1_200))]);
    net.forge(asker, holder, query(1, 1, SECURE));
    assert_eq!((net.places[holder].lost.len(), net.received(asker, Function::QUERY_HIT)), (0, 1));
}
