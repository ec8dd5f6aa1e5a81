//! Every frame of real programs in `tests/fixtures/frames`: decoded, looked at with care, and
//! encoded again. What stands in their extensions is looked at in `real_extensions.rs`.
//!
//! gtk-gnutella, LimeWire, GnutellaBun, Phex and FrostWire sent them. The probes among the senders
//! (198.51.100.x) broke rules to see what gtk-gnutella does then; what they broke is listed here,
//! and a list that says too much fails as well as one that says too little.

use std::collections::{BTreeMap, BTreeSet};

use bytes::BytesMut;
use filbert::base::error::Faults;
use filbert::gnutella::wire::{Frame, Message};

use crate::support::frames::{self, RealFrame, Transport, print_counts};

/// What a probe broke on purpose: the frame, the requirement, and what for.
const BREACHES: [(&str, &str, &str); 3] = [
    (
        "gtkg-deflate tcp 198.51.100.40:59891>203.0.113.10:6346 #1",
        "QRP-03",
        "a table of 10,000 slots, which gtk-gnutella answers with Bye 413",
    ),
    (
        "gtkg-deflate tcp 198.51.100.41:44195>203.0.113.10:6346 #1",
        "SIZE-02",
        "the next breach includes this one",
    ),
    (
        "gtkg-deflate tcp 198.51.100.41:44195>203.0.113.10:6346 #1",
        "SIZE-03",
        "a query of over 1,024 bytes, which gtk-gnutella answers with Bye 400",
    ),
];

/// How many frames of each function each transport carried: TCP, deflated TCP, UDP, semi-reliable
/// UDP, browse.
const FRAMES: [(&str, [usize; 5]); 8] = [
    ("bye", [10, 12, 0, 0, 0]),
    ("hsep", [40, 8, 0, 0, 0]),
    ("ping", [106, 14, 12, 0, 0]),
    ("pong", [124, 26, 7, 0, 0]),
    ("query", [46, 12, 0, 0, 0]),
    ("query_hit", [15, 6, 0, 2, 2]),
    ("query_table", [39, 18, 0, 0, 0]),
    ("vendor", [56, 20, 48, 4, 0]),
];

/// How often each vendor message was sent.
const VENDOR_MESSAGES: [(&str, usize); 13] = [
    ("BEAR/12v1 query_status", 7),
    ("GTKG/10v1 time_sync_reply", 24),
    ("GTKG/7v1 udp_connect_back", 2),
    ("GTKG/9v1 time_sync_request", 24),
    ("LIME/11v3 out_of_band_claim", 2),
    ("LIME/12v3 out_of_band_indication", 2),
    ("LIME/13v1 out_of_band_veto", 1),
    ("LIME/21v1 push_proxy_request", 1),
    ("LIME/21v2 push_proxy_request", 1),
    ("LIME/22v2 push_proxy_acknowledgement", 2),
    ("null/0v0 messages_supported", 31),
    ("null/10v0 capabilities", 26),
    ("null/10v1 capabilities", 5),
];

/// FRAME-01, FRAME-02, FRAME-07, QUERY-01, HIT-01, PING-01, PONG-01, BYE-01, HSEP-01, QRP-02,
/// QRP-05, VMSG-01
#[test]
fn every_frame_is_encoded_to_the_bytes_it_was_decoded_from() {
    for real in frames::all() {
        let (frame, message) = (real.frame(), real.message());
        assert_eq!(message.to_bytes(), frame.payload, "{real}: {message}");
        let mut out = BytesMut::new();
        if real.is_datagram() {
            real.datagram().encode(&mut out);
        } else {
            frame.encode(&mut out);
        }
        assert_eq!(out, real.bytes, "{real}");
    }
}

/// FRAME-05, FRAME-06: all that one side sent, in pieces that know nothing of frames.
#[test]
fn every_stream_falls_apart_into_its_frames() {
    let mut streams: BTreeMap<_, Vec<RealFrame>> = BTreeMap::new();
    for real in frames::all().into_iter().filter(|real| !real.is_datagram()) {
        let direction = (real.capture.clone(), real.source.clone(), real.destination.clone());
        streams.entry(direction).or_default().push(real);
    }
    assert_eq!(streams.len(), 57, "directions");
    for frames in streams.values() {
        let sent: Vec<u8> = frames.iter().flat_map(|real| real.bytes.clone()).collect();
        let (mut stream, mut seen) = (BytesMut::new(), Vec::new());
        for piece in sent.chunks(37) {
            stream.extend_from_slice(piece);
            while let Some(frame) = Frame::take_from(&mut stream).unwrap() {
                seen.push(frames::encoded(&frame));
            }
        }
        assert!(stream.is_empty(), "{}", frames[0]);
        assert!(seen.iter().eq(frames.iter().map(|real| &real.bytes)), "{}", frames[0]);
    }
}

#[test]
fn nothing_is_wrong_but_what_probes_broke_on_purpose() {
    let found: BTreeSet<_> = frames::all().iter().flat_map(breaches).collect();
    let listed = BREACHES.map(|(frame, rule, _)| (frame.to_owned(), rule.to_owned()));
    let listed = BTreeSet::from(listed);
    let unlisted: Vec<_> = found.difference(&listed).collect();
    assert!(unlisted.is_empty(), "breaches that are not listed: {unlisted:#?}");
    let needless: Vec<_> = listed.difference(&found).collect();
    assert!(needless.is_empty(), "listed, but not broken: {needless:#?}");
}

#[test]
fn no_frame_was_lost() {
    let mut counts: BTreeMap<String, BTreeMap<Transport, usize>> = BTreeMap::new();
    for real in frames::all() {
        let kind = counts.entry(real.frame().function.name().to_owned()).or_default();
        *kind.entry(real.transport).or_default() += 1;
    }
    print_counts("frames", counts.iter().map(|(name, by)| (name, by.values().sum())));
    let transports = [
        Transport::Tcp,
        Transport::TcpDeflate,
        Transport::Udp,
        Transport::UdpReliable,
        Transport::Browse,
    ];
    let count = |by: &BTreeMap<_, _>, transport| by.get(transport).copied().unwrap_or(0);
    let counted: Vec<_> = counts
        .iter()
        .map(|(name, by)| (name.as_str(), transports.each_ref().map(|each| count(by, each))))
        .collect();
    assert_eq!(counted, FRAMES);
}

/// VMSG-04: what is unknown would have no name.
#[test]
fn every_vendor_message_is_understood() {
    let mut counts = BTreeMap::new();
    for real in frames::all() {
        if let Message::Vendor(vendor) = real.message() {
            let name = vendor.message().unwrap_or_else(|| panic!("{real}: {vendor}"));
            *counts.entry(format!("{} {name}", vendor.id)).or_insert(0) += 1;
        }
    }
    print_counts("vendor messages", counts.iter().map(|(name, count)| (name, *count)));
    let counted: Vec<_> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(counted, VENDOR_MESSAGES);
}

/// The requirements that a frame breaks, on its own and by what it carries.
fn breaches(real: &RealFrame) -> Vec<(String, String)> {
    let (mut faults, frame) = (Faults::new(), real.frame());
    match real.transport {
        Transport::Udp | Transport::UdpReliable => real.datagram().inspect(&mut faults),
        Transport::Tcp | Transport::TcpDeflate | Transport::Browse => frame.inspect(&mut faults),
    }
    real.message().inspect(&mut faults);
    let rules = faults.as_slice().iter().map(|fault| fault.rule.id().to_owned());
    rules.map(|rule| (real.to_string(), rule)).collect()
}
