use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::inbox::Inbox;
use crate::library::catalogue::Job;
use crate::library::hash::Digests;
use crate::library::read_file::{Unhashed, hash_file};

/// Threads that read files.
#[derive(Debug)]
pub(super) struct Pool {
    shared: Arc<Shared>,
    threads: usize,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    inbox: Arc<Inbox>,
    read_bytes: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// Threads there are to be, and those there are.
    wanted: usize,
    running: usize,
}

/// What became of a file that was to be read.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) job: Job,
    pub(super) digests: Result<Digests, Unhashed>,
    /// Bytes that were read of it.
    pub(super) read_bytes: u64,
}

/// How much less these threads are worth than others.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Lets everybody else go first. That it cannot be said is no matter.
pub(super) fn give_way() {
    // On Linux a thread has this by itself.
    #[cfg(target_os = "linux")]
    let _: Result<(), _> = rustix::process::setpriority_process(None, NICENESS);
}

impl Pool {
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        let (queue, changed, read_bytes) = Default::default();
        Self { shared: Arc::new(Shared { queue, changed, inbox, read_bytes }), threads: 0 }
    }

    /// So many files are read at the same time from now on.
    pub(super) fn resize(&mut self, threads: usize) {
        self.threads = threads.max(1);
        let mut queue = self.shared.lock();
        queue.wanted = self.threads;
        for _ in queue.running..queue.wanted {
            let shared = Arc::clone(&self.shared);
            let name = "library-read".to_owned();
            match thread::Builder::new().name(name).spawn(move || shared.work()) {
                Ok(_) => queue.running = queue.running.saturating_add(1),
                Err(error) => tracing::warn!(%error, "fewer files are read at a time than wanted"),
            }
        }
        drop(queue);
        self.shared.changed.notify_all();
    }

    pub(super) fn give(&self, jobs: Vec<Job>) {
        self.shared.lock().jobs.extend(jobs);
        self.shared.changed.notify_all();
    }

    /// Bytes that were read by all, also of files that are not done.
    pub(super) fn read_bytes(&self) -> u64 {
        self.shared.read_bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().wanted = 0;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One thread.
    fn work(&self) {
        give_way();
        while let Some(job) = self.next() {
            let mut read_bytes = 0_u64;
            let digests = hash_file(&job, &mut |len| {
                read_bytes = read_bytes.saturating_add(len as u64);
                self.read_bytes.fetch_add(len as u64, Ordering::Relaxed);
                !self.inbox.has_ended()
            });
            self.inbox.post(|post| post.outcomes.push(Outcome { job, digests, read_bytes }));
        }
    }

    /// The next file; none where there are more threads than wanted.
    fn next(&self) -> Option<Job> {
        let is_idle = |queue: &mut Queue| queue.jobs.is_empty() && queue.running <= queue.wanted;
        let waited = self.changed.wait_while(self.lock(), is_idle);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner);
        if queue.running > queue.wanted || self.inbox.has_ended() {
            queue.running = queue.running.saturating_sub(1);
            return None;
        }
        queue.jobs.pop_front()
    }
}
