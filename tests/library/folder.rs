use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use filbert::index::files::FileId;
use filbert::library::catalogue::Job;
use filbert::library::found::{Listing, Stamp};
use filbert::library::hash::Wanted;
use filbert::library::scan::{Own, Step, Walk, stamp_of};

/// A folder of its own, which is removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("filbert-library-{}-{number}", std::process::id());
        let path = fs::canonicalize(std::env::temp_dir()).unwrap().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Writes a file, with the folders above it, that was not written to for an hour.
    pub fn put(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        age(&path, 3_600);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// As if a file was written last so many seconds ago.
pub fn age(path: &Path, seconds: u64) {
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
}

/// All steps of a walk through these folders.
pub fn walk(folders: &[PathBuf], own: Own) -> Vec<Step> {
    let mut walk = Walk::new(folders, own);
    std::iter::from_fn(|| walk.step(&|| true)).collect()
}

/// What is listed in these folders.
pub fn listings(folders: &[PathBuf]) -> Vec<Listing> {
    let listed = |step| if let Step::Listed(listing) = step { Some(listing) } else { None };
    walk(folders, Own::default()).into_iter().filter_map(listed).collect()
}

/// The names of all files in them.
pub fn names(listings: &[Listing]) -> Vec<String> {
    let files = listings.iter().flat_map(|listing| &listing.files);
    files.map(|(name, _)| name.to_string()).collect()
}

pub fn stamp(path: &Path) -> Stamp {
    stamp_of(&fs::symlink_metadata(path).unwrap())
}

/// The file as it is now is to be read.
pub fn job(path: &Path) -> Job {
    Job { id: FileId(1), path: path.to_owned(), stamp: stamp(path), wanted: Wanted::default() }
}
