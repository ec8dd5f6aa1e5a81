//! Answers that no program gives, but somebody who wants to do harm.

use filbert::base::limits::{SOURCES_CONNECTED_MAX, SOURCES_WANTED};
use filbert::base::ranges::{ByteRange, RangeSet};
use filbert::base::time::Time;
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{Answer, CallFailure, Input, Outcome, Output, Wanted};

use super::swarm::{Peer, Swarm, address, answer, file_of, intent_of};

const LEN: usize = 1_000_000;

fn swarm(peers: Vec<Peer>) -> Swarm {
    Swarm::with_root(LEN, peers)
}

/// DOWN-12: `Content-Range: bytes 0-9223372036854775806/*`, and one byte behind the end.
#[test]
fn bytes_behind_the_end_of_the_file_are_of_no_use() {
    for end in [LEN as u64 + 1, i64::MAX as u64] {
        for knows_size in [true, false] {
            let endless = Outcome::Bytes { range: ByteRange::new(0, end), size: None };
            let peer = Peer { says_first: vec![Outcome::Missing, endless], ..Peer::default() };
            let file = file_of(LEN, 1);
            let intent = intent_of(&file, false);
            let size = intent.size.filter(|_| knows_size);
            let intent = Intent { size, ..intent };
            let mut swarm = Swarm::new(file, intent, vec![peer], 1);
            swarm.run_until(Time::from_millis(10_000));
            assert_eq!(swarm.notes.disconnects.len(), 1, "{end}");
            assert!(swarm.download.progress().received_len < 100_000);
            swarm.finish();
        }
    }
}

/// As many as are wanted, and to none of them we have a way.
#[test]
fn others_are_looked_for_where_there_is_no_way_to_those_that_are_known() {
    let mut swarm = swarm(Vec::new());
    let mut searches = 0;
    for number in 0..2 * SOURCES_WANTED {
        swarm.tell(address(number));
    }
    while swarm.now < Time::from_millis(3_600_000) {
        while let Some(output) = swarm.download.poll() {
            match output {
                Output::Connect { source, .. } => {
                    let why = CallFailure::NoLine;
                    swarm.hand_in(Input::ConnectFailed { source, why });
                }
                Output::Search => searches += 1,
                _ => {}
            }
        }
        swarm.now = swarm
            .download
            .next_timeout()
            .map_or(swarm.now.after_ms(60_000), |due| due.max(swarm.now.after_ms(1)));
        swarm.hand_in(Input::Timeout);
    }
    assert!(searches > 5, "{searches}");
}

/// DOWN-31: as many as there is room for give hardly anything, each time for less than half a minute.
#[test]
fn short_answers_that_are_slow_do_not_keep_others_away() {
    let slow = Peer { part_len: Some(1_000), rate: 50, ..Peer::default() };
    let mut swarm = swarm(vec![slow; SOURCES_CONNECTED_MAX]);
    swarm.run_until(Time::from_millis(100_000));
    swarm.peers.insert(address(30), Peer { rate: 1_000_000, ..Peer::default() });
    swarm.tell(address(30));
    let told = swarm.now;
    swarm.finish();
    assert!(swarm.now.since(told).as_secs() < 180, "{:?}", swarm.now.since(told));
}

/// DOWN-20: says each time that it has all but what it was asked for.
#[test]
fn whoever_never_has_what_it_says_is_not_asked_again_at_once() {
    let mut swarm = swarm(Vec::new());
    swarm.tell(address(0));
    let mut asks = 0;
    while let Some(output) = swarm.download.poll() {
        match output {
            Output::Connect { source, .. } => swarm.hand_in(Input::Connected { source }),
            Output::Disk { number, work } => {
                let outcome = swarm.disk.work(&work);
                swarm.hand_in(Input::Done { number, outcome });
            }
            Output::Ask { source, ask } => {
                asks += 1;
                assert!(asks < 10, "it goes on for ever");
                let Wanted::Bytes(range) = ask.what else {
                    swarm.hand_in(Input::Answered { source, answer: answer(Outcome::Missing) });
                    continue;
                };
                let mut others = RangeSet::from(ByteRange::new(0, LEN as u64));
                others.remove(range);
                let answer = Answer {
                    available: Some(others),
                    ..answer(Outcome::NotTheseBytes { size: None })
                };
                swarm.hand_in(Input::Answered { source, answer });
            }
            _ => {}
        }
    }
    assert!(asks > 2, "{asks}");
    assert_eq!(swarm.download.progress().sources, 1, "it may have more later");
}
