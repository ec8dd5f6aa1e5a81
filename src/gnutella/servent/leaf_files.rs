//! The files that leaves have told us of: we answer for those leaves, and do not ask them.
//!
//! Gnutella's leaves send a table of words and are asked themselves. Those of FastTrack tell their
//! supernode what they have; and a laboratory that wants to compare the two has its leaves do the
//! same here.

use rand::RngExt;

use super::answers::digests;
use super::offered::is_bare_name;
use super::{Neighbour, Servent};
use crate::base::limits::{ANSWER_RECORDS_MAX, ANSWERS_MAX, LEAF_INDEX_LOOKS_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::dynamic_query::HitSize;
use crate::gnutella::flow::Class;
use crate::gnutella::holder::{Holder, Said, payload_of, record};
use crate::gnutella::wire::{Frame, Function, Guid, Query, QueryHit, Record};
use crate::index::files::{File, FileId};
use crate::index::leaf_index::{LeafFile, LeafIndex};

impl Servent {
    /// A leaf tells which files it shares from now on, in the order of their numbers, and is not asked
    /// for them any more. How many of them were taken: all or none.
    ///
    /// Those that cannot be named in a hit are left out (HIT-13), as the leaf does when it numbers them. A
    /// leaf is asked as before if one of its files has no SHA-1 or is over the limits of the index; and
    /// if it has not told its servent GUID, for nobody could ask it for a file.
    pub fn announce(&mut self, leaf: Slot, files: impl IntoIterator<Item = File>) -> usize {
        let is_leaf = |neighbour: &Neighbour| neighbour.is_leaf() && neighbour.servent.is_some();
        if !self.neighbours.get(leaf).is_some_and(is_leaf) {
            return 0;
        }
        let seed = self.rng().random();
        let index = self.service.enter().leaf_files.get_or_insert_with(|| LeafIndex::new(seed));
        index.drop_leaf(leaf);
        for (number, file) in
            (1_u32..).zip(files.into_iter().filter(|file| is_bare_name(&file.name)))
        {
            let File { name, size, sha1, .. } = file;
            let details = number.to_le_bytes().into();
            let taken = sha1.is_some_and(|digest| {
                index.announce(leaf, LeafFile { digest, size, name, details }, []).is_ok()
            });
            if !taken {
                index.drop_leaf(leaf);
                break;
            }
        }
        index.files_of(leaf)
    }

    /// Whether a leaf has told what it has.
    pub(super) fn answers_for(&self, leaf: Slot) -> bool {
        let index = self.service.peek().and_then(|service| service.leaf_files.as_ref());
        index.is_some_and(|index| index.files_of(leaf) > 0)
    }

    /// Answers a query, of a neighbour or our own, for the leaves that have told what they have.
    pub(super) fn answer_for_leaves(
        &mut self,
        from: Option<Slot>,
        frame: &Frame,
        query: &Query,
        now: Time,
    ) {
        let (found, looks) = self.find_in_leaves(from, query);
        if let Some(slot) = from {
            self.charge_looks(slot, looks, now);
        }
        for (leaf, records) in found {
            let Some((servent, holder)) = self.neighbours.get(leaf).and_then(holder) else {
                continue;
            };
            self.router.learn_servent(servent, leaf, now);
            for batch in records.chunks(ANSWER_RECORDS_MAX) {
                let hit = holder.hit(batch.to_vec());
                self.send_for_leaf(leaf, from, frame, hit, now);
            }
        }
    }

    /// What the leaves have that a query asks for, by leaf, and how many looks at words and files it took
    /// to find that. More is found than is answered, so that each leaf has its share: as much as may be
    /// looked at, for what is found takes a look.
    pub(super) fn find_in_leaves(
        &self,
        from: Option<Slot>,
        query: &Query,
    ) -> (Vec<(Slot, Vec<Record>)>, u32) {
        let index = self.service.peek().and_then(|service| service.leaf_files.as_ref());
        let Some(index) = index else { return (Vec::new(), 0) };
        let (mut found, mut looks) = (Vec::new(), 0_u32);
        let left = |looks: u32| LEAF_INDEX_LOOKS_MAX.saturating_sub(looks as usize);
        for sha1 in digests(query) {
            looks = looks.saturating_add(index.with_digest(&sha1, left(looks), &mut found));
        }
        if found.is_empty()
            && let Ok(text) = std::str::from_utf8(&query.text)
        {
            looks = looks.saturating_add(index.search(text, left(looks), &mut found));
        }
        found.retain(|(leaf, _)| Some(*leaf) != from);
        // Those of one leaf stay in the order in which they were found.
        found.sort_by_key(|(leaf, _)| *leaf);
        (named(&found), looks)
    }

    /// Sends a hit as the leaf would have, to whoever asked.
    fn send_for_leaf(
        &mut self,
        leaf: Slot,
        to: Option<Slot>,
        query: &Frame,
        hit: QueryHit,
        now: Time,
    ) {
        let onward = self.settings.ttl.answering(query.hops);
        let results = u8::try_from(hit.records.len()).unwrap_or(u8::MAX);
        let frame = Frame {
            guid: query.guid,
            function: Function::QUERY_HIT,
            ttl: onward.ttl,
            hops: onward.hops,
            size_flags: None,
            payload: payload_of(&hit),
        };
        let size = HitSize { results, len: frame.wire_len() };
        match to {
            Some(slot) if self.carries(leaf, &frame, size, slot, now) => {
                self.count_for_search(leaf, query.guid, size, now);
                self.push(slot, Class::Hit, frame, Some(leaf), now);
            }
            Some(_) => {}
            None => self.take_hit(leaf, &frame, hit, size, now),
        }
    }
}

/// What is said of a leaf in its hits: pushes reach it through us.
pub(super) fn holder(leaf: &Neighbour) -> Option<(Guid, Holder)> {
    let servent = leaf.servent?;
    Some((servent, Holder::of_leaf(servent, leaf.listen())))
}

/// Of the files that were found, sorted by leaf, those that are named. Who announces much must not hide
/// what others have: each leaf may use its share of what those before it left.
fn named(found: &[(Slot, &LeafFile)]) -> Vec<(Slot, Vec<Record>)> {
    let by_leaf = || found.chunk_by(|(one, _), (other, _)| one == other);
    let (mut left, mut named) = (ANSWERS_MAX, Vec::new());
    for (leaves_left, files) in (1..=by_leaf().count()).rev().zip(by_leaf()) {
        let Some((leaf, _)) = files.first().filter(|_| left > 0) else { break };
        let files = files.iter().filter_map(|(_, file)| shared(file));
        let share = files.take(left.div_ceil(leaves_left));
        let records: Vec<Record> =
            share.map(|(number, file)| record(number, file.view(), Said::default())).collect();
        left = left.saturating_sub(records.len());
        named.push((*leaf, records));
    }
    named
}

/// A file as its leaf knows it.
fn shared(file: &LeafFile) -> Option<(FileId, File)> {
    let number = u32::from_le_bytes(file.details.as_ref().try_into().ok()?);
    let LeafFile { digest, size, name, .. } = file;
    Some((
        FileId(number),
        File { name: name.clone(), size: *size, sha1: Some(*digest), ..File::default() },
    ))
}
