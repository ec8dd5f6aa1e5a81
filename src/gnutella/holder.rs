//! Whoever has files, as its hits say it: those that answer a query, and those of which the list of all its
//! files is made.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use bytes::{Bytes, BytesMut};

use crate::base::limits::{ANSWER_RECORDS_MAX, QUERY_HIT_FORWARDED_LEN_MAX, RECORD_SOURCES_MAX};
use crate::base::mutant::mutant;
use crate::base::ranges::RangeSet;
use crate::base::urn::Urn;
use crate::gnutella::wire::ggep::{Oversize, Place, Value, Writer, blocks};
use crate::gnutella::wire::{
    AreaWriter, Guid, HEADER_LEN, QueryHit, Record, Trailer, TrailerFlags, VendorCode,
};
use crate::index::files::{FileId, FileView};

/// The size that a record gives where the file is larger, beside GGEP LF (HIT-11).
const SIZE_IN_LF: u32 = u32::MAX;

/// The largest size that stands in a record itself: others take more for a negative number.
const RECORD_SIZE_MAX: u32 = u32::MAX >> 1;

/// What our hits say of us beside our files (HIT-18).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serving {
    /// All slots are taken: whoever asks for a file has to wait.
    pub is_busy: bool,
    /// A file was uploaded to its end.
    pub has_uploaded: bool,
    /// What uploads were measured to bring, in kbit/s.
    pub speed_kbits: Option<u32>,
    /// Whoever asks gets a list of our files (GGEP-35).
    pub lists_files: bool,
    /// Connections for files may begin with TLS (GGEP-79).
    pub takes_tls: bool,
}

/// A node of our own, as it is reached.
#[derive(Clone, Debug, Default)]
pub struct Own {
    pub servent: Guid,
    pub listen: Option<SocketAddr>,
    /// It is known that connections come.
    pub is_reached: bool,
    /// Who takes pushes for it.
    pub proxies: Vec<SocketAddr>,
    pub serving: Serving,
}

/// Whoever has files: a node, or a leaf that it answers for.
#[derive(Clone, Debug)]
pub struct Holder {
    listen: Option<SocketAddrV4>,
    servent: Guid,
    /// It may have to be pushed.
    is_firewalled: bool,
    /// What else it says of itself; nobody knows that of a leaf.
    serving: Option<Serving>,
    /// GGEP blocks of the trailer.
    private: Bytes,
}

impl Holder {
    /// We ourselves; a token goes with those hits for which somebody has given one.
    pub fn ours(own: &Own, token: &[u8]) -> Self {
        Self {
            listen: own.listen.and_then(v4),
            servent: own.servent,
            is_firewalled: !own.is_reached,
            serving: Some(own.serving),
            private: told_beside(own, token),
        }
    }

    /// A leaf that takes connections there, as it says.
    pub fn of_leaf(servent: Guid, listen: Option<SocketAddr>) -> Self {
        let listen = listen.and_then(v4);
        // Only the leaf knows whether it is reached; a push finds it in either case.
        Self { listen, servent, is_firewalled: true, serving: None, private: Bytes::new() }
    }

    /// An answer of it. Names are up to their owners: what would be too long for others to forward is
    /// left out.
    pub fn hit(&self, records: Vec<Record>) -> QueryHit {
        let nowhere = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        let listen = self.listen.unwrap_or(nowhere);
        let (port, address) = (listen.port(), *listen.ip());
        let port = if mutant!(SaysPortsBackwards) { port.swap_bytes() } else { port };
        let flags = self.flags();
        let (open, private) = (Bytes::copy_from_slice(&flags.0), self.private.clone());
        let trailer = Some(Trailer { vendor: VendorCode::FILBERT, open, private });
        let servent = if mutant!(ForgetsGuidOfHits) { Guid::ZERO } else { self.servent };
        let speed = self.serving.and_then(|serving| serving.speed_kbits).unwrap_or(0);
        let mut hit = QueryHit { port, address, speed, records, trailer, servent };
        while payload_of(&hit).len() > QUERY_HIT_FORWARDED_LEN_MAX && hit.records.len() > 1 {
            hit.records.pop();
        }
        hit
    }

    /// Bytes of a message without its records.
    pub fn head_len(&self) -> usize {
        payload_of(&self.hit(Vec::new())).len().saturating_add(HEADER_LEN)
    }

    fn flags(&self) -> TrailerFlags {
        let is_busy = self.serving.is_some_and(|serving| serving.is_busy);
        let mut flags = TrailerFlags::new(self.is_firewalled, is_busy);
        if let Some(serving) = self.serving {
            flags = flags.with_uploaded(serving.has_uploaded);
            if serving.speed_kbits.is_some() {
                flags = flags.with_measured_speed();
            }
        }
        if self.private.is_empty() { flags } else { flags.with_ggep() }
    }
}

