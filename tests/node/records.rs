//! What our hits say of files and of ourselves.

use bytes::Bytes;
use filbert::base::error::Faults;
use filbert::base::limits::{
    HIT_MESSAGE_LEN_MAX, NEWEST_ANSWERS_MAX, OWN_NEWEST_EVERY_MS, RECORD_SOURCES_MAX,
    SEARCHED_TEXT_LEN_MIN, SHORT_TEXT_HOPS_MAX, SHORT_TEXT_LEN_MAX,
};
use filbert::base::ranges::{ByteRange, RangeSet};
use filbert::base::urn::Urn;
use filbert::gnutella::link::Role;
use filbert::gnutella::servent::{Offer, PartialFile, Serving};
use filbert::gnutella::wire::ggep::Value;
use filbert::gnutella::wire::{Frame, Function, Guid, QueryHit, Record};
use filbert::index::files::{File, FileId, Files};
use filbert::node::{Command, Event};

use crate::support::messages::{frame, guid};
use crate::support::net::{Net, address};

const SHA1: [u8; 20] = [7; 20];
const ROOT: [u8; 24] =
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23];

fn winter() -> File {
    File {
        name: "winter night.ogg".into(),
        size: 5_000_000_000,
        sha1: Some(SHA1),
        tiger_root: Some(ROOT),
        modified_s: Some(1_700_000_000),
        ..File::default()
    }
}

fn named(number: u8, name: &str) -> File {
    File {
        name: name.into(),
        size: 10,
        sha1: Some([number; 20]),
        modified_s: Some(1_000 + u32::from(number)),
        ..File::default()
    }
}

fn offer(files: impl IntoIterator<Item = File>) -> Command {
    let mut offered = Files::new();
    offered.extend(files);
    Command::Offer(Box::new(Offer::of(offered)))
}

/// What an ultrapeer that was told this sends back for a query from `hops` links away.
fn hits(
    told: impl IntoIterator<Item = Command>,
    payload: &[u8],
    hops: u8,
) -> Vec<(Frame, QueryHit)> {
    let mut net = Net::new();
    let (asker, answerer) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
    told.into_iter().for_each(|command| net.command(answerer, command));
    net.connect(asker, answerer);
    let query = frame(guid(1), Function::QUERY, 1, Bytes::copy_from_slice(payload));
    net.forge(asker, answerer, Frame { hops, ..query });
    net.run(1);
    let hits = net.frames(asker, Function::QUERY_HIT).into_iter();
    hits.map(|frame| (frame.clone(), QueryHit::decode(&frame.payload).unwrap())).collect()
}

fn records(told: impl IntoIterator<Item = Command>, payload: &[u8], hops: u8) -> Vec<Record> {
    hits(told, payload, hops).into_iter().flat_map(|(_, hit)| hit.records).collect()
}

fn names(files: &[File], payload: &[u8], hops: u8) -> Vec<String> {
    let records = records([offer(files.to_vec())], payload, hops);
    records.iter().map(|record| String::from_utf8(record.name.to_vec()).unwrap()).collect()
}

/// HIT-31, HIT-37, HIT-11, QUERY-08: each asker gets the form that it reads.
#[test]
fn a_record_names_its_content_as_the_asker_reads_it() {
    for (payload, in_text, tree) in [
        (&b"\x80\0winter\0"[..], true, "TT"),
        (b"\x88\0winter\0", false, "H"),
        // One that was written the other way round.
        (b"\0\x98winter\0", false, "H"),
    ] {
        let hits = hits([offer([winter()])], payload, 1);
        let record = &hits[0].1.records[0];
        let mut faults = Faults::new();
        hits[0].1.inspect(&mut faults);
        assert!(faults.as_slice().is_empty(), "{:?}", faults.as_slice());
        assert!(record.extensions.urns().any(|urn| urn.sha1() == Some(&SHA1)));
        let text = record.extensions.as_bytes().starts_with(b"urn:sha1:");
        assert_eq!(text, in_text, "{}", payload.escape_ascii());
        let bitprint = Value::Hash(Urn::Bitprint { sha1: SHA1, tiger_tree: ROOT });
        let tiger = if tree == "H" { bitprint } else { Value::Urn(Urn::TigerTree(ROOT)) };
        assert_eq!(record.extensions.value(tree), Some(tiger));
        assert_eq!(record.extensions.value("CT"), Some(Value::Number(1_700_000_000)));
        assert_eq!((record.size, record.file_size()), (u32::MAX, 5_000_000_000));
        assert_eq!(record.available(), None);
    }
}

