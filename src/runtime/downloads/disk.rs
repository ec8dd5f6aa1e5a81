use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::BASE32_NOPAD;
use sha1::{Digest, Sha1};
use tokio::sync::{Mutex, mpsc};
use tokio_util::task::TaskTracker;

use crate::base::file_name::SafeName;
use crate::runtime::uploads::Part;
use crate::transfer::download::{DiskFailure, Done, Work};

/// The folder below that of the downloads in which lies what is not whole yet.
pub const UNFINISHED: &str = ".filbert";

/// Bytes that are read at once.
pub(super) const READ_LEN: usize = 256 * 1024;

/// Bytes that stay free on a disk.
const RESERVE_LEN: u64 = 16 * 1024 * 1024;

/// Names that are tried, `name (1).ext` and so on.
const NAMES_MAX: u32 = 10_000;

/// Work that waits for a disk, at most: whoever brings more waits too.
const WORK_MAX: usize = 64;

/// Where the files of one download are.
#[derive(Clone, Debug)]
pub(super) struct Place {
    folder: PathBuf,
    sha1: [u8; 20],
}

impl Place {
    pub(super) fn new(folder: &Path, sha1: [u8; 20]) -> Self {
        Self { folder: folder.to_owned(), sha1 }
    }

    pub(super) fn parts(&self) -> PathBuf {
        self.folder.join(UNFINISHED)
    }

    fn name(&self, ending: &str) -> String {
        format!("{}.{ending}", BASE32_NOPAD.encode(&self.sha1))
    }

    pub(super) fn part(&self) -> PathBuf {
        self.parts().join(self.part_name())
    }

    pub(super) fn part_name(&self) -> String {
        self.name("part")
    }

    fn journal(&self) -> PathBuf {
        self.parts().join(self.name("journal"))
    }
}

/// What a disk does, one after the other, on threads that may wait.
pub(super) struct Disk {
    pub(super) work: mpsc::Sender<(u64, Work)>,
    pub(super) done: mpsc::UnboundedReceiver<(u64, Result<Done, DiskFailure>)>,
}

impl Disk {
    pub(super) fn start(
        place: Place,
        shared: Arc<Part>,
        alone: Arc<Mutex<()>>,
        tasks: &TaskTracker,
    ) -> Self {
        let (work, works) = mpsc::channel(WORK_MAX);
        let (dones, done) = mpsc::unbounded_channel();
        let worker = Worker { place, files: None, shared, part_len: None };
        tasks.spawn(async move {
            // Somebody may still be at the same files, for a download that the user has just cancelled.
            let _alone = alone.lock_owned().await;
            keep_busy(worker, works, dones).await;
        });
        Self { work, done }
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
}

impl Worker {
    fn do_or_explain(&mut self, work: &Work) -> Result<Done, DiskFailure> {
        let outcome = self.work(work).map_err(|error| self.explain(&error));
        if outcome.is_err() {
            // Nothing more before everything is opened again.
            self.files = None;
        }
        outcome
    }

    fn work(&mut self, work: &Work) -> io::Result<Done> {
        match work {
            Work::Prepare { size } => self.prepare(*size)?,
            Work::BeginAgain { size } => self.begin_again(*size)?,
            Work::Remove => self.remove()?,
            Work::Finish { name } => return self.finish(name).map(Done::Named),
            Work::Write { offset, bytes } => self.files()?.part.write_all_at(bytes, *offset)?,
            Work::Sync => self.files()?.part.sync_data()?,
            Work::Append { offset, bytes } => {
                let journal = &self.files()?.journal;
                journal.write_all_at(bytes, *offset)?;
                journal.sync_data()?;
            }
            Work::Hash => return hash(&self.place.part()).map(Done::Hashed),
        }
        Ok(Done::Fine)
    }

    fn files(&self) -> io::Result<&Files> {
        self.files.as_ref().ok_or_else(|| io::Error::other("the files are not open"))
    }

