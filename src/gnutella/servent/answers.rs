//! Answers to queries of others, from our own files.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use bytes::Bytes;

use super::holder::{Holder, payload_of, record};
use super::{Output, Servent};
use crate::base::limits::{ANSWER_RECORDS_MAX, ANSWERS_MAX, QUERY_FORWARDED_LEN_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::flow::Class;
use crate::gnutella::router::Onward;
use crate::gnutella::wire::ggep::{Oversize, Place, Value, Writer};
use crate::gnutella::wire::{Frame, Function, Guid, Query, Record};
use crate::index::files::{FileId, Kinds};

/// Looks at words that cost about a microsecond together.
const LOOKS_A_UNIT: u32 = 8;

/// A hit that goes by UDP, but for its GUID and its payload (UDP-04).
pub(super) const DATAGRAM_HIT: Frame = Frame {
    guid: Guid::ZERO,
    function: Function::QUERY_HIT,
    ttl: 1,
    hops: 0,
    size_flags: None,
    payload: Bytes::new(),
};

impl Servent {
    /// Sends what we have back to where the query came from.
    pub(super) fn answer(&mut self, slot: Slot, frame: &Frame, query: &Query, now: Time) {
        // What nobody would send on is not worth the work either (SIZE-02).
        if self.files.is_none() || frame.payload.len() > QUERY_FORWARDED_LEN_MAX {
            return;
        }
        let (found, looks) = self.find(query);
        self.charge_looks(slot, looks, now);
        if found.is_empty() || self.offer(frame, query, &found, now) {
            return;
        }
        let holder = self.own_holder(&[]);
        let (mut results, mut hits) = (0_u32, Vec::new());
        for batch in found.chunks(ANSWER_RECORDS_MAX) {
            let record = |id: &FileId| Some(record(*id, self.files.as_ref()?.get(*id)?));
            let records: Vec<Record> = batch.iter().filter_map(record).collect();
            results = results.saturating_add(u32::try_from(records.len()).unwrap_or(u32::MAX));
            hits.push(payload_of(&holder.hit(records)));
        }
        let Onward { ttl, hops } = self.settings.ttl.answering(frame.hops);
        for payload in hits {
            let (guid, function) = (frame.guid, Function::QUERY_HIT);
            let hit = Frame { guid, function, ttl, hops, size_flags: None, payload };
            self.push(slot, Class::Hit, hit, None, now);
        }
        self.out.push_back(Output::Answered { guid: frame.guid, results });
    }

    /// Whoever asks what is dear to find has less left for what it asks next.
    pub(super) fn charge_looks(&mut self, slot: Slot, looks: u32, now: Time) {
        self.admission.charge(slot, looks.div_ceil(LOOKS_A_UNIT), now);
    }

    /// Our files that answer a query, and how many looks at words and files it took to find them.
    pub(super) fn find(&self, query: &Query) -> (Vec<FileId>, u32) {
        let (mut found, mut looks) = (Vec::new(), 0_u32);
        let Some(files) = &self.files else { return (found, looks) };
        let wanted = usize::from(query.flags.max_hits());
        let limit = if wanted == 0 { ANSWERS_MAX } else { wanted.min(ANSWERS_MAX) };
        for sha1 in digests(query) {
            looks = looks.saturating_add(files.with_sha1(&sha1, limit, &mut found));
        }
        if found.is_empty()
            && let Ok(text) = std::str::from_utf8(&query.text)
        {
            looks = looks.saturating_add(files.search(text, Kinds::ALL, limit, &mut found));
        }
        found.truncate(limit);
        (found, looks)
    }

    /// What we say of ourselves in our hits; a token goes with those for which somebody has given one.
    pub(super) fn own_holder(&self, token: &[u8]) -> Holder {
        Holder {
            listen: self.listen_v4(),
            servent: self.guid,
            is_firewalled: !self.is_reachable(),
            private: self.told_beside(token),
        }
    }

    /// A token (OOB-03), and where pushes for us can be left, as long as we are not known to be reached
    /// (HIT-33).
    fn told_beside(&self, token: &[u8]) -> Bytes {
        let v4 = |at| if let SocketAddr::V4(at) = at { Some(at) } else { None };
        let proxies: Vec<_> = self.push_proxies.addresses().filter_map(v4).collect();
        let mut writer = Writer::new();
        let mut put = |id, value| {
            // A few addresses are never too long, nor is a token.
            let _: Result<&mut Writer, Oversize> = writer.put_value(id, Place::Trailer, &value);
        };
        if !token.is_empty() {
            put("SO", Value::Token(token.to_vec()));
        }
        if !self.is_reachable() && !proxies.is_empty() {
            put("PUSH", Value::Addresses(proxies));
        }
        writer.finish()
    }
}

/// The contents that a query asks for, each once, however often it names them.
pub(super) fn digests(query: &Query) -> BTreeSet<[u8; 20]> {
    query.extensions.urns().filter_map(|urn| urn.sha1().copied()).collect()
}
