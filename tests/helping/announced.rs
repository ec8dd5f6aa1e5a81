//! What neighbours say they can do, what we say, and what follows from it.

#[allow(dead_code, reason = "each test file uses a part")]
use bytes::Bytes;
use filbert::base::error::Faults;
use filbert::base::slots::Slot;
use filbert::gnutella::announced::{Abilities, Announced};
use filbert::gnutella::wire::vendor::{
    Body, Capabilities, Capability, HopsFlow, MessageId, MessagesSupported,
};
use filbert::gnutella::wire::{Function, Guid, Vendor, VendorCode};

use crate::support::flow::slots;

/// A neighbour that has just come.
fn neighbour() -> (Announced, Slot) {
    let (mut announced, slot) = (Announced::new(), slots(1)[0]);
    announced.open(slot);
    (announced, slot)
}

fn messages(ids: &[([u8; 4], u16, u16)]) -> Vendor {
    let id = |(vendor, selector, version)| MessageId::new(VendorCode(vendor), selector, version);
    let messages = ids.iter().copied().map(id).collect();
    let body = Body::MessagesSupported(MessagesSupported { messages });
    Vendor::new(MessageId::MESSAGES_SUPPORTED, body)
}

fn capabilities(list: &[(&[u8; 4], u16)]) -> Vendor {
    let entry = |&(name, version): &(&[u8; 4], u16)| Capability { name: *name, version };
    let capabilities = list.iter().map(entry).collect();
    let body = Body::Capabilities(Capabilities { capabilities, wide: None });
    Vendor::new(MessageId::CAPABILITIES_V1, body)
}

fn hops_flow(hops: u8) -> Vendor {
    Vendor::new(MessageId::HOPS_FLOW, Body::HopsFlow(HopsFlow { hops }))
}

/// What LimeWire 5.6 lists.
const OF_LIMEWIRE: &[([u8; 4], u16, u16)] = &[
    (*b"LIME", 8, 1),
    (*b"LIME", 21, 1),
    (*b"LIME", 25, 1),
    (*b"LIME", 6, 1),
    (*b"LIME", 13, 1),
    (*b"LIME", 7, 1),
    (*b"LIME", 33, 1),
    (*b"BEAR", 7, 1),
    (*b"BEAR", 4, 1),
    (*b"BEAR", 11, 1),
    (*b"GTKG", 7, 2),
];

/// VMSG-06
#[test]
fn what_a_neighbour_lists_is_what_it_can() {
    let (mut announced, slot) = neighbour();
    assert_eq!(announced.abilities(slot), Abilities::default());
    assert!(announced.receive(slot, &messages(OF_LIMEWIRE)));
    let expected = [
        Abilities::HOPS_FLOW,
        Abilities::TCP_CONNECT_BACK,
        Abilities::QUERY_STATUS_REQUEST,
        Abilities::UDP_CONNECT_BACK_V2,
        Abilities::TCP_CONNECT_BACK_REDIRECT,
        Abilities::UDP_CONNECT_BACK_REDIRECT,
        Abilities::OUT_OF_BAND_VETO,
        Abilities::PUSH_PROXY_REQUEST,
        Abilities::HEADER_UPDATE,
    ];
    let expected = expected.into_iter().fold(Abilities::default(), Abilities::and);
    assert_eq!(announced.abilities(slot), expected);
}

#[test]
fn another_version_is_another_message() {
    let (mut announced, slot) = neighbour();
    announced.receive(slot, &messages(&[(*b"BEAR", 4, 2), (*b"bear", 4, 1), (*b"LIME", 22, 1)]));
    assert_eq!(announced.abilities(slot), Abilities::default());
    announced.receive(slot, &messages(&[(*b"LIME", 21, 2), (*b"LIME", 22, 2)]));
    let both = Abilities::PUSH_PROXY_REQUEST.and(Abilities::PUSH_PROXY_ACKNOWLEDGEMENT);
    assert_eq!(announced.abilities(slot), both);
}

/// VMSG-50: LimeWire sends them anew when something changed, and may send the same twice.
#[test]
fn a_later_list_replaces_the_one_before_and_leaves_the_other_kind_alone() {
    let (mut announced, slot) = neighbour();
    announced.receive(slot, &messages(&[(*b"BEAR", 4, 1), (*b"BEAR", 7, 1)]));
    announced.receive(slot, &capabilities(&[(b"TLS!", 1), (b"HSEP", 1)]));
    announced.receive(slot, &capabilities(&[(b"TLS!", 1), (b"HSEP", 1)]));
    let messages_of_it = Abilities::HOPS_FLOW.and(Abilities::TCP_CONNECT_BACK);
    let all = messages_of_it.and(Abilities::TLS).and(Abilities::HORIZON);
    assert_eq!(announced.abilities(slot), all);
    announced.receive(slot, &capabilities(&[(b"TLS!", 0), (b"WHAT", 1), (b"XXXX", 9)]));
    assert_eq!(announced.abilities(slot), messages_of_it.and(Abilities::WHATS_NEW));
    announced.receive(slot, &messages(&[(*b"BEAR", 7, 1)]));
    let left = Abilities::TCP_CONNECT_BACK.and(Abilities::WHATS_NEW);
    assert_eq!(announced.abilities(slot), left);
    for name in [b"ADHT", b"PDHT", b"LDHT"] {
        announced.receive(slot, &capabilities(&[(name, 2)]));
        assert!(announced.abilities(slot).contain(Abilities::DHT));
    }
}

