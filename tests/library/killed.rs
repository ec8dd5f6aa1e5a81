//! A process that is killed while it keeps hashes.

use std::path::Path;

use filbert::runtime::state::Hashes;

use crate::folder::Folder;
use crate::hashes::row;
use crate::killing;

const CHILD: &str = "killed::the_child_keeps_hashes_until_it_is_killed";
const TODAY: u32 = 20_000;
const ROWS_AT_ONCE: u64 = 20;

#[test]
#[ignore = "the other half of the test below"]
fn the_child_keeps_hashes_until_it_is_killed() {
    let Some((home, from)) = killing::told() else { return };
    let (hashes, warning) = Hashes::open(&home);
    assert!(warning.is_none(), "{warning:?}");
    for batch in from.. {
        hashes.keep(&batch_of(batch), TODAY).unwrap();
        killing::say(batch);
    }
}

/// The first is 1.
fn batch_of(batch: u64) -> Vec<filbert::runtime::state::HashRow> {
    (0..ROWS_AT_ONCE)
        .map(|number| row((batch - 1) * ROWS_AT_ONCE + number, &batch.to_le_bytes()))
        .collect()
}

/// How many batches are there, all of each of them.
fn batches_in(home: &Path) -> u64 {
    let (hashes, warning) = Hashes::open(home);
    assert!(warning.is_none(), "{warning:?}");
    let count = hashes.count().unwrap();
    assert_eq!(count % ROWS_AT_ONCE, 0);
    let batches = count / ROWS_AT_ONCE;
    if batches > 0 {
        let rows = batch_of(batches);
        let wanted: Vec<_> = rows.iter().map(|row| (row.path.clone(), row.stamp)).collect();
        let found = hashes.find(&wanted, TODAY).unwrap();
        assert!(found.iter().zip(&rows).all(|((found, _), row)| *found == Some(row.content)));
    }
    batches
}

fn kill_often(times: u32, seed: u64) {
    let home = Folder::new();
    let batches = killing::kill_often(CHILD, home.path(), (times, seed), batches_in);
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
