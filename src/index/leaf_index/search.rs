//! Which files have all words of a search.

use std::hash::BuildHasher;

use super::lists::Posting;
use super::{LeafFile, LeafIndex};
use crate::base::limits::{LEAF_FILE_WORDS_MAX, LEAF_INDEX_LOOKS_MAX};
use crate::base::slots::Slot;
use crate::index::words;

/// Files of the list of a word that are skimmed in the time of a look.
const SKIMMED_A_LOOK: usize = 32;

/// Files with the rarest word up to which each of them is looked at, and nothing is skimmed.
const FEW: usize = 128;

impl LeafIndex {
    /// As [`search`](Self::search), of the files that fit otherwise, too, until nobody wants to tell any
    /// more whether they do. What it takes to tell is no look.
    pub fn search_among<'a>(
        &'a self,
        text: &str,
        limit: usize,
        fits: impl FnMut(Slot, &LeafFile) -> Option<bool>,
        found: &mut Vec<(Slot, &'a LeafFile)>,
    ) -> u32 {
        let (mut lists, mut looks) = (Vec::new(), 0_u32);
        for word in words::words(&words::fold(text)) {
            looks = looks.saturating_add(1);
            let hash = self.hasher.hash_one(word);
            // A word that is said again is sought once.
            if lists.iter().any(|(sought, _)| *sought == hash) {
                continue;
            }
            let Some(list) = self.lists.get(hash) else { return looks };
            if lists.len() >= LEAF_FILE_WORDS_MAX {
                break;
            }
            lists.push((hash, list));
        }
        looks.saturating_add(self.collect(&lists, limit, fits, found))
    }

    /// As [`with_digest`](Self::with_digest), of the files that fit otherwise, too.
    pub fn with_digest_among<'a>(
        &'a self,
        digest: &[u8; 20],
        limit: usize,
        fits: impl FnMut(Slot, &LeafFile) -> Option<bool>,
        found: &mut Vec<(Slot, &'a LeafFile)>,
    ) -> u32 {
        let hash = self.hasher.hash_one(digest);
        let Some(list) = self.lists.get(hash) else { return 1 };
        self.collect(&[(hash, list)], limit, fits, found).saturating_add(1)
    }

    /// Appends files that fit, whatever their words, as far as there are not too many to look at all.
    pub fn all_among<'a>(
        &'a self,
        limit: usize,
        mut fits: impl FnMut(Slot, &LeafFile) -> Option<bool>,
        found: &mut Vec<(Slot, &'a LeafFile)>,
    ) -> u32 {
        let (mut looks, limit) = (0_u32, found.len().saturating_add(limit));
        for id in 0..self.entries.next_id() {
            if found.len() >= limit || looks as usize >= LEAF_INDEX_LOOKS_MAX {
                break;
            }
            looks = looks.saturating_add(1);
            let Some(entry) = self.entries.get(id) else { break };
            match fits(entry.leaf, &entry.file) {
                Some(true) => found.push((entry.leaf, &entry.file)),
                Some(false) => {}
                None => break,
            }
        }
        looks
    }

    /// The files that are in all of the lists. Each file of the shortest one is a look, and so is each
    /// other list that is sought in what is known of it. Where there are many files, lists that are not
    /// much longer than the shortest one are skimmed before.
    fn collect<'a>(
        &'a self,
        lists: &[(u64, &[Posting])],
        limit: usize,
        mut fits: impl FnMut(Slot, &LeafFile) -> Option<bool>,
        found: &mut Vec<(Slot, &'a LeafFile)>,
    ) -> u32 {
        let shortest = lists.iter().min_by_key(|(_, postings)| postings.len());
        let Some((shortest, postings)) = shortest else { return 0 };
        let others: Vec<_> = lists.iter().filter(|(hash, _)| hash != shortest).collect();
        let (skim, others) = self.skim(postings.len(), &others);
        let (mut looks, limit) = (skim.looks, found.len().saturating_add(limit));
        let mut skimmed = 0_usize;
        for posting in *postings {
            if found.len() >= limit || looks >= LEAF_INDEX_LOOKS_MAX {
                break;
            }
            if !skim.has(posting.file) {
                skimmed = skimmed.saturating_add(1);
                let is_look = skimmed.is_multiple_of(SKIMMED_A_LOOK);
                looks = looks.saturating_add(usize::from(is_look));
                continue;
            }
            looks = looks.saturating_add(1);
            let Some(entry) = self.entries.get(posting.file) else { continue };
            let has_all = others.iter().all(|hash| {
                looks = looks.saturating_add(1);
                entry.has(*hash)
            });
            if !has_all {
                continue;
            }
            match fits(entry.leaf, &entry.file) {
                Some(true) => found.push((entry.leaf, &entry.file)),
                Some(false) => {}
                None => break,
            }
        }
        u32::try_from(looks).unwrap_or(u32::MAX)
    }

    /// Notes which files are in those lists that are sooner skimmed than sought in so many files, and tells
    /// the words of the others.
    fn skim(&self, files: usize, lists: &[&(u64, &[Posting])]) -> (Skim, Vec<u64>) {
        let (mut skim, mut others) = (Skim::default(), Vec::new());
        for (hash, postings) in lists {
            let looks = postings.len().div_ceil(SKIMMED_A_LOOK);
            let is_worth_it = files > FEW && looks < files;
            if is_worth_it && skim.looks.saturating_add(looks) < LEAF_INDEX_LOOKS_MAX / 2 {
                skim.keep(postings, self.entries.len());
                skim.looks = skim.looks.saturating_add(looks);
            } else {
                others.push(*hash);
            }
        }
        (skim, others)
    }
}

/// The files that are in all lists that were skimmed, by their numbers.
#[derive(Debug, Default)]
struct Skim {
    /// None where nothing was skimmed.
    bits: Option<Vec<u64>>,
    looks: usize,
}

impl Skim {
    fn keep(&mut self, postings: &[Posting], files: usize) {
        let mut kept = vec![0; files.div_ceil(64)];
        for posting in postings {
            if self.has(posting.file)
                && let Some(word) = kept.get_mut(word_of(posting.file))
            {
                *word |= bit_of(posting.file);
            }
        }
        self.bits = Some(kept);
    }

    fn has(&self, file: u32) -> bool {
        let has =
            |bits: &Vec<u64>| bits.get(word_of(file)).is_some_and(|word| word & bit_of(file) != 0);
        self.bits.as_ref().is_none_or(has)
    }
}

const fn word_of(file: u32) -> usize {
    (file / 64) as usize
}

const fn bit_of(file: u32) -> u64 {
    1_u64.wrapping_shl(file)
}
