//! What children have of what is sought, and what we have ourselves.

use std::borrow::Cow;

use super::matching::{Reading, Wanted};
use super::{Supernode, details};
use crate::base::kazaa_hash::UuHash;
use crate::base::limits::{
    FASTTRACK_SEARCH_FITTING_MAX, FASTTRACK_SEARCH_READINGS_MAX, FASTTRACK_SEARCH_RESULTS_MAX,
};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::fasttrack::sought::{Sought, media_of};
use crate::fasttrack::wire::{FoundRef, Tag, TagList, TagWriter, harmless_user};
use crate::index::files::{FileView, Kinds};
use crate::index::leaf_index::LeafFile;

/// The network in the names of results.
const NETWORK: Cow<'_, str> = Cow::Borrowed("KaZaA");

/// Looks at words that reading the tags of a file costs as much as.
const LOOKS_A_READING: u32 = 20;

/// Bytes of texts that make one reading more.
const TEXT_A_READING: usize = 32;

/// Bytes of the texts of a search that cost as much as a look.
const TEXT_A_LOOK: usize = 2;

/// What is here of what is sought.
#[derive(Debug)]
pub struct Finds<'a> {
    supernode: &'a Supernode,
    own: Vec<OwnFile>,
    of_leaves: Vec<(Slot, &'a LeafFile)>,
}

/// A file of our own.
#[derive(Clone, Debug)]
struct OwnFile {
    hash: UuHash,
    size: u32,
    tags: TagList,
}

impl Finds<'_> {
    /// How many files that are.
    pub const fn len(&self) -> usize {
        self.own.len().saturating_add(self.of_leaves.len())
    }

    /// True where nothing was found.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The files as they stand in results, with all tags as they came (FTWIRE-08).
    pub fn iter(&self) -> impl Iterator<Item = FoundRef<'_>> {
        let of_leaves = self.of_leaves.iter();
        let own = self.own.iter().map(|file| self.supernode.own_result(file));
        own.chain(of_leaves.filter_map(|(leaf, file)| self.supernode.result(*leaf, file)))
    }
}

impl Supernode {
    /// What is here of what is sought, but for the files of one child: no more than is wanted, nor than 200
    /// (FTSUPER-13). How much work that was.
    pub fn find(&self, sought: &Sought, but: Option<Slot>) -> (Finds<'_>, u32) {
        let more = u16::from(mutant!(TellsMoreThanWanted));
        let limit = usize::from(sought.max.saturating_add(more).min(FASTTRACK_SEARCH_RESULTS_MAX));
        let mut finds = Finds { supernode: self, own: Vec::new(), of_leaves: Vec::new() };
        let Some(wanted) = Wanted::of(sought).filter(|_| limit > 0) else { return (finds, 1) };
        let (found, looks) = self.find_in_leaves(&wanted, but);
        let looks = looks.saturating_add(looks_of(wanted.texts_len()));
        let (own, more) = self.find_own(&wanted, limit);
        // We have a share, as each child has.
        let by_leaf = by_leaf(&found);
        let share = limit.div_ceil(by_leaf.len().saturating_add(1));
        let left = limit.saturating_sub(found.len()).max(share);
        finds.own = own;
        finds.own.truncate(left);
        let left = limit.saturating_sub(finds.own.len());
        finds.of_leaves = shared_out(&by_leaf, left);
        (finds, looks.saturating_add(more))
    }

