//! What children have of what is sought, and what we have ourselves.

use bytes::Bytes;

use super::matching::Wanted;
use super::{Supernode, details};
use crate::base::kazaa_hash::UuHash;
use crate::base::limits::{
    FASTTRACK_SEARCH_FITTING_MAX, FASTTRACK_SEARCH_READINGS_MAX, FASTTRACK_SEARCH_RESULTS_MAX,
};
use crate::base::slots::Slot;
use crate::fasttrack::sought::Sought;
use crate::fasttrack::wire::{Found, Media, Names, Tag, TagList, TagWriter};
use crate::index::files::{FileView, Kinds};
use crate::index::leaf_index::LeafFile;
use crate::index::words;

/// The network in the names of results.
const NETWORK: Bytes = Bytes::from_static(b"KaZaA");

/// Looks at words that reading the tags of a file costs as much as.
const LOOKS_A_READING: u32 = 20;

impl Supernode {
    /// What is here of what is sought, but for the files of one child: no more than is wanted, nor than 200
    /// (FTSUPER-13). How much work that was.
    pub fn find(&self, sought: &Sought, but: Option<Slot>) -> (Vec<Found>, u32) {
        let limit = usize::from(sought.max.min(FASTTRACK_SEARCH_RESULTS_MAX));
        let Some(wanted) = Wanted::of(sought).filter(|_| limit > 0) else {
            return (Vec::new(), 1);
        };
        let (found, looks) = self.find_in_leaves(&wanted, but);
        let (own, more) = self.find_own(&wanted, limit);
        // We have a share, as each child has.
        let by_leaf = by_leaf(&found);
        let share = limit.div_ceil(by_leaf.len().saturating_add(1));
        let left = limit.saturating_sub(found.len()).max(share);
        let mut results: Vec<_> = own.into_iter().take(left).collect();
        let left = limit.saturating_sub(results.len());
        results.extend(shared_out(&by_leaf, left).filter_map(|it| self.result(it)));
        (results, looks.saturating_add(more))
    }

    /// Files of children that fit, those of each child together.
    fn find_in_leaves(&self, wanted: &Wanted, but: Option<Slot>) -> (Vec<(Slot, &LeafFile)>, u32) {
        let (mut found, mut readings) = (Vec::new(), 0);
        let reads = wanted.reads_tags();
        let fits = |leaf: Slot, file: &LeafFile| {
            let media = details::media_of(&file.details);
            if Some(leaf) == but || !wanted.fits(&file.digest, file.size, media) {
                return Some(false);
            }
            if !reads {
                return Some(true);
            }
            if readings >= FASTTRACK_SEARCH_READINGS_MAX {
                return None;
            }
            readings = readings.saturating_add(1);
            Some(details::split(&file.details).is_some_and(|(_, tags)| wanted.fits_tags(tags)))
        };
        let (index, limit) = (&self.index, FASTTRACK_SEARCH_FITTING_MAX);
        let looks = if let Some(hash) = &wanted.hash {
            index.with_digest_among(hash, limit, fits, &mut found)
        } else if wanted.has_words() {
            index.search_among(&wanted.words, limit, fits, &mut found)
        } else {
            index.all_among(limit, fits, &mut found)
        };
        // Those of one child stay in the order in which they were found.
        found.sort_by_key(|(leaf, _)| *leaf);
        (found, looks.saturating_add(readings.saturating_mul(LOOKS_A_READING)))
    }

    /// Files of our own that fit.
    fn find_own(&self, wanted: &Wanted, limit: usize) -> (Vec<Found>, u32) {
        let (mut ids, files) = (Vec::new(), &self.offered);
        let looks = if let Some(hash) = &wanted.hash {
            files.with_uuhash(&UuHash(*hash), limit, &mut ids)
        } else if wanted.has_words() {
            files.search(&wanted.words, Kinds::ALL, limit, &mut ids)
        } else {
            files.newest(limit, Kinds::ALL, &mut ids)
        };
        let views = ids.into_iter().filter_map(|id| files.get(id));
        (views.filter_map(|file| self.own_result(file, wanted)).collect(), looks)
    }

    fn own_result(&self, file: FileView<'_>, wanted: &Wanted) -> Option<Found> {
        let (UuHash(hash), size) = (file.kzhash?.uuhash, u32::try_from(file.size).ok()?);
        let tags = TagWriter::new().text(Tag::FILE_NAME, file.name).finish();
        // The index of our files knows beginnings of words too.
        let fits = wanted.fits(&hash, file.size, media_of(file.kinds()))
            && wanted.fits_words(tags.as_bytes())
            && wanted.fits_tags(tags.as_bytes());
        fits.then(|| Found {
            address: self.own.address,
            bandwidth: self.own.bandwidth,
            names: names(&self.own.user),
            hash,
            file_id: UuHash(hash).file_id().into(),
            size,
            tags,
        })
    }

    /// A file of a child as it stands in results, with all tags as they came (FTWIRE-08).
    fn result(&self, (leaf, file): (Slot, &LeafFile)) -> Option<Found> {
        let child = self.children.get(leaf)?;
        let (file_id, tags) = details::split(&file.details)?;
        Some(Found {
            address: child.shown,
            bandwidth: child.bandwidth,
            names: names(&child.user),
            hash: file.digest,
            file_id,
            size: u32::try_from(file.size).unwrap_or(u32::MAX),
            tags: TagList::decode(&Bytes::copy_from_slice(tags)).ok()?,
        })
    }
}

impl Wanted {
    /// Whether there are words to look for in an index.
    fn has_words(&self) -> bool {
        words::words(&words::fold(&self.words)).next().is_some()
    }
}

/// What a file is by its name. Archives are software.
pub(super) fn media_of(kinds: Kinds) -> Media {
    const PROGRAM: Kinds = Kinds::WINDOWS_PROGRAM.and(Kinds::UNIX_PROGRAM);
    [
        (Kinds::AUDIO, Media::AUDIO),
        (Kinds::VIDEO, Media::VIDEO),
        (Kinds::IMAGE, Media::IMAGE),
        (Kinds::DOCUMENT, Media::DOCUMENT),
        (PROGRAM, Media::SOFTWARE),
    ]
    .into_iter()
    .find_map(|(kind, media)| kinds.meets(kind).then_some(media))
    .unwrap_or(Media::UNKNOWN)
}

/// Both names in full: not every reader knows what else could stand there (FTSEARCH-13).
fn names(user: &str) -> Names {
    Names::Full { user: Bytes::copy_from_slice(user.as_bytes()), network: NETWORK }
}

/// What each child has of those that were found, sorted by child; who has least comes first.
fn by_leaf<'a>(found: &'a [(Slot, &'a LeafFile)]) -> Vec<&'a [(Slot, &'a LeafFile)]> {
    let mut by_leaf: Vec<_> = found.chunk_by(|(one, _), (other, _)| one == other).collect();
    by_leaf.sort_by_key(|files| files.len());
    by_leaf
}

/// Those that are told of. Who shares much must not hide what others have: each may use its share of what
/// those before it left.
fn shared_out<'a>(
    by_leaf: &'a [&'a [(Slot, &'a LeafFile)]],
    mut left: usize,
) -> impl Iterator<Item = (Slot, &'a LeafFile)> {
    let leaves = by_leaf.len();
    let taken = (1..=leaves).rev().zip(by_leaf).flat_map(move |(leaves_left, files)| {
        let share = files.len().min(left.div_ceil(leaves_left));
        left = left.saturating_sub(share);
        files.get(..share).unwrap_or_default()
    });
    taken.copied()
}
