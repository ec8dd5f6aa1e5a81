//! What a disk that has failed costs when the power goes later.

use filbert::base::limits::{JOURNAL_GROWTH_MAX, JOURNAL_SOURCES_MAX};
use filbert::base::time::Time;
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{Finding, Input, Origin, Path, State};

use super::swarm::{Peer, Swarm, address, file_of, intent_of};

const LEN: usize = 1_000_000;

fn swarm(knows_size: bool) -> Swarm {
    let file = file_of(LEN, 1);
    let intent = intent_of(&file, false);
    let intent = Intent { size: intent.size.filter(|_| knows_size), ..intent };
    let peer = Peer { rate: 50_000, ..Peer::default() };
    let mut swarm = Swarm::new(file, intent, Vec::new(), 1);
    for number in 0..2 {
        swarm.peers.insert(address(number), peer.clone());
    }
    swarm
}

/// A source with a path so long that the journal grows by it.
fn long(number: usize) -> Finding {
    let path = Path::Url("x".repeat(60_000));
    Finding { path, ..Finding::by_urn(address(number), Origin::User) }
}

/// DOWN-35: users and liars have us write as often as they like. Whether the disk fails, and where, is all one.
#[test]
fn a_journal_that_has_become_long_begins_anew() {
    for fails in [None, Some(true), Some(false)] {
        let mut swarm = swarm(false);
        for number in 0..2 {
            swarm.hand_in(Input::Found(Finding::by_urn(address(number), Origin::User)));
        }
        swarm.run_until(Time::from_millis(8_000));
        let done = swarm.download.progress().verified_len;
        swarm.disk.rewrites_fail = fails;
        for number in 10..200 {
            swarm.hand_in(Input::Found(long(number)));
            let now = swarm.now;
            swarm.run_until(now);
            if matches!(swarm.download.state(), State::Stuck(_)) {
                swarm.disk.rewrites_fail = None;
                swarm.hand_in(Input::Resume);
                swarm.run_until(now);
            }
        }
        assert!(swarm.disk.rewrites > 1, "{}", swarm.disk.rewrites);
        let len = swarm.disk.journal.content().len() as u64;
        assert!(len < 2 * JOURNAL_GROWTH_MAX + 100_000, "{len}");
        let until = swarm.now.after_ms(3_000);
        swarm.run_until(until);
        let verified = swarm.download.progress().verified_len;
        assert!(done > 200_000 && verified + 100_000 >= done, "{done} {verified}");
        let mut swarm = swarm.restart();
        let kept = swarm.download.progress();
        assert_eq!((kept.size, kept.verified_len), (Some(LEN as u64), verified), "{fails:?}");
        assert_eq!(kept.sources, JOURNAL_SOURCES_MAX);
        swarm.tell(address(0));
        swarm.finish();
    }
}

/// Once the user has mended the disk, what comes outlasts a kill.
fn goes_on(mut swarm: Swarm) {
    assert_eq!(*swarm.download.state(), State::Stuck("the disk is full".to_owned()));
    (swarm.disk.room, swarm.disk.largest, swarm.disk.appends) = (None, None, None);
    swarm.hand_in(Input::Resume);
    let until = swarm.now.after_ms(8_000);
    swarm.run_until(until);
    let verified = swarm.download.progress().verified_len;
    assert!(verified > 500_000, "{verified}");
    let swarm = swarm.restart();
    let kept = swarm.download.progress();
    assert_eq!(kept.size, Some(LEN as u64));
    assert!(kept.verified_len + 200_000 >= verified, "{} of {verified}", kept.verified_len);
    assert_eq!(kept.sources, 2, "those that were named, or of use");
}

/// DOWN-09, DOWN-32: at every moment from the first on.
#[test]
fn what_comes_after_a_failure_outlasts_a_kill() {
    for knows_size in [true, false] {
        for moment in 0..12 {
            let mut swarm = swarm(knows_size);
            match moment {
                0 => swarm.disk.largest = Some(LEN as u64 - 1),
                1..=6 => swarm.disk.appends = Some(moment - 1),
                _ => swarm.disk.room = Some(moment - 7),
            }
            if moment == 0 && !knows_size {
                // That is what others say, and none of the failures that are meant here.
                continue;
            }
            for number in 0..2 {
                swarm.hand_in(Input::Found(Finding::by_urn(address(number), Origin::User)));
            }
            swarm.run_until(Time::from_millis(30_000));
            println!("{knows_size} {moment}");
            goes_on(swarm);
        }
    }
}
