//! Part files are holes that fill: what is free on a disk may be promised to others already (DOWN-39).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What unfinished files still need.
#[derive(Clone, Debug, Default)]
pub(in crate::runtime::downloads) struct Promises(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    last: u64,
    promised: BTreeMap<u64, Promised>,
}

/// A file that may grow to this size.
#[derive(Debug)]
struct Promised {
    part: PathBuf,
    size: u64,
}

/// The promise to one of them.
#[derive(Debug)]
pub(super) struct Promise {
    number: u64,
    all: Promises,
}

impl Promises {
    pub(super) fn begin(&self) -> Promise {
        let mut table = self.lock();
        table.last = table.last.saturating_add(1);
        Promise { number: table.last, all: self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Promise {
    /// Promises room for a file, unless bytes are missing for it beside what others need on the same disk. Returned
    /// is how many.
    pub(super) fn make(
        &self,
        (part, size): (PathBuf, u64),
        disk: u64,
        missing_len: impl FnOnce(u64) -> io::Result<u64>,
    ) -> io::Result<u64> {
        // Whoever comes in between would be promised the same.
        let mut table = self.all.lock();
        let missing = missing_len(table.others_len(self.number, disk))?;
        if missing == 0 {
            table.promised.insert(self.number, Promised { part, size });
        }
        drop(table);
        Ok(missing)
    }

    /// What others need of this disk.
    pub(super) fn others_len(&self, disk: u64) -> u64 {
        self.all.lock().others_len(self.number, disk)
    }

    /// It is over, or waits for the user.
    pub(super) fn give_up(&self) {
        self.all.lock().promised.remove(&self.number);
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
    use crate::transfer::download::{Done, Work};

    /// So much is free on it, whatever is written.
    struct Small(u64);

    impl System for Small {
        fn free_len(&self, _: &std::path::Path) -> io::Result<u64> {
            Ok(self.0)
        }
    }

    /// DOWN-39
    #[test]
    fn what_is_free_is_promised_once() {
        let folder = format!("filbert-disk-{}-promised", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let (all, unfinished) = (Promises::default(), Unfinished::new(true));
        let begin = |sha1| {
            let place = Place::new(&folder, sha1);
            let offering = unfinished.enter(&place.parts(), place.part_name().as_ref(), sha1).0;
            let part = Arc::clone(offering.part());
            Worker::new(place, part, Box::new(Small(100_000_000)), all.begin())
        };
        let prepare = |megabytes: u64| Work::Prepare { size: Some(megabytes * 1_000_000) };
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
        fs::remove_dir_all(&folder).unwrap();
    }
}
