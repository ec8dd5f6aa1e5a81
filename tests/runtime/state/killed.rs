//! A process that is killed while it writes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use filbert::gnutella::wire::Guid;
use filbert::node::host_cache::{Quality, SavedHost};
use filbert::runtime::state::{Disk, Opened, Parts, Saved, Store, Wall};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::kept::host;
use super::{Home, NOW};

/// Where the child writes.
const HOME: &str = "FILBERT_TEST_WRITES_IN";
/// The name of the child among the tests.
const CHILD: &str = "state::killed::the_child_writes_until_it_is_killed";
/// With which number it goes on.
const FROM: &str = "FILBERT_TEST_WRITES_FROM";

/// All parts say the same number.
fn parts(number: u64) -> Parts {
    let age_s = u32::try_from(number % 1_000).unwrap();
    let hosts: Vec<SavedHost> =
        (0..200).map(|last| host(u8::try_from(last).unwrap(), Quality::Met, age_s)).collect();
    Parts { guid: Some(guid(number)), hosts: Some(hosts), ..Parts::default() }
}

fn guid(number: u64) -> Guid {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Guid(bytes)
}

/// The number that is in the home, all parts of which belong together.
fn number_in(home: &Path) -> u64 {
    let Opened { kept, warning, .. } = Store::open_on(Disk::real(), home, NOW);
    assert!(warning.is_none(), "{warning:?}");
    let Some(Guid(bytes)) = kept.guid else {
        assert!(kept.hosts.is_empty());
        return 0;
    };
    let number = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    let expected = parts(number);
    assert_eq!((kept.guid, Some(kept.hosts)), (expected.guid, expected.hosts));
    number
}

#[test]
#[ignore = "the other half of the test below"]
fn the_child_writes_until_it_is_killed() {
    let Ok(home) = std::env::var(HOME) else { return };
    let from: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    let mut out = std::io::stdout();
    let mut store = Store::open_on(Disk::real(), home.as_ref(), NOW).store;
    for number in from.. {
        assert!(matches!(store.save(&parts(number), Wall(NOW.0)), Saved::Done));
        writeln!(out, "committed {number}").unwrap();
        out.flush().unwrap();
    }
}

fn child(home: &Path, from: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads", "1"])
        .env(HOME, home)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn committed(line: &str) -> Option<u64> {
    line.rsplit_once("committed ")?.1.trim().parse().ok()
}

/// Kills a child at a random moment, also while it opens the file; the number that it reported last.
fn kill_one(home: &Path, from: u64, rng: &mut ChaCha8Rng) -> u64 {
    let mut child = child(home, from);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = from - 1;
    for _ in 0..rng.random_range(0..6) {
        let Some(Ok(line)) = lines.next() else { break };
        last = committed(&line).unwrap_or(last);
    }
    let moment = Instant::now() + Duration::from_micros(rng.random_range(0..4_000));
    while Instant::now() < moment {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines.map_while(Result::ok).filter_map(|line| committed(&line)).fold(last, u64::max)
}

fn kill_often(times: u32, seed: u64) {
    let (home, mut rng) = (Home::new(), ChaCha8Rng::seed_from_u64(seed));
    let mut number = 0;
    for time in 0..times {
        let reported = kill_one(home.path(), number + 1, &mut rng);
        let found = number_in(home.path());
        // One more may have been committed that was not reported yet.
        assert!((reported..=reported + 1).contains(&found), "{time}: {found}, reported {reported}");
        number = found;
    }
    assert!(number > u64::from(times), "hardly anything was written: {number}");
}

#[test]
fn what_was_committed_is_there_after_fifty_kills() {
    kill_often(50, 1);
}

#[test]
#[ignore = "takes minutes"]
fn what_was_committed_is_there_after_a_thousand_kills() {
    kill_often(1_000, 2);
}
