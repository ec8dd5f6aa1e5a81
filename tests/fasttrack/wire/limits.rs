//! Each limit of a message, at it and one past it.

use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::Bytes;
use filbert::base::limits::{
    FASTTRACK_HOPS_MAX, FASTTRACK_NODES_MAX, FASTTRACK_RECORDS_MAX, FASTTRACK_RESULTS_MAX,
    FASTTRACK_TAGS_MAX, FASTTRACK_TERMS_MAX, FASTTRACK_VALUE_LEN_MAX,
};
use filbert::fasttrack::wire::{
    ForwardedSearch, Kind, Message, Realm, Search, Side, Tag, TagList, TagWriter, Term, Unicast,
};

use super::{address, faults, parse, rule};

/// Entries of a node list that a payload has room for.
const NODES_OF_PAYLOAD: usize = 65_535 / 8;
/// Records of a table that a payload has room for.
const RECORDS_OF_PAYLOAD: usize = 65_535 / 26;

/// Each with its number as address.
fn nodes(count: usize) -> Vec<u8> {
    (0..count).flat_map(|n| [&(n as u32).to_be_bytes()[..], &[4, 0xbe, 1, 50]].concat()).collect()
}

fn ips(payload: &[u8]) -> Vec<u32> {
    let list = match parse(Kind::NODE_LIST, Side::Down, payload) {
        Ok(Message::NodeList(list)) => list,
        other => panic!("{other:?}"),
    };
    list.nodes().map(|node| node.address.ip().to_bits()).collect()
}

/// FTSAFE-02, CVE-2003-0397: lists of 0, 1, 200, 201 and 8,191 entries, of which the first 200 count.
#[test]
fn of_a_node_list_the_first_two_hundred_count() {
    let max = FASTTRACK_NODES_MAX;
    for count in [0, 1, max - 1, max, max + 1, NODES_OF_PAYLOAD] {
        let payload = nodes(count);
        assert_eq!(ips(&payload), (0..count.min(max) as u32).collect::<Vec<_>>());
        let message = parse(Kind::NODE_LIST, Side::Down, &payload).unwrap();
        let expected: &[&str] = if count > max { &["FTSAFE-02"] } else { &[] };
        assert_eq!(faults(&message), expected, "{count} entries");
    }
}

/// FTSAFE-02, CVE-2003-0397: a million entries come in 123 messages, and each of them counts as far
/// as any.
#[test]
fn a_million_nodes_are_read_without_harm() {
    let million = nodes(1_000_000);
    let messages: Vec<_> = million.chunks(NODES_OF_PAYLOAD * 8).collect();
    assert_eq!(messages.len(), 123);
    let counted: usize = messages.iter().map(|payload| ips(payload).len()).sum();
    assert_eq!(counted, 123 * FASTTRACK_NODES_MAX);
}

/// FTSAFE-01, CVE-2003-0397: wherever a list is cut, its whole entries count.
#[test]
fn a_list_that_is_cut_has_the_entries_that_are_whole() {
    let payload = nodes(201);
    for len in 0..payload.len() {
        assert_eq!(ips(&payload[..len]).len(), (len / 8).min(200), "cut after {len} bytes");
    }
}

/// FTSAFE-03, FTSAFE-01: of a table the first 1,001 records count, of whatever length it is.
#[test]
fn of_a_table_the_first_thousand_and_one_count() {
    let max = FASTTRACK_RECORDS_MAX;
    for count in [0, 1, max, max + 1, RECORDS_OF_PAYLOAD] {
        let record = |n: usize| [&(n as u32).to_be_bytes()[..], &[0; 22]].concat();
        let mut payload: Vec<u8> = (0..count).flat_map(record).collect();
        if payload.len() < 65_510 {
            // A rest that is no record.
            payload.extend([9; 25]);
        }
        let message = parse(Kind::TABLE, Side::Across, &payload).unwrap();
        let Message::Table(table) = &message else { panic!("a table") };
        let ips: Vec<u32> = table.records().map(|record| record.address.ip().to_bits()).collect();
        assert_eq!(ips, (0..count.min(max) as u32).collect::<Vec<_>>());
        let expected: &[&str] = if count > max { &["FTSAFE-03"] } else { &[] };
        assert_eq!(faults(&message), expected, "{count} records");
    }
}

/// FTSAFE-02, FTSAFE-03: nor is more ever written.
#[test]
fn lists_are_written_up_to_their_limits() {
    let node = |n: usize| filbert::fasttrack::wire::Node {
        address: SocketAddrV4::new(Ipv4Addr::from_bits(n as u32), 1),
        minutes: 0,
        load: 0,
    };
    let list: filbert::fasttrack::wire::NodeList = (0..201).map(node).collect();
    assert_eq!(list.as_bytes().len(), 1_600);
    let full = parse(Kind::TABLE, Side::Across, &[0; 26 * 1_001]).unwrap();
    let Message::Table(full) = full else { panic!("a table") };
    let one = full.records().next().unwrap();
    let table: filbert::fasttrack::wire::Table = std::iter::repeat_n(one, 1_002).collect();
    assert_eq!(table.as_bytes().len(), 26_026);
}

