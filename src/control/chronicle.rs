//! What happens at the node, numbered: told to whoever watches, the last of it also to who comes back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast::{self, Receiver};

use super::model::Happening;

/// Happenings that wait for one who watches and is slow.
const WAITING_MAX: usize = 1024;
/// Happenings that are kept for who comes back: some minutes of a quiet node, seconds of a busy one.
pub const KEPT_MAX: usize = 256;

/// Tells what happens. Clones tell the same watchers.
#[derive(Clone, Debug)]
pub struct Chronicle {
    sender: broadcast::Sender<Arc<Happening>>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The number of the last happening; the first since the start of the node has 1.
    number: u64,
    last: VecDeque<Arc<Happening>>,
}

/// What somebody hears who watches.
#[derive(Debug)]
pub struct Watched {
    /// How many it does not know and will not hear, for they are kept no more.
    pub missed: u64,
    /// The number before that of the first one that is told.
    pub number: u64,
    /// What has happened already.
    pub kept: Vec<Arc<Happening>>,
    /// What happens from now on.
    pub happenings: Receiver<Arc<Happening>>,
}

impl Chronicle {
    pub(super) fn new() -> Self {
        Self { sender: broadcast::channel(WAITING_MAX).0, kept: Arc::default() }
    }

    /// Something has happened.
    pub fn tell(&self, happening: Happening) {
        let happening = Arc::new(happening);
        let mut kept = self.lock();
        kept.number = kept.number.saturating_add(1);
        if kept.last.len() >= KEPT_MAX {
            kept.last.pop_front();
        }
        kept.last.push_back(Arc::clone(&happening));
        // That nobody watches is no matter.
        let _ = self.sender.send(happening);
    }

    /// What happens from now on.
    pub fn watch(&self) -> Receiver<Arc<Happening>> {
        self.sender.subscribe()
    }

    /// What has happened after this number, as far as it is kept, and what happens from now on. A number
    /// that is yet to come is of an earlier run: all of this one is new then.
    pub fn watch_after(&self, known: Option<u64>) -> Watched {
        // Nothing happens meanwhile.
        let kept = self.lock();
        let known = known.map_or(kept.number, |known| if known > kept.number { 0 } else { known });
        let new = kept.number.saturating_sub(known);
        let told = kept.last.len().min(usize::try_from(new).unwrap_or(usize::MAX));
        let number = kept.number.saturating_sub(told as u64);
        Watched {
            missed: number.saturating_sub(known),
            number,
            kept: kept.last.iter().rev().take(told).rev().cloned().collect(),
            happenings: self.sender.subscribe(),
        }
    }

    /// How many watch.
    pub fn watchers(&self) -> usize {
        self.sender.receiver_count()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What somebody hears who knows this much of so many: how many are missed, and the first and the last
    /// number that is told.
    fn heard(happenings: usize, known: Option<u64>) -> (u64, Option<(u64, u64)>) {
        let chronicle = Chronicle::new();
        for results in 1..=happenings {
            chronicle.tell(Happening::Answered { results: u32::try_from(results).unwrap() });
        }
        let Watched { missed, number, kept, .. } = chronicle.watch_after(known);
        for (number, happening) in (number + 1..).zip(&kept) {
            let results = u32::try_from(number).unwrap();
            assert_eq!(**happening, Happening::Answered { results }, "{number}");
        }
        let last = number + kept.len() as u64;
        assert_eq!(last, happenings as u64, "what happens next has the next number");
        (missed, (!kept.is_empty()).then_some((number + 1, last)))
    }

    #[test]
    fn who_comes_back_hears_what_is_new_as_far_as_it_is_kept() {
        let kept = KEPT_MAX as u64;
        assert_eq!(heard(3, None), (0, None));
        assert_eq!(heard(3, Some(3)), (0, None));
        assert_eq!(heard(3, Some(1)), (0, Some((2, 3))));
        assert_eq!(heard(3, Some(0)), (0, Some((1, 3))));
        assert_eq!(heard(KEPT_MAX, Some(0)), (0, Some((1, kept))), "at the limit");
        assert_eq!(heard(KEPT_MAX + 1, Some(0)), (1, Some((2, kept + 1))), "one past it");
        assert_eq!(heard(KEPT_MAX + 9, Some(4)), (5, Some((10, kept + 9))));
        assert_eq!(heard(3, Some(4)), (0, Some((1, 3))), "of an earlier run");
        assert_eq!(heard(0, Some(u64::MAX)), (0, None));
    }
}
