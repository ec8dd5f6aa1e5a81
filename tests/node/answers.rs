//! How a node answers queries from its own files.

use filbert::base::limits::{ANSWER_RECORDS_MAX, ANSWERS_MAX};
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::{Frame, Function, Guid, QueryHit};
use filbert::node::{Command, RolePolicy, SharedFile};

use crate::support::messages::{frame, guid};
use crate::support::net::Net;

const GUID: Guid = Guid([9; 16]);

/// What an ultrapeer sends back to another one that asks for `payload` and has come `hops` far.
fn hits_for(names: &[String], payload: &'static [u8], hops: u8) -> Vec<(Frame, QueryHit)> {
    let mut net = Net::new();
    let (asker, answerer) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    net.share(answerer, &names);
    net.connect(asker, answerer);
    let query = frame(GUID, Function::QUERY, 1, payload);
    net.forge(asker, answerer, Frame { hops, ..query });
    net.run(1);
    let hits = net.frames(asker, Function::QUERY_HIT).into_iter();
    hits.map(|frame| (frame.clone(), QueryHit::decode(&frame.payload).unwrap())).collect()
}

fn winters(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("winter number{number}.ogg")).collect()
}

fn records(hits: &[(Frame, QueryHit)]) -> Vec<usize> {
    hits.iter().map(|(_, hit)| hit.records.len()).collect()
}

/// SIZE-16: many results are split.
#[test]
fn a_hit_holds_as_many_records_as_its_limit_and_not_one_more() {
    let hits = |count| records(&hits_for(&winters(count), b"\x80\0winter\0", 1));
    assert_eq!(hits(ANSWER_RECORDS_MAX), [ANSWER_RECORDS_MAX]);
    assert_eq!(hits(ANSWER_RECORDS_MAX + 1), [ANSWER_RECORDS_MAX, 1]);
}

#[test]
fn a_query_gets_as_many_results_as_the_limit_and_not_one_more() {
    let total =
        |count| -> usize { records(&hits_for(&winters(count), b"\x80\0winter\0", 1)).iter().sum() };
    assert_eq!(total(ANSWERS_MAX), ANSWERS_MAX);
    assert_eq!(total(ANSWERS_MAX + 1), ANSWERS_MAX);
}

/// QUERY-12: the querier says how many it wants.
#[test]
fn whoever_wants_few_results_gets_few() {
    assert_eq!(records(&hits_for(&winters(30), b"\x80\x05winter\0", 1)), [5]);
}

/// TTL-15, HIT-31, HIT-32: the way back, the URN, and who we are.
#[test]
fn a_hit_finds_its_way_back_and_says_who_has_the_file() {
    let hits = hits_for(&winters(1), b"\x80\0winter\0", 2);
    let [(frame, hit)] = &hits[..] else { panic!("one hit is expected: {hits:?}") };
    assert_eq!((frame.guid, frame.ttl, frame.hops), (GUID, 4, 0));
    assert_eq!(hit.records[0].extensions.urns().count(), 1);
    assert_eq!(hit.endpoint(), "5.6.2.1:6346".parse().unwrap());
    assert_ne!(hit.servent, Guid::ZERO);
}

/// QUERY-18 and others: what nobody has, what asks for nothing, and a hash.
#[test]
fn only_files_that_are_asked_for_are_named() {
    for (payload, count) in [
        (&b"\x80\0summer\0"[..], 0),
        (b"\x80\0\0", 0),
        (b"\x80\0winter number1\0", 1),
        (b"\x80\0\0urn:sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0", 1),
    ] {
        let found: usize = records(&hits_for(&winters(3), payload, 1)).iter().sum();
        assert_eq!(found, count, "{}", payload.escape_ascii());
    }
}

/// How many queries for this text a node works on that its first neighbour sends at once.
pub(super) fn worked_on_at_once(net: &mut Net, asker: usize, at: usize, words: &str) -> u64 {
    let before = net.neighbours(at)[0].traffic.dropped;
    let sent = 2_000;
    for number in 0..sent {
        let payload = format!("\x7f\0{words}\0");
        let query = frame(guid(number), Function::QUERY, 1, payload);
        net.forge(asker, at, Frame { hops: 1, ..query });
    }
    u64::from(sent) - (net.neighbours(at)[0].traffic.dropped - before)
}

/// The same of a node that offers thousands of files, in whose names hundreds of words begin with `aaaaa`, and as many
/// with `bbbbb` and `ccccc`.
fn worked_on(words: &str) -> u64 {
    let mut net = Net::new();
    let asker = net.add(Role::Ultrapeer);
    let answerer = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        (config.dials, config.work_per_second) = (false, 20_000);
    });
    let file = |number: u32| {
        let letter = |place: u32| char::from_u32('a' as u32 + number / place % 26).unwrap();
        let name =
            ["aaaaa", "bbbbb", "ccccc"].map(|word| format!("{word}{}{}", letter(26), letter(1)));
        SharedFile { name: name.join(" "), size: 1, sha1: None }
    };
    net.command(answerer, Command::Share((0..4_000).map(file).collect()));
    net.connect(asker, answerer);
    net.run(10);
    worked_on_at_once(&mut net, asker, answerer, words)
}

/// FLOW-07: what is dear to find uses up the share of whoever asks for it.
#[test]
fn a_query_costs_its_sender_what_it_costs_us() {
    let (cheap, dear) = (worked_on("winter night"), worked_on("aaaaa bbbbb ccccc"));
    assert!(cheap > 1_000, "{cheap}");
    assert!((10..cheap / 8).contains(&dear), "{cheap} and {dear}");
}

/// HIT-34: the first file has a digest of zeros.
#[test]
fn a_file_is_named_once_however_often_it_is_asked_for() {
    const ASKED: &[u8] = b"\x80\0\0urn:sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\x1c\
        urn:sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\x1c\
        urn:sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0";
    assert_eq!(records(&hits_for(&winters(3), ASKED, 0)), [1]);
}
