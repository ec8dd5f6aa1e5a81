use std::time::Duration;

use tokio::time::timeout;

use super::*;
use crate::base::ranges::{ByteRange, RangeSet};
use crate::runtime::uploads::{Available, Offering, Unfinished};

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
        let place = Place::new(&folder, [7; 20]);
        let file = place.part_name();
        let all = Unfinished::new(true);
        let offering = all.enter(&place.parts(), file.as_ref(), [7; 20]).0;
        Self { folder, place, offering }
    }

    fn worker(&self) -> Worker {
        let shared = Arc::clone(self.offering.part());
        Worker { place: self.place.clone(), files: None, shared, part_len: None }
    }

    fn may_send(&self) -> bool {
        let file = File::open(self.place.part()).unwrap();
        self.offering.part().may_send(&file, ByteRange::new(0, 4))
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
    let prepare = Work::Prepare { size: Some(5) };
    for work in [&prepare, &work, &Work::Sync, &prepare] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    let ranges = RangeSet::from(ByteRange::new(0, 5));
    let name = "a".to_owned();
    scene.offering.offer(Available { name, size: 5, tree: None, ranges });
    assert!(scene.may_send());
    fs::rename(scene.place.part(), scene.folder.join("elsewhere")).unwrap();
    let DiskFailure { why, .. } = worker.do_or_explain(&prepare).unwrap_err();
    assert!(why.contains("put it back, then resume"), "{why}");
    assert!(!scene.place.part().exists());
    fs::write(scene.place.part(), "").unwrap();
    assert!(worker.do_or_explain(&prepare).is_err(), "an empty one is another");
    fs::rename(scene.folder.join("elsewhere"), scene.place.part()).unwrap();
    assert_eq!(worker.do_or_explain(&prepare), Ok(Done::Fine));
    assert!(scene.may_send());
}

/// DOWN-19: a journal that could not be written still says that the old bytes are right.
#[test]
fn nothing_begins_again_on_a_disk_that_has_failed() {
    let scene = Scene::new("failed");
    let mut worker = scene.worker();
    let (prepare, again) = (Work::Prepare { size: Some(5) }, Work::BeginAgain { size: 5 });
    let write = |offset| Work::Write { offset, bytes: "right".into() };
    for work in [&prepare, &write(0)] {
        assert_eq!(worker.do_or_explain(work), Ok(Done::Fine));
    }
    assert!(worker.do_or_explain(&write(u64::MAX)).is_err());
    assert!(worker.do_or_explain(&again).is_err());
    assert_eq!(fs::read(scene.place.part()).unwrap(), b"right");
    for work in [&prepare, &again] {
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
        Disk::start(scene.place.clone(), shared, Arc::clone(&alone), &tasks)
    };
    let prepare = || (0, Work::Prepare { size: Some(5) });
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
