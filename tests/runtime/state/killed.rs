//! A process that is killed while it writes.

use std::path::Path;

use filbert::gnutella::wire::Guid;
use filbert::node::host_cache::{Quality, SavedHost};
use filbert::runtime::state::{Disk, Opened, Parts, Saved, Store, Wall};

use super::kept::host;
use super::{Home, NOW};
use crate::killing;

/// The name of the child among the tests.
const CHILD: &str = "state::killed::the_child_writes_until_it_is_killed";

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
    let Some((home, from)) = killing::told() else { return };
    let mut store = Store::open_on(Disk::real(), &home, NOW).store;
    for number in from.. {
        assert!(matches!(store.save(&parts(number), Wall(NOW.0)), Saved::Done));
        killing::say(number);
    }
}

fn kill_often(times: u32, seed: u64) {
    let home = Home::new();
    let number = killing::kill_often(CHILD, home.path(), (times, seed), number_in);
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