/// A token (OOB-03), and where pushes for us can be left, as long as we are not known to be reached
/// (HIT-33); and what we do for others.
fn told_beside(own: &Own, token: &[u8]) -> Bytes {
    let mut writer = Writer::new();
    let mut put = |id, value| {
        // A few addresses are never too long, nor is a token.
        let _: Result<&mut Writer, Oversize> = writer.put_value(id, Place::Trailer, &value);
    };
    if !token.is_empty() {
        put("SO", Value::Token(token.to_vec()));
    }
    let proxies: Vec<_> = own.proxies.iter().copied().filter_map(v4).collect();
    if !own.is_reached && !proxies.is_empty() {
        put("PUSH", Value::Addresses(proxies));
    }
    if own.serving.takes_tls {
        put("TLS", Value::Mark);
    }
    if own.serving.lists_files {
        put("BH", Value::Mark);
    }
    writer.finish()
}

const fn v4(at: SocketAddr) -> Option<SocketAddrV4> {
    match at {
        SocketAddr::V4(at) => Some(at),
        SocketAddr::V6(_) => None,
    }
}

/// Hits with as many records each as make a message of no more than so many bytes, and at least one.
pub fn packed(holder: &Holder, records: Vec<Record>, len_max: usize) -> Vec<Bytes> {
    let head_len = holder.head_len();
    let (mut hits, mut batch, mut len) = (Vec::new(), Vec::new(), head_len);
    for record in records {
        let record_len = record.wire_len();
        let is_full = batch.len() >= ANSWER_RECORDS_MAX || len.saturating_add(record_len) > len_max;
        if is_full && !batch.is_empty() {
            hits.push(payload_of(&holder.hit(std::mem::take(&mut batch))));
            len = head_len;
        }
        len = len.saturating_add(record_len);
        batch.push(record);
    }
    if !batch.is_empty() {
        hits.push(payload_of(&holder.hit(batch)));
    }
    hits
}

/// A hit as it is sent.
pub fn payload_of(hit: &QueryHit) -> Bytes {
    let mut payload = BytesMut::new();
    hit.encode(&mut payload);
    payload.freeze()
}

/// What a record says beside the file itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// Whoever asked reads GGEP H (QUERY-08).
    pub takes_h: bool,
    /// Who has the file too (HIT-36).
    pub sources: &'a [SocketAddrV4],
    /// What is here of it, where that is not all (HIT-39).
    pub available: Option<&'a RangeSet>,
}

/// A file as a record. Its URN is said as text, which everybody reads (HIT-31), unless whoever asked reads
/// GGEP H.
pub fn record(id: FileId, file: FileView<'_>, said: Said<'_>) -> Record {
    let mut extensions = AreaWriter::new();
    if let Some(sha1) = file.sha1.filter(|_| !said.takes_h) {
        extensions.put_urn(&Urn::Sha1(sha1));
    }
    let size = u32::try_from(file.size).ok().filter(|size| *size <= RECORD_SIZE_MAX);
    extensions.put_block(&block(file, size.is_none(), said));
    Record {
        index: id.0,
        size: size.unwrap_or(SIZE_IN_LF),
        name: Bytes::copy_from_slice(file.name.as_bytes()),
        extensions: extensions.finish(Place::Record),
    }
}

/// The GGEP block of a record.
fn block(file: FileView<'_>, is_large: bool, said: Said<'_>) -> Bytes {
    let mut writer = Writer::new();
    let mut put = |id: &str, value: Option<Value>| {
        if let Some(value) = value {
            // None of these is ever too long.
            let _: Result<&mut Writer, Oversize> = writer.put_value(id, Place::Record, &value);
        }
    };
    let FileView { sha1, tiger_root, .. } = file;
    if said.takes_h {
        put("H", sha1.map(|sha1| Value::Hash(bitprint(sha1, tiger_root))));
    } else {
        put(
            "TT",
            tiger_root.filter(|_| sha1.is_some()).map(|root| Value::Urn(Urn::TigerTree(root))),
        );
    }
    put("LF", is_large.then_some(Value::Number(file.size)));
    let sources = said.sources.get(..RECORD_SOURCES_MAX).unwrap_or(said.sources);
    put("ALT", (!sources.is_empty()).then(|| Value::Addresses(sources.to_vec())));
    if let Some(available) = said.available {
        let nodes = blocks::nodes_of(file.size, available);
        put("PR0", nodes.iter().all(Option::is_none).then_some(Value::Mark));
        blocks::IDS.into_iter().zip(nodes).for_each(|(id, nodes)| put(id, nodes));
    }
    put("CT", file.modified_s.filter(|at| *at > 0).map(|at| Value::Number(at.into())));
    writer.finish()
}

const fn bitprint(sha1: [u8; 20], tiger_root: Option<[u8; 24]>) -> Urn {
    match tiger_root {
        Some(tiger_tree) => Urn::Bitprint { sha1, tiger_tree },
        None => Urn::Sha1(sha1),
    }
}