    fn prepare(&mut self, size: Option<u64>) -> io::Result<()> {
        let parts = self.place.parts();
        fs::create_dir_all(&parts)?;
        // A new one in place of one that is gone would have nothing of what we believe is there (DOWN-23).
        let is_new = self.part_len.is_none();
        let open = |path: PathBuf| {
            OpenOptions::new().read(true).write(true).create(is_new).truncate(false).open(path)
        };
        let files = Files { part: open(self.place.part())?, journal: open(self.place.journal())? };
        if files.part.metadata()?.len() < self.part_len.unwrap_or_default() {
            return Err(ErrorKind::NotFound.into());
        }
        if let Some(size) = size {
            let here = files.part.metadata()?;
            let taken = here.blocks().saturating_mul(512);
            let free = free_len(&parts)?;
            if free < size.saturating_sub(taken).saturating_add(RESERVE_LEN) {
                return Err(ErrorKind::StorageFull.into());
            }
            // A hole, which fills as bytes come.
            files.part.set_len(size)?;
            files.part.sync_all()?;
        }
        sync_folder(&parts)?;
        sync_folder(&self.place.folder)?;
        self.shared.lies_in(&files.part)?;
        self.part_len = Some(files.part.metadata()?.len());
        self.files = Some(files);
        Ok(())
    }

    /// Whoever reads the old part file gets nothing more of it.
    fn begin_again(&mut self, size: u64) -> io::Result<()> {
        // Where the journal could not say so, the old one stays.
        self.files()?;
        self.part_len = None;
        match fs::remove_file(self.place.part()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => self.prepare(Some(size)),
        }
    }

    /// Gives the file a name that nobody has. A crash in the middle leaves both names, and this finds that.
    fn finish(&mut self, name: &str) -> io::Result<String> {
        let part = self.place.part();
        let written = &self.files()?.part;
        written.sync_all()?;
        self.shared.ends_with(written)?;
        let name = SafeName::from_remote(name);
        for number in 0..NAMES_MAX {
            let name = if number == 0 { name.clone() } else { name.numbered(number) };
            let target = self.place.folder.join(&name);
            match fs::hard_link(&part, &target) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    if !is_same(&part, &target) {
                        continue;
                    }
                }
                // A disk without such links: there nobody may have the name in between.
                Err(_) => move_without_replacing(&part, &target)?,
            }
            sync_folder(&self.place.folder)?;
            self.remove()?;
            return Ok(name.as_str().to_owned());
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    fn remove(&mut self) -> io::Result<()> {
        self.files = None;
        // The journal goes last: what it says can be done again.
        for path in [self.place.part(), self.place.journal()] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => sync_folder(&self.place.parts())?,
            }
        }
        Ok(())
    }

    fn explain(&self, error: &io::Error) -> DiskFailure {
        let folder = self.place.folder.display();
        let why = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                format!("there is no room left in {folder}: make some, then resume the download")
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                format!(
                    "nothing can be written to {folder}: {error}; allow it, then resume the download"
                )
            }
            ErrorKind::NotFound if self.part_len.is_some() => {
                let parts = self.place.parts();
                format!(
                    "what was fetched is not in {} any more: put it back, then resume the download, or cancel it and begin anew",
                    parts.display()
                )
            }
            _ => format!("{folder} cannot be used: {error}; mend that, then resume the download"),
        };
        let no_room = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
        DiskFailure { why, no_room }
    }
}

fn is_same(part: &Path, target: &Path) -> bool {
    let identity = |path: &Path| {
        fs::symlink_metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
    };
    identity(part).is_some() && identity(part) == identity(target)
}

fn move_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(Into::into)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn free_len(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn hash(path: &Path) -> io::Result<[u8; 20]> {
    let (mut file, mut sha1) = (File::open(path)?, Sha1::new());
    let mut buffer = vec![0; READ_LEN];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(sha1.finalize().into()),
            len => sha1.update(buffer.get(..len).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests;
