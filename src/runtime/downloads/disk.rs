mod explaining;
mod finishing;
mod hashing;
mod promises;
mod rewriting;
mod system;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::BASE32_NOPAD;
use tokio::sync::{Mutex, mpsc};
use tokio_util::task::TaskTracker;

use self::hashing::hash;
pub(super) use self::promises::Promises;
use self::promises::{Promise, Promised, Room};
use self::system::{Real, System};
use crate::base::file_name::SafeName;
use crate::runtime::uploads::Part;
use crate::transfer::download::{ContentKey, DiskFailure, Done, Work};

/// The folder below that of the downloads in which lies what is not whole yet.
pub const UNFINISHED: &str = ".filbert";

/// Bytes that are read at once.
pub(super) const READ_LEN: usize = 256 * 1024;

/// Bytes that stay free on a disk.
const RESERVE_LEN: u64 = 16 * 1024 * 1024;

/// Work that waits for a disk, at most: whoever brings more waits too.
const WORK_MAX: usize = 64;

/// Where the files of one download are.
#[derive(Clone, Debug)]
pub(super) struct Place {
    folder: PathBuf,
    content: ContentKey,
}

impl Place {
    pub(super) fn new(folder: &Path, content: ContentKey) -> Self {
        Self { folder: folder.to_owned(), content }
    }

    pub(super) fn parts(&self) -> PathBuf {
        self.folder.join(UNFINISHED)
    }

    fn name(&self, ending: &str) -> String {
        match &self.content {
            ContentKey::Sha1(sha1) => format!("{}.{ending}", BASE32_NOPAD.encode(sha1)),
            ContentKey::Kazaa(hash) => format!("{hash}.{ending}"),
        }
    }

    pub(super) fn part(&self) -> PathBuf {
        self.parts().join(self.part_name())
    }

    pub(super) fn part_name(&self) -> String {
        self.name("part")
    }

    /// A journal that is to take the place of the other one.
    fn new_journal(&self) -> PathBuf {
        self.parts().join(self.name("journal.new"))
    }

    fn journal(&self) -> PathBuf {
        self.parts().join(self.name("journal"))
    }
}

/// What a disk does, one after the other, on threads that may wait.
pub(super) struct Disk {
    pub(super) work: mpsc::Sender<(u64, Work)>,
    pub(super) done: mpsc::UnboundedReceiver<(u64, Result<Done, DiskFailure>)>,
    pub(super) room: Room,
}

impl Disk {
    pub(super) fn start(
        place: Place,
        shared: Arc<Part>,
        alone: Arc<Mutex<()>>,
        promises: &Promises,
        tasks: &TaskTracker,
    ) -> Self {
        let (work, works) = mpsc::channel(WORK_MAX);
        let (dones, done) = mpsc::unbounded_channel();
        let promise = promises.begin();
        let room = promise.room();
        let worker = Worker::new(place, shared, Box::new(Real), promise);
        tasks.spawn(async move {
            // Somebody may still be at the same files, for a download that the user has just cancelled.
            let _alone = alone.lock_owned().await;
            keep_busy(worker, works, dones).await;
        });
        Self { work, done, room }
    }
}

/// A thread is taken only while there is something to do: hundreds of files may wait for their turn.
async fn keep_busy(
    mut worker: Worker,
    mut works: mpsc::Receiver<(u64, Work)>,
    dones: mpsc::UnboundedSender<(u64, Result<Done, DiskFailure>)>,
) {
    while let Some(first) = works.recv().await {
        let dones = dones.clone();
        let busy = tokio::task::spawn_blocking(move || {
            let mut next = Some(first);
            while let Some((number, work)) = next {
                // Whoever does not hear this has gone; what it wanted is done all the same.
                let _ = dones.send((number, worker.do_or_explain(&work)));
                next = works.try_recv().ok();
            }
            (worker, works)
        });
        let Ok(back) = busy.await else { return };
        (worker, works) = back;
    }
}

struct Files {
    part: File,
    journal: File,
}

struct Worker {
    place: Place,
    files: Option<Files>,
    /// Others may read what is right of it.
    shared: Arc<Part>,
    /// Bytes of the part file as it was made or found: it and the journal have to be there again.
    part_len: Option<u64>,
    /// Bytes of the whole file, where that is known.
    size: Option<u64>,
    /// Others were given bytes of the part file that is there, and nothing more is written to it (DOWN-19).
    is_given_away: bool,
    /// The name that the file has already: only the disk has not said yet that this outlasts a crash.
    named: Option<SafeName>,
    system: Box<dyn System>,
    promise: Promise,
}

impl Worker {
    fn new(place: Place, shared: Arc<Part>, system: Box<dyn System>, promise: Promise) -> Self {
        Self {
            place,
            files: None,
            shared,
            part_len: None,
            size: None,
            is_given_away: false,
            named: None,
            system,
            promise,
        }
    }

