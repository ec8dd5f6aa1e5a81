use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Mutex;

use super::*;
use crate::base::urn::Urn;
use crate::gnutella::http::thex::TreeRows;
use crate::library::catalogue::{Catalogue, Content, Moment};
use crate::library::found::{Identity, LeftOut, Listing, SharedFolder};
use crate::transfer::upload::{Item, Shelf};

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("filbert-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("shared/below")).unwrap();
    fs::write(folder.join("secret"), b"secret").unwrap();
    fs::write(folder.join("shared/below/file"), b"shared").unwrap();
    folder
}

/// A file that is shared as it is, and who says what is shared.
fn promised(
    root: &Path,
    relative: &Path,
    stamp: Stamp,
) -> (Located, watch::Sender<Arc<Inventory>>) {
    let (to_inventory, inventory) = watch::channel(Arc::new(offering(root, relative, stamp)));
    let promise = Promise::Whole(stamp, Listed { file: FileId(1), inventory });
    (Located { root: root.into(), relative: relative.into(), promise }, to_inventory)
}

/// A library with this file alone.
fn offering(root: &Path, relative: &Path, stamp: Stamp) -> Inventory {
    let path = root.join(relative.parent().unwrap());
    let listing = Listing {
        folder: SharedFolder { root: root.into(), path: path.into() },
        identity: Identity::default(),
        files: vec![(relative.file_name().unwrap().to_str().unwrap().into(), stamp)],
        folders: Vec::new(),
        left_out: LeftOut::default(),
        unsure: Vec::new(),
        is_partial: false,
    };
    let mut catalogue = Catalogue::new();
    catalogue.list(listing, Moment { wall_ns: i64::MAX, ..Moment::default() });
    let content = Content { sha1: [1; 20], tiger_root: [1; 24], kzhash: None };
    assert!(catalogue.hashed(FileId(1), &stamp, content));
    catalogue.inventory()
}

fn located(folder: &Path, relative: &str) -> Located {
    let root = folder.join("shared");
    let stamp = stamp_of(&fs::metadata(root.join(relative)).unwrap());
    promised(&root, relative.as_ref(), stamp).0
}

/// Both ways of opening do the same.
fn both(root: &Path, relative: &str) -> [io::Result<OwnedFd>; 2] {
    let folder = OFlags::PATH | OFlags::DIRECTORY;
    let by_steps = rustix::fs::open(root, folder, Mode::empty()).unwrap();
    [open_beneath(root, relative.as_ref()), step_by_step(by_steps, relative.as_ref())]
}

#[test]
fn a_file_is_opened_as_long_as_it_is_what_it_was() {
    let folder = folder("same");
    let located = located(&folder, "below/file");
    assert!(located.open().unwrap().check(NOTHING).is_ok());
    let path = folder.join("shared/below/file");
    let opened = located.open().unwrap();
    fs::write(&path, b"shared and more").unwrap();
    assert!(located.open().is_err(), "it has grown");
    assert!(opened.check(NOTHING).is_err(), "while it was open");
    fs::write(&path, b"other!").unwrap();
    assert!(located.open().is_err(), "it has other bytes, and another time");
    assert!(rewritten_in_secret(&path).open().is_err(), "it has other bytes, and the same time");
    fs::remove_file(&path).unwrap();
    assert!(located.open().is_err(), "it is gone");
    fs::remove_dir_all(folder).unwrap();
}

/// A file, as it was before somebody put other bytes into it and set its time back.
fn rewritten_in_secret(path: &Path) -> Located {
    let metadata = fs::metadata(path).unwrap();
    let (stamp, modified) = (stamp_of(&metadata), metadata.modified().unwrap());
    // The clock of the system may stand still for some milliseconds.
    while stamp_of(&fs::metadata(path).unwrap()).changed_ns == stamp.changed_ns {
        fs::write(path, b"third!").unwrap();
        File::options().append(true).open(path).unwrap().set_modified(modified).unwrap();
    }
    assert!(stamp_of(&fs::metadata(path).unwrap()).is_like(&stamp));
    promised(path.parent().unwrap(), path.file_name().unwrap().as_ref(), stamp).0
}

/// UPLOAD-16: whoever has it open already gets no further byte.
#[test]
fn what_is_not_shared_any_more_is_not_sent_on() {
    let folder = folder("unshared");
    let root = folder.join("shared");
    let stamp = stamp_of(&fs::metadata(root.join("below/file")).unwrap());
    let (located, to_inventory) = promised(&root, "below/file".as_ref(), stamp);
    let opened = located.open().unwrap();
    assert!(opened.check(NOTHING).is_ok());
    to_inventory.send_replace(Arc::default());
    assert!(opened.check(NOTHING).is_err() && located.open().is_err());
    fs::remove_dir_all(folder).unwrap();
}

