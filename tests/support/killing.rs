//! A process that writes one number after the other, says which it has written, and is killed at any moment.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Where the child writes.
const HOME: &str = "FILBERT_TEST_WRITES_IN";
/// With which number it goes on.
const FROM: &str = "FILBERT_TEST_WRITES_FROM";

/// What a child is told; nothing where this is none.
pub fn told() -> Option<(PathBuf, u64)> {
    let home = std::env::var(HOME).ok()?;
    Some((home.into(), std::env::var(FROM).ok()?.parse().ok()?))
}

/// The child has written this number.
pub fn say(number: u64) {
    let mut out = std::io::stdout();
    writeln!(out, "written {number}").unwrap();
    out.flush().unwrap();
}

fn said(line: &str) -> Option<u64> {
    line.rsplit_once("written ")?.1.trim().parse().ok()
}

/// Kills the child, a test of this name, so often, and looks each time which number is there: the last one
/// that was said, or one more that could not be said any more. Returned is the last number.
pub fn kill_often(
    child: &str,
    home: &Path,
    (times, seed): (u32, u64),
    found_in: impl Fn(&Path) -> u64,
) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut number = 0;
    for time in 0..times {
        let reported = kill_one(child, home, number + 1, &mut rng);
        number = found_in(home);
        let is_right = (reported..=reported + 1).contains(&number);
        assert!(is_right, "kill {time}: {number} is there, {reported} was reported");
    }
    number
}

/// Kills a child at a random moment, also while it opens the file; the number that it reported last.
fn kill_one(child: &str, home: &Path, from: u64, rng: &mut ChaCha8Rng) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--ignored", "--nocapture", "--test-threads", "1"])
        .env(HOME, home)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = from - 1;
    for _ in 0..rng.random_range(0..6) {
        let Some(Ok(line)) = lines.next() else { break };
        last = said(&line).unwrap_or(last);
    }
    let moment = Instant::now() + Duration::from_micros(rng.random_range(0..4_000));
    while Instant::now() < moment {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines.map_while(Result::ok).filter_map(|line| said(&line)).fold(last, u64::max)
}
