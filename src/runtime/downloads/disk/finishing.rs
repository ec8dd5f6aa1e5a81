//! A file gets its name.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Worker;
use crate::base::file_name::SafeName;

/// Names that are tried, `name (1).ext` and so on.
const NAMES_MAX: u32 = 10_000;

impl Worker {
    /// Gives the file a name that nobody has. A crash in the middle leaves both names, and this finds that.
    pub(super) fn finish(&mut self, name: &str) -> io::Result<String> {
        let written = &self.files()?.part;
        written.sync_all()?;
        self.shared.ends_with(written)?;
        let there = self.lies_at();
        let named = match self.named.take() {
            Some(named) if is_same(&there, &self.place.folder.join(&named)) => named,
            _ => self.give_name(&SafeName::from_remote(name))?,
        };
        let name = self.named.insert(named).as_str().to_owned();
        self.system.sync_folder(&self.place.folder)?;
        self.remove()?;
        Ok(name)
    }

    fn give_name(&self, name: &SafeName) -> io::Result<SafeName> {
        let part = self.place.part();
        for number in 0..NAMES_MAX {
            let name = if number == 0 { name.clone() } else { name.numbered(number) };
            let target = self.place.folder.join(&name);
            let named = match self.system.link(&part, &target) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
                // A disk without such links: there nobody may have the name in between.
                Err(_) => self.system.rename_new(&part, &target),
                named => named,
            };
            match named {
                Ok(()) => return Ok(name),
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                Err(_) if is_same(&part, &target) => return Ok(name),
                Err(_) => {}
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }
}

fn is_same(part: &Path, target: &Path) -> bool {
    let identity = |path: &Path| {
        fs::symlink_metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
    };
    identity(part).is_some() && identity(part) == identity(target)
}
