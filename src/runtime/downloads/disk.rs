use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use data_encoding::BASE32_NOPAD;
use sha1::{Digest, Sha1};
use tokio::sync::mpsc;

use crate::base::file_name::SafeName;
use crate::base::limits::JOURNAL_LEN_MAX;
use crate::transfer::download::journal::{self, Recovered};
use crate::transfer::download::{DiskFailure, Done, Leaves, Work, root_of};

/// The folder below that of the downloads in which lies what is not whole yet.
pub const UNFINISHED: &str = ".filbert";

/// Bytes that are read at once.
const READ_LEN: usize = 256 * 1024;

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

    fn parts(&self) -> PathBuf {
        self.folder.join(UNFINISHED)
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.parts().join(format!("{}.{ending}", BASE32_NOPAD.encode(&self.sha1)))
    }

    pub(super) fn part(&self) -> PathBuf {
        self.file("part")
    }

    fn journal(&self) -> PathBuf {
        self.file("journal")
    }
}

/// What a disk does, one after the other, on a thread that may wait.
pub(super) struct Disk {
    pub(super) work: mpsc::Sender<(u64, Work)>,
    pub(super) done: mpsc::UnboundedReceiver<(u64, Result<Done, DiskFailure>)>,
}

impl Disk {
    pub(super) fn start(place: Place) -> Self {
        let (work, mut works) = mpsc::channel::<(u64, Work)>(WORK_MAX);
        let (dones, done) = mpsc::unbounded_channel();
        tokio::task::spawn_blocking(move || {
            let mut worker = Worker { place, files: None };
            while let Some((number, work)) = works.blocking_recv() {
                let outcome = worker.work(&work).map_err(|error| worker.explain(&error));
                if outcome.is_err() {
                    // Nothing more before everything is opened again.
                    worker.files = None;
                }
                if dones.send((number, outcome)).is_err() {
                    return;
                }
            }
        });
        Self { work, done }
    }
}

struct Files {
    part: File,
    journal: File,
}

struct Worker {
    place: Place,
    files: Option<Files>,
}

impl Worker {
    fn work(&mut self, work: &Work) -> io::Result<Done> {
        match work {
            Work::Prepare { size } => self.prepare(*size)?,
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
        let open = |path: PathBuf| {
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
        };
        let files = Files { part: open(self.place.part())?, journal: open(self.place.journal())? };
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
        self.files = Some(files);
        Ok(())
    }

    /// Gives the file a name that nobody has. A crash in the middle leaves both names, and this finds that.
    fn finish(&mut self, name: &str) -> io::Result<String> {
        let part = self.place.part();
        self.files()?.part.sync_all()?;
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
            _ => format!("{folder} cannot be used: {error}; mend that, then resume the download"),
        };
        DiskFailure { why }
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

/// What earlier runs have left in a folder. A journal that cannot be read is put aside, and its part file
/// with it.
pub(super) fn left_over(folder: &Path) -> Vec<Recovered> {
    let Ok(entries) = fs::read_dir(folder.join(UNFINISHED)) else { return Vec::new() };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "journal")).collect();
    paths.sort();
    let recovered = paths.iter().filter_map(|path| match recover(folder, path) {
        Ok(recovered) => Some(recovered),
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "a journal of a download cannot be used");
            for ending in ["journal", "part"] {
                let from = path.with_extension(ending);
                let _ = fs::rename(&from, path.with_extension(format!("{ending}.broken")));
            }
            None
        }
    });
    recovered.collect()
}

fn recover(folder: &Path, path: &Path) -> io::Result<Recovered> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut bytes = Vec::new();
    (&file).take(JOURNAL_LEN_MAX).read_to_end(&mut bytes)?;
    let invalid = |error| io::Error::new(ErrorKind::InvalidData, error);
    let mut recovered = journal::replay(&bytes).map_err(invalid)?;
    // What lies behind the last sound record must never be taken for one.
    file.set_len(recovered.writer.len())?;
    file.sync_all()?;
    let part = Place::new(folder, recovered.intent.sha1).part();
    let part_len = fs::metadata(&part).map_or(0, |metadata| metadata.len());
    recovered.keep_only(part_len);
    if recovered.damage.is_some() && part_len > 0 {
        look_again(&mut recovered, &part)?;
    }
    Ok(recovered)
}

/// The journal is damaged: pieces may be there of which it does not tell.
fn look_again(recovered: &mut Recovered, part: &Path) -> io::Result<()> {
    let file = File::open(part)?;
    let mut buffer = vec![0; READ_LEN];
    for (range, digest) in recovered.unknown_pieces() {
        let (mut leaves, mut at) = (Leaves::new(), range.start);
        while at < range.end {
            let left = usize::try_from(range.end.saturating_sub(at)).unwrap_or(READ_LEN);
            let Some(room) = buffer.get_mut(..left.min(READ_LEN)) else { break };
            let len = file.read_at(room, at)?;
            if len == 0 {
                break;
            }
            leaves.update(room.get(..len).unwrap_or_default());
            at = at.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        }
        if at == range.end && root_of(&leaves.finish()) == digest {
            recovered.confirm(range);
        }
    }
    Ok(())
}
