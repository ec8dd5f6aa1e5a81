use std::io::Read;
use std::time::Duration;

use sha1::{Digest, Sha1};
use tokio::time::timeout;

use super::*;
use crate::base::ranges::{ByteRange, RangeSet};
use crate::runtime::uploads::{Available, Offering, Unfinished};
use crate::transfer::download::Hashes;

const NO_SIZE: Work = Work::Prepare { size: None, is_sure: false };
const PREPARE: Work = Work::Prepare { size: Some(5), is_sure: true };
const BEGIN_AGAIN: Work = Work::BeginAgain { size: 5, is_sure: true };

struct Scene {
    folder: PathBuf,
    place: Place,
    offering: Offering,
}

impl Scene {
    fn new(name: &str) -> Self {
        let folder = format!("filbert-disk-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let place = Place::new(&folder, ContentKey::Sha1([7; 20]));
        let file = place.part_name();
        let all = Unfinished::new(true);
        let offering = all.enter(&place.parts(), file.as_ref(), Some([7; 20])).0;
        Self { folder, place, offering }
    }

    fn worker(&self) -> Worker {
        let shared = Arc::clone(self.offering.part());
        Worker::new(self.place.clone(), shared, Box::new(Real), Promises::default().begin())
    }

    /// One whose disk fails as the test says.
    fn faulty_worker(&self) -> (Worker, Faulty) {
        let (shared, faulty) = (Arc::clone(self.offering.part()), Faulty::default());
        let promise = Promises::default().begin();
        (Worker::new(self.place.clone(), shared, Box::new(faulty.clone()), promise), faulty)
    }

    fn may_send(&self) -> bool {
        let file = File::open(self.place.part()).unwrap();
        self.offering.part().may_send(&file, ByteRange::new(0, 4))
    }
}

/// A disk that fails.
#[derive(Clone, Default)]
struct Faulty(Arc<std::sync::Mutex<Faults>>);

#[derive(Default)]
struct Faults {
    /// Bytes that can still be written.
    room: Option<usize>,
    fails: Vec<&'static str>,
}

impl Faulty {
    fn fail(&self, what: &[&'static str]) {
        self.0.lock().unwrap().fails = what.to_vec();
    }

    fn room(&self, room: Option<usize>) {
        self.0.lock().unwrap().room = room;
    }

    fn check(&self, what: &'static str, kind: ErrorKind) -> io::Result<()> {
        let fails = self.0.lock().unwrap().fails.contains(&what);
        if fails { Err(kind.into()) } else { Ok(()) }
    }
}

impl System for Faulty {
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let fits = self.0.lock().unwrap().room.unwrap_or(bytes.len()).min(bytes.len());
        Real.write(file, &bytes[..fits], offset)?;
        let mut faults = self.0.lock().unwrap();
        faults.room = faults.room.map(|room| room - fits);
        drop(faults);
        if fits < bytes.len() { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.check("remove", ErrorKind::PermissionDenied).and_then(|()| Real.remove(path))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.check("link", ErrorKind::PermissionDenied).and_then(|()| Real.link(from, to))
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self.check("rename_new", ErrorKind::InvalidInput) {
            Ok(()) => Real.rename_new(from, to),
            Err(_) => system::replace_own(from, to),
        }
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let is_below = folder.ends_with(UNFINISHED);
        self.check(if is_below { "sync_parts" } else { "sync_folder" }, ErrorKind::Other)?;
        Real.sync_folder(folder)
    }

