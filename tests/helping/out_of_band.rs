//! Hits by UDP, both ways: what is kept, for how long, and who gets it.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use bytes::{Bytes, BytesMut};
use filbert::base::limits::{
    CLAIM_LIFE_MS, CLAIM_RESULTS_MAX, CLAIMS_MAX, CLAIMS_OF_SEARCH_MAX, DELIVERIES_HOSTS_MAX,
    DELIVERIES_OF_HOST_MAX, DELIVERY_EVERY_MS, DELIVERY_JITTER_MS, DELIVERY_LIFE_MS,
    HIT_TOKEN_LIFE_MS, INDICATIONS_MAX, OFFER_LIFE_MS, OFFERS_MAX, OFFERS_OF_HOST_MAX,
    UNCLAIMED_BAN_MS, UNCLAIMED_EVERY_MS, UNCLAIMED_MAX,
};
use filbert::base::time::Time;
use filbert::gnutella::out_of_band::{
    Claims, Deliveries, INDICATION_LEN, Offered, Offers, Version,
};
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::vendor::{Body, MessageId, OutOfBandClaim};
use filbert::gnutella::wire::{
    ExtensionArea, Frame, Function, GgepArea, Guid, QueryHit, Record, Trailer, TrailerFlags,
    Vendor, VendorCode,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::support::messages::guid;

const NOW: Time = Time::ZERO;
const TOKEN: [u8; 4] = *b"\xf9\xde\x87\x88";

fn host(number: u32) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::from_bits(0x0505_0000 + number), 6_346)
}

fn records(count: u32) -> Vec<Record> {
    let extensions = || ExtensionArea::new(Bytes::new(), Place::Record);
    let name = || Bytes::from_static(b"winter");
    (0..count)
        .map(|index| Record { index, size: 7, name: name(), extensions: extensions() })
        .collect()
}

fn area(id: &str, value: &Value, place: Place) -> GgepArea {
    let mut writer = Writer::new();
    writer.put_value(id, place, value).unwrap();
    GgepArea::new(writer.finish(), place)
}

/// A claim of so many, with this token if any.
fn claim(wanted: u8, token: &[u8]) -> OutOfBandClaim {
    let so = || area("SO", &Value::Token(token.to_vec()), Place::Vendor);
    OutOfBandClaim { wanted, extensions: (!token.is_empty()).then(so) }
}

/// What is offered to a host at a moment.
fn offer(offers: &mut Offers, query: u32, to: SocketAddrV4, now: Time) -> Option<Frame> {
    offers.offer(guid(query), to, Version::Secure, records(3), now)
}

fn claimed(offers: &mut Offers, query: u32, from: SocketAddr, now: Time) -> Option<Offered> {
    taken(offers, query, from, &claim(255, &TOKEN), now)
}

/// What goes to a host that claims and is proven.
fn taken(
    offers: &mut Offers,
    query: u32,
    from: SocketAddr,
    claim: &OutOfBandClaim,
    now: Time,
) -> Option<Offered> {
    let host = offers.claim(guid(query), from, claim, now)?;
    assert_eq!(SocketAddr::V4(host), from);
    let [(of, offered)] = <[_; 1]>::try_from(offers.take_claimed(host)).unwrap();
    assert_eq!(of, guid(query));
    Some(offered)
}

/// OOB-01, OOB-02
#[test]
fn an_indication_says_how_many_hits_there_are() {
    for (version, id, count, told) in [
        (Version::Secure, MessageId::OUT_OF_BAND_INDICATION_V3, 3, 3),
        (Version::Plain, MessageId::OUT_OF_BAND_INDICATION_V2, 300, 255),
    ] {
        let frame = Offers::default().offer(guid(1), host(1), version, records(count), NOW);
        let frame = frame.unwrap();
        assert_eq!((frame.guid, frame.ttl, frame.hops), (guid(1), 1, 0));
        assert_eq!(frame.wire_len(), INDICATION_LEN);
        let vendor = Vendor::decode(&frame.payload).unwrap();
        let Body::OutOfBandIndication(indication) = vendor.body else { panic!("{vendor:?}") };
        assert_eq!((vendor.id, indication.hits), (id, told));
    }
    assert!(Offers::default().offer(guid(1), host(1), Version::Plain, vec![], NOW).is_none());
}

