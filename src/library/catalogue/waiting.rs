use std::collections::{BTreeMap, BTreeSet};

use super::Amount;
use crate::base::limits::{HASH_AGAIN_MS, HASH_AGAIN_MS_MAX, READ_AGAIN_MS_MAX};
use crate::base::time::Time;
use crate::index::files::FileId;
use crate::library::found::{Identity, Stamp};

/// Files that are to be hashed: the smallest first, and names of one file next to each other.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    now: BTreeSet<Key>,
    /// Those of which something is known already; after all others.
    known: BTreeSet<Key>,
    later: BTreeSet<(Time, FileId)>,
    /// Those that cannot be read, until they are tried again.
    again: BTreeSet<(Time, FileId)>,
    /// All that could not be read when that was tried last.
    unreadable: BTreeSet<FileId>,
    /// Of files that have changed under our eyes, or cannot be read.
    changes: BTreeMap<FileId, Changes>,
    amount: Amount,
}

type Key = (u64, Identity, FileId);

#[derive(Clone, Copy, Debug)]
struct Changes {
    /// How often it was read in vain.
    count: u32,
    last: Time,
    /// Until then it is left alone, if it waits for that.
    due: Option<Time>,
}

impl Waiting {
    /// What may be read now.
    pub(super) const fn amount(&self) -> Amount {
        self.amount
    }

    /// How many files are left alone for a while.
    pub(super) fn put_off_len(&self) -> usize {
        self.later.len()
    }

    /// How many files cannot be read.
    pub(super) fn unreadable_len(&self) -> usize {
        self.unreadable.len()
    }

    /// A file that is new.
    pub(super) fn add(&mut self, id: FileId, stamp: &Stamp) {
        if self.now.insert(key(id, stamp)) {
            self.amount.add(stamp.size);
        }
    }

    /// A file of which something is known, and more is wanted.
    pub(super) fn add_known(&mut self, id: FileId, stamp: &Stamp) {
        if self.known.insert(key(id, stamp)) {
            self.amount.add(stamp.size);
        }
    }

    /// What is known of files is enough.
    pub(super) fn leave_known(&mut self) {
        for (size, ..) in std::mem::take(&mut self.known) {
            self.amount.remove(size);
        }
    }

    /// A file is not what it was; whoever writes it may not be done. It counts against it only if it was read
    /// since it changed last.
    pub(super) fn changed(&mut self, id: FileId, before: &Stamp, now: Time) {
        let was_read = !self.unreadable.remove(&id);
        let known = self.changes.get(&id).filter(|known| was_read && !known.is_old(now));
        let count = known.map_or(0, |known| {
            if known.due.is_some() { known.count } else { known.count.saturating_add(1) }
        });
        self.wait(id, before, count, now);
    }

    /// A file changed while it was read.
    pub(super) fn put_off(&mut self, id: FileId, stamp: &Stamp, now: Time) {
        let known = self.changes.get(&id).filter(|known| !known.is_old(now));
        let count = known.map_or(0, |known| known.count.saturating_add(1));
        self.unreadable.remove(&id);
        self.wait(id, stamp, count, now);
    }

    /// A file cannot be read. Whether that is new.
    pub(super) fn cannot_read(&mut self, id: FileId, stamp: &Stamp, now: Time) -> bool {
        let known = self.changes.get(&id).filter(|_| self.unreadable.contains(&id));
        let count = known.map_or(0, |known| known.count.saturating_add(1));
        self.remove(id, stamp);
        let due = now.after_ms(wait_ms(count, READ_AGAIN_MS_MAX));
        self.changes.insert(id, Changes { count, last: now, due: Some(due) });
        self.again.insert((due, id));
        self.unreadable.insert(id)
    }

    /// What could not be read waits no longer.
    pub(super) fn try_again(&mut self, now: Time) {
        for (_, id) in std::mem::take(&mut self.again) {
            self.again.insert((now, id));
            if let Some(known) = self.changes.get_mut(&id) {
                known.due = Some(now);
            }
        }
    }

    /// It was read, or need not be.
    pub(super) fn done(&mut self, id: FileId, stamp: &Stamp) {
        self.remove(id, stamp);
        self.unreadable.remove(&id);
    }

    /// It waits no longer.
    pub(super) fn remove(&mut self, id: FileId, stamp: &Stamp) {
        for waiting in [&mut self.now, &mut self.known] {
            if waiting.remove(&key(id, stamp)) {
                self.amount.remove(stamp.size);
            }
        }
        if let Some(due) = self.changes.get_mut(&id).and_then(|known| known.due.take()) {
            self.later.remove(&(due, id));
            self.again.remove(&(due, id));
        }
    }

    /// There is no such file any more.
    pub(super) fn forget(&mut self, id: FileId) {
        self.changes.remove(&id);
        self.unreadable.remove(&id);
    }

    /// Changes that nobody needs to know any more.
    pub(super) fn forget_old_changes(&mut self, now: Time) {
        let is_known = |id: &FileId| self.unreadable.contains(id);
        self.changes.retain(|id, known| known.due.is_some() || !known.is_old(now) || is_known(id));
    }

    /// Takes the file that is to be read next: one that was put off for long enough, or the smallest.
    pub(super) fn next(&mut self, now: Time) -> Option<FileId> {
        let due = [&mut self.later, &mut self.again].into_iter().find_map(|put_off| {
            let (due, id) = put_off.first().copied().filter(|(due, _)| *due <= now)?;
            put_off.remove(&(due, id)).then_some(id)
        });
        if let Some(id) = due {
            if let Some(known) = self.changes.get_mut(&id) {
                known.due = None;
            }
            return Some(id);
        }
        let (size, _, id) = self.now.pop_first().or_else(|| self.known.pop_first())?;
        self.amount.remove(size);
        Some(id)
    }

    pub(super) fn next_timeout(&self) -> Option<Time> {
        let firsts = [self.later.first(), self.again.first()];
        firsts.into_iter().flatten().map(|(due, _)| *due).min()
    }

    /// Others that wait and are the same file under another name.
    pub(super) fn links_of(&self, stamp: &Stamp) -> Vec<FileId> {
        if stamp.identity == Identity::default() {
            return Vec::new();
        }
        let (first, last) = (FileId(0), FileId(u32::MAX));
        let same = (stamp.size, stamp.identity, first)..=(stamp.size, stamp.identity, last);
        let waiting = [&self.now, &self.known].into_iter();
        waiting.flat_map(|waiting| waiting.range(same.clone())).map(|(_, _, id)| *id).collect()
    }

    fn wait(&mut self, id: FileId, stamp: &Stamp, count: u32, now: Time) {
        self.remove(id, stamp);
        let due = now.after_ms(wait_ms(count, HASH_AGAIN_MS_MAX));
        self.changes.insert(id, Changes { count, last: now, due: Some(due) });
        self.later.insert((due, id));
    }
}

impl Changes {
    /// It was left alone for longer than anybody waits.
    fn is_old(&self, now: Time) -> bool {
        self.last.after_ms(HASH_AGAIN_MS_MAX.saturating_mul(2)) < now
    }
}

/// Twice as long each time.
fn wait_ms(count: u32, max_ms: u64) -> u64 {
    HASH_AGAIN_MS.saturating_mul(1 << count.min(16)).min(max_ms)
}

const fn key(id: FileId, stamp: &Stamp) -> Key {
    (stamp.size, stamp.identity, id)
}
