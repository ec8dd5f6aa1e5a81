//! What we offer: files, parts of files, and what is said of them and of us in hits.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddrV4;

use crate::base::limits::{PARTIAL_FILES_MAX, RECORD_SOURCES_MAX, SOURCED_FILES_MAX};
use crate::base::ranges::RangeSet;
use crate::gnutella::holder::Serving;
use crate::gnutella::query_routing::OwnWords;
use crate::index::files::{File, FileId, Files};

/// How the contents begin that the index tells among its words. They are told apart, for there may be too
/// many of them.
const URN_START: &str = "urn:sha1:";

/// Files to offer, the words by which others look for them, and their size. For a large library this
/// takes seconds to make; what a node does with it takes no longer for a million files than for one.
///
/// Whoever hands one in keeps a clone of its files, and lets go of that elsewhere: the last one to let go
/// of a million names is busy for a while.
#[derive(Clone, Debug)]
pub struct Offer {
    pub(super) files: Files,
    pub(super) words: OwnWords,
    pub(super) kib: u32,
}

impl Offer {
    /// Files whose names can be said in a hit ([`is_bare_name`]), and what follows from them.
    pub fn of(files: Files) -> Self {
        let size = files.content_len();
        let sha1s = files.iter().filter_map(|(_, file)| file.sha1);
        let each_word = |found: &mut dyn FnMut(&str)| {
            files.each_word(|word| {
                if !word.starts_with(URN_START) {
                    found(word);
                }
            });
        };
        let words = OwnWords::collect(each_word, sha1s);
        Self { words, kib: u32::try_from(size / 1024).unwrap_or(u32::MAX), files }
    }

    /// The files.
    pub const fn files(&self) -> &Files {
        &self.files
    }
}

/// Whether a file of this name can be named in a hit (HIT-13): whoever cannot read one name drops all
/// others with it.
pub fn is_bare_name(name: &str) -> bool {
    let is_bare = |c: char| c != '/' && !c.is_control();
    !name.is_empty() && name.chars().all(is_bare)
}

/// A file of which a part is here, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialFile {
    /// Its number in hits, which no file has.
    pub id: FileId,
    pub name: String,
    /// Of the whole file.
    pub size: u64,
    pub sha1: [u8; 20],
    pub tiger_root: Option<[u8; 24]>,
    /// Which bytes are here, and right.
    pub available: RangeSet,
}

/// All that we offer.
#[derive(Debug, Default)]
pub(super) struct Offered {
    pub(super) files: Option<Files>,
    pub(super) partial: Partial,
    sources: BTreeMap<[u8; 20], Box<[SocketAddrV4]>>,
    /// The contents of which sources are known, the oldest first.
    sourced: VecDeque<[u8; 20]>,
    pub(super) serving: Serving,
}

/// Files of which we have a part.
#[derive(Debug, Default)]
pub(super) struct Partial {
    /// The oldest first.
    parts: Vec<PartialFile>,
    /// The same, to be found by their words.
    index: Option<Files>,
}

impl Offered {
    /// Nothing is offered, and nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_none()
            && self.partial.parts.is_empty()
            && self.sources.is_empty()
            && self.serving == Serving::default()
    }

    /// These have this content too, and no others.
    pub(super) fn name_sources(&mut self, sha1: [u8; 20], mut sources: Vec<SocketAddrV4>) {
        sources.truncate(RECORD_SOURCES_MAX);
        if sources.is_empty() {
            self.sources.remove(&sha1);
            self.sourced.retain(|known| *known != sha1);
            return;
        }
        if self.sources.insert(sha1, sources.into()).is_some() {
            return;
        }
        self.sourced.push_back(sha1);
        if self.sourced.len() > SOURCED_FILES_MAX
            && let Some(oldest) = self.sourced.pop_front()
        {
            self.sources.remove(&oldest);
        }
    }

    /// Who has this content too, as far as it may be said.
    pub(super) fn sources(&self, sha1: &[u8; 20]) -> &[SocketAddrV4] {
        self.sources.get(sha1).map_or(&[], |sources| sources)
    }
}

impl Partial {
    /// A part is here, or more of it than before. Whether there are other words now.
    pub(super) fn offer(&mut self, part: PartialFile) -> bool {
        if !is_bare_name(&part.name) {
            return false;
        }
        let known = self.parts.iter_mut().find(|known| known.sha1 == part.sha1);
        if let Some(known) = known {
            let is_renamed = known.name != part.name || known.id != part.id;
            *known = part;
            if is_renamed {
                self.index = None;
            }
            return is_renamed;
        }
        if self.parts.len() >= PARTIAL_FILES_MAX {
            self.parts.remove(0);
        }
        self.parts.push(part);
        self.index = None;
        true
    }

