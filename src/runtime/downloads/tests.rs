use super::*;
use crate::base::limits::DOWNLOADS_MAX;
use crate::control::model::DownloadState;

/// Files that are on their way.
struct Shelf {
    table: Table,
    views: BTreeMap<u64, watch::Sender<model::Download>>,
}

impl Shelf {
    fn new() -> Self {
        let table = Table { rng: ChaCha8Rng::seed_from_u64(1), last: 0, files: BTreeMap::new() };
        Self { table, views: BTreeMap::new() }
    }

    fn add(&mut self) {
        self.table.last += 1;
        let (view, receiver) = watch::channel(view(DownloadState::Fetching));
        self.views.insert(self.table.last, view);
        let handle =
            Handle { known_by: KnownBy::Sha1([7; 20]), orders: mpsc::channel(1).0, view: receiver };
        self.table.files.insert(self.table.last, handle);
    }

    fn become_(&self, id: u64, state: DownloadState) {
        self.views[&id].send_replace(view(state));
    }

    fn has(&self, id: u64) -> bool {
        self.table.files.contains_key(&id)
    }
}

fn view(state: DownloadState) -> model::Download {
    model::Download {
        id: 0,
        name: String::new(),
        sha1: None,
        uuhash: None,
        unverified: false,
        state,
        why: None,
        size: None,
        done_bytes: 0,
        verified_bytes: 0,
        bytes_per_s: 0,
        sources: 0,
        sending: 0,
        queued: 0,
        path: None,
    }
}

/// DOWN-29: at the limit and one past it.
#[test]
fn what_is_over_makes_room_for_others_the_oldest_first() {
    let mut shelf = Shelf::new();
    while shelf.table.files.len() < DOWNLOADS_MAX {
        assert!(shelf.table.make_room());
        shelf.add();
    }
    assert!(!shelf.table.make_room(), "all of them are on their way");
    for (id, state) in [
        (1, DownloadState::Paused),
        (2, DownloadState::Stuck),
        (3, DownloadState::Queued),
        (4, DownloadState::Verifying),
    ] {
        shelf.become_(id, state);
        assert!(!shelf.table.make_room(), "{state:?}");
    }
    shelf.become_(9, DownloadState::Finished);
    shelf.become_(5, DownloadState::Cancelled);
    assert!(shelf.table.make_room() && !shelf.has(5) && shelf.has(9));
    assert!(shelf.table.make_room() && shelf.has(9), "there is room already");
    shelf.add();
    assert!(shelf.table.make_room() && !shelf.has(9));
    shelf.add();
    assert!(!shelf.table.make_room());
    assert_eq!(shelf.table.files.len(), DOWNLOADS_MAX);
}