/// HIT-36
#[test]
fn a_record_names_as_many_sources_as_the_limit_and_no_more() {
    let named = |count: usize| {
        let sources = (10..10 + count).map(|number| match address(number) {
            std::net::SocketAddr::V4(at) => at,
            at => panic!("{at}"),
        });
        let mut sources: Vec<_> = sources.collect();
        sources.push("10.0.0.1:6346".parse().unwrap());
        let told = [offer([winter()]), Command::NameSources { sha1: SHA1, sources }];
        match records(told, b"\x80\0winter\0", 1)[0].extensions.value("ALT") {
            Some(Value::Addresses(list)) => list.len(),
            None => 0,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(named(0), 0);
    assert_eq!(named(RECORD_SOURCES_MAX), RECORD_SOURCES_MAX);
    assert_eq!(named(RECORD_SOURCES_MAX + 1), RECORD_SOURCES_MAX);
}

/// HIT-39, GGEP-64, GGEP-66
#[test]
fn a_part_of_a_file_is_told_to_those_who_take_parts() {
    let part = |ranges: &[(u64, u64)]| {
        let mut available = RangeSet::new();
        ranges.iter().for_each(|(start, end)| available.insert(ByteRange::new(*start, *end)));
        let (id, name, tiger_root) = (FileId(99), "winter.ogg".to_owned(), Some(ROOT));
        let part = PartialFile { id, name, size: 4_096, sha1: SHA1, tiger_root, available };
        Command::OfferPartial(Box::new(part))
    };
    let urn = Urn::Sha1(SHA1).to_string();
    let by_urn = [b"\x80\0\0", urn.as_bytes(), b"\x1c\xc3\x82PR\x40"].concat();
    for payload in [&b"\x80\0winter\0\xc3\x82PR\x40"[..], &by_urn] {
        let found = records([part(&[(0, 2_048)])], payload, 1);
        assert_eq!((found.len(), found[0].index, found[0].file_size()), (1, 99, 4_096));
        let available: Vec<_> = found[0].available().unwrap().iter().collect();
        assert_eq!(available, [ByteRange::new(0, 2_048)]);
        assert!(found[0].extensions.find("PR0").is_none());
    }
    let nothing = records([part(&[(0, 9)])], &by_urn, 1);
    assert_eq!(nothing[0].available(), Some(RangeSet::new()));
    assert_eq!(records([part(&[(0, 2_048)])], b"\x80\0winter\0", 1), []);
    let both = [offer([winter()]), part(&[(0, 2_048)])];
    let found = records(both, &by_urn, 1);
    assert_eq!((found.len(), found[0].available()), (1, None), "the whole file is as good");
    let gone = [part(&[(0, 2_048)]), Command::WithdrawPartial(SHA1)];
    assert_eq!(records(gone, &by_urn, 1), []);
}

/// QUERY-33: the root of the Tiger tree, in either form.
#[test]
fn a_file_is_found_by_its_tiger_tree() {
    let root = Urn::TigerTree(ROOT).to_string();
    let asked = [b"\x80\0\0", root.as_bytes()].concat();
    assert_eq!(names(&[winter(), named(1, "summer.ogg")], &asked, 1), ["winter night.ogg"]);
    let bitprint = Urn::Bitprint { sha1: SHA1, tiger_tree: [9; 24] }.to_string();
    let asked = [b"\x80\0\\\0", bitprint.as_bytes()].concat();
    assert_eq!(names(&[winter()], &asked, 1), ["winter night.ogg"], "the SHA-1 is enough");
}

/// HIT-38
#[test]
fn a_content_is_named_once_to_a_query() {
    let again = File { name: "winter again.ogg".into(), ..winter() };
    assert_eq!(names(&[winter(), again], b"\x80\0winter\0", 1).len(), 1);
}

/// GGEP-59
#[test]
fn only_files_of_the_kinds_that_are_asked_for_are_named() {
    let files = [named(1, "winter.ogg"), named(2, "winter.avi"), named(3, "winter.pdf")];
    let asked = |bits: &[u8]| {
        let head = [b"\x80\0winter\0\xc3\x81M", &[0x40 + u8::try_from(bits.len()).unwrap()][..]];
        names(&files, &[&head.concat(), bits].concat(), 1)
    };
    assert_eq!(asked(&[0x04]), ["winter.ogg"]);
    assert_eq!(asked(&[0x08 | 0x10]), ["winter.avi", "winter.pdf"]);
    assert_eq!(asked(&[0]).len(), 3);
}

/// QUERY-19, QUERY-31
#[test]
fn the_newest_files_answer_what_asks_for_them() {
    let files: Vec<File> = (1..=9).map(|number| named(number, &format!("n{number}.ogg"))).collect();
    let newest = ["n9.ogg", "n8.ogg", "n7.ogg"];
    assert_eq!(newest.len(), NEWEST_ANSWERS_MAX);
    for payload in [
        &b"\x80\0WhatIsNewXOXO\0\xc3\x82WHA\x01"[..],
        b"\x80\0whatisnewxoxo\0",
        b"\x80\0\0\xc3\x82WHA\x01",
    ] {
        assert_eq!(names(&files, payload, 1), newest, "{}", payload.escape_ascii());
    }
    assert_eq!(names(&files, b"\x80\x02WhatIsNewXOXO\0", 1), newest[..2]);
    assert_eq!(names(&files[..2], b"\x80\0WhatIsNewXOXO\0", 1).len(), 2);
    let of_kind = b"\x80\0WhatIsNewXOXO\0\xc3\x01MA\x08\x82WHA\x01";
    assert_eq!(names(&files, of_kind, 1), [""; 0]);
}

/// QUERY-31: not far, and to the leaves that answer.
#[test]
fn what_is_new_is_asked_two_links_far_and_once_in_a_while() {
    let mut net = Net::new();
    let leaf = net.add(Role::Leaf);
    let chain = [(); 4].map(|()| net.add(Role::Ultrapeer));
    let other = net.add(Role::Leaf);
    net.command(other, offer([named(1, "a.ogg")]));
    net.command(chain[2], offer([named(2, "b.ogg")]));
    net.command(chain[3], offer([named(3, "c.ogg")]));
    net.connect(leaf, chain[0]);
    net.connect(other, chain[1]);
    chain.windows(2).for_each(|pair| net.connect(pair[0], pair[1]));
    net.run(60);
    let search = net.search(leaf, "whatisnewxoxo");
    net.run(5);
    let mut found = net.hits(leaf, search);
    found.sort();
    assert_eq!(found, ["a.ogg", "b.ogg"]);
    assert_eq!(net.received(chain[3], Function::QUERY), 0);
    assert_eq!(net.frames(chain[0], Function::QUERY)[0].ttl, 3);
    // Somebody who asks again at once is not heard.
    let again = frame(guid(5), Function::QUERY, 2, &b"\x80\0WhatIsNewXOXO\0"[..]);
    net.forge(leaf, chain[0], again);
    net.run(1);
    assert_eq!(net.received(chain[2], Function::QUERY), 1);
}

/// QUERY-31
#[test]
fn this_node_asks_what_is_new_seldom() {
    let mut net = Net::new();
    let at = net.add(Role::Ultrapeer);
    let refused = |net: &Net| {
        let ends = net.places[at].events.iter();
        ends.filter(|event| matches!(event, Event::SearchEnded { .. })).count()
    };
    net.search(at, "WhatIsNewXOXO");
    net.run(OWN_NEWEST_EVERY_MS / 1_000 - 1);
    let before = refused(&net);
    net.search(at, "WhatIsNewXOXO");
    assert_eq!(refused(&net), before + 1);
    net.run(1);
    net.search(at, "WhatIsNewXOXO");
    assert_eq!(refused(&net), before + 1);
}

/// QUERY-32
#[test]
fn short_texts_are_searched_for_near_to_us_only() {
    let files = [named(1, "a.ogg"), named(2, "ab.ogg"), named(3, "abc.ogg"), named(4, "abcd.ogg")];
    let found =
        |text: &str, hops| names(&files, &[b"\x80\0", text.as_bytes(), b"\0"].concat(), hops);
    let (one, two) = ("a", "ab");
    assert_eq!((one.len() + 1, two.len()), (SEARCHED_TEXT_LEN_MIN, SEARCHED_TEXT_LEN_MIN));
    assert_eq!((found(one, 0).len(), found(two, 0).len()), (0, 1));
    let (short, long) = (&"abcd"[..SHORT_TEXT_LEN_MAX], &"abcd"[..=SHORT_TEXT_LEN_MAX]);
    assert_eq!((found(short, SHORT_TEXT_HOPS_MAX).len(), found(long, 6).len()), (1, 1));
    assert_eq!(found(short, SHORT_TEXT_HOPS_MAX + 1), [""; 0]);
}

/// QUERY-21
#[test]
fn the_whole_text_of_a_long_query_stands_beside_it() {
    let files = [named(1, "winter night.ogg"), named(2, "winter day.ogg")];
    let asked = b"\x80\0winter\0\xc3\x82XQLwinter night";
    assert_eq!(names(&files, asked, 1), ["winter night.ogg"]);
}

/// HIT-27
#[test]
fn a_hit_is_as_long_as_the_limit_and_not_a_byte_longer() {
    // The head, the trailer and the header are 68 bytes, and a record has 52 beside its name.
    let lens = |name_len: usize| {
        let name = |number: u8| format!("winter {number}{}", "x".repeat(name_len - 8));
        let files: Vec<File> = (1..=2)
            .map(|number| File { modified_s: None, ..named(number, &name(number)) })
            .collect();
        let hits = hits([offer(files)], b"\x80\0winter\0", 1);
        hits.iter().map(|(frame, _)| frame.wire_len()).collect::<Vec<_>>()
    };
    let of_two = |name_len: usize| lens(name_len).iter().sum::<usize>();
    let beside = of_two(100) - 200;
    let most = (HIT_MESSAGE_LEN_MAX - beside) / 2;
    assert_eq!((lens(100).len(), lens(most).len(), lens(most + 1).len()), (1, 1, 2));
    assert!(HIT_MESSAGE_LEN_MAX - lens(most)[0] < 2);
}

/// HIT-18, HIT-40, GGEP-35, GGEP-79
#[test]
fn the_trailer_says_what_we_do_for_others() {
    let of = |serving: Serving| {
        let hits = hits([offer([winter()]), Command::BeServing(serving)], b"\x80\0winter\0", 1);
        let trailer = hits[0].1.trailer.clone().unwrap();
        let ids: Vec<_> = ["BH", "TLS"]
            .into_iter()
            .filter(|id| trailer.extensions().find(id).is_some())
            .collect();
        let flags = trailer.flags().unwrap();
        (flags.busy(), flags.uploaded(), flags.measured_speed(), hits[0].1.speed, ids)
    };
    let nothing = Serving::default();
    assert_eq!(of(nothing), (Some(false), Some(false), None, 0, vec![]));
    let all = Serving {
        is_busy: true,
        has_uploaded: true,
        speed_kbits: Some(512),
        lists_files: true,
        takes_tls: true,
    };
    assert_eq!(of(all), (Some(true), Some(true), Some(true), 512, vec!["BH", "TLS"]));
}

/// QUERY-29
#[test]
fn whom_nobody_reaches_is_silent_towards_others_like_it() {
    for (is_reachable, payload, answers) in [
        (true, &b"\x80\0winter\0"[..], 1),
        (true, b"\xc0\0winter\0", 1),
        (false, b"\x80\0winter\0", 1),
        (false, b"\xc0\0winter\0", 0),
    ] {
        let mut net = Net::new();
        let leaf = net.add(Role::Leaf);
        let parents = [(); 3].map(|()| net.add(Role::Ultrapeer));
        net.places[leaf].is_reachable = is_reachable;
        net.command(leaf, offer([winter()]));
        parents.iter().for_each(|parent| net.connect(leaf, *parent));
        net.run(600);
        let query = frame(guid(7), Function::QUERY, 1, payload);
        net.forge(parents[0], leaf, query);
        net.run(1);
        assert_eq!(net.received(parents[0], Function::QUERY_HIT), answers, "{is_reachable}");
    }
}

/// QUERY-17, GGEP-64: a search for a content.
#[test]
fn a_content_is_searched_for_by_its_urn() {
    let mut net = Net::new();
    let (asker, answerer) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
    net.command(answerer, offer([winter(), named(1, "summer.ogg")]));
    net.connect(asker, answerer);
    net.run(40);
    let search = net.search(asker, &Urn::Sha1(SHA1).to_string());
    net.run(60);
    assert_eq!(net.hits(asker, search), ["winter night.ogg"]);
    assert_ne!(net.places[answerer].node.guid(), Guid::ZERO);
}