/// OOB-03
#[test]
fn hits_go_to_whom_they_were_told_of_and_once() {
    let mut offers = Offers::default();
    offer(&mut offers, 1, host(1), NOW).unwrap();
    assert!(offer(&mut offers, 1, host(1), NOW).is_none(), "a query is answered once");
    assert_eq!(claimed(&mut offers, 1, host(2).into(), NOW), None);
    assert_eq!(claimed(&mut offers, 2, host(1).into(), NOW), None);
    assert_eq!(offers.claim(guid(1), host(1).into(), &claim(255, b""), NOW), None);
    let elsewhere = SocketAddr::new((*host(1).ip()).into(), 9_999);
    assert_eq!(claimed(&mut offers, 1, elsewhere, NOW), None);
    assert_eq!(offers.take_claimed(host(1)), []);
    let from = host(1).into();
    let offered = claimed(&mut offers, 1, from, NOW).unwrap();
    assert_eq!((offered.records.len(), &offered.token[..]), (3, &TOKEN[..]));
    assert_eq!(claimed(&mut offers, 1, from, NOW), None);
}

/// OOB-03
#[test]
fn as_many_go_as_are_wanted() {
    for (wanted, sent) in [(2, 2), (3, 3), (254, 3), (255, 3)] {
        let mut offers = Offers::default();
        offers.offer(guid(1), host(1), Version::Plain, records(3), NOW).unwrap();
        let offered = taken(&mut offers, 1, host(1).into(), &claim(wanted, b""), NOW).unwrap();
        assert_eq!(offered.records.len(), sent);
        assert!(offered.token.is_empty());
    }
    let mut offers = Offers::default();
    offers.offer(guid(1), host(1), Version::Plain, records(3), NOW).unwrap();
    assert_eq!(taken(&mut offers, 1, host(1).into(), &claim(0, b""), NOW), None);
    assert_eq!(offers.len(), 0);
}

/// OOB-03, OOB-10: whoever claims again changes nothing.
#[test]
fn hits_that_are_claimed_wait_for_their_host() {
    let mut offers = Offers::default();
    for (query, to) in [(1, 1), (2, 1), (3, 2), (4, 1)] {
        offer(&mut offers, query, host(to), NOW).unwrap();
    }
    for (query, to) in [(1, 1), (2, 1), (3, 2)] {
        let claimed = claim(2, &TOKEN);
        assert_eq!(offers.claim(guid(query), host(to).into(), &claimed, NOW), Some(host(to)));
        assert_eq!(offers.claim(guid(query), host(to).into(), &claim(3, b"abcd"), NOW), None);
    }
    let taken = offers.take_claimed(host(1));
    assert_eq!(taken.iter().map(|(query, _)| *query).collect::<Vec<_>>(), [1, 2].map(guid));
    assert!(taken.iter().all(|(_, offered)| offered.token == TOKEN && offered.records.len() == 2));
    assert_eq!((offers.take_claimed(host(1)), offers.len()), (vec![], 2));
}

/// OOB-04, OOB-05: as long again as they waited for the claim.
#[test]
fn whoever_claims_and_shows_nothing_is_told_of_nothing_more() {
    let claim_at = NOW.after_ms(OFFER_LIFE_MS - 1);
    for (late_ms, is_there) in [(OFFER_LIFE_MS - 1, true), (OFFER_LIFE_MS, false)] {
        let mut offers = Offers::default();
        offer(&mut offers, 1, host(1), NOW).unwrap();
        offers.claim(guid(1), host(1).into(), &claim(255, &TOKEN), claim_at).unwrap();
        let late = claim_at.after_ms(late_ms);
        offers.forget_old(late);
        assert_eq!(offers.take_claimed(host(1)).len(), usize::from(is_there));
        assert_eq!(offer(&mut offers, 2, host(1), late).is_some(), is_there);
        assert!(offer(&mut offers, 3, host(2), late).is_some());
    }
}

/// OOB-04
#[test]
fn hits_wait_to_be_claimed_for_so_long() {
    for (late_ms, is_there) in [(OFFER_LIFE_MS - 1, true), (OFFER_LIFE_MS, false)] {
        let mut offers = Offers::default();
        offer(&mut offers, 1, host(1), NOW).unwrap();
        assert_eq!(offers.next_timeout(), Some(NOW.after_ms(OFFER_LIFE_MS)));
        let late = NOW.after_ms(late_ms);
        assert_eq!(claimed(&mut offers, 1, host(1).into(), late).is_some(), is_there);
        assert_eq!(offers.len(), 0);
    }
}

/// OOB-05
#[test]
fn so_many_hits_of_one_host_wait_and_no_more() {
    let mut offers = Offers::default();
    for query in 0..u32::from(OFFERS_OF_HOST_MAX) {
        offer(&mut offers, query, host(1), NOW).unwrap();
    }
    assert!(offer(&mut offers, 99, host(1), NOW).is_none());
    assert!(offer(&mut offers, 99, host(2), NOW).is_some());
    assert!(claimed(&mut offers, 0, host(1).into(), NOW).is_some());
    assert!(offer(&mut offers, 100, host(1), NOW).is_some());
}

