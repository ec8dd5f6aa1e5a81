//! A file that is not whole yet, and what of it may be read.
//!
//! Bytes that others may read are never written again in the file in which they are: whoever has it open could
//! send what is half old and half new. Where all of it has to be fetched again, that goes into a new file, and
//! this is told ([`Part::lies_in`]).

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::base::ranges::{ByteRange, RangeSet};
use crate::library::found::{Identity, Stamp};
use crate::library::scan::stamp_of;

/// One file, as whoever writes it and all who read it share it.
#[derive(Debug)]
pub(in crate::runtime) struct Part {
    folder: Arc<Path>,
    file: PathBuf,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    is_on: bool,
    /// Which file it is; nothing as long as it is not there.
    identity: Option<Identity>,
    /// Bytes that are there and right.
    held: RangeSet,
    /// What it was when it was whole, and nobody wrote to it any more.
    whole: Option<Stamp>,
}

impl Part {
    pub(super) const fn new(folder: Arc<Path>, file: PathBuf, is_on: bool) -> Self {
        let state = State { is_on, identity: None, held: RangeSet::new(), whole: None };
        Self { folder, file, state: RwLock::new(state) }
    }

    pub(super) const fn folder(&self) -> &Arc<Path> {
        &self.folder
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// It is written to this file from now on. Of another one than before nothing is held yet.
    pub(in crate::runtime) fn lies_in(&self, file: &File) -> io::Result<()> {
        let identity = identity_of(file)?;
        let mut state = self.write();
        state.whole = None;
        if state.identity != Some(identity) {
            (state.identity, state.held) = (Some(identity), RangeSet::new());
        }
        Ok(())
    }

    /// It is whole and right, and nobody writes to it any more.
    pub(in crate::runtime) fn ends_with(&self, file: &File) -> io::Result<()> {
        let stamp = stamp_of(&file.metadata()?);
        self.write().whole = Some(stamp);
        Ok(())
    }

    /// So much of it is held.
    pub(super) fn hold(&self, ranges: &RangeSet) {
        self.write().held.clone_from(ranges);
    }

    pub(super) fn set_on(&self, is_on: bool) {
        self.write().is_on = is_on;
    }

    #[cfg(test)]
    pub(super) fn is_on(&self) -> bool {
        self.read().is_on
    }

    /// Whether bytes of an open file may be sent now.
    pub(in crate::runtime) fn may_send(&self, file: &File, range: ByteRange) -> bool {
        let state = self.read();
        if !state.is_on {
            return false;
        }
        match &state.whole {
            // It gets its name after that.
            Some(stamp) => file.metadata().is_ok_and(|now| stamp_of(&now).is_like(stamp)),
            None => {
                let identity = identity_of(file).ok();
                identity.is_some() && identity == state.identity && state.held.contains(range)
            }
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn identity_of(file: &File) -> io::Result<Identity> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(Identity { device: metadata.dev(), inode: metadata.ino() })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::runtime::uploads::opening::{Located, Promise};

    struct Scene {
        folder: PathBuf,
        part: Arc<Part>,
        file: File,
    }

    impl Scene {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("filbert-part-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            let part = Arc::new(Part::new(folder.as_path().into(), "x.part".into(), true));
            let file = create(&folder.join("x.part"));
            part.lies_in(&file).unwrap();
            Self { folder, part, file }
        }

        fn hold(&self, start: u64, end: u64) {
            self.part.hold(&RangeSet::from(ByteRange::new(start, end)));
        }

        fn located(&self) -> Located {
            let promise = Promise::Part(Arc::clone(&self.part));
            Located {
                root: Arc::clone(self.part.folder()),
                relative: self.part.file().to_owned(),
                promise,
            }
        }
    }

    impl Drop for Scene {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }

    fn create(path: &Path) -> File {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path).unwrap();
        file.set_len(1_000).unwrap();
        file
    }

    /// UPLOAD-23, DOWN-08
    #[test]
    fn only_what_is_held_is_sent_also_while_more_comes() {
        let scene = Scene::new("held");
        scene.hold(100, 200);
        let opened = scene.located().open().unwrap();
        let may = |start, end| opened.check(ByteRange::new(start, end)).is_ok();
        assert!(may(100, 200) && may(150, 160));
        assert!(!may(99, 200) && !may(100, 201) && !may(0, 1));
        scene.file.write_all_at(b"more", 200).unwrap();
        assert!(may(100, 200) && !may(200, 204));
        scene.hold(100, 204);
        assert!(may(200, 204));
        scene.part.set_on(false);
        assert!(!may(100, 200), "the user gives nothing any more");
    }

    /// DOWN-19: whoever has the old file open gets nothing of the new one, and the other way round.
    #[test]
    fn a_new_file_in_its_place_has_nothing_of_the_old_one() {
        let scene = Scene::new("anew");
        scene.hold(0, 1_000);
        let old = scene.located().open().unwrap();
        let path = scene.folder.join("x.part");
        fs::remove_file(&path).unwrap();
        let new = create(&path);
        assert!(scene.located().open().is_err(), "nobody has said that it lies there now");
        scene.part.lies_in(&new).unwrap();
        let opened = scene.located().open().unwrap();
        for range in [ByteRange::new(0, 1), ByteRange::new(0, 1_000)] {
            assert!(old.check(range).is_err() && opened.check(range).is_err());
        }
        scene.hold(0, 10);
        assert!(opened.check(ByteRange::new(0, 10)).is_ok());
        assert!(old.check(ByteRange::new(0, 10)).is_err());
    }

    /// Whoever has it open when it gets its name goes on with it, as long as nobody writes to it.
    #[test]
    fn a_whole_file_is_read_on_under_its_new_name() {
        let scene = Scene::new("whole");
        scene.hold(0, 500);
        let opened = scene.located().open().unwrap();
        scene.part.ends_with(&scene.file).unwrap();
        let name = scene.folder.join("file");
        fs::hard_link(scene.folder.join("x.part"), &name).unwrap();
        fs::remove_file(scene.folder.join("x.part")).unwrap();
        assert!(opened.check(ByteRange::new(0, 1_000)).is_ok());
        assert!(scene.located().open().is_err(), "who comes later finds it elsewhere");
        fs::write(&name, "the user has other plans").unwrap();
        assert!(opened.check(ByteRange::new(0, 1)).is_err());
    }
}
