use std::fs::{self, OpenOptions};
use std::io;

use super::Worker;

impl Worker {
    /// Another journal takes the place of the one that is there: after a crash one of them is there whole.
    pub(super) fn rewrite(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (journal, new) = (self.place.journal(), self.place.new_journal());
        let files =
            self.files.as_mut().ok_or_else(|| io::Error::other("the files are not open"))?;
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&new)?;
        self.system.write(&file, bytes, 0)?;
        file.sync_all()?;
        fs::rename(&new, &journal)?;
        files.journal = file;
        self.system.sync_folder(&self.place.parts())
    }
}
