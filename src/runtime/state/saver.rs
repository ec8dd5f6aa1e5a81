use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::oneshot;
use tracing::{debug, info, warn};

use super::kept::Parts;
use super::store::{Saved, Store};
use super::wall::Wall;

/// Writes state on a thread of its own. Of each part the newest waits and no other, so that a slow disk
/// holds up nobody and costs no memory.
#[derive(Clone, Debug)]
pub struct Saver {
    desk: Arc<Desk>,
}

#[derive(Debug, Default)]
struct Desk {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    parts: Parts,
    ends: bool,
    /// Told when all is written.
    done: Vec<oneshot::Sender<()>>,
}

impl Saver {
    /// Takes over the store. Fails where the system has no more threads.
    pub fn start(store: Store) -> std::io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let for_writer = Arc::clone(&desk);
        thread::Builder::new()
            .name("state".to_owned())
            .spawn(move || write_all(store, &for_writer))?;
        Ok(Self { desk })
    }

    /// Has these parts written soon.
    pub fn save(&self, parts: Parts) {
        self.desk.lock().parts.replace_by(parts);
        self.desk.changed.notify_one();
    }

    /// Has these parts written, and nothing after them. The receiver is told when they are, or when it was
    /// tried in vain; whoever waits for it should not wait for ever.
    pub fn finish(&self, parts: Parts) -> oneshot::Receiver<()> {
        let (done, is_done) = oneshot::channel();
        let mut waiting = self.desk.lock();
        waiting.parts.replace_by(parts);
        waiting.ends = true;
        waiting.done.push(done);
        drop(waiting);
        self.desk.changed.notify_one();
        is_done
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be written next, and whether it is the last.
    fn next(&self) -> (Parts, bool) {
        let is_idle = |waiting: &mut Waiting| waiting.parts.is_empty() && !waiting.ends;
        let waiting = self.changed.wait_while(self.lock(), is_idle);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut waiting.parts), waiting.ends)
    }
}

fn write_all(mut store: Store, desk: &Desk) {
    // What could not be written waits for the next time.
    let mut unsaved = Parts::default();
    loop {
        let (parts, is_last) = desk.next();
        unsaved.replace_by(parts);
        if !unsaved.is_empty() && tell(&store.save(&unsaved, Wall::now())) {
            unsaved = Parts::default();
        }
        if is_last {
            // The file is closed before anybody hears that it is done.
            drop(store);
            let done = std::mem::take(&mut desk.lock().done);
            done.into_iter().for_each(|done| {
                let _: Result<(), ()> = done.send(());
            });
            return;
        }
    }
}

/// Whether it was saved.
fn tell(saved: &Saved) -> bool {
    match saved {
        Saved::Done => debug!("state saved"),
        Saved::Recovered => info!("state can be written again"),
        Saved::Failed(warning) => warn!("{warning}"),
        Saved::StillFailing => debug!("state still cannot be written"),
    }
    matches!(saved, Saved::Done | Saved::Recovered)
}
