use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{Keeper, today};
use crate::base::time::Time;
use crate::index::files::FileId;
use crate::library::catalogue::{Amount, Content, Job};
use crate::library::found::Stamp;
use crate::library::hash::Digests;
use crate::library::read_file::Unhashed;
use crate::runtime::sharing::pool::Outcome;
use crate::runtime::state::{HashRow, Trouble};

/// What is read now, and what is to be kept of what was read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Handed out and not yet done.
    jobs: BTreeMap<FileId, Stamp>,
    size: u64,
    /// Bytes that were read of files that are done.
    done_bytes: u64,
    pub(super) hashed: Amount,
    rows: Vec<HashRow>,
    /// When they are to be kept.
    keep_at: Option<Time>,
    pruned_on: Option<u32>,
}

/// Files that are handed out at most. They are small at first, and nobody should have to wait for the next.
const JOBS_MAX: usize = 128;

/// Files after which their hashes are kept, and the time after which they are.
const ROWS_MAX: usize = 1_024;
const KEEP_AFTER: Duration = Duration::from_secs(2);

impl Reading {
    pub(super) fn is_reading(&self) -> bool {
        !self.jobs.is_empty()
    }

    pub(super) const fn keep_at(&self) -> Option<Time> {
        self.keep_at
    }

    /// What is left of the files that are read now, where so many bytes were read of all.
    pub(super) fn left(&self, read_bytes: u64) -> Amount {
        let read = read_bytes.saturating_sub(self.done_bytes);
        Amount { files: self.jobs.len() as u64, bytes: self.size.saturating_sub(read) }
    }

    fn add(&mut self, job: &Job) {
        if let Some(before) = self.jobs.insert(job.id, job.stamp) {
            self.size = self.size.saturating_sub(before.size);
        }
        self.size = self.size.saturating_add(job.stamp.size);
    }

    fn remove(&mut self, outcome: &Outcome) {
        if self.jobs.get(&outcome.job.id) == Some(&outcome.job.stamp) {
            self.jobs.remove(&outcome.job.id);
        }
        self.size = self.size.saturating_sub(outcome.job.stamp.size);
        self.done_bytes = self.done_bytes.saturating_add(outcome.read_bytes);
    }
}

impl Keeper {
    /// Hands out files to be read, as long as there are any and not too many are handed out.
    pub(super) fn hand_out(&mut self) {
        let (now, mut jobs) = (self.now(), Vec::new());
        while self.reading.jobs.len() < JOBS_MAX {
            let Some(job) = self.catalogue.job(now) else { break };
            self.reading.add(&job);
            jobs.push(job);
        }
        if !jobs.is_empty() {
            self.pool.give(jobs);
        }
    }

    /// Of files that are new, those need not be read whose hashes are kept.
    pub(super) fn look_up(&mut self, new: &[FileId]) {
        if new.is_empty() {
            return;
        }
        let jobs: Vec<Job> = new.iter().filter_map(|id| self.catalogue.file(*id)).collect();
        let wanted: Vec<(PathBuf, Stamp)> =
            jobs.iter().map(|job| (job.path.clone(), job.stamp)).collect();
        let today = today();
        let found = match self.hashes.find(&wanted, today) {
            Ok(found) => found,
            Err(why) => return self.begin_anew(&why),
        };
        for (job, (content, is_old)) in jobs.into_iter().zip(found) {
            let Some(content) = content else { continue };
            // An offer of nothing would make the node build a table of no words, which it keeps for a while.
            self.telling.changed();
            self.catalogue.hashed(job.id, &job.stamp, content);
            if is_old {
                self.note(HashRow { path: job.path, stamp: job.stamp, content, tree: None });
            }
        }
    }

    /// A file was read, or was not.
    pub(super) fn take_outcome(&mut self, outcome: Outcome) {
        self.reading.remove(&outcome);
        let Outcome { job, digests, .. } = outcome;
        let now = self.now();
        match digests {
            Ok(digests) => self.take_digests(job, digests),
            Err(Unhashed::Stopped) => {}
            Err(why @ (Unhashed::Changed | Unhashed::Gone)) => {
                tracing::debug!(path = %job.path.display(), ?why, "a file is looked at again");
                self.catalogue.put_off(job.id, now);
                if let Some(folder) = job.path.parent() {
                    self.changes.add(folder.to_owned(), now);
                }
            }
            Err(Unhashed::Unreadable(error)) => {
                // It is said once of each.
                if self.catalogue.cannot_read(job.id, &job.stamp, now) {
                    tracing::warn!(path = %job.path.display(), %error, "a file cannot be shared");
                }
            }
        }
    }

    fn take_digests(&mut self, job: Job, digests: Digests) {
        let Digests { sha1, tree, kzhash } = digests;
        let content = Content { sha1, tiger_root: tree.root(), kzhash };
        self.reading.hashed.add(job.stamp.size);
        if self.catalogue.hashed(job.id, &job.stamp, content) {
            self.telling.changed();
        }
        let Job { path, stamp, .. } = job;
        self.note(HashRow { path, stamp, content, tree: Some(tree) });
    }

    fn note(&mut self, row: HashRow) {
        self.reading.rows.push(row);
        let due = self.now().after(KEEP_AFTER);
        self.reading.keep_at.get_or_insert(due);
    }

    /// Keeps hashes, if it is time.
    pub(super) fn keep_hashes(&mut self) {
        let now = self.now();
        let is_due = self.reading.keep_at.is_some_and(|due| due <= now);
        if is_due || self.reading.rows.len() >= ROWS_MAX {
            self.keep_all_hashes();
        }
    }

    pub(super) fn keep_all_hashes(&mut self) {
        self.reading.keep_at = None;
        let rows = std::mem::take(&mut self.reading.rows);
        if rows.is_empty() {
            return;
        }
        if let Err(why) = self.hashes.keep(&rows, today()) {
            self.begin_anew(&why);
            // Where that fails too, these files are read again by the next run.
            let _: Result<(), _> = self.hashes.keep(&rows, today());
        }
    }

    /// Forgets files that are gone for long, once a day.
    pub(super) fn prune(&mut self, today: u32) {
        if self.reading.pruned_on.replace(today) == Some(today) {
            return;
        }
        match self.hashes.prune(today) {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "the hashes of files that are gone are forgotten"),
            Err(why) => self.begin_anew(&why),
        }
    }

    /// The file of hashes cannot be used any more.
    fn begin_anew(&mut self, why: &Trouble) {
        tracing::debug!(%why, "hashes cannot be read or written");
        self.open_hashes();
    }

    pub(super) fn open_hashes(&mut self) {
        if let Some(warning) = self.hashes.reopen() {
            tracing::warn!("{warning}");
        }
    }
}
