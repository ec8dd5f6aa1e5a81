//! Envelopes go on as they came, and are understood where they arrive.

use bytes::Bytes;
use filbert::fasttrack::wire::{
    ForwardedSearch, Frame, Kind, Message, Realm, Side, Tag, Term, Unicast,
};

use super::{address, rule};

fn search() -> Message {
    let terms = vec![Term::words(Tag::ANY, "tune")];
    let (id, max, realm) = (0xa1b2_0001, 200, Realm::EVERYTHING);
    Message::ForwardedSearch(ForwardedSearch { id, max, realm, terms })
}

fn envelope(frame: &Frame) -> Unicast {
    match Message::parse(frame, Side::Across) {
        Ok(Message::Unicast(unicast)) => unicast,
        other => panic!("{other:?}"),
    }
}

/// FTPEER-13, FTPEER-14: one hop more, and the rest untouched, whatever is inside.
#[test]
fn an_envelope_goes_on_with_one_hop_more() {
    let (sender, receiver) = (address("203.0.113.5:1214"), address("198.51.100.9:8080"));
    let first = Unicast::new(sender, receiver, &search()).to_frame();
    assert_eq!(first.kind, Kind(0x800a));
    let on = envelope(&first).relayed().unwrap().to_frame();
    assert_eq!(on.kind, first.kind);
    assert_eq!((first.payload[12], on.payload[12]), (1, 2));
    assert_eq!(
        (&first.payload[..12], &first.payload[13..]),
        (&on.payload[..12], &on.payload[13..])
    );
    assert_eq!(envelope(&on).message(), Ok(search()));
}

/// FTPEER-14: what is inside is not looked at on the way.
#[test]
fn nonsense_inside_an_envelope_is_passed_on_as_it_is() {
    let mut payload = [7; 13].to_vec();
    payload[12] = 3;
    payload.extend(b"no search");
    let came = Frame { kind: Kind(0x800a), payload: payload.into() };
    let inside = envelope(&came);
    assert_eq!(inside.payload.as_ptr(), came.payload[13..].as_ptr(), "it was copied");
    assert_eq!(
        inside.message().map_err(|fault| (fault.rule.id(), fault.offset)),
        Err(("FTSAFE-04", 22))
    );
    assert_eq!(inside.relayed().unwrap().to_frame().payload[13..], came.payload[13..]);
}

/// FTPEER-21, FTPEER-19: a push and results travel in the form that they have up and down.
#[test]
fn what_is_inside_has_its_own_form() {
    let (sender, receiver) = (address("203.0.113.5:1214"), address("198.51.100.9:8080"));
    let push = Message::PushRequest(filbert::fasttrack::wire::PushRequest {
        id: 42,
        requester: address("203.0.113.6:8080"),
        target: address("10.0.0.7:1214"),
        supernode: receiver,
        user: Bytes::from_static(b"bob"),
    });
    for message in [push, Message::SearchEnd { id: 1 }, search()] {
        let sent = Unicast::new(sender, receiver, &message).to_frame();
        assert_eq!(sent.kind.inner(), message.kind());
        assert_eq!(sent.payload.slice(13..), message.to_frame().payload);
        assert_eq!(envelope(&sent).message(), Ok(message));
    }
}

/// FTPEER-15: what goes to all is read; its header has nine bytes.
#[test]
fn a_broadcast_is_read() {
    let payload = [&[203, 0, 113, 5, 4, 0xbe, 0, 1, 11][..], &[0; 60]].concat();
    let frame = Frame { kind: Kind(0xc024), payload: payload.into() };
    let Ok(Message::Broadcast(broadcast)) = Message::parse(&frame, Side::Across) else {
        panic!("a broadcast")
    };
    assert_eq!((broadcast.sender, broadcast.hops), (address("203.0.113.5:1214"), 11));
    assert!(matches!(broadcast.message(), Ok(Message::BroadcastStats(_))));
    assert_eq!(Message::Broadcast(broadcast).to_frame(), frame);
}

/// FTSAFE-05, FTLINK-27: a header that is cut is malformed, and an unknown flag is an unknown type.
#[test]
fn headers_that_are_cut_and_flags_of_no_meaning() {
    for len in 0..13 {
        let frame = Frame { kind: Kind(0x800a), payload: vec![0; len].into() };
        assert_eq!(rule(Message::parse(&frame, Side::Across)), "FTSAFE-05");
    }
    let frame = Frame { kind: Kind(0x400a), payload: Bytes::from_static(b"x") };
    assert!(matches!(Message::parse(&frame, Side::Across), Ok(Message::Open { .. })));
}
