//! Messages of values that nobody chose.

use std::net::Ipv4Addr;

use bytes::Bytes;
use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::{
    ExtensionArea, Function, GgepArea, Guid, Message, Pong, Push, Query, QueryFlags, QueryHit,
    Record, Trailer, VendorCode,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A message that tshark knows well, with its function.
pub(crate) fn any_message() -> impl Strategy<Value = (Function, Message)> {
    prop_oneof![any_pong(), any_push(), any_query(), any_hit()]
}

fn without_nul(len_max: usize) -> impl Strategy<Value = Bytes> {
    vec(1_u8.., 0..=len_max).prop_map(Bytes::from)
}

fn printable(len_max: usize) -> impl Strategy<Value = Bytes> {
    let printable = prop_oneof![Just(b' '), b'0'..=b'9', b'a'..=b'z', 0xa0_u8..];
    vec(printable, 0..=len_max).prop_map(Bytes::from)
}

fn any_bytes(len_max: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..=len_max).prop_map(Bytes::from)
}

fn any_pong() -> impl Strategy<Value = (Function, Message)> {
    let fields = (any::<u16>(), any::<Ipv4Addr>(), any::<u32>(), any::<u32>(), any_bytes(40));
    fields.prop_map(|(port, address, files, kib, tail)| {
        let extensions = GgepArea::new(tail, Place::Pong);
        (Function::PONG, Message::Pong(Pong { port, address, files, kib, extensions }))
    })
}

fn any_push() -> impl Strategy<Value = (Function, Message)> {
    let fields = (any::<[u8; 16]>(), any::<u32>(), any::<Ipv4Addr>(), any::<u16>(), any_bytes(40));
    fields.prop_map(|(servent, index, address, port, tail)| {
        let extensions = GgepArea::new(tail, Place::Push);
        let push = Push { servent: Guid(servent), index, address, port, extensions };
        (Function::PUSH, Message::Push(push))
    })
}

fn any_query() -> impl Strategy<Value = (Function, Message)> {
    (any::<[u8; 2]>(), printable(60), any_bytes(40)).prop_map(|(flags, text, area)| {
        let extensions = ExtensionArea::new(area, Place::Query);
        let query = Query { flags: QueryFlags(flags), text, extensions };
        (Function::QUERY, Message::Query(query))
    })
}

fn any_hit() -> impl Strategy<Value = (Function, Message)> {
    let record = (any::<u32>(), any::<u32>(), printable(40), without_nul(30));
    let record = record.prop_map(|(index, size, name, area)| {
        let extensions = ExtensionArea::new(area, Place::Record);
        Record { index, size, name, extensions }
    });
    let trailer = (any::<[u8; 4]>(), any_bytes(3), any_bytes(40));
    let trailer = trailer.prop_map(|(vendor, open, private)| Trailer {
        vendor: VendorCode(vendor),
        open,
        private,
    });
    let fields = (any::<u16>(), any::<Ipv4Addr>(), any::<u32>(), any::<[u8; 16]>());
    (fields, vec(record, 0..=10), proptest::option::of(trailer)).prop_map(
        |((port, address, speed, servent), records, trailer)| {
            let servent = Guid(servent);
            let hit = QueryHit { port, address, speed, records, trailer, servent };
            (Function::QUERY_HIT, Message::QueryHit(hit))
        },
    )
}