    /// It is offered no longer. Whether there are other words now.
    pub(super) fn withdraw(&mut self, sha1: &[u8; 20]) -> bool {
        let before = self.parts.len();
        self.parts.retain(|known| known.sha1 != *sha1);
        self.index = None;
        self.parts.len() != before
    }

    /// The words by which others look for them, and their contents (QRP-42).
    pub(super) fn words(&mut self) -> Option<OwnWords> {
        let sha1s: Vec<_> = self.parts.iter().map(|part| part.sha1).collect();
        let index = self.index()?;
        Some(OwnWords::collect(|found| index.each_word(found), sha1s.into_iter()))
    }

    pub(super) fn with_sha1(&self, sha1: &[u8; 20]) -> Option<&PartialFile> {
        self.parts.iter().find(|part| part.sha1 == *sha1)
    }

    pub(super) fn with_tiger_root(&self, root: &[u8; 24]) -> Option<&PartialFile> {
        self.parts.iter().find(|part| part.tiger_root.as_ref() == Some(root))
    }

    /// The files of which there are parts, to be searched, in the order of [`at`](Self::at).
    pub(super) fn index(&mut self) -> Option<&Files> {
        if self.parts.is_empty() {
            return None;
        }
        let parts = &self.parts;
        Some(self.index.get_or_insert_with(|| {
            let mut index = Files::new();
            index.extend(parts.iter().map(|part| File {
                name: part.name.as_str().into(),
                size: part.size,
                ..File::default()
            }));
            index
        }))
    }

    /// The part that the index calls by this number.
    pub(super) fn at(&self, id: FileId) -> Option<&PartialFile> {
        self.parts.get(usize::try_from(id.0).ok()?.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha1(number: usize) -> [u8; 20] {
        let mut sha1 = [0; 20];
        sha1[..8].copy_from_slice(&(number as u64).to_be_bytes());
        sha1
    }

    fn source(number: usize) -> SocketAddrV4 {
        SocketAddrV4::new(u32::try_from(number).unwrap().into(), 6_346)
    }

    #[test]
    fn sources_of_so_many_files_are_known_and_of_no_more() {
        let mut offered = Offered::default();
        let mut name = |number| offered.name_sources(sha1(number), vec![source(number)]);
        (0..SOURCED_FILES_MAX).for_each(&mut name);
        // What is known already takes no place.
        name(1);
        assert_eq!(offered.sources(&sha1(0)), [source(0)]);
        offered.name_sources(sha1(SOURCED_FILES_MAX), vec![source(7)]);
        assert_eq!(offered.sources(&sha1(0)), []);
        assert_eq!(offered.sources(&sha1(1)), [source(1)]);
        offered.name_sources(sha1(1), Vec::new());
        assert_eq!(offered.sources(&sha1(1)), []);
    }

    #[test]
    fn parts_of_so_many_files_are_offered_and_of_no_more() {
        let part = |number| PartialFile {
            id: FileId(1_000),
            name: format!("winter{number:05}.ogg"),
            size: 1,
            sha1: sha1(number),
            tiger_root: None,
            available: RangeSet::new(),
        };
        let found = |partial: &mut Partial, number| {
            let mut found = Vec::new();
            let words = format!("winter{number:05}");
            partial.index().unwrap().search(&words, crate::index::files::Kinds::ALL, 9, &mut found);
            found.first().and_then(|id| partial.at(*id)).map(|part| part.sha1)
        };
        let mut partial = Partial::default();
        assert!((0..PARTIAL_FILES_MAX).all(|number| partial.offer(part(number))));
        partial.offer(part(1));
        assert_eq!(found(&mut partial, 0), Some(sha1(0)));
        partial.offer(part(PARTIAL_FILES_MAX));
        assert_eq!((found(&mut partial, 0), found(&mut partial, 1)), (None, Some(sha1(1))));
        partial.withdraw(&sha1(1));
        assert_eq!((found(&mut partial, 1), found(&mut partial, 2)), (None, Some(sha1(2))));
        partial.offer(PartialFile { name: "a/b".to_owned(), ..part(3) });
        assert_eq!(partial.with_sha1(&sha1(3)).unwrap().name, "winter00003.ogg");
    }
}
