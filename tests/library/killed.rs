//! A process that is killed while it keeps hashes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use filbert::runtime::state::Hashes;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::folder::Folder;
use crate::hashes::row;

const HOME: &str = "FILBERT_TEST_HASHES_IN";
const FROM: &str = "FILBERT_TEST_HASHES_FROM";
const CHILD: &str = "killed::the_child_keeps_hashes_until_it_is_killed";
const TODAY: u32 = 20_000;
const ROWS_AT_ONCE: u64 = 20;

#[test]
#[ignore = "the other half of the test below"]
fn the_child_keeps_hashes_until_it_is_killed() {
    let Ok(home) = std::env::var(HOME) else { return };
    let from: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    let mut out = std::io::stdout();
    let (hashes, warning) = Hashes::open(home.as_ref());
    assert!(warning.is_none(), "{warning:?}");
    for batch in from.. {
        hashes.keep(&batch_of(batch), TODAY).unwrap();
        writeln!(out, "kept {batch}").unwrap();
        out.flush().unwrap();
    }
}

fn batch_of(batch: u64) -> Vec<filbert::runtime::state::HashRow> {
    (0..ROWS_AT_ONCE)
        .map(|number| row(batch * ROWS_AT_ONCE + number, &batch.to_le_bytes()))
        .collect()
}

/// How many batches are there, all of each of them.
fn batches_in(home: &Path) -> u64 {
    let (hashes, warning) = Hashes::open(home);
    assert!(warning.is_none(), "{warning:?}");
    let count = hashes.count().unwrap();
    assert_eq!(count % ROWS_AT_ONCE, 0);
    let batches = count / ROWS_AT_ONCE;
    if let Some(last) = batches.checked_sub(1) {
        let rows = batch_of(last);
        let wanted: Vec<_> = rows.iter().map(|row| (row.path.clone(), row.stamp)).collect();
        let found = hashes.find(&wanted, TODAY).unwrap();
        assert!(found.iter().zip(&rows).all(|((found, _), row)| *found == Some(row.content)));
    }
    batches
}

fn kill_one(home: &Path, from: u64, rng: &mut ChaCha8Rng) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads", "1"])
        .env(HOME, home)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let kept = |line: &str| line.rsplit_once("kept ")?.1.trim().parse::<u64>().ok();
    let mut reported = from;
    for _ in 0..rng.random_range(0..6) {
        let Some(Ok(line)) = lines.next() else { break };
        reported = kept(&line).map_or(reported, |batch| batch + 1);
    }
    let moment = Instant::now() + Duration::from_micros(rng.random_range(0..4_000));
    while Instant::now() < moment {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = lines.map_while(Result::ok).filter_map(|line| kept(&line));
    rest.map(|batch| batch + 1).fold(reported, u64::max)
}

fn kill_often(times: u32, seed: u64) {
    let (home, mut rng) = (Folder::new(), ChaCha8Rng::seed_from_u64(seed));
    let mut batches = 0;
    for time in 0..times {
        let reported = kill_one(home.path(), batches, &mut rng);
        batches = batches_in(home.path());
        // One more may have been kept that was not reported yet.
        let is_right = (reported..=reported + 1).contains(&batches);
        assert!(is_right, "kill {time}: {batches} are there, {reported} were reported");
    }
    assert!(batches > u64::from(times) / 2, "hardly anything was kept: {batches}");
}

#[test]
fn hashes_that_were_kept_are_there_after_thirty_kills() {
    kill_often(30, 1);
}

#[test]
#[ignore = "takes minutes"]
fn hashes_that_were_kept_are_there_after_a_thousand_kills() {
    kill_often(1_000, 2);
}
