//! Answers to queries of others, from our own files.

use std::net::Ipv4Addr;

use bytes::{Bytes, BytesMut};

use super::{Output, Servent};
use crate::base::limits::{
    ANSWER_RECORDS_MAX, ANSWERS_MAX, QUERY_FORWARDED_LEN_MAX, QUERY_HIT_FORWARDED_LEN_MAX,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::base::urn::Urn;
use crate::gnutella::flow::Class;
use crate::gnutella::router::Onward;
use crate::gnutella::wire::ggep::{Oversize, Place, Value, Writer};
use crate::gnutella::wire::{
    AreaWriter, Frame, Function, Query, QueryHit, Record, Trailer, TrailerFlags, VendorCode,
};
use crate::index::postings::{File, FileId};

/// The size that a record gives where the file is larger, beside GGEP LF (HIT-11).
const SIZE_IN_LF: u32 = u32::MAX;

/// Looks at words that cost about a microsecond together.
const LOOKS_A_UNIT: u32 = 8;

impl Servent {
    /// Sends what we have back to where the query came from.
    pub(super) fn answer(&mut self, slot: Slot, frame: &Frame, query: &Query, now: Time) {
        // What nobody would send on is not worth the work either (SIZE-02).
        if self.files.is_empty() || frame.payload.len() > QUERY_FORWARDED_LEN_MAX {
            return;
        }
        let (found, looks) = self.find(query);
        // Whoever asks what is dear to find has less left for what it asks next.
        self.admission.charge(slot, looks.div_ceil(LOOKS_A_UNIT), now);
        if found.is_empty() {
            return;
        }
        let (mut results, mut hits) = (0_u32, Vec::new());
        for batch in found.chunks(ANSWER_RECORDS_MAX) {
            let records: Vec<Record> =
                batch.iter().filter_map(|id| Some(record(*id, self.files.get(*id)?))).collect();
            results = results.saturating_add(u32::try_from(records.len()).unwrap_or(u32::MAX));
            hits.push(self.hit_of(records));
        }
        let Onward { ttl, hops } = self.settings.ttl.answering(frame.hops);
        for payload in hits {
            let (guid, function) = (frame.guid, Function::QUERY_HIT);
            let hit = Frame { guid, function, ttl, hops, size_flags: None, payload };
            self.push(slot, Class::Hit, hit, None, now);
        }
        self.out.push_back(Output::Answered { guid: frame.guid, results });
    }

    /// Our files that answer a query, and how many looks at words and files it took to find them.
    fn find(&self, query: &Query) -> (Vec<FileId>, u32) {
        let (mut found, mut looks) = (Vec::new(), 0_u32);
        let wanted = usize::from(query.flags.max_hits());
        let limit = if wanted == 0 { ANSWERS_MAX } else { wanted.min(ANSWERS_MAX) };
        for urn in query.extensions.urns() {
            if let Some(sha1) = urn.sha1() {
                looks = looks.saturating_add(self.files.with_sha1(sha1, limit, &mut found));
            }
        }
        if found.is_empty()
            && let Ok(text) = std::str::from_utf8(&query.text)
        {
            looks = looks.saturating_add(self.files.search(text, limit, &mut found));
        }
        found.truncate(limit);
        (found, looks)
    }

    fn hit_of(&self, records: Vec<Record>) -> Bytes {
        let listen = self.listen_v4();
        let (port, address) = listen.map_or((0, Ipv4Addr::UNSPECIFIED), |at| (at.port(), *at.ip()));
        let flags = TrailerFlags::new(!self.is_reachable(), false);
        let open = Bytes::copy_from_slice(&flags.0);
        let trailer = Trailer { vendor: VendorCode::FILBERT, open, private: Bytes::new() };
        let (speed, servent) = (0, self.guid);
        let mut hit = QueryHit { port, address, speed, records, trailer: Some(trailer), servent };
        // Names are up to their owners: what would be too long for others to forward is left out.
        while encoded_len(&hit) > QUERY_HIT_FORWARDED_LEN_MAX && hit.records.len() > 1 {
            hit.records.pop();
        }
        let mut payload = BytesMut::new();
        hit.encode(&mut payload);
        payload.freeze()
    }
}

/// A file as a record: its URN is said as text, which everybody reads (HIT-31).
fn record(id: FileId, file: &File) -> Record {
    let mut extensions = AreaWriter::new();
    if let Some(sha1) = &file.sha1 {
        extensions.put_urn(&Urn::Sha1(*sha1));
    }
    let size = u32::try_from(file.size).ok().filter(|size| *size != SIZE_IN_LF);
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

fn encoded_len(hit: &QueryHit) -> usize {
    let mut payload = BytesMut::new();
    hit.encode(&mut payload);
    payload.len()
}
