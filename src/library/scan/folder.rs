use std::fs::{self, DirEntry, Metadata};
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::base::limits::SHARED_FILE_LEN_MAX;
use crate::library::found::{Identity, Listing, SharedFolder, Stamp};

/// Entries of a folder after which it is asked whether anybody still wants it.
const ENTRIES_AT_A_TIME: usize = 128;

/// Lists one folder, and none below it. Where the system fails at that, the listing is partial.
///
/// # Errors
/// It is gone, may not be read, or is not wanted any more.
pub fn list(folder: SharedFolder, is_wanted: &dyn Fn() -> bool) -> io::Result<Listing> {
    let mut listing = Listing::empty(folder);
    match listing.fill(is_wanted) {
        Err(error) if is_lasting(&error) => return Err(error),
        Err(_) => listing.fail(),
        Ok(()) => {}
    }
    listing.files.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    listing.folders.sort_unstable();
    listing.unsure.sort_unstable();
    Ok(listing)
}

/// Whether an error says how things are, and not only that the system lacks something or that a disk is in trouble.
pub(super) fn is_lasting(error: &io::Error) -> bool {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied => true,
        _ => is_unwanted(error),
    }
}

/// Nobody wants the listing any more.
pub fn is_unwanted(error: &io::Error) -> bool {
    error.kind() == ErrorKind::Interrupted && error.raw_os_error().is_none()
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
    fn fill(&mut self, is_wanted: &dyn Fn() -> bool) -> io::Result<()> {
        let metadata = fs::symlink_metadata(&self.folder.path)?;
        if !metadata.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        self.identity = identity_of(&metadata);
        for (count, entry) in fs::read_dir(&self.folder.path)?.enumerate() {
            if count % ENTRIES_AT_A_TIME == 0 && !is_wanted() {
                return Err(ErrorKind::Interrupted.into());
            }
            self.entry(&entry?);
        }
        Ok(())
    }

    /// The system has failed.
    pub(super) fn fail(&mut self) {
        count_one(&mut self.left_out.unreadable);
        self.is_partial = true;
    }

    fn entry(&mut self, entry: &DirEntry) {
        let (name, left_out) = (entry.file_name(), &mut self.left_out);
        if name.as_encoded_bytes().first() == Some(&b'.') {
            return count_one(&mut left_out.hidden);
        }
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.cannot_read(entry, &error),
        };
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
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => return self.cannot_read(entry, &error),
        };
        let stamp = stamp_of(&metadata);
        match stamp.size {
            _ if !metadata.is_file() => count_one(&mut left_out.special),
            0 => count_one(&mut left_out.empty),
            SHARED_FILE_LEN_MAX.. => count_one(&mut left_out.too_large),
            _ => self.files.push((Arc::from(name), stamp)),
        }
    }

    fn cannot_read(&mut self, entry: &DirEntry, error: &io::Error) {
        count_one(&mut self.left_out.unreadable);
        if let Some(name) = entry.file_name().to_str().filter(|_| !is_lasting(error)) {
            self.unsure.push(name.into());
        }
    }
}

pub(super) const fn count_one(number: &mut u64) {
    *number = number.saturating_add(1);
}