/// FTSAFE-06: 64 tags count, and those behind them are dropped.
#[test]
fn tags_beyond_the_sixty_fourth_are_dropped() {
    let max = FASTTRACK_TAGS_MAX;
    for count in [max, max + 1, 20_000] {
        let mut list = bytes::BytesMut::new();
        filbert::fasttrack::wire::dynint::put(&mut list, count);
        (0..count).for_each(|_| list.extend_from_slice(&[1, 1, 7]));
        let tags = TagList::decode(&list.clone().freeze()).unwrap();
        assert_eq!(tags.iter().count(), max as usize);
        assert_eq!(tags.as_bytes()[..], [&[64][..], &[1, 1, 7].repeat(64)].concat());
        let share = [&[0; 4][..], &[7; 20], &[1, 2], &list].concat();
        let share = parse(Kind::SHARE, Side::Up, &share).unwrap();
        let expected: &[&str] = if count > max { &["FTSAFE-06"] } else { &[] };
        assert_eq!(faults(&share), expected);
    }
    let writer = (0..70).fold(TagWriter::new(), |writer, n| writer.number(Tag::YEAR, n));
    assert_eq!(writer.finish().iter().count(), 64);
}

/// FTSAFE-06: a value of 1,024 bytes counts; a longer one is dropped, and the tags around it stay.
#[test]
fn a_value_that_is_too_long_is_dropped() {
    let max = FASTTRACK_VALUE_LEN_MAX;
    for (len, count) in [(max, 3), (max + 1, 2), (60_000, 2)] {
        let mut list = bytes::BytesMut::from(&[3, 1, 1, 7, 2][..]);
        filbert::fasttrack::wire::dynint::put(&mut list, len as u32);
        list.extend_from_slice(&vec![b'a'; len]);
        list.extend_from_slice(&[5, 1, 9]);
        let tags = TagList::decode(&list.freeze()).unwrap();
        assert_eq!(tags.iter().count(), count);
        assert_eq!((tags.number(Tag::YEAR), tags.number(Tag::LENGTH)), (Some(7), Some(9)));
        assert_eq!(tags.as_bytes()[0], count as u8);
        let written = TagWriter::new().put(Tag::FILE_NAME, &vec![b'a'; len]).finish();
        assert_eq!(written.iter().count(), count - 2);
    }
}

/// FTSAFE-06: a search with too many or too long terms is dropped, and its id is known all the same.
#[test]
fn a_search_beyond_the_limits_is_dropped() {
    let head = [0, 1, 0, 200, 0x12, 0x34, 1, 0xbf];
    let term = [5, 0, 1, b'a'];
    for (count, expected) in [
        (FASTTRACK_TERMS_MAX, None),
        (FASTTRACK_TERMS_MAX + 1, Some("FTSAFE-06")),
        (255, Some("FTSAFE-06")),
    ] {
        let payload = [&head[..], &[count as u8], &term.repeat(count)].concat();
        let parsed = parse(Kind::SEARCH, Side::Up, &payload);
        assert_eq!(parsed.err().map(|fault| fault.rule.id()), expected, "{count} terms");
        assert_eq!(Search::id_of(&payload), Some(0x1234));
        let across = [&[0, 0, 0, 1][..], &[0, 200, 1, 0xbf, count as u8], &term.repeat(count)];
        let parsed = parse(Kind::FORWARDED_SEARCH, Side::Across, &across.concat());
        assert_eq!(parsed.err().map(|fault| fault.rule.id()), expected, "{count} terms");
    }
    let long = [&head[..], &[1, 5, 0, 0x88, 0x01], &vec![b'a'; 1_025]].concat();
    assert_eq!(rule(parse(Kind::SEARCH, Side::Up, &long)), "FTSAFE-06");
    assert_eq!(Search::id_of(&head[..5]), None);
    let terms = vec![Term::words(Tag::ANY, "a"); FASTTRACK_TERMS_MAX + 1];
    let search = ForwardedSearch { id: 1, max: 200, realm: Realm::EVERYTHING, terms };
    assert_eq!(Message::ForwardedSearch(search).to_frame().payload[8], 16);
}

/// FTSEARCH-14: 200 results of one message count.
#[test]
fn of_results_the_first_two_hundred_count() {
    let result = [&[1, 2, 3, 4, 5, 6, 7, 2][..], &[7; 20], &[1, 2, 0]].concat();
    let max = FASTTRACK_RESULTS_MAX;
    for count in [max - 1, max, max + 1, 2_000] {
        let head = [9, 9, 9, 9, 4, 0xbe, 0, 1];
        let count_of = (count as u16).to_be_bytes();
        let payload = [&head[..], &count_of, &result.repeat(count)].concat();
        let frame = super::frame(Kind::RESULTS, &payload);
        let (message, rest) = Message::split(&frame, Side::Down).unwrap();
        let Message::Results(results) = message else { panic!("results") };
        assert_eq!(results.results.len(), count.min(max));
        assert_eq!(rest.len(), count.saturating_sub(max) * result.len());
    }
}

/// FTPEER-14: six hops, and not one more.
#[test]
fn a_message_is_relayed_up_to_its_hops() {
    let (sender, receiver) = (address("192.0.2.1:1"), address("192.0.2.2:2"));
    let mut unicast = Unicast::new(sender, receiver, &Message::SearchEnd { id: 1 });
    assert_eq!(unicast.hops, 1);
    for hops in 2..=FASTTRACK_HOPS_MAX {
        unicast = unicast.relayed().unwrap();
        assert_eq!(unicast.hops, hops);
    }
    assert_eq!(unicast.clone().relayed(), None);
    let far = Unicast { hops: 255, payload: Bytes::new(), ..unicast };
    assert_eq!(far.relayed(), None);
}