    /// Files of children that fit, those of each child together.
    fn find_in_leaves(&self, wanted: &Wanted, but: Option<Slot>) -> (Vec<(Slot, &LeafFile)>, u32) {
        let (mut found, mut readings) = (Vec::new(), 0);
        let reads = wanted.reads_tags();
        let fits = |leaf: Slot, file: &LeafFile| {
            let media = details::media_of(&file.details);
            let is_own = Some(leaf) == but && !mutant!(FindsOwnFiles);
            if is_own || !wanted.fits(&file.digest, file.size, media) {
                return Some(false);
            }
            if !reads {
                return Some(true);
            }
            if readings >= FASTTRACK_SEARCH_READINGS_MAX {
                return None;
            }
            let Some((_, tags)) = details::split(&file.details) else { return Some(false) };
            let Reading { fits, len } = wanted.fits_tags(tags);
            readings = readings.saturating_add(readings_of(len));
            Some(fits)
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
    fn find_own(&self, wanted: &Wanted, limit: usize) -> (Vec<OwnFile>, u32) {
        let (mut ids, files) = (Vec::new(), &self.offered);
        let looks = if let Some(hash) = &wanted.hash {
            files.with_uuhash(&UuHash(*hash), limit, &mut ids)
        } else if wanted.has_words() {
            files.search(&wanted.words, Kinds::ALL, limit, &mut ids)
        } else {
            files.newest(limit, Kinds::ALL, &mut ids)
        };
        let views = ids.into_iter().filter_map(|id| files.get(id));
        (views.filter_map(|file| OwnFile::fitting(file, wanted)).collect(), looks)
    }

    fn own_result<'a>(&'a self, file: &'a OwnFile) -> FoundRef<'a> {
        FoundRef {
            address: self.own.address,
            bandwidth: self.own.bandwidth,
            user: harmless_user(self.own.user.as_bytes()),
            network: NETWORK,
            hash: file.hash.0,
            file_id: file.hash.file_id().into(),
            size: file.size,
            tags: file.tags.as_bytes(),
        }
    }

    fn result<'a>(&'a self, leaf: Slot, file: &'a LeafFile) -> Option<FoundRef<'a>> {
        let child = self.children.get(leaf)?;
        let (file_id, tags) = details::split(&file.details)?;
        Some(FoundRef {
            address: child.shown,
            bandwidth: child.bandwidth,
            user: Cow::Borrowed(&child.user),
            network: NETWORK,
            hash: file.digest,
            file_id,
            size: u32::try_from(file.size).unwrap_or(u32::MAX),
            tags,
        })
    }
}

impl OwnFile {
    /// Tells of a file, if it can be told of and fits.
    fn fitting(file: FileView<'_>, wanted: &Wanted) -> Option<Self> {
        let (hash, size) = (file.kzhash?.uuhash, u32::try_from(file.size).ok()?);
        let tags = TagWriter::new().text(Tag::FILE_NAME, file.name).finish();
        // The index of our files knows beginnings of words too.
        let fits = wanted.fits(&hash.0, file.size, media_of(file.kinds()))
            && wanted.fits_words(tags.as_bytes())
            && wanted.fits_tags(tags.as_bytes()).fits;
        fits.then_some(Self { hash, size, tags })
    }
}

/// Readings that a file is of which so many bytes of texts were read. Folding may take a tenth of a
/// microsecond a byte.
fn readings_of(len: usize) -> u32 {
    u32::try_from(len / TEXT_A_READING).unwrap_or(u32::MAX).saturating_add(1)
}

/// Looks that it takes to read the words of a search.
fn looks_of(len: usize) -> u32 {
    u32::try_from(len / TEXT_A_LOOK).unwrap_or(u32::MAX)
}

/// What each child has of those that were found, sorted by child; who has least comes first.
fn by_leaf<'a, 'b>(found: &'b [(Slot, &'a LeafFile)]) -> Vec<&'b [(Slot, &'a LeafFile)]> {
    let mut by_leaf: Vec<_> = found.chunk_by(|(one, _), (other, _)| one == other).collect();
    by_leaf.sort_by_key(|files| files.len());
    by_leaf
}

/// Those that are told of. Who shares much must not hide what others have: each may use its share of what
/// those before it left.
fn shared_out<'a>(
    by_leaf: &[&[(Slot, &'a LeafFile)]],
    mut left: usize,
) -> Vec<(Slot, &'a LeafFile)> {
    let mut told = Vec::new();
    for (leaves_left, files) in (1..=by_leaf.len()).rev().zip(by_leaf) {
        let share = files.len().min(left.div_ceil(leaves_left));
        left = left.saturating_sub(share);
        told.extend(files.iter().take(share));
    }
    told
}