/// OOB-05
#[test]
fn so_many_hits_wait_in_all_and_no_more() {
    let mut offers = Offers::default();
    let all = u32::try_from(OFFERS_MAX).unwrap();
    for number in 0..all {
        offer(&mut offers, number, host(number), NOW).unwrap();
    }
    assert!(offer(&mut offers, all, host(all), NOW).is_none());
    assert_eq!(offers.len(), OFFERS_MAX);
    assert!(offer(&mut offers, all, host(all), NOW.after_ms(OFFER_LIFE_MS)).is_some());
}

/// Offers that nobody claims, to one host; when they are over.
fn unclaimed(offers: &mut Offers, to: SocketAddrV4, count: u16) -> Time {
    for query in 0..u32::from(count) {
        offer(offers, query, to, NOW).unwrap();
    }
    let end = NOW.after_ms(OFFER_LIFE_MS);
    offers.forget_old(end);
    end
}

/// OOB-05
#[test]
fn a_host_that_never_claims_is_left_alone_for_a_while() {
    for (count, is_banned) in [(UNCLAIMED_MAX - 1, false), (UNCLAIMED_MAX, true)] {
        let mut offers = Offers::default();
        let end = unclaimed(&mut offers, host(1), count);
        assert_eq!(offer(&mut offers, 900, host(1), end).is_none(), is_banned);
        assert!(offer(&mut offers, 901, host(2), end).is_some());
        claimed(&mut offers, 900, host(1).into(), end);
        let after_minute = end.after_ms(UNCLAIMED_EVERY_MS);
        assert_eq!(offer(&mut offers, 902, host(1), after_minute).is_none(), is_banned);
        let just_before = end.after_ms(UNCLAIMED_BAN_MS - 1);
        assert_eq!(offer(&mut offers, 903, host(1), just_before).is_none(), is_banned);
        assert!(offer(&mut offers, 904, host(1), end.after_ms(UNCLAIMED_BAN_MS)).is_some());
    }
}

#[test]
fn what_is_remembered_of_silent_hosts_has_an_end() {
    let (mut offers, mut told) = (Offers::default(), 0);
    let end = NOW.after_ms(OFFER_LIFE_MS);
    for number in 0..u32::try_from(INDICATIONS_MAX + 100).unwrap() {
        told += usize::from(offer(&mut offers, number, host(number), NOW).is_some());
        if offers.len() == OFFERS_MAX {
            offers.forget_old(end);
        }
    }
    assert!((INDICATIONS_MAX..INDICATIONS_MAX + OFFERS_MAX).contains(&told), "{told}");
    assert!(offer(&mut offers, 9_999, host(1), end).is_none());
    assert!(offer(&mut offers, 9_999, host(1), end.after_ms(UNCLAIMED_EVERY_MS)).is_some());
}

/// A message that is told from others by its number.
fn message(number: u32) -> Frame {
    let (function, payload) = (Function::QUERY_HIT, Bytes::new());
    Frame { guid: guid(number), function, ttl: 1, hops: 0, size_flags: None, payload }
}

/// Lets all deliveries happen until a moment: when, to whom, and which.
fn delivered(deliveries: &mut Deliveries, until: Time) -> Vec<(Time, SocketAddr, Guid)> {
    let (mut rng, mut all) = (ChaCha8Rng::seed_from_u64(1), Vec::new());
    while let Some(due) = deliveries.next_timeout().filter(|due| *due <= until) {
        let mut out = Vec::new();
        deliveries.timeout(due, &mut rng, &mut out);
        all.extend(out.into_iter().map(|(to, frame)| (due, to, frame.guid)));
    }
    all
}

/// OOB-06
#[test]
fn a_host_gets_one_message_after_the_other() {
    let mut deliveries = Deliveries::default();
    let (one, other) = (SocketAddr::V4(host(1)), SocketAddr::V4(host(2)));
    deliveries.send(one, (0..5).map(message), NOW);
    deliveries.send(other, [message(9)], NOW);
    let all = delivered(&mut deliveries, NOW.after_ms(DELIVERY_LIFE_MS));
    let of_one: Vec<_> = all.iter().filter(|(_, to, _)| *to == one).collect();
    assert_eq!((of_one.len(), all.len()), (5, 6));
    assert_eq!(of_one[0].0, NOW);
    for pair in of_one.windows(2) {
        let gap_ms = (pair[1].0.as_micros() - pair[0].0.as_micros()) / 1_000;
        assert!((DELIVERY_EVERY_MS..=DELIVERY_EVERY_MS + DELIVERY_JITTER_MS).contains(&gap_ms));
    }
    assert!(deliveries.is_empty());
}

