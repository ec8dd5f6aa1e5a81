//! Answers to queries of others, from our own files.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::asked::Asked;
use super::offered::{Offered, PartialFile};
use super::{Output, Servent};
use crate::base::limits::{HIT_MESSAGE_LEN_MAX, NEWEST_ANSWERS_MAX, QUERY_FORWARDED_LEN_MAX};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::connect_back::Reach;
use crate::gnutella::flow::Class;
use crate::gnutella::holder::{Holder, Own, Said, packed, record};
use crate::gnutella::router::Onward;
use crate::gnutella::wire::{Frame, Function, Guid, Query, Record};
use crate::index::files::{FileId, FileView};

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
        if frame.payload.len() > QUERY_FORWARDED_LEN_MAX {
            return;
        }
        let (found, looks) = self.find(query, frame.hops);
        self.charge_looks(slot, looks, now);
        if found.is_empty() || self.offer_hits(frame, query, &found, now) {
            return;
        }
        let results = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let Onward { ttl, hops } = self.settings.ttl.answering(frame.hops);
        for payload in packed(&self.own_holder(&[]), found, HIT_MESSAGE_LEN_MAX) {
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

    /// What we have that a query asks for which has come so many hops, and how many looks at words and
    /// files it took to find that.
    pub(super) fn find(&mut self, query: &Query, hops: u8) -> (Vec<Record>, u32) {
        // QUERY-29: neither of us could ever connect to the other.
        let is_vain = query.flags.firewalled() && self.reachability.tcp() == Reach::Unreachable;
        match self.offered.peek_mut().filter(|_| !is_vain) {
            Some(offered) => offered.find(&Asked::of(query, hops)),
            None => (Vec::new(), 0),
        }
    }

    /// What we say of ourselves in our hits; a token goes with those for which somebody has given one.
    pub(super) fn own_holder(&self, token: &[u8]) -> Holder {
        let own = Own {
            servent: self.guid,
            listen: self.settings.listen,
            is_reached: self.is_reachable(),
            proxies: self.push_proxies.addresses().collect(),
            serving: self.serving(),
        };
        Holder::ours(&own, token)
    }
}

impl Offered {
    /// What there is of what is asked for, each content once, and how many looks it took to find that.
    fn find(&mut self, asked: &Asked<'_>) -> (Vec<Record>, u32) {
        let (found, mut looks) = self.find_files(asked);
        let (mut records, mut named) = (Vec::new(), BTreeSet::new());
        let files = found.iter().filter_map(|id| Some((*id, self.files.as_ref()?.get(*id)?)));
        for (id, file) in files {
            if file.sha1.is_none_or(|sha1| named.insert(sha1) || mutant!(FindsOnceForEachName)) {
                records.push(self.record_of(id, file, asked));
            }
        }
        let is_enough = records.len() >= asked.limit;
        if asked.takes_parts && !asked.is_for_new && !is_enough {
            let (parts, more) = self.find_parts(asked);
            looks = looks.saturating_add(more);
            let parts = parts.into_iter().filter_map(|sha1| self.partial.with_sha1(&sha1));
            let parts = parts.filter(|part| named.insert(part.sha1));
            records.extend(parts.map(|part| self.record_of_part(part, asked)));
        }
        records.truncate(asked.limit);
        (records, looks)
    }

    fn find_files(&self, asked: &Asked<'_>) -> (Vec<FileId>, u32) {
        let (mut found, mut looks) = (Vec::new(), 0_u32);
        let Some(files) = &self.files else { return (found, looks) };
        if asked.is_for_new {
            looks = files.newest(asked.limit.min(NEWEST_ANSWERS_MAX), asked.kinds, &mut found);
            return (found, looks);
        }
        for sha1 in &asked.sha1s {
            looks = looks.saturating_add(files.with_sha1(sha1, asked.limit, &mut found));
        }
        for root in &asked.tiger_roots {
            looks = looks.saturating_add(files.with_tiger_root(root, asked.limit, &mut found));
        }
        if mutant!(FindsOnceForEachName) {
            found.extend_from_within(..);
        }
        if found.is_empty()
            && let Some(text) = &asked.text
        {
            let more = files.search(text, asked.kinds, asked.limit, &mut found);
            looks = looks.saturating_add(more);
        }
        (found, looks)
    }

    /// The contents of which there are parts.
    fn find_parts(&mut self, asked: &Asked<'_>) -> (Vec<[u8; 20]>, u32) {
        let partial = &mut self.partial;
        let by_sha1 = asked.sha1s.iter().filter_map(|sha1| partial.with_sha1(sha1));
        let by_root = asked.tiger_roots.iter().filter_map(|root| partial.with_tiger_root(root));
        let found: Vec<_> = by_sha1.chain(by_root).map(|part| part.sha1).collect();
        if !found.is_empty() {
            return (found, 0);
        }
        let (mut found, mut looks) = (Vec::new(), 0);
        if let (Some(text), Some(index)) = (&asked.text, partial.index()) {
            looks = index.search(text, asked.kinds, asked.limit, &mut found);
        }
        (found.into_iter().filter_map(|id| Some(partial.at(id)?.sha1)).collect(), looks)
    }

    fn record_of(&self, id: FileId, file: FileView<'_>, asked: &Asked<'_>) -> Record {
        let sources = file.sha1.map_or(&[][..], |sha1| self.sources(&sha1));
        record(id, file, Said { takes_h: asked.takes_h, sources, available: None })
    }

    fn record_of_part(&self, part: &PartialFile, asked: &Asked<'_>) -> Record {
        let (sources, available) = (self.sources(&part.sha1), Some(&part.available));
        let file = FileView {
            name: &part.name,
            size: part.size,
            sha1: Some(part.sha1),
            tiger_root: part.tiger_root,
            kzhash: None,
            modified_s: None,
        };
        record(part.id, file, Said { takes_h: asked.takes_h, sources, available })
    }
}

/// The contents that a query asks for, each once, however often it names them.
pub(super) fn digests(query: &Query) -> BTreeSet<[u8; 20]> {
    query.extensions.urns().filter_map(|urn| urn.sha1().copied()).collect()
}
