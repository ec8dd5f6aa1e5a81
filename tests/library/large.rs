//! Many files: figures for whoever wants them.

use std::fs;
use std::time::Instant;

use filbert::library::hash::{Digests, FileHasher, Wanted};
use filbert::runtime::sharing::{Plan, Sharing};

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

#[test]
#[ignore = "tells how fast files are hashed"]
fn how_fast_bytes_are_hashed() {
    let bytes: Vec<u8> = (0..1 << 26).map(|at: u32| (at >> 8) as u8 ^ at as u8).collect();
    for _ in 0..3 {
        let seconds = [false, true].map(|kzhash| {
            let began = Instant::now();
            let wanted = Wanted { kzhash };
            let mut hasher = FileHasher::of_size(bytes.len() as u64, wanted);
            bytes.chunks(1 << 18).for_each(|chunk| hasher.update(chunk));
            let digests = hasher.finish();
            let seconds = began.elapsed().as_secs_f64();
            assert_eq!(digests, Digests::wanted_of(&bytes, wanted));
            seconds
        });
        let [plain, all] = seconds.map(|seconds| f64::from(1 << 26) / 1e6 / seconds);
        println!("{plain:.0} MB/s, with a kzhash {all:.0} MB/s: {:.2} times as long", plain / all);
    }
}
