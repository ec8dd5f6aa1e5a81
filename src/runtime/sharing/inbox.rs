use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Plan;
use super::pool::Outcome;
use crate::index::files::FileId;

/// Where others leave what the keeper has to know. Much of one kind is little: it does not grow without bound.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    post: Mutex<Post>,
    changed: Condvar,
    ends: AtomicBool,
}

#[derive(Debug, Default)]
pub(super) struct Post {
    pub(super) plan: Option<Plan>,
    pub(super) rescan: bool,
    /// Of files that were read; no more than are handed out.
    pub(super) outcomes: Vec<Outcome>,
    /// Folders in which something has changed.
    pub(super) touched: BTreeSet<PathBuf>,
    /// Files that are offered and cannot be opened.
    pub(super) unopened: BTreeSet<FileId>,
    /// So much has changed that nobody knows what.
    pub(super) has_lost_changes: bool,
}

/// Folders that have changed and are known one by one; beyond that all are looked through.
const TOUCHED_MAX: usize = 4_096;

impl Inbox {
    /// Leaves something.
    pub(super) fn post(&self, write: impl FnOnce(&mut Post)) {
        write(&mut self.lock());
        self.changed.notify_one();
    }

    /// It is over.
    pub(super) fn end(&self) {
        // Under the lock, so that whoever is about to wait sees it.
        let post = self.lock();
        self.ends.store(true, Ordering::Relaxed);
        drop(post);
        self.changed.notify_all();
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ends.load(Ordering::Relaxed)
    }

    /// Takes what is there, or waits for it, but not for longer than this.
    pub(super) fn take(&self, patience: Duration) -> Post {
        let is_idle = |post: &mut Post| post.is_empty() && !self.has_ended();
        let waited = self.changed.wait_timeout_while(self.lock(), patience, is_idle);
        let (mut post, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *post)
    }

    fn lock(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Post {
    /// Something has changed in this folder.
    pub(super) fn touch(&mut self, folder: PathBuf) {
        self.touched.insert(folder);
        if self.touched.len() > TOUCHED_MAX {
            self.lose_changes();
        }
    }

    /// A file that is offered cannot be opened. Where there are many, more are told of when somebody asks again.
    pub(super) fn cannot_open(&mut self, file: FileId) {
        if self.unopened.len() < TOUCHED_MAX {
            self.unopened.insert(file);
        }
    }

    pub(super) fn lose_changes(&mut self) {
        self.touched.clear();
        self.has_lost_changes = true;
    }

    fn is_empty(&self) -> bool {
        let Self { plan, rescan, outcomes, touched, unopened, has_lost_changes } = self;
        let has_any = *rescan || *has_lost_changes || plan.is_some();
        !has_any && outcomes.is_empty() && touched.is_empty() && unopened.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_changes_are_known_one_by_one_and_no_more() {
        let mut post = Post::default();
        let folder = |number: usize| PathBuf::from(format!("/{number}"));
        (0..TOUCHED_MAX).for_each(|number| post.touch(folder(number)));
        assert_eq!((post.touched.len(), post.has_lost_changes), (TOUCHED_MAX, false));
        post.touch(folder(0));
        assert!(!post.has_lost_changes, "it is known already");
        post.touch(folder(TOUCHED_MAX));
        assert_eq!((post.touched.len(), post.has_lost_changes), (0, true));
    }

    #[test]
    fn nobody_waits_at_the_end() {
        let inbox = Inbox::default();
        inbox.end();
        assert!(inbox.take(Duration::MAX).is_empty());
    }
}
