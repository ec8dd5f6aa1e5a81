use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;

use super::Worker;
use crate::transfer::download::DiskFailure;

impl Worker {
    /// One sentence for people, which says what to do.
    pub(super) fn explain(&self, error: &io::Error) -> DiskFailure {
        let folder = self.place.folder.display();
        let why = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                let room = self.room_to_make();
                format!("there is no room left in {folder}: {room}, then resume the download")
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

    /// How much has to be free, where the disk says what is.
    fn room_to_make(&self) -> String {
        let part = std::fs::File::open(self.place.part()).ok();
        let Some((size, part)) = self.size.zip(part) else { return "make some".to_owned() };
        let disk = part.metadata().map(|metadata| metadata.dev()).unwrap_or_default();
        let others = self.promise.others_len(disk);
        let megabytes = |len: u64| len.div_ceil(1_000_000);
        match self.missing_len(size, &part, others) {
            Ok(missing) if missing > 0 && others > 0 => format!(
                "free {} MB more ({} MB of what is free are for other downloads)",
                megabytes(missing),
                megabytes(others)
            ),
            Ok(missing) if missing > 0 => format!("free {} MB more", megabytes(missing)),
            _ => "make some".to_owned(),
        }
    }
}
