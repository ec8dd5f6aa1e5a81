//! What an ordinary node shares with its supernode.

use std::collections::BTreeMap;

use crate::base::limits::SHARED_WITH_SUPERNODE_MAX;
use crate::base::time::Time;
use crate::fasttrack::wire::{Message, Share, Tag, Unshare};

type Hash = [u8; 20];

/// Files that are shared, and those that the supernode knows of.
#[derive(Clone, Debug, Default)]
pub(super) struct Sharing {
    offered: BTreeMap<Hash, Share>,
    told: BTreeMap<Hash, Share>,
    /// These are the same.
    is_told: bool,
    /// From when on the supernode is told. None before it has asked, and without one.
    from: Option<Time>,
}

impl Sharing {
    /// These are shared from now on: the first so many of those that others could find (FTNODE-06).
    pub(super) fn offer(&mut self, files: impl IntoIterator<Item = Share>) {
        self.is_told = false;
        self.offered.clear();
        for file in files.into_iter().filter(is_fit) {
            if self.offered.len() >= SHARED_WITH_SUPERNODE_MAX {
                break;
            }
            self.offered.entry(file.hash).or_insert(file);
        }
    }

    /// The supernode is told from then on, or from an earlier moment that was named before.
    pub(super) fn tell_from(&mut self, from: Time) {
        self.from = Some(self.from.map_or(from, |before| before.min(from)));
    }

    /// There is no supernode any more, and nobody who knows.
    pub(super) fn reset(&mut self) {
        self.told.clear();
        (self.from, self.is_told) = (None, false);
    }

    /// What the supernode does not know yet, and what it knows that is not so any more (FTNODE-07).
    pub(super) fn difference(&mut self, now: Time) -> Vec<Message> {
        if self.is_told || self.from.is_none_or(|from| now < from) {
            return Vec::new();
        }
        self.is_told = true;
        // With another name it would be another file (FTSUPER-08).
        let is_there = |told: &&Share| {
            let offered = self.offered.get(&told.hash);
            offered.is_some_and(|file| name(file) == name(told))
        };
        let gone = self.told.values().filter(|told| !is_there(told));
        let mut messages: Vec<Message> = gone.cloned().map(taken_back).collect();
        let is_new = |file: &&Share| self.told.get(&file.hash) != Some(*file);
        messages.extend(self.offered.values().filter(is_new).cloned().map(Message::Share));
        self.told = self.offered.clone();
        messages
    }

    /// When the supernode is told, if it was not by this moment.
    pub(super) fn next_timeout(&self, stepped: Time) -> Option<Time> {
        self.from.filter(|from| *from > stepped)
    }
}

/// Whether somebody who finds it can make something of it (FTSEARCH-16).
fn is_fit(file: &Share) -> bool {
    let has_name = file.tags.text(Tag::FILE_NAME).is_some_and(|name| !name.trim().is_empty());
    has_name && file.size > 0 && file.hash != Hash::default()
}

fn name(file: &Share) -> Option<&[u8]> {
    file.tags.bytes(Tag::FILE_NAME)
}

fn taken_back(Share { hash, file_id, size, tags, .. }: Share) -> Message {
    Message::Unshare(Unshare { hash, file_id, size, tags })
}
