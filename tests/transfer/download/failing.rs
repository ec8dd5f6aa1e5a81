//! What a disk that has failed costs when the power goes later.

use filbert::base::limits::{JOURNAL_GROWTH_MAX, JOURNAL_SOURCES_MAX};
use filbert::base::time::Time;
use filbert::transfer::download::journal::{self, Intent};
use filbert::transfer::download::{Finding, Input, KnownBy, Origin, Output, Path, State, Work};

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

/// What the disk is given at once when the user has mended it.
fn resumed(swarm: &mut Swarm) -> Vec<Work> {
    (swarm.disk.appends, swarm.disk.rewrites_fail) = (None, None);
    swarm.hand_in(Input::Resume);
    let mut works = Vec::new();
    while let Some(output) = swarm.download.poll() {
        if let Output::Disk { number, work } = output {
            works.push(work.clone());
            let outcome = swarm.disk.work(&work);
            swarm.hand_in(Input::Done { number, outcome });
        }
    }
    works
}

/// DOWN-19, DOWN-32: the whole was wrong, and the disk fails just as the journal is to say so.
#[test]
fn what_the_journal_takes_back_it_takes_back_before_anything_is_written() {
    let mut seen = 0;
    for appends in 0..30 {
        let file = file_of(LEN, 1);
        let intent = Intent { known_by: KnownBy::Sha1([1; 20]), ..intent_of(&file, true) };
        let peers = vec![Peer { rate: 2_000_000, ..Peer::default() }];
        let mut swarm = Swarm::new(file, intent, peers, 1);
        swarm.disk.appends = Some(appends);
        swarm.run_until(Time::from_millis(30_000));
        let states = swarm.notes.states.clone();
        let [.., State::Verifying, State::Fetching, State::Stuck(_)] = states.as_slice() else {
            continue;
        };
        if swarm.disk.begun_again > 0 {
            continue;
        }
        seen += 1;
        let works = resumed(&mut swarm);
        let place = |is_it: &dyn Fn(&Work) -> bool| works.iter().position(is_it);
        let prepare = place(&|work| matches!(work, Work::Prepare { size: None, .. }));
        let append = place(&|work| matches!(work, Work::Append { .. }));
        let again = place(&|work| matches!(work, Work::BeginAgain { .. }));
        let write = place(&|work| matches!(work, Work::Write { .. }));
        assert!(prepare.is_some() && prepare < append && append < again, "{works:?}");
        assert!(write.is_none_or(|write| Some(write) > again));
        assert_eq!(swarm.disk.begun_again, 1);
    }
    assert!(seen > 0);
}

/// DOWN-35: nobody knows which of two journals is there, and nothing is to be said but that.
#[test]
fn a_journal_that_could_not_begin_anew_does_so_before_anything_is_written() {
    for fails in [Some(true), Some(false)] {
        let mut swarm = swarm(true);
        swarm.disk.rewrites_fail = fails;
        for number in 10..200 {
            swarm.hand_in(Input::Found(long(number)));
            let now = swarm.now;
            swarm.run_until(now);
        }
        assert!(matches!(swarm.download.state(), State::Stuck(_)));
        let works = resumed(&mut swarm);
        let is_first = matches!(
            works.as_slice(),
            [Work::Prepare { .. }, Work::Sync, Work::Rewrite { .. }, ..]
        );
        assert!(is_first, "{works:?}");
    }
}

/// DOWN-19, DOWN-32: the power goes again, as soon as the disk is mended, while other bytes come than before.
#[test]
fn a_kill_right_after_the_disk_is_mended_leaves_what_is_right() {
    let mut seen = 0;
    for appends in 1..12 {
        for steps in 0..24 {
            let file = file_of(LEN, 1);
            let intent = Intent { known_by: KnownBy::Sha1([1; 20]), ..intent_of(&file, true) };
            let peers = vec![Peer { rate: 2_000_000, ..Peer::default() }];
            let mut swarm = Swarm::new(file.clone(), intent, peers, 1);
            swarm.disk.appends = Some(appends);
            swarm.run_until(Time::from_millis(10_000));
            if !matches!(swarm.download.state(), State::Stuck(_)) {
                continue;
            }
            let own = Some(file_of(LEN, 2));
            let other = Peer { own, gives_tree: false, latency_ms: 1, ..Peer::default() };
            swarm.peers.insert(address(5), other);
            swarm.tell(address(5));
            swarm.disk.appends = None;
            swarm.hand_in(Input::Resume);
            swarm.steps_left = Some(steps);
            let end = swarm.now.after_ms(900);
            if swarm.run_until(end) {
                swarm.disk.lose_power(None, &mut swarm.rng);
            }
            let mut recovered = journal::replay(&swarm.disk.journal.content()).unwrap();
            let part = swarm.disk.part.content();
            recovered.keep_only(part.len() as u64);
            for range in recovered.verified.iter() {
                let range = range.start as usize..range.end as usize;
                assert!(part[range.clone()] == file[range.clone()], "{appends} {steps}: {range:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 0);
}