/// OOB-06: ports cost an attacker nothing.
#[test]
fn the_ports_of_a_host_share_its_turns() {
    let mut deliveries = Deliveries::default();
    let port = |port| SocketAddr::new((*host(1).ip()).into(), port);
    for number in 0..50 {
        deliveries.send(port(6_000 + number), [message(number.into())], NOW);
    }
    let all = delivered(&mut deliveries, NOW.after_ms(10_000));
    assert!((2..=5).contains(&all.len()), "{all:?}");
    assert!((0..).zip(&all).all(|(number, (_, to, _))| *to == port(6_000 + number)));
    assert_eq!(deliveries.len(), 1);
}

/// OOB-06
#[test]
fn so_many_messages_wait_for_a_host_and_no_more() {
    let most = u32::try_from(DELIVERIES_OF_HOST_MAX).unwrap();
    for (count, last) in [(most, most - 1), (most + 1, most - 1)] {
        let mut deliveries = Deliveries::default();
        deliveries.send(host(1).into(), (0..count).map(message), NOW);
        let mut out = Vec::new();
        let (mut now, mut rng) = (NOW, ChaCha8Rng::seed_from_u64(1));
        // As fast as if nothing ever got too old.
        for _ in 0..most {
            deliveries.send(host(2).into(), [], now);
            deliveries.timeout(now, &mut rng, &mut out);
            now = now.after_ms(DELIVERY_LIFE_MS / 100);
        }
        let guids: Vec<Guid> = out.iter().map(|(_, frame)| frame.guid).collect();
        assert!(!guids.contains(&guid(last + 1)));
    }
}

/// OOB-06
#[test]
fn what_has_waited_for_too_long_is_not_sent() {
    let mut deliveries = Deliveries::default();
    deliveries.send(host(1).into(), (0..50).map(message), NOW);
    let all = delivered(&mut deliveries, NOW.after_ms(10 * DELIVERY_LIFE_MS));
    assert!(all.len() < 50 && all.len() > 20, "{}", all.len());
    let end = NOW.after_ms(DELIVERY_LIFE_MS);
    assert!(all.iter().all(|(when, ..)| *when < end));
    assert!(deliveries.is_empty());
}

#[test]
fn so_many_hosts_get_hits_and_no_more() {
    let mut deliveries = Deliveries::default();
    for number in 0..=u32::try_from(DELIVERIES_HOSTS_MAX).unwrap() {
        deliveries.send(host(number).into(), [message(number)], NOW);
    }
    assert_eq!(deliveries.len(), DELIVERIES_HOSTS_MAX);
    let all = delivered(&mut deliveries, NOW);
    assert_eq!(all.len(), DELIVERIES_HOSTS_MAX);
}

/// The room of a querier, and its randomness.
struct Querier {
    claims: Claims,
    rng: ChaCha8Rng,
}

impl Querier {
    fn new() -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        Self { claims: Claims::new(&mut rng, NOW), rng }
    }

    /// Somebody tells of so many hits: what it is told then.
    fn hear(
        &mut self,
        query: u32,
        from: u32,
        hits: u8,
        version: Version,
    ) -> Option<OutOfBandClaim> {
        let from = host(from).into();
        let frame = self.claims.claim(guid(query), from, hits, version, &mut self.rng, NOW)?;
        assert_eq!((frame.guid, frame.ttl, frame.hops), (guid(query), 1, 0));
        let vendor = Vendor::decode(&frame.payload).unwrap();
        let id = match version {
            Version::Plain => MessageId::OUT_OF_BAND_CLAIM_V2,
            Version::Secure => MessageId::OUT_OF_BAND_CLAIM_V3,
        };
        assert_eq!(vendor.id, id);
        let Body::OutOfBandClaim(claim) = vendor.body else { panic!("{vendor:?}") };
        Some(claim)
    }

    fn take(&mut self, query: u32, from: u32, results: u32, token: &[u8], now: Time) -> bool {
        let from = host(from).into();
        self.claims.take(guid(query), from, &hit(results, token), &mut self.rng, now)
    }
}

fn token_of(claim: &OutOfBandClaim) -> Vec<u8> {
    match claim.extensions.as_ref().unwrap().value("SO") {
        Some(Value::Token(token)) => token,
        other => panic!("{other:?}"),
    }
}

