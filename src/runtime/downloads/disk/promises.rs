//! Part files are holes that fill: what is free on a disk may be promised to others already (DOWN-39).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// What unfinished files still need.
#[derive(Clone, Debug, Default)]
pub(in crate::runtime::downloads) struct Promises(Arc<All>);

#[derive(Debug, Default)]
struct All {
    table: Mutex<Table>,
    /// Moves when a promise ends.
    ends: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Table {
    last: u64,
    promised: BTreeMap<u64, Promised>,
}

/// A file that may grow to this size.
#[derive(Debug)]
pub(super) struct Promised {
    pub(super) part: PathBuf,
    pub(super) size: u64,
    /// Otherwise only strangers say it, and others need not leave it that room.
    pub(super) is_sure: bool,
}

/// The promise to one of them.
#[derive(Debug)]
pub(super) struct Promise {
    number: u64,
    all: Promises,
    waits: Arc<AtomicBool>,
}

/// Room for one of them that was promised to others.
pub(in crate::runtime::downloads) struct Room {
    waits: Arc<AtomicBool>,
    ends: watch::Receiver<()>,
}

impl Promises {
    pub(super) fn begin(&self) -> Promise {
        let mut table = self.lock();
        table.last = table.last.saturating_add(1);
        Promise { number: table.last, all: self.clone(), waits: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    /// Returns when a promise to another one has ended, which may leave room.
    pub(in crate::runtime::downloads) async fn comes(&mut self) {
        while self.ends.changed().await.is_ok() {
            if self.waits.load(Ordering::Relaxed) {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

impl Promise {
    /// Promises room for a file, unless bytes are missing for it beside what others need on the same disk. Returned
    /// is how many.
    pub(super) fn make(
        &self,
        promised: Promised,
        disk: u64,
        missing_len: impl Fn(u64) -> io::Result<u64>,
    ) -> io::Result<u64> {
        if !promised.is_sure {
            self.give_up();
        }
        // Whoever comes in between would be promised the same.
        let mut table = self.all.lock();
        let missing = missing_len(table.others_len(self.number, disk))?;
        if missing == 0 && promised.is_sure {
            table.promised.insert(self.number, promised);
        }
        // A promise that ends after this is heard of.
        self.waits.store(missing > 0 && missing_len(0)? == 0, Ordering::Relaxed);
        drop(table);
        Ok(missing)
    }

    /// It is not for room that it waits, until that is known.
    pub(super) fn waits_for_nobody(&self) {
        self.waits.store(false, Ordering::Relaxed);
    }

    /// What tells when to try again.
    pub(super) fn room(&self) -> Room {
        Room { waits: Arc::clone(&self.waits), ends: self.all.0.ends.subscribe() }
    }

    /// What others need of this disk.
    pub(super) fn others_len(&self, disk: u64) -> u64 {
        self.all.lock().others_len(self.number, disk)
    }

    /// It is over, or waits for the user.
    pub(super) fn give_up(&self) {
        let was_promised = self.all.lock().promised.remove(&self.number).is_some();
        if was_promised {
            self.all.0.ends.send_replace(());
        }
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl Table {
    fn others_len(&self, but: u64, disk: u64) -> u64 {
        let others = self.promised.iter().filter(|(number, _)| **number != but);
        let missing = others.filter_map(|(_, promised)| {
            let file = fs::metadata(&promised.part).ok().filter(|file| file.dev() == disk)?;
            Some(promised.size.saturating_sub(file.blocks().saturating_mul(512)))
        });
        missing.fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::super::system::System;
    use super::super::{Place, Worker};
    use super::*;
    use crate::runtime::uploads::Unfinished;
    use crate::transfer::download::{ContentKey, Done, Work};

    /// So much is free on it, whatever is written.
    struct Small(u64);

    impl System for Small {
        fn free_len(&self, _: &std::path::Path) -> io::Result<u64> {
            Ok(self.0)
        }
    }

    struct Scene {
        folder: PathBuf,
        all: Promises,
        unfinished: Unfinished,
    }

    impl Scene {
        fn new(name: &str) -> Self {
            let folder = format!("filbert-disk-{}-{name}", std::process::id());
            let folder = std::env::temp_dir().join(folder);
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            Self { folder, all: Promises::default(), unfinished: Unfinished::new(true) }
        }

        fn begin(&self, sha1: [u8; 20]) -> Worker {
            let place = Place::new(&self.folder, ContentKey::Sha1(sha1));
            let (parts, name) = (place.parts(), place.part_name());
            let offering = self.unfinished.enter(&parts, name.as_ref(), Some(sha1)).0;
            let part = Arc::clone(offering.part());
            Worker::new(place, part, Box::new(Small(100_000_000)), self.all.begin())
        }
    }

    impl Drop for Scene {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }

    fn prepare(megabytes: u64, is_sure: bool) -> Work {
        Work::Prepare { size: Some(megabytes * 1_000_000), is_sure }
    }

    /// DOWN-39
    #[test]
    fn what_is_free_is_promised_once() {
        let scene = Scene::new("promised");
        let begin = |sha1| scene.begin(sha1);
        let prepare = |megabytes| prepare(megabytes, true);
        let (mut first, mut second) = (begin([1; 20]), begin([2; 20]));
        assert_eq!(first.do_or_explain(&prepare(60)), Ok(Done::Fine));
        assert_eq!(first.do_or_explain(&prepare(70)), Ok(Done::Fine), "its own is not counted");
        let failure = second.do_or_explain(&prepare(50)).unwrap_err();
        let says = ": free 37 MB more (70 MB of what is free are for other downloads), then resume";
        assert!(failure.no_room && failure.why.contains(says), "{}", failure.why);
        // What has come is on the disk, and not missing any more.
        let bytes = vec![1; 40_000_000].into();
        assert_eq!(first.do_or_explain(&Work::Write { offset: 0, bytes }), Ok(Done::Fine));
        assert_eq!(second.do_or_explain(&prepare(50)), Ok(Done::Fine));
        assert!(begin([3; 20]).do_or_explain(&prepare(50)).is_err());
        assert_eq!(second.do_or_explain(&Work::Remove), Ok(Done::Fine));
        assert_eq!(begin([3; 20]).do_or_explain(&prepare(50)), Ok(Done::Fine));
        assert_eq!(begin([4; 20]).do_or_explain(&prepare(50)), Ok(Done::Fine), "that one is gone");
    }

    /// DOWN-39: a liar could keep all others from the disk.
    #[test]
    fn what_strangers_say_keeps_no_room_from_others() {
        let scene = Scene::new("strangers");
        let (mut first, mut second) = (scene.begin([1; 20]), scene.begin([2; 20]));
        assert_eq!(first.do_or_explain(&prepare(80, false)), Ok(Done::Fine));
        assert_eq!(second.do_or_explain(&prepare(80, true)), Ok(Done::Fine));
        let failure = first.do_or_explain(&prepare(80, false)).unwrap_err();
        assert!(failure.no_room, "it has to leave others their room all the same");
    }

    /// DOWN-39: what is sure is not any more.
    #[test]
    fn a_size_that_is_taken_back_keeps_no_room_from_others() {
        for no_size in [prepare(10, false), Work::Prepare { size: None, is_sure: false }] {
            let scene = Scene::new("taken-back");
            let (mut first, mut second) = (scene.begin([1; 20]), scene.begin([2; 20]));
            assert_eq!(first.do_or_explain(&prepare(80, true)), Ok(Done::Fine));
            assert!(second.do_or_explain(&prepare(80, true)).is_err());
            assert_eq!(first.do_or_explain(&no_size), Ok(Done::Fine));
            assert_eq!(second.do_or_explain(&prepare(80, true)), Ok(Done::Fine));
        }
    }

    /// DOWN-39
    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_room_hears_when_another_promise_ends() {
        let scene = Scene::new("room");
        let (mut first, mut second, mut third) =
            (scene.begin([1; 20]), scene.begin([2; 20]), scene.begin([3; 20]));
        assert_eq!(first.do_or_explain(&prepare(80, true)), Ok(Done::Fine));
        assert!(second.do_or_explain(&prepare(80, true)).is_err());
        assert!(third.do_or_explain(&prepare(101, true)).is_err());
        let mut rooms = [first, second, third].map(|worker| (worker.promise.room(), worker));
        let comes = async |(room, _): &mut (Room, Worker)| {
            tokio::time::timeout(std::time::Duration::from_secs(1), room.comes()).await.is_ok()
        };
        assert!(!comes(&mut rooms[1]).await);
        assert_eq!(rooms[0].1.do_or_explain(&Work::Remove), Ok(Done::Fine));
        assert!(comes(&mut rooms[1]).await);
        assert!(
            !comes(&mut rooms[0]).await && !comes(&mut rooms[2]).await,
            "nobody's promise helps"
        );
    }
}
