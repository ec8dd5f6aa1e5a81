use std::fs::{self, DirEntry, Metadata};
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::base::limits::SHARED_FILE_LEN_MAX;
use crate::library::found::{Identity, LeftOut, Listing, SharedFolder, Stamp};

/// Entries of a folder after which it is asked whether anybody still wants it.
const ENTRIES_AT_A_TIME: usize = 128;

/// Lists one folder, and none below it.
///
/// # Errors
/// It cannot be read, or is not wanted any more.
pub fn list(folder: SharedFolder, is_wanted: &dyn Fn() -> bool) -> io::Result<Listing> {
    let metadata = fs::symlink_metadata(&folder.path)?;
    if !metadata.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    let mut listing = Listing::empty(folder);
    listing.identity = identity_of(&metadata);
    for (count, entry) in fs::read_dir(&listing.folder.path)?.enumerate() {
        if count % ENTRIES_AT_A_TIME == 0 && !is_wanted() {
            return Err(ErrorKind::Interrupted.into());
        }
        match entry {
            Ok(entry) => listing.entry(&entry),
            Err(_) => count_one(&mut listing.left_out.unreadable),
        }
    }
    listing.files.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    listing.folders.sort_unstable();
    Ok(listing)
}

/// What is known of a file without reading it.
pub fn stamp_of(metadata: &Metadata) -> Stamp {
    let modified = metadata.modified().ok();
    let modified_ns = modified.map_or(0, |modified| match modified.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, i64::saturating_neg)
        }
    });
    let (size, identity) = (metadata.len(), identity_of(metadata));
    Stamp { size, modified_ns, changed_ns: changed_ns(metadata), identity }
}

fn changed_ns(metadata: &Metadata) -> i64 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec())
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        0
    }
}

pub(super) fn identity_of(metadata: &Metadata) -> Identity {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Identity { device: metadata.dev(), inode: metadata.ino() }
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Identity::default()
    }
}

impl Listing {
    /// Of a folder in which nothing was found.
    pub(super) fn empty(folder: SharedFolder) -> Self {
        Self {
            folder,
            identity: Identity::default(),
            files: Vec::new(),
            folders: Vec::new(),
            left_out: LeftOut::default(),
        }
    }

    fn entry(&mut self, entry: &DirEntry) {
        let (name, left_out) = (entry.file_name(), &mut self.left_out);
        if name.as_encoded_bytes().first() == Some(&b'.') {
            return count_one(&mut left_out.hidden);
        }
        let Ok(kind) = entry.file_type() else { return count_one(&mut left_out.unreadable) };
        if kind.is_symlink() {
            return count_one(&mut left_out.links);
        }
        if !kind.is_file() && !kind.is_dir() {
            return count_one(&mut left_out.special);
        }
        let name = name.to_str().filter(|name| !name.chars().any(char::is_control));
        let Some(name) = name else { return count_one(&mut left_out.unnameable) };
        if kind.is_dir() {
            return self.folders.push(name.into());
        }
        // Of the entry itself, not of what a link leads to that has taken its place.
        let Ok(metadata) = entry.metadata() else { return count_one(&mut left_out.unreadable) };
        let stamp = stamp_of(&metadata);
        match stamp.size {
            _ if !metadata.is_file() => count_one(&mut left_out.special),
            0 => count_one(&mut left_out.empty),
            SHARED_FILE_LEN_MAX.. => count_one(&mut left_out.too_large),
            _ => self.files.push((Arc::from(name), stamp)),
        }
    }
}

pub(super) const fn count_one(number: &mut u64) {
    *number = number.saturating_add(1);
}
