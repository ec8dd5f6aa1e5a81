use std::net::SocketAddrV4;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use crate::base::limits::{FASTTRACK_ASKED_MAX, FASTTRACK_ASKED_NEAREST};
use crate::base::time::Time;
use crate::fasttrack::neighbours::entry::Entry;
use crate::fasttrack::neighbours::vector::Vector;

/// Who is asked, the last one first: the nearest, then some of all the others. Equals are drawn by lot,
/// so that nobody is asked by all, and the same search again reaches others. Who has no files, or did
/// not answer, comes last (FTPEER-16).
pub(super) fn draw(vector: &Vector, random: &mut ChaCha8Rng, now: Time) -> Vec<SocketAddrV4> {
    let mut all: Vec<_> = vector
        .reached()
        .map(|(entry, route)| {
            let is_last = is_silent(entry, now) || is_empty(entry);
            (is_last, route.distance, random.random::<u32>(), entry.record.address)
        })
        .collect();
    all.sort_unstable();
    let farther = all.get_mut(FASTTRACK_ASKED_NEAREST..).unwrap_or_default();
    farther.sort_unstable_by_key(|&(is_last, _, lot, address)| (is_last, lot, address));
    all.truncate(FASTTRACK_ASKED_MAX);
    all.into_iter().rev().map(|(.., address)| address).collect()
}

fn is_silent(entry: &Entry, now: Time) -> bool {
    entry.silent.is_some_and(|until| now < until)
}

fn is_empty(entry: &Entry) -> bool {
    entry.record.media.iter().all(|[files, _]| files.number() == 0)
}