/// Two files with the same content.
struct Two {
    copies: Vec<(FileId, Located)>,
    told: Mutex<Vec<(FileId, Unopened)>>,
}

impl Shelf for Two {
    fn by_urn(&self, _urn: &Urn) -> Option<Item> {
        None
    }

    fn by_index(&self, _index: u32) -> Option<Item> {
        None
    }

    fn by_name(&self, _name: &str) -> Option<Item> {
        None
    }

    fn list(&self, _behind: Option<FileId>, _limit: usize) -> Vec<Item> {
        Vec::new()
    }
}

impl Files for Two {
    fn copies(&self, _file: FileId) -> Vec<(FileId, Located)> {
        self.copies.clone()
    }

    fn tree(&self, _file: FileId) -> Option<TreeRows> {
        None
    }

    fn cannot_open(&self, file: FileId, why: Unopened) {
        self.told.lock().unwrap().push((file, why));
    }

    fn shelf(&self) -> &dyn Shelf {
        self
    }
}

/// UPLOAD-16
#[test]
fn where_one_copy_cannot_be_opened_another_is() {
    let folder = folder("copies");
    let below = folder.join("shared/below");
    fs::write(below.join("copy"), b"shared").unwrap();
    let copies = ["below/file", "below/copy"].map(|path| located(&folder, path));
    let copies = [FileId(1), FileId(2)].into_iter().zip(copies).collect();
    let two = Two { copies, told: Mutex::default() };
    let outcome = || open_one(&two, FileId(1)).err();
    let told = || std::mem::take(&mut *two.told.lock().unwrap());
    assert_eq!((outcome(), told()), (None, vec![]));
    fs::remove_file(below.join("file")).unwrap();
    assert_eq!((outcome(), told()), (None, vec![(FileId(1), Unopened::Gone)]));

    // Somebody else has a name for it now, or another right to it: it may be what it was.
    let second = below.join("copy");
    let before = stamp_of(&fs::metadata(&second).unwrap()).changed_ns;
    while stamp_of(&fs::metadata(&second).unwrap()).changed_ns == before {
        fs::hard_link(&second, below.join("link")).unwrap();
        fs::remove_file(below.join("link")).unwrap();
    }
    let both = vec![(FileId(1), Unopened::Gone), (FileId(2), Unopened::Touched)];
    assert_eq!((outcome(), told()), (Some(Unopened::Touched), both));
    fs::remove_dir_all(folder).unwrap();
    let both = vec![(FileId(1), Unopened::Gone), (FileId(2), Unopened::Gone)];
    assert_eq!((outcome(), told()), (Some(Unopened::Gone), both));
}

#[test]
fn what_the_system_says_tells_whether_to_come_again() {
    for (errors, why) in [
        (&[Errno::NOENT, Errno::NOTDIR, Errno::LOOP, Errno::XDEV][..], Unopened::Gone),
        (&[Errno::ACCESS, Errno::PERM], Unopened::Forbidden),
        (&[Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::IO, Errno::STALE], Unopened::Later),
    ] {
        for error in errors {
            assert_eq!(Unopened::from(io::Error::from(*error)), why, "{error}");
        }
    }
}

#[test]
fn nothing_is_opened_over_links_or_upwards() {
    let folder = folder("links");
    let root = folder.join("shared");
    for outcome in both(&root, "below/file") {
        outcome.unwrap();
    }
    symlink(folder.join("secret"), root.join("link")).unwrap();
    symlink(&folder, root.join("way")).unwrap();
    for hostile in ["link", "way/secret", "below/../../secret"] {
        assert!(open_beneath(&root, hostile.as_ref()).is_err(), "{hostile}");
    }
    for hostile in ["link", "way/secret"] {
        let [_, by_steps] = both(&root, hostile);
        assert!(by_steps.is_err(), "{hostile}");
    }
    for hostile in ["", "/etc/passwd", "../secret", "./below/../../secret", "below/.."] {
        assert!(open_beneath(&root, hostile.as_ref()).is_err(), "{hostile}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_became_something_else_is_not_a_file_any_more() {
    let folder = folder("kinds");
    let located = located(&folder, "below/file");
    let path = folder.join("shared/below/file");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(located.open().is_err(), "a folder");
    fs::remove_dir(&path).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(&path).status();
    if fifo.is_ok_and(|status| status.success()) {
        assert!(located.open().is_err(), "a pipe without another end");
    }
    fs::remove_dir_all(folder).unwrap();
}