/// VMSG-46, VMSG-48, VMSG-49: it is the first thing that is said, and it is what we understand.
#[test]
fn a_neighbour_is_greeted_with_what_we_understand() {
    let ours = Abilities::OURS.and(Abilities::UDP_CONNECT_BACK).and(Abilities::TLS);
    let mut frames = Vec::new();
    ours.greet(&mut frames);
    let decoded: Vec<_> = frames.iter().map(|f| Vendor::decode(&f.payload).unwrap()).collect();
    assert_eq!(decoded[0].id, MessageId::MESSAGES_SUPPORTED);
    assert_eq!(decoded[1].id, MessageId::CAPABILITIES_V0);
    for (frame, message) in frames.iter().zip(&decoded) {
        assert_eq!((frame.function, frame.ttl, frame.hops), (Function::VENDOR, 1, 0));
        assert_eq!((frame.guid, message.rest.is_empty()), (Guid::ZERO, true));
        let mut faults = Faults::new();
        frame.inspect(&mut faults);
        message.inspect(&mut faults);
        assert!(faults.is_empty());
    }
    let Body::MessagesSupported(list) = &decoded[0].body else { panic!() };
    assert!(list.contains(MessageId::HOPS_FLOW) && list.contains(MessageId::TCP_CONNECT_BACK));
    let null = list.messages.iter().filter(|id| id.vendor == VendorCode::NULL);
    assert_eq!(null.count(), 0, "what everybody understands is not listed");
    let mut once = list.messages.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), list.messages.len());
    // Who hears it knows what we said.
    let (mut announced, slot) = neighbour();
    for message in &decoded {
        assert!(announced.receive(slot, message));
    }
    assert_eq!(announced.abilities(slot), ours);
}

#[test]
fn we_list_what_we_are_set_up_for_and_nothing_else() {
    let list = |abilities: Abilities| {
        let frame = abilities.to_messages_supported();
        match Vendor::decode(&frame.payload).unwrap().body {
            Body::MessagesSupported(list) => list.messages,
            body => panic!("{body:?}"),
        }
    };
    assert_eq!(list(Abilities::HOPS_FLOW), [MessageId::HOPS_FLOW]);
    assert_eq!(list(Abilities::PUSH_PROXY_REQUEST), [MessageId::PUSH_PROXY_REQUEST_V1]);
    assert!(!list(Abilities::OURS).contains(&MessageId::TCP_CONNECT_BACK_REDIRECT));
    assert!(!list(Abilities::OURS).contains(&MessageId::UDP_CONNECT_BACK_V1));
    let without = Abilities::OURS.without(Abilities::HOPS_FLOW);
    assert_eq!(list(without).len() + 1, list(Abilities::OURS).len());
    // QUERY-31
    let news = Abilities::OURS.to_capabilities().unwrap();
    assert_eq!(news.payload[8..], *b"\x01\0WHAT\x01\0");
    assert_eq!(Abilities::OURS.without(Abilities::WHATS_NEW).to_capabilities(), None);
    assert_eq!(Abilities::DHT.to_capabilities(), None, "we would have to say which version");
}

/// VMSG-09
#[test]
fn a_neighbour_gets_the_queries_that_it_wants() {
    let (mut announced, slot) = neighbour();
    let mut wanted = |flow: Option<u8>| {
        flow.inspect(|&hops| assert!(announced.receive(slot, &hops_flow(hops))));
        [0, 1, 2, 3, 4, 5, 254, 255].map(|hops| announced.wants_query(slot, hops))
    };
    assert_eq!(wanted(None), [true; 8]);
    assert_eq!(wanted(Some(0)), [false; 8]);
    assert_eq!(wanted(Some(2)), [true, true, false, false, false, false, false, false]);
    assert_eq!(wanted(Some(5)), [true, true, true, true, true, false, false, false]);
    assert_eq!(wanted(Some(255)), [true; 8]);
}

/// VMSG-57
#[test]
fn a_neighbour_is_told_which_queries_we_want_once_and_if_it_understands() {
    let (mut announced, slot) = neighbour();
    assert_eq!(announced.tell_hops_flow(slot, 0), None, "it has not said that it understands");
    announced.receive(slot, &messages(&[(*b"BEAR", 4, 1)]));
    assert_eq!(announced.tell_hops_flow(slot, 255), None, "that is how it is anyway");
    let frame = announced.tell_hops_flow(slot, 0).unwrap();
    assert_eq!(Vendor::decode(&frame.payload), Ok(hops_flow(0)));
    assert_eq!(announced.tell_hops_flow(slot, 0), None);
    assert!(announced.tell_hops_flow(slot, 255).is_some());
}

#[test]
fn what_somebody_said_is_forgotten_with_it() {
    let (mut announced, slot) = neighbour();
    announced.receive(slot, &messages(OF_LIMEWIRE));
    announced.receive(slot, &hops_flow(0));
    announced.close(slot);
    assert!(!announced.receive(slot, &hops_flow(0)), "nobody is there");
    assert_eq!(announced.abilities(slot), Abilities::default());
    announced.open(slot);
    assert_eq!(announced.abilities(slot), Abilities::default());
    assert!(announced.wants_query(slot, 200));
}

#[test]
fn messages_about_other_things_are_left_to_others() {
    let (mut announced, slot) = neighbour();
    for (id, body) in [
        (MessageId::PUSH_PROXY_REQUEST_V1, Body::PushProxyRequest),
        (MessageId::QUERY_STATUS_REQUEST, Body::QueryStatusRequest),
        (MessageId::new(VendorCode(*b"BEAR"), 4, 2), Body::Open(Bytes::from_static(b"\x00"))),
    ] {
        assert!(!announced.receive(slot, &Vendor::new(id, body)));
    }
    assert!(announced.wants_query(slot, 7));
}
