//! Many files: figures for whoever wants them.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use filbert::base::time::Time;
use filbert::library::catalogue::{Catalogue, Content, Moment};
use filbert::library::found::{Identity, LeftOut, Listing, SharedFolder, Stamp};
use filbert::library::hash::{Digests, FileHasher};
use filbert::runtime::sharing::{Plan, Sharing};
use filbert::runtime::state::{HashRow, Hashes};

use crate::folder::Folder;

fn plan(home: &Folder, share: &Folder) -> Plan {
    Plan {
        folders: vec![share.path().to_owned()],
        home: home.path().to_owned(),
        downloads: home.at("downloads"),
        threads: 1,
        watches: true,
        ..Plan::default()
    }
}

/// Starts, and waits until so many files are offered; how many of them were read.
async fn offer(plan: Plan, files: usize) -> u64 {
    let began = Instant::now();
    let sharing = Sharing::start(plan).unwrap();
    let mut inventory = sharing.inventory();
    inventory.wait_for(|inventory| inventory.len() == files).await.unwrap();
    let mut progress = sharing.progress();
    let hashed = progress.wait_for(|progress| !progress.is_scanning).await.unwrap().hashed;
    let elapsed = began.elapsed();
    println!("{files} files, {} of them read: {elapsed:?}; {}", hashed.files, memory());
    let began = Instant::now();
    assert!(sharing.end().await);
    println!("the end: {:?}", began.elapsed());
    hashed.files
}

fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines =
        status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    lines.collect::<Vec<_>>().join(", ")
}

async fn real_files(count: u32) {
    let (home, share) = (Folder::new(), Folder::new());
    for number in 0..count {
        let folder = share.at(&format!("{:03}", number / 1_000));
        if number % 1_000 == 0 {
            fs::create_dir(&folder).unwrap();
        }
        let name = format!("{number:06} slow river blues by somebody.ogg");
        fs::write(folder.join(name), number.to_le_bytes().repeat(256)).unwrap();
    }
    // They were not written a moment ago.
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    let files = usize::try_from(count).unwrap();
    assert_eq!(offer(plan(&home, &share), files).await, u64::from(count));
    assert_eq!(offer(plan(&home, &share), files).await, 0, "the second run knows them all");
    println!("{} bytes of hashes", fs::metadata(home.at("library.redb")).unwrap().len());
}

#[tokio::test]
#[ignore = "takes a while"]
async fn a_hundred_thousand_real_files_are_known_again() {
    real_files(100_000).await;
}

#[tokio::test]
#[ignore = "takes minutes, and a million inodes"]
async fn a_million_real_files_are_known_again() {
    real_files(1_000_000).await;
}

/// The catalogue and the hashes of a million files, without the files.
#[test]
#[ignore = "takes a while"]
fn a_million_made_up_files() {
    let home = Folder::new();
    let (hashes, _) = Hashes::open(home.path());
    let content = |number: u32| {
        let mut sha1 = [0; 20];
        sha1[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_be_bytes());
        Content { sha1, tiger_root: [7; 24] }
    };
    let stamp = |number: u32| Stamp {
        size: 5_000_000 + u64::from(number),
        modified_ns: i64::from(number),
        changed_ns: i64::from(number),
        identity: Identity { device: 1, inode: u64::from(number) },
    };
    let name = |number: u32| format!("{number:07} slow river blues by somebody.ogg");
    let listings = (0..1_000_u32).map(|folder| Listing {
        folder: SharedFolder {
            root: Path::new("/share").into(),
            path: Path::new(&format!("/share/album {folder:04}")).into(),
        },
        identity: Identity { device: 1, inode: u64::from(folder) + (1 << 40) },
        files: (folder * 1_000..(folder + 1) * 1_000)
            .map(|number| (Arc::from(name(number)), stamp(number)))
            .collect(),
        folders: Vec::new(),
        left_out: LeftOut::default(),
        unsure: Vec::new(),
        is_partial: false,
    });
    let listings: Vec<Listing> = listings.collect();
    let began = Instant::now();
    for listing in &listings {
        let rows: Vec<_> = listing
            .files
            .iter()
            .map(|(name, stamp)| HashRow {
                path: listing.folder.file(name),
                stamp: *stamp,
                content: content(u32::try_from(stamp.modified_ns).unwrap()),
                tree: None,
            })
            .collect();
        hashes.keep(&rows, 20_000).unwrap();
    }
    println!(
        "kept in {:?}: {} bytes",
        began.elapsed(),
        fs::metadata(home.at("library.redb")).unwrap().len()
    );
    drop(hashes);

    println!("before: {}", memory());
    let began = Instant::now();
    let (hashes, _) = Hashes::open(home.path());
    let now = Moment { time: Time::ZERO, wall_ns: i64::MAX };
    let mut catalogue = Catalogue::new();
    catalogue.begin_walk();
    for listing in listings {
        let new = catalogue.list(listing, now);
        let jobs: Vec<_> = new.iter().filter_map(|id| catalogue.file(*id)).collect();
        let wanted: Vec<_> = jobs.iter().map(|job| (job.path.clone(), job.stamp)).collect();
        for (job, (found, _)) in jobs.iter().zip(hashes.find(&wanted, 20_000).unwrap()) {
            assert!(catalogue.hashed(job.id, &job.stamp, found.unwrap()));
        }
    }
    catalogue.end_walk(true, Time::ZERO);
    println!("listed and looked up in {:?}; {}", began.elapsed(), memory());
    let began = Instant::now();
    let inventory = catalogue.inventory();
    println!("first inventory in {:?}; {}", began.elapsed(), memory());
    let began = Instant::now();
    drop(catalogue.inventory());
    println!("another in {:?}", began.elapsed());
    assert_eq!(inventory.len(), 1_000_000);
    let began = Instant::now();
    assert_eq!(hashes.prune(20_001).unwrap(), 0);
    println!("pruned in {:?}", began.elapsed());
}

#[test]
#[ignore = "tells how fast files are hashed"]
fn how_fast_bytes_are_hashed() {
    let bytes: Vec<u8> = (0..1 << 26).map(|at: u32| (at >> 8) as u8 ^ at as u8).collect();
    for _ in 0..3 {
        let began = Instant::now();
        let mut hasher = FileHasher::new();
        bytes.chunks(1 << 18).for_each(|chunk| hasher.update(chunk));
        let digests = hasher.finish();
        let seconds = began.elapsed().as_secs_f64();
        println!("{:.0} MB/s", f64::from(1 << 26) / 1e6 / seconds);
        assert_eq!(digests, Digests::of(&bytes));
    }
}