    fn free_len(&self, folder: &Path) -> io::Result<u64> {
        let room = self.0.lock().unwrap().room;
        room.map_or_else(|| Real.free_len(folder), |room| Ok(room as u64))
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// DOWN-23: bytes that the journal calls right are right, or not given to anybody.
#[test]
fn a_part_file_that_is_gone_is_not_made_anew() {
    let scene = Scene::new("gone");
    let mut worker = scene.worker();
    let work = Work::Write { offset: 0, bytes: "right".into() };
    for work in [&PREPARE, &work, &Work::Sync, &PREPARE] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    let ranges = RangeSet::from(ByteRange::new(0, 5));
    let name = "a".to_owned();
    scene.offering.offer(Available { name, size: 5, tree: None, ranges });
    assert!(scene.may_send());
    fs::rename(scene.place.part(), scene.folder.join("elsewhere")).unwrap();
    let DiskFailure { why, .. } = worker.do_or_explain(&PREPARE).unwrap_err();
    assert!(why.contains("put it back, then resume"), "{why}");
    assert!(!scene.place.part().exists());
    fs::write(scene.place.part(), "").unwrap();
    assert!(worker.do_or_explain(&PREPARE).is_err(), "an empty one is another");
    fs::rename(scene.folder.join("elsewhere"), scene.place.part()).unwrap();
    assert_eq!(worker.do_or_explain(&PREPARE), Ok(Done::Fine));
    assert!(scene.may_send());
}

/// DOWN-19: a journal that could not be written still says that the old bytes are right.
#[test]
fn nothing_begins_again_on_a_disk_that_has_failed() {
    let scene = Scene::new("failed");
    let mut worker = scene.worker();
    let write = |offset| Work::Write { offset, bytes: "right".into() };
    for work in [&PREPARE, &write(0)] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    assert!(worker.do_or_explain(&write(u64::MAX)).is_err());
    assert!(worker.do_or_explain(&BEGIN_AGAIN).is_err());
    assert_eq!(fs::read(scene.place.part()).unwrap(), b"right");
    for work in [&PREPARE, &BEGIN_AGAIN] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    assert_eq!(fs::read(scene.place.part()).unwrap(), [0; 5]);
}

/// Cancelled, and wanted again at once.
#[tokio::test]
async fn two_are_never_at_the_same_files() {
    let scene = Scene::new("two");
    let (tasks, alone) = (TaskTracker::new(), Arc::new(Mutex::new(())));
    let start = || {
        let shared = Arc::clone(scene.offering.part());
        Disk::start(scene.place.clone(), shared, Arc::clone(&alone), &Promises::default(), &tasks)
    };
    let prepare = || (0, PREPARE);
    let mut old = start();
    old.work.send(prepare()).await.unwrap();
    assert_eq!(old.done.recv().await, Some((0, Ok(Done::Fine))));
    let mut new = start();
    new.work.send(prepare()).await.unwrap();
    // A thread would have done it by then.
    let early = timeout(Duration::from_millis(300), new.done.recv()).await;
    assert!(early.is_err(), "the old one is not done: {early:?}");
    old.work.send((1, Work::Remove)).await.unwrap();
    drop(old.work);
    assert_eq!(old.done.recv().await, Some((1, Ok(Done::Fine))));
    assert_eq!(new.done.recv().await, Some((0, Ok(Done::Fine))));
    assert!(scene.place.part().exists(), "what the new one has made stays");
}

/// DOWN-27: what was written before is there, and comes to nothing neither by the failure nor by the next try.
#[test]
fn a_disk_that_is_full_says_how_much_to_free_and_goes_on_then() {
    let scene = Scene::new("full");
    let (mut worker, faulty) = scene.faulty_worker();
    let prepare = Work::Prepare { size: Some(40_000_000), is_sure: true };
    let write = |offset| Work::Write { offset, bytes: "right".into() };
    let append = |offset| Work::Append { offset, bytes: b"it is".to_vec() };
    for work in [&prepare, &write(0), &Work::Sync, &append(0)] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    for (room, work) in [(2, write(5)), (3, append(5)), (0, prepare.clone())] {
        faulty.room(Some(room));
        let DiskFailure { why, .. } = worker.do_or_explain(&work).unwrap_err();
        let says = "no room left in ";
        assert!(
            why.contains(says) && why.ends_with("free 57 MB more, then resume the download"),
            "{why}"
        );
        assert!(worker.do_or_explain(&write(0)).is_err(), "nothing more before it is resumed");
        faulty.room(None);
        assert_eq!(worker.do_or_explain(&prepare), Ok(Done::Fine));
        assert!(fs::read(scene.place.part()).unwrap().starts_with(b"right"));
        assert!(fs::read(scene.place.journal()).unwrap().starts_with(b"it is"));
    }
    for work in [&write(5), &append(5)] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    assert!(fs::read(scene.place.part()).unwrap().starts_with(b"rightright"));
    assert_eq!(fs::read(scene.place.journal()).unwrap(), b"it isit is");
}

/// DOWN-35: what follows goes to the new one, and nothing but it is there.
#[test]
fn another_journal_takes_the_place_of_the_one_that_is_there() {
    let scene = Scene::new("rewritten");
    let (mut worker, faulty) = scene.faulty_worker();
    let append = |offset, bytes: &[u8]| Work::Append { offset, bytes: bytes.to_vec() };
    let rewrite = Work::Rewrite { bytes: b"short".to_vec() };
    assert!(worker.do_or_explain(&rewrite).is_err(), "nothing is open");
    for work in [&NO_SIZE, &append(0, b"a long one"), &rewrite] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    assert_eq!(worker.do_or_explain(&append(5, b"er")), Ok(Done::Fine));
    assert_eq!(fs::read(scene.place.journal()).unwrap(), b"shorter");
    assert!(!scene.place.new_journal().exists());
    faulty.room(Some(2));
    assert!(worker.do_or_explain(&rewrite).is_err());
    assert_eq!(fs::read(scene.place.journal()).unwrap(), b"shorter", "the old one is there");
    faulty.room(None);
    for work in [&NO_SIZE, &append(7, b"!"), &Work::Remove] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    let left = fs::read_dir(scene.place.parts()).unwrap().count();
    assert_eq!(left, 0, "also what a failure has left");
}

/// DOWN-19: an upload that has the old file open gets the old bytes or none, whatever fails.
#[test]
fn where_the_old_file_cannot_go_nothing_is_written_to_it() {
    let scene = Scene::new("stays");
    let (mut worker, faulty) = scene.faulty_worker();
    let write = |bytes: &'static str| Work::Write { offset: 0, bytes: bytes.into() };
    for work in [&PREPARE, &write("given")] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    let (name, ranges) = ("a".to_owned(), RangeSet::from(ByteRange::new(0, 5)));
    scene.offering.offer(Available { name, size: 5, tree: None, ranges });
    let mut open = File::open(scene.place.part()).unwrap();
    faulty.fail(&["remove"]);
    for work in [&BEGIN_AGAIN, &PREPARE, &write("other"), &PREPARE] {
        let DiskFailure { why, .. } = worker.do_or_explain(work).unwrap_err();
        assert!(why.ends_with("resume the download"), "{why}");
    }
    faulty.fail(&[]);
    for work in [&PREPARE, &write("other")] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    let mut old = String::new();
    open.read_to_string(&mut old).unwrap();
    assert_eq!(old, "given");
    assert_eq!(fs::read(scene.place.part()).unwrap(), b"other");
    assert!(!scene.may_send(), "of the new one nothing is proved yet");
}

/// DOWN-28: it has its name, and says so as soon as the disk does.
#[test]
fn a_file_that_has_its_name_is_finished_when_the_disk_works_again() {
    for without in [&["link"][..], &["link", "rename_new"], &[]] {
        let scene = Scene::new("named");
        fs::write(scene.folder.join("a"), "of somebody else").unwrap();
        let (mut worker, faulty) = scene.faulty_worker();
        let finish = Work::Finish { name: "a".to_owned() };
        let write = Work::Write { offset: 0, bytes: "right".into() };
        for work in [&PREPARE, &write] {
            assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
        }
        for sync in ["sync_folder", "sync_folder", "sync_parts"] {
            let fails: Vec<_> = without.iter().copied().chain([sync]).collect();
            faulty.fail(&fails);
            let DiskFailure { why, .. } = worker.do_or_explain(&finish).unwrap_err();
            assert!(why.ends_with("mend that, then resume the download"), "{why}");
            faulty.fail(without);
            assert_eq!(worker.do_or_explain(&PREPARE), Ok(Done::Fine), "{without:?}");
        }
        let hash = worker.do_or_explain(&Work::Hash { others: false });
        let right = Hashes { sha1: Sha1::digest("right").into(), others: None };
        assert_eq!(hash, Ok(Done::Hashed(right)));
        let named = Done::Named("a (1)".to_owned());
        assert_eq!(worker.do_or_explain(&finish), Ok(named), "{without:?}");
        assert_eq!(fs::read(scene.folder.join("a (1)")).unwrap(), b"right");
        assert_eq!(fs::read(scene.folder.join("a")).unwrap(), b"of somebody else");
        assert!(fs::read_dir(scene.place.parts()).unwrap().next().is_none());
        assert_eq!(fs::read_dir(&scene.folder).unwrap().count(), 3);
    }
}