/// A hit with this token in its trailer, if it has one.
fn hit(results: u32, token: &[u8]) -> QueryHit {
    let so = area("SO", &Value::Token(token.to_vec()), Place::Trailer);
    let flags = TrailerFlags::new(false, false).with_ggep();
    let (open, private) = (Bytes::copy_from_slice(&flags.0), so.as_bytes().clone());
    let trailer = Trailer { vendor: VendorCode::FILBERT, open, private };
    let hit = QueryHit {
        port: 6_346,
        address: Ipv4Addr::new(9, 9, 9, 9),
        speed: 0,
        records: records(results),
        trailer: (!token.is_empty()).then_some(trailer),
        servent: guid(7),
    };
    let mut payload = BytesMut::new();
    hit.encode(&mut payload);
    QueryHit::decode(&payload.freeze()).unwrap()
}

/// OOB-07
#[test]
fn hits_are_claimed_once_of_each_host() {
    let mut querier = Querier::new();
    assert_eq!(querier.hear(1, 1, 3, Version::Secure).unwrap().wanted, 3);
    assert!(querier.hear(1, 1, 3, Version::Secure).is_none());
    assert!(querier.hear(1, 2, 0, Version::Secure).is_none());
    assert_eq!(querier.hear(1, 2, 3, Version::Plain).unwrap().extensions, None);
    assert!(querier.hear(2, 1, 3, Version::Secure).is_some());
}

/// OOB-08
#[test]
fn hits_count_with_the_token_of_their_claim() {
    let mut querier = Querier::new();
    let token = token_of(&querier.hear(1, 1, 3, Version::Secure).unwrap());
    let others = token_of(&querier.hear(1, 2, 3, Version::Secure).unwrap());
    assert_ne!(token, others);
    for (query, from, told) in
        [(1, 1, &others[..]), (1, 1, b""), (2, 1, &token), (1, 3, &token), (1, 2, &token)]
    {
        assert!(!querier.take(query, from, 1, told, NOW), "{query} {from} {told:?}");
    }
    assert!(querier.take(1, 1, 2, &token, NOW));
    assert!(!querier.take(1, 1, 2, &token, NOW), "no more than were claimed");
    assert!(querier.take(1, 1, 1, &token, NOW));
    assert!(!querier.take(1, 1, 1, &token, NOW));
}

/// OOB-08
#[test]
fn hits_without_a_token_count_where_none_was_given() {
    let mut querier = Querier::new();
    querier.hear(1, 1, 2, Version::Plain).unwrap();
    assert!(!querier.take(1, 2, 1, b"", NOW));
    assert!(querier.take(1, 1, 2, b"", NOW));
}

/// OOB-08
#[test]
fn no_host_is_asked_for_more_results_than_the_limit() {
    for hits in [CLAIM_RESULTS_MAX, CLAIM_RESULTS_MAX + 1, 255] {
        let claim = Querier::new().hear(1, 1, hits, Version::Plain).unwrap();
        assert_eq!(claim.wanted, CLAIM_RESULTS_MAX);
    }
}

/// OOB-08: the secret has changed once by then, and not twice.
#[test]
fn hits_are_taken_for_so_long() {
    const { assert!(CLAIM_LIFE_MS < HIT_TOKEN_LIFE_MS) };
    for (late_ms, is_taken) in [(CLAIM_LIFE_MS - 1, true), (CLAIM_LIFE_MS, false)] {
        let mut querier = Querier::new();
        let token = token_of(&querier.hear(1, 1, 3, Version::Secure).unwrap());
        assert_eq!(querier.claims.next_timeout(), Some(NOW.after_ms(CLAIM_LIFE_MS)));
        assert_eq!(querier.take(1, 1, 1, &token, NOW.after_ms(late_ms)), is_taken);
    }
}

/// OOB-07
#[test]
fn so_many_hosts_are_asked_and_no_more() {
    let mut querier = Querier::new();
    for from in 0..u32::from(CLAIMS_OF_SEARCH_MAX) {
        assert!(querier.hear(1, from, 1, Version::Secure).is_some());
    }
    assert!(querier.hear(1, 9_999, 1, Version::Secure).is_none());
    let left = CLAIMS_MAX - usize::from(CLAIMS_OF_SEARCH_MAX);
    for query in 0..u32::try_from(left).unwrap() {
        assert!(querier.hear(2 + query, 9_999, 1, Version::Secure).is_some());
    }
    assert!(querier.hear(9_999, 9_999, 1, Version::Secure).is_none());
    assert_eq!(querier.claims.len(), CLAIMS_MAX);
}
