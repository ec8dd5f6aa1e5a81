//! Whoever has files, as its hits say it.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use bytes::{Bytes, BytesMut};

use crate::base::limits::QUERY_HIT_FORWARDED_LEN_MAX;
use crate::base::urn::Urn;
use crate::gnutella::wire::ggep::{Oversize, Place, Value, Writer};
use crate::gnutella::wire::{
    AreaWriter, Guid, QueryHit, Record, Trailer, TrailerFlags, VendorCode,
};
use crate::index::files::{File, FileId, FileView};

/// The size that a record gives where the file is larger, beside GGEP LF (HIT-11).
const SIZE_IN_LF: u32 = u32::MAX;

/// The largest size that stands in a record itself: others take more for a negative number.
const RECORD_SIZE_MAX: u32 = u32::MAX >> 1;

/// Whoever has files: a node, or a leaf that it answers for.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    pub(super) listen: Option<SocketAddrV4>,
    pub(super) servent: Guid,
    /// It may have to be pushed.
    pub(super) is_firewalled: bool,
    /// GGEP blocks of the trailer.
    pub(super) private: Bytes,
}

impl Holder {
    /// A leaf that takes connections there, as it says.
    pub(super) fn of_leaf(servent: Guid, listen: Option<SocketAddr>) -> Self {
        let listen =
            listen.and_then(|at| if let SocketAddr::V4(at) = at { Some(at) } else { None });
        // Only the leaf knows whether it is reached; a push finds it in either case.
        Self { listen, servent, is_firewalled: true, private: Bytes::new() }
    }

    /// An answer of it. Names are up to their owners: what would be too long for others to forward is
    /// left out.
    pub(super) fn hit(&self, records: Vec<Record>) -> QueryHit {
        let nowhere = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        let listen = self.listen.unwrap_or(nowhere);
        let (port, address) = (listen.port(), *listen.ip());
        let flags = TrailerFlags::new(self.is_firewalled, false);
        let flags = if self.private.is_empty() { flags } else { flags.with_ggep() };
        let (open, private) = (Bytes::copy_from_slice(&flags.0), self.private.clone());
        let trailer = Some(Trailer { vendor: VendorCode::FILBERT, open, private });
        let servent = self.servent;
        let mut hit = QueryHit { port, address, speed: 0, records, trailer, servent };
        while payload_of(&hit).len() > QUERY_HIT_FORWARDED_LEN_MAX && hit.records.len() > 1 {
            hit.records.pop();
        }
        hit
    }
}

/// Whether a file can be named in a hit (HIT-13): whoever cannot read one name drops all others with it.
pub(super) fn has_bare_name(file: &File) -> bool {
    let is_bare = |c: char| c != '/' && !c.is_control();
    !file.name.is_empty() && file.name.chars().all(is_bare)
}

/// A hit as it is sent.
pub(super) fn payload_of(hit: &QueryHit) -> Bytes {
    let mut payload = BytesMut::new();
    hit.encode(&mut payload);
    payload.freeze()
}

/// A file as a record: its URN is said as text, which everybody reads (HIT-31).
pub(super) fn record(id: FileId, file: FileView<'_>) -> Record {
    let mut extensions = AreaWriter::new();
    if let Some(sha1) = file.sha1 {
        extensions.put_urn(&Urn::Sha1(sha1));
    }
    let size = u32::try_from(file.size).ok().filter(|size| *size <= RECORD_SIZE_MAX);
    if size.is_none() {
        extensions.put_block(&large_size(file.size));
    }
    Record {
        index: id.0,
        size: size.unwrap_or(SIZE_IN_LF),
        name: Bytes::copy_from_slice(file.name.as_bytes()),
        extensions: extensions.finish(Place::Record),
    }
}

fn large_size(size: u64) -> Bytes {
    let mut writer = Writer::new();
    // Eight bytes are never too many.
    let _: Result<&mut Writer, Oversize> =
        writer.put_value("LF", Place::Record, &Value::Number(size));
    writer.finish()
}
