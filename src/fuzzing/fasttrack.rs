use bytes::Bytes;

use super::invariants::{check_display, check_fault, check_faults, check_json};
use super::splitter::Splitter;
use crate::base::error::{Faults, Malformed};
use crate::base::limits::{
    FASTTRACK_NODES_MAX, FASTTRACK_RECORDS_MAX, FASTTRACK_RESULTS_MAX, FASTTRACK_RESULTS_SENT_MAX,
    FASTTRACK_TAGS_MAX, FASTTRACK_TERMS_MAX, FASTTRACK_USER_LEN_MAX, FASTTRACK_VALUE_LEN_MAX,
};
use crate::fasttrack::wire::{
    Datagram, Found, Frame, Kind, Message, Results, Side, TagList, TagWriter, Term, pack,
};

const SIDES: [Side; 3] = [Side::Up, Side::Down, Side::Across];

/// The first byte chooses which way the message goes, two are its type word, the others are the
/// payload.
pub(super) fn fasttrack_message(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let side = splitter.choose(&SIDES);
    let kind = Kind(u16::from_be_bytes([splitter.byte(), splitter.byte()]));
    check_message(&Frame { kind, payload: payload(splitter.rest()) }, side);
}

/// What can be read is written so that it is read as the same, and stays within the limits.
fn check_message(frame: &Frame, side: Side) {
    let len = frame.payload.len();
    let Some((message, rest)) = accept(Message::split(frame, side), len) else { return };
    assert!(frame.payload.ends_with(&rest), "the rest is not what stands behind");
    let mut faults = Faults::new();
    message.inspect(&mut faults);
    check_faults(&faults, len);
    check_display(&message);
    check_json(&message, len);
    check_limits(&message);
    let written = message.to_frame();
    assert_eq!(written.kind, frame.kind);
    let (again, rest_again) = Message::split(&written, side).expect("we wrote it");
    assert!(rest_again.is_empty(), "we wrote something behind it");
    assert_eq!(again.to_frame(), written, "it is written in another way");
    let (kind, inside) = match &message {
        Message::Unicast(unicast) => (unicast.kind, &unicast.payload),
        Message::Broadcast(broadcast) => (broadcast.kind, &broadcast.payload),
        _ => return,
    };
    assert_eq!(written, *frame, "the envelope was changed");
    check_message(&Frame { kind, payload: inside.clone() }, Side::Across);
}

/// As much as a message has room for.
fn payload(input: &[u8]) -> Bytes {
    Bytes::copy_from_slice(&input[..input.len().min(usize::from(u16::MAX))])
}

fn accept<T>(result: Result<T, Malformed>, len: usize) -> Option<T> {
    result.map_err(|fault| check_fault(&fault, len)).ok()
}

fn check_limits(message: &Message) {
    match message {
        Message::NodeList(list) => assert!(list.nodes().count() <= FASTTRACK_NODES_MAX),
        Message::Table(table) => assert!(table.records().count() <= FASTTRACK_RECORDS_MAX),
        Message::Share(share) => check_tags(&share.tags),
        Message::Unshare(unshare) => check_tags(&unshare.tags),
        Message::Search(search) => check_terms(&search.terms),
        Message::ForwardedSearch(search) => check_terms(&search.terms),
        Message::Results(results) => check_results(results),
        _ => {}
    }
}

fn check_terms(terms: &[Term]) {
    assert!(terms.len() <= FASTTRACK_TERMS_MAX);
    assert!(terms.iter().all(|term| term.bytes.len() <= FASTTRACK_VALUE_LEN_MAX));
}

/// The tags that are read, written again, are the list.
fn check_tags(tags: &TagList) {
    assert!(tags.iter().count() <= FASTTRACK_TAGS_MAX as usize);
    assert!(tags.iter().all(|item| item.bytes.len() <= FASTTRACK_VALUE_LEN_MAX));
    let written = tags.iter().fold(TagWriter::new(), |out, item| out.put(item.tag, item.bytes));
    let written = written.finish();
    assert!(written.iter().eq(tags.iter()), "other tags were written");
    assert_eq!(TagList::decode(written.as_bytes()).as_ref(), Ok(&written));
}

/// The input is a tag list, perhaps with something behind it.
pub(super) fn fasttrack_tags(input: &[u8]) {
    let bytes = Bytes::copy_from_slice(input);
    let Some(tags) = accept(TagList::decode(&bytes), input.len()) else { return };
    let mut faults = Faults::new();
    tags.inspect(&mut faults);
    check_faults(&faults, input.len());
    assert!(!faults.is_empty() || input.starts_with(tags.as_bytes()), "it is not as it came");
    check_tags(&tags);
    check_json(&tags, input.len());
    tags.iter().for_each(|item| check_display(&item.value()));
}

/// The input is the payload of results.
pub(super) fn fasttrack_results(input: &[u8]) {
    let frame = Frame { kind: Kind::RESULTS, payload: payload(input) };
    check_message(&frame, Side::Down);
}

/// What is sent on is what came, in messages of ten, with names that do no harm.
fn check_results(results: &Results) {
    assert!(results.results.len() <= FASTTRACK_RESULTS_MAX);
    results.results.iter().for_each(|found| check_tags(&found.tags));
    let mut sent = Vec::new();
    for frame in pack(results.supernode, results.id, results.to_send_on()) {
        assert!(frame.payload.len() <= usize::from(u16::MAX), "the message is too long");
        let Ok(Message::Results(part)) = Message::parse(&frame, Side::Down) else {
            panic!("we wrote results");
        };
        assert!(part.results.len() <= usize::from(FASTTRACK_RESULTS_SENT_MAX));
        for place in 0..part.results.len() {
            let (user, _) = part.names_of(place).expect("names are written in full");
            assert!((1..=FASTTRACK_USER_LEN_MAX).contains(&user.len()));
            assert!(user.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'@'));
        }
        sent.extend(part.results);
    }
    let of = |found: &Found| (found.address, found.hash, found.size);
    // One that filled its message may have no room for its names in full.
    assert!(sent.len() + 1 >= results.results.len(), "results were lost");
    assert!(sent.iter().all(|found| results.results.iter().any(|it| of(it) == of(found))));
}

/// The input is one datagram.
pub(super) fn fasttrack_datagram(input: &[u8]) {
    let bytes = Bytes::copy_from_slice(input);
    let Some(datagram) = accept(Datagram::decode(&bytes), input.len()) else { return };
    check_json(&datagram, input.len());
    let written = datagram.to_bytes();
    assert_eq!(written.len(), input.len(), "it is written longer or shorter");
    assert_eq!(Datagram::decode(&written), Ok(datagram), "it says something else");
}
