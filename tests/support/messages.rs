//! Messages that neighbours send. They come from next door: their hops are 0.

use std::net::Ipv4Addr;

use bytes::{Bytes, BytesMut};
use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::{
    ExtensionArea, Frame, Function, GgepArea, Guid, Push, QueryHit, Record,
};

/// The servent whose files are in most hits.
pub const SERVENT: Guid = Guid([3; 16]);

/// A GUID made of a number.
pub fn guid(number: u32) -> Guid {
    let mut guid = [9; 16];
    guid[..4].copy_from_slice(&number.to_le_bytes());
    Guid(guid)
}

pub fn frame(guid: Guid, function: Function, ttl: u8, payload: impl Into<Bytes>) -> Frame {
    Frame { guid, function, ttl, hops: 0, size_flags: None, payload: payload.into() }
}

/// A query that says nothing of who asks.
pub fn query(guid: Guid, ttl: u8, words: &str) -> Frame {
    frame(guid, Function::QUERY, ttl, format!("\0\0{words}\0"))
}

/// A hit with so many results of this name.
pub fn hit(guid: Guid, results: u32, name: &str) -> Frame {
    hit_of(SERVENT, guid, results, name)
}

/// The same of another servent.
pub fn hit_of(servent: Guid, guid: Guid, results: u32, name: &str) -> Frame {
    let record = |index| Record {
        index,
        size: 7,
        name: Bytes::copy_from_slice(name.as_bytes()),
        extensions: ExtensionArea::new(Bytes::new(), Place::Record),
    };
    let (address, records) = (Ipv4Addr::new(9, 9, 9, 9), (0..results).map(record).collect());
    let hit = QueryHit { port: 6346, address, speed: 0, records, trailer: None, servent };
    let mut payload = BytesMut::new();
    hit.encode(&mut payload);
    frame(guid, Function::QUERY_HIT, 3, payload)
}

/// A hit as far as a link looks at it: so many bytes of this value.
pub fn filled_hit(number: u8, len: usize) -> Frame {
    frame(Guid([number; 16]), Function::QUERY_HIT, 3, vec![number; len])
}

/// A push for a servent, that wants a connection to this host.
pub fn push(guid: Guid, servent: Guid, address: Ipv4Addr) -> Frame {
    let extensions = GgepArea::new(Bytes::new(), Place::Push);
    let mut payload = BytesMut::new();
    Push { servent, index: 1, address, port: 6346, extensions }.encode(&mut payload);
    frame(guid, Function::PUSH, 3, payload)
}

/// A patch of a query table out of its order (QRP-06).
pub fn broken_table() -> Frame {
    let payload = Bytes::from_static(b"\x01\x02\x01\x01\x04zzz");
    frame(Guid([1; 16]), Function::QUERY_TABLE, 1, payload)
}