    fn do_or_explain(&mut self, work: &Work) -> Result<Done, DiskFailure> {
        let outcome = self.work(work).map_err(|error| self.explain(&error));
        if outcome.is_err() {
            // Nothing more before everything is opened again.
            self.files = None;
            self.promise.give_up();
        }
        outcome
    }

    fn work(&mut self, work: &Work) -> io::Result<Done> {
        match work {
            Work::Prepare { size, is_sure } => self.prepare(*size, *is_sure)?,
            Work::BeginAgain { size, is_sure } => self.begin_again(*size, *is_sure)?,
            Work::Remove => self.remove()?,
            Work::Finish { name } => return self.finish(name).map(Done::Named),
            Work::Write { offset, bytes } => {
                self.system.write(&self.files()?.part, bytes, *offset)?;
            }
            Work::Sync => self.files()?.part.sync_data()?,
            Work::Append { offset, bytes } => {
                let journal = &self.files()?.journal;
                self.system.write(journal, bytes, *offset)?;
                journal.sync_data()?;
            }
            Work::Rewrite { bytes } => self.rewrite(bytes)?,
            Work::Hash { others } => return hash(&self.lies_at(), *others).map(Done::Hashed),
        }
        Ok(Done::Fine)
    }

    fn files(&self) -> io::Result<&Files> {
        self.files.as_ref().ok_or_else(|| io::Error::other("the files are not open"))
    }

    /// The part file, or what it has become.
    fn lies_at(&self) -> PathBuf {
        let part = self.place.part();
        match &self.named {
            Some(name) if !part.exists() => self.place.folder.join(name),
            _ => part,
        }
    }

    fn prepare(&mut self, size: Option<u64>, is_sure: bool) -> io::Result<()> {
        self.size = size.or(self.size);
        self.promise.waits_for_nobody();
        if self.is_given_away {
            self.give_away()?;
        }
        let parts = self.place.parts();
        fs::create_dir_all(&parts)?;
        // A new one in place of one that is gone would have nothing of what we believe is there (DOWN-23).
        let is_new = self.part_len.is_none();
        let open = |path: PathBuf| {
            OpenOptions::new().read(true).write(true).create(is_new).truncate(false).open(path)
        };
        let files = Files { part: open(self.lies_at())?, journal: open(self.place.journal())? };
        if files.part.metadata()?.len() < self.part_len.unwrap_or_default() {
            return Err(ErrorKind::NotFound.into());
        }
        if let Some(size) = size {
            let (path, disk) = (self.lies_at(), files.part.metadata()?.dev());
            let missing = |others| self.missing_len(size, &files.part, others);
            // What strangers say is nobody's word: it keeps no room from others.
            let promised = Promised { part: path, size, is_sure };
            if self.promise.make(promised, disk, missing)? > 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            // A hole, which fills as bytes come.
            files.part.set_len(size)?;
            files.part.sync_all()?;
        } else {
            self.promise.give_up();
        }
        self.system.sync_folder(&parts)?;
        self.system.sync_folder(&self.place.folder)?;
        self.shared.lies_in(&files.part)?;
        self.part_len = Some(files.part.metadata()?.len());
        self.files = Some(files);
        Ok(())
    }

    /// Whoever reads the old part file gets nothing more of it.
    fn begin_again(&mut self, size: u64, is_sure: bool) -> io::Result<()> {
        // Where the journal could not say so, the old one stays.
        self.files()?;
        self.is_given_away = true;
        self.prepare(Some(size), is_sure)
    }

    fn give_away(&mut self) -> io::Result<()> {
        self.remove_one(&self.lies_at())?;
        (self.is_given_away, self.part_len, self.named) = (false, None, None);
        Ok(())
    }

    fn remove_one(&self, path: &Path) -> io::Result<()> {
        match self.system.remove(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Bytes that have to be free on the disk beside those that are, for a file of this size and for what others need.
    fn missing_len(&self, size: u64, part: &File, others_len: u64) -> io::Result<u64> {
        let taken = part.metadata()?.blocks().saturating_mul(512);
        let own = size.saturating_sub(taken).saturating_add(RESERVE_LEN);
        let wanted = own.saturating_add(others_len);
        Ok(wanted.saturating_sub(self.system.free_len(&self.place.parts())?))
    }

    fn remove(&mut self) -> io::Result<()> {
        self.files = None;
        self.promise.give_up();
        // The journal goes last: what it says can be done again, and does no harm where it comes back.
        self.remove_one(&self.place.part())?;
        self.system.sync_folder(&self.place.parts())?;
        self.remove_one(&self.place.new_journal())?;
        self.remove_one(&self.place.journal())?;
        let _ = self.system.sync_folder(&self.place.parts());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
