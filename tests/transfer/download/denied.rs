//! A size that a hit or a link has named, and that is not the file's.

use filbert::base::limits::{DENIED_SIZE_WAIT_MS, FILE_LEN_MAX, SOURCE_RETRY_MIN_MS};
use filbert::base::ranges::ByteRange;
use filbert::base::time::Time;
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{Input, Outcome, State, Wanted, Why};

use super::kazaa::{by_parts, finding, kazaa, kzhash, swarm};
use super::swarm::{Peer, Swarm, address, file_of, intent_of};

const LEN: usize = 1_000_000;
const FALSE: u64 = 2_000_000;

/// What is wanted by a hit of a node of FastTrack that lies.
fn named(file: &[u8]) -> Intent {
    Intent { size: Some(FALSE), ..by_parts(file) }
}

fn sentence(said: &str) -> String {
    format!(
        "whoever has answered says that the file has {said}, and not {FALSE} bytes as the hit or the link says; cancel it, and choose another hit or leave the size away"
    )
}

/// Runs until the user is told, and not one moment less.
fn is_told(swarm: &mut Swarm, why: &str) {
    swarm.run_until(Time::from_millis(DENIED_SIZE_WAIT_MS));
    assert_eq!(*swarm.download.state(), State::Fetching, "somebody else may be found");
    swarm.run_until(Time::from_millis(DENIED_SIZE_WAIT_MS + 1_000));
    assert_eq!(*swarm.download.state(), State::Stuck(why.to_owned()));
    assert_eq!(swarm.notes.searches, 1, "somebody else was looked for");
}

/// DOWN-07, FTHTTP-07
#[test]
fn where_all_deny_the_size_that_was_named_the_user_is_told() {
    let file = file_of(LEN, 1);
    let mut one = swarm(&file, named(&file), vec![kazaa(), kazaa()]);
    is_told(&mut one, &sentence("1000000 bytes"));
    assert_eq!(one.notes.dropped, [0, 1].map(|number| (address(number), Why::WrongSize)));
    let other = Peer { size: Some(900_000), ..kazaa() };
    let mut several = swarm(&file, named(&file), vec![kazaa(), other]);
    is_told(&mut several, &sentence("another size"));
    // As for a file of Gnutella.
    let intent = Intent { size: Some(FALSE), ..intent_of(&file, false) };
    let mut servents = Swarm::new(file, intent, vec![Peer::default()], 1);
    is_told(&mut servents, &sentence("1000000 bytes"));
}

/// DOWN-07
#[test]
fn whoever_goes_on_all_the_same_may_find_somebody_else() {
    let file = file_of(LEN, 1);
    let liar = || Peer { size: Some(FALSE), ..kazaa() };
    let mut swarm = swarm(&file, by_parts(&file), vec![liar()]);
    swarm.run_until(Time::from_millis(2 * DENIED_SIZE_WAIT_MS));
    assert!(matches!(swarm.download.state(), State::Stuck(_)));
    swarm.hand_in(Input::Resume);
    swarm.run_until(swarm.now.after_ms(DENIED_SIZE_WAIT_MS - 1));
    assert_eq!(*swarm.download.state(), State::Fetching, "it has its time again");
    swarm.peers.insert(address(5), kazaa());
    swarm.hand_in(Input::Found(finding(5, kzhash(&file).uuhash)));
    swarm.finish();
}

/// DOWN-07: what one says who lies is said by one.
#[test]
fn as_long_as_others_may_have_it_nobody_is_troubled() {
    let file = file_of(LEN, 1);
    let liar = Peer { size: Some(FALSE), ..kazaa() };
    let late = Peer { says_first: vec![Outcome::Busy { retry_ms: Some(600_000) }], ..kazaa() };
    let mut swarm = swarm(&file, by_parts(&file), vec![liar, late]);
    swarm.finish();
    let is_stuck = |state: &State| matches!(state, State::Stuck(_));
    assert!(!swarm.notes.states.iter().any(is_stuck), "{:?}", swarm.notes.states);
}

/// DOWN-07: who is not there says nothing, and whoever lies speaks for nobody else.
#[test]
fn one_who_lies_does_not_end_the_search_for_others() {
    let file = file_of(LEN, 1);
    let liar = Peer { size: Some(FALSE), ..kazaa() };
    let gone = Peer { is_reachable: false, ..kazaa() };
    let mut swarm = swarm(&file, by_parts(&file), vec![liar, gone]);
    swarm.run_until(Time::from_millis(24 * 3_600_000));
    assert_eq!(*swarm.download.state(), State::Fetching);
    assert!(swarm.notes.searches > 5, "{}", swarm.notes.searches);
}

/// RANGE-07: it need not send anything to say how long its file is; what nobody can have is no word of it.
#[test]
fn whoever_has_none_of_these_bytes_may_say_how_many_there_are() {
    let file = file_of(LEN, 1);
    for (said, dropped) in [
        (Some(LEN as u64), vec![(address(0), Why::WrongSize)]),
        (Some(0), vec![]),
        (Some(FILE_LEN_MAX + 1), vec![]),
        (Some(FALSE), vec![]),
        (None, vec![]),
    ] {
        let elsewhere = Peer { says_first: vec![Outcome::NotTheseBytes { size: said }], ..kazaa() };
        let mut swarm = swarm(&file, named(&file), vec![elsewhere]);
        swarm.run_until(Time::from_millis(SOURCE_RETRY_MIN_MS / 2));
        assert_eq!(swarm.notes.dropped, dropped, "{said:?}");
    }
}

/// FTHTTP-05: giFT says 400 where the range ends behind its file, and not how long that is.
#[test]
fn whoever_refuses_a_range_is_asked_how_long_the_file_is() {
    let file = file_of(LEN, 1);
    let first_byte = Wanted::Bytes(ByteRange::new(0, 1));
    let refuses = || Peer { says_first: vec![Outcome::Refused], ..kazaa() };
    let mut denied = swarm(&file, named(&file), vec![refuses()]);
    denied.run_until(Time::from_millis(2 * SOURCE_RETRY_MIN_MS));
    let asked: Vec<_> = denied.notes.asks.iter().map(|(_, _, ask)| ask.what).collect();
    assert!(asked.len() == 2 && asked[0] != first_byte && asked[1] == first_byte, "{asked:?}");
    assert_eq!(denied.notes.dropped, [(address(0), Why::WrongSize)]);
    let mut right = swarm(&file, by_parts(&file), vec![refuses()]);
    right.finish();
    assert!(right.cost_percent() <= 101, "{}", right.cost_percent());
}

/// DOWN-20: a source that refuses a range, and then has nothing at all, is left to rest.
#[test]
fn whoever_says_no_size_and_has_nothing_is_not_asked_without_end() {
    let file = file_of(LEN, 1);
    let nothing = || Outcome::NotTheseBytes { size: None };
    for (size, first) in [(Some(FALSE), Outcome::Refused), (None, nothing())] {
        let says_first = [first].into_iter().chain((0..999).map(|_| nothing())).collect();
        let peer = Peer { says_first, stays_open: true, ..kazaa() };
        let mut swarm = swarm(&file, Intent { size, ..by_parts(&file) }, vec![peer]);
        swarm.run_until(Time::from_millis(2 * SOURCE_RETRY_MIN_MS));
        let asks = swarm.notes.asks.len();
        assert!((5..100).contains(&asks), "{asks} in two minutes");
    }
}
