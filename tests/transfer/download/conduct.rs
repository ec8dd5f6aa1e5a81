//! How sources are treated, and how they treat us.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use filbert::base::limits::{SOURCE_RETRY_MIN_MS, SOURCE_WAIT_MAX_MS, SOURCES_CONNECTED_MAX};
use filbert::base::ranges::{ByteRange, RangeSet};
use filbert::base::time::Time;
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{
    Finding, Input, KnownBy, Origin, Outcome, Path, State, Wanted, Why,
};

use super::swarm::{Peer, Swarm, address, file_of, intent_of};

const LEN: usize = 1_000_000;

fn swarm(peers: Vec<Peer>) -> Swarm {
    Swarm::with_root(LEN, peers)
}

/// DOWN-15
#[test]
fn nobody_who_does_not_answer_is_called_more_than_three_times() {
    let silent = Peer { is_reachable: false, ..Peer::default() };
    let mut swarm = swarm(vec![silent]);
    swarm.run_until(Time::from_millis(24 * 3_600_000));
    let calls: Vec<u64> = swarm.notes.calls.iter().map(|(at, _)| at.as_micros()).collect();
    assert_eq!(calls.len(), 3);
    assert!(calls.windows(2).all(|two| two[1] - two[0] >= 60_000_000), "{calls:?}");
    assert_eq!(swarm.notes.dropped, [(address(0), Why::Unreachable)]);
}

/// DOWN-16, DOWN-11: a web server that a hit names, and that redirects.
#[test]
fn a_web_server_that_knows_nothing_is_called_once() {
    for outcome in [Outcome::Missing, Outcome::Refused] {
        let says_first = vec![outcome.clone(); 9];
        let web = Peer { is_servent: false, gives_tree: false, says_first, ..Peer::default() };
        let mut swarm = swarm(vec![web]);
        swarm.run_until(Time::from_millis(24 * 3_600_000));
        assert_eq!(swarm.notes.calls.len(), 1, "{outcome:?}");
        assert_eq!(swarm.notes.dropped, [(address(0), Why::NoServent)]);
    }
}

/// DOWN-13
#[test]
fn a_place_in_a_queue_is_asked_for_between_the_two_moments() {
    let queued = Outcome::Queued {
        poll_min_ms: 45_000,
        poll_max_ms: 120_000,
        ticket: Some("a1".to_owned()),
        place: Some(3),
    };
    let says_first = vec![Outcome::Missing, queued.clone(), queued.clone(), queued];
    let mut swarm = swarm(vec![Peer { says_first, ..Peer::default() }]);
    swarm.finish();
    assert_eq!(swarm.notes.calls.len(), 1, "the connection stays");
    let asks: Vec<_> = swarm.notes.asks.iter().skip(1).take(4).collect();
    for two in asks.windows(2) {
        let waited = two[1].0.since(two[0].0).as_millis();
        assert!((45_000..50_000).contains(&waited), "soon, for a slot may be free: {waited}");
        assert_eq!(two[1].2.ticket.as_deref(), Some("a1"));
    }
}

/// DOWN-26: by whomever it is said, to whatever request, up to the limit and not longer.
#[test]
fn retry_after_is_obeyed() {
    let hour = SOURCE_WAIT_MAX_MS;
    for (said_ms, waited_ms) in [(600_000, 600_000), (hour, hour), (hour + 1, hour), (5, 1_000)] {
        for (is_servent, is_tree) in [(true, true), (true, false), (false, true), (false, false)] {
            let busy = Outcome::Busy { retry_ms: Some(said_ms) };
            let says_first = if is_tree { vec![busy] } else { vec![Outcome::Missing, busy] };
            let mut swarm = swarm(vec![Peer { says_first, is_servent, ..Peer::default() }]);
            swarm.finish();
            let waited: Vec<_> =
                swarm.notes.calls.windows(2).map(|two| two[1].0.since(two[0].0)).collect();
            let least_ms = if is_servent { waited_ms } else { waited_ms.max(SOURCE_RETRY_MIN_MS) };
            let least = Duration::from_millis(least_ms);
            let case = format!("{said_ms} {is_servent} {is_tree}: {waited:?}");
            assert_eq!(waited.len(), 1, "{case}");
            assert!((least..least + Duration::from_secs(5)).contains(&waited[0]), "{case}");
        }
    }
}

/// DOWN-12
#[test]
fn bytes_that_were_not_asked_for_are_not_taken() {
    let elsewhere = Outcome::Bytes { range: ByteRange::new(77, 1_000), size: Some(LEN as u64) };
    let odd = Peer { says_first: vec![Outcome::Missing, elsewhere], ..Peer::default() };
    let mut swarm = swarm(vec![odd, Peer::default()]);
    swarm.finish();
    assert!(swarm.notes.disconnects.iter().any(|(_, who)| *who == address(0)));
}

/// DOWN-07
#[test]
fn a_source_whose_file_has_another_size_is_not_asked_again() {
    let other = Peer { size: Some(LEN as u64 + 1), ..Peer::default() };
    let mut swarm = swarm(vec![other, Peer::default()]);
    swarm.finish();
    assert!(swarm.notes.dropped.iter().all(|dropped| *dropped == (address(0), Why::WrongSize)));
}

/// DOWN-07
#[test]
fn a_size_that_nobody_named_is_that_of_most_sources() {
    let file = file_of(LEN, 1);
    let intent = Intent { size: None, ..intent_of(&file, false) };
    let liar = Peer { size: Some(700_000), gives_tree: false, latency_ms: 1, ..Peer::default() };
    let honest = Peer { gives_tree: false, ..Peer::default() };
    let mut swarm = Swarm::new(file, intent, vec![liar, honest.clone(), honest], 1);
    swarm.finish();
}

/// DOWN-14
#[test]
fn two_ports_of_one_address_have_one_connection() {
    let mut swarm = swarm(vec![Peer { rate: 20_000, ..Peer::default() }]);
    let mut twin = address(0);
    twin.set_port(7_000);
    swarm.peers.insert(twin, Peer::default());
    swarm.tell(twin);
    swarm.run_until(Time::from_millis(10_000));
    assert_eq!(swarm.called().len(), 1);
}

/// DOWN-02: what only some have is fetched from them, the rarest first.
#[test]
fn pieces_that_few_have_come_first() {
    let half = |range| Peer { has: Some(RangeSet::from(range)), rate: 100_000, ..Peer::default() };
    let first = ByteRange::new(0, 600_000);
    let last = ByteRange::new(524_288, LEN as u64);
    let mut swarm = swarm(vec![half(first), half(first), half(last)]);
    swarm.finish();
    let by_last = swarm.notes.asks.iter().filter(|(_, who, _)| *who == address(2));
    let mut ranges = by_last.filter_map(|(_, _, ask)| match ask.what {
        Wanted::Bytes(range) => Some(range),
        Wanted::Tree => None,
    });
    let begun = ranges.next().unwrap();
    assert!(begun.start >= 589_824, "{begun} is rarer than what the others have too");
}

/// DOWN-05
#[test]
fn a_tree_of_another_file_is_found_out() {
    for liars in 1..3 {
        let file = file_of(LEN, 1);
        let intent = intent_of(&file, false);
        let liar = Peer { lies_in_tree: true, latency_ms: 5, ..Peer::default() };
        let mut peers = vec![liar; liars];
        peers.extend(vec![Peer::default(); 4]);
        let mut swarm = Swarm::new(file, intent, peers, 1);
        swarm.finish();
        let honest = swarm.notes.dropped.iter().filter(|(who, _)| !swarm.peers[who].lies_in_tree);
        assert_eq!(honest.count(), 0, "{:?}", swarm.notes.dropped);
    }
}

/// DOWN-05
#[test]
fn a_tree_that_is_not_the_one_in_the_link_costs_its_source() {
    let liar = Peer { lies_in_tree: true, latency_ms: 5, ..Peer::default() };
    let mut swarm = swarm(vec![liar, Peer::default()]);
    swarm.finish();
    assert_eq!(swarm.notes.dropped, [(address(0), Why::WrongTree)]);
}

/// DOWN-01, DOWN-06
#[test]
fn without_a_tree_the_liar_is_found_all_the_same() {
    let file = file_of(LEN, 1);
    let peer = |wrong_percent| Peer { wrong_percent, gives_tree: false, ..Peer::default() };
    let peers = vec![peer(0), peer(100), peer(0)];
    let mut swarm = Swarm::new(file.clone(), intent_of(&file, false), peers, 1);
    swarm.finish();
    let wronged = swarm.notes.dropped.iter().filter(|(who, _)| *who != address(1));
    assert_eq!(wronged.count(), 0);
}

/// DOWN-08
#[test]
fn what_nobody_has_proved_is_not_offered() {
    for knows_root in [true, false] {
        let file = file_of(LEN, 1);
        let intent = intent_of(&file, knows_root);
        let mut swarm = Swarm::new(file, intent, vec![Peer { rate: 50_000, ..Peer::default() }], 1);
        swarm.run_until(Time::from_millis(10_000));
        assert_eq!(swarm.download.shared().is_empty(), !knows_root);
        assert!(swarm.download.progress().done_len > 200_000);
    }
}

/// DOWN-13: whoever waits keeps its place, also where the source hangs up behind its answer.
#[test]
fn a_place_is_asked_for_in_time_though_the_source_has_hung_up() {
    let queued = Outcome::Queued {
        poll_min_ms: 10_000,
        poll_max_ms: 60_000,
        ticket: Some("a1".to_owned()),
        place: Some(2),
    };
    let says_first = vec![Outcome::Missing, queued];
    let mut swarm = swarm(vec![Peer { says_first, ..Peer::default() }]);
    swarm.run_until(Time::from_millis(3_000));
    assert_eq!(swarm.download.progress().queued, 1);
    let source = swarm.id_of(address(0));
    swarm.hand_in(Input::Lost { source });
    swarm.run_until(Time::from_millis(35_000));
    assert_eq!(swarm.notes.calls.len(), 2, "{:?}", swarm.notes.calls);
    let again = swarm.notes.calls[1].0.as_micros();
    assert!((10_000_000..35_000_000).contains(&again), "{again}");
    let (_, _, ask) = &swarm.notes.asks[2];
    assert_eq!(ask.ticket.as_deref(), Some("a1"));
    swarm.finish();
}

/// THEX-01: gtk-gnutella ends the connection over which it is asked for a tree that it has not.
#[test]
fn whoever_hangs_up_when_it_is_asked_for_its_tree_is_asked_for_bytes_then() {
    let mut swarm = swarm(vec![Peer::default()]);
    let mut until = 0;
    while swarm.notes.asks.is_empty() {
        until += 1;
        swarm.run_until(Time::from_millis(until));
    }
    assert_eq!(swarm.notes.asks[0].2.what, Wanted::Tree);
    let source = swarm.id_of(address(0));
    swarm.hand_in(Input::Lost { source });
    swarm.run_until(Time::from_millis(until + 120_000));
    let asked = &swarm.notes.asks[1].2.what;
    assert!(matches!(asked, Wanted::Bytes(_)), "{asked:?}");
}

/// DOWN-08: the user named no root, and sources do.
#[test]
fn what_sources_of_three_networks_agree_on_is_offered() {
    let file = file_of(LEN, 1);
    let peer = Peer { rate: 20_000, names_root: true, ..Peer::default() };
    let liar = Peer { lies_in_tree: true, ..peer.clone() };
    let silent = Peer { names_root: false, gives_tree: false, ..peer.clone() };
    let two = vec![peer.clone(), peer.clone(), silent];
    let three = vec![peer.clone(); 3];
    let disputed = vec![peer.clone(), peer.clone(), peer, Peer { gives_tree: false, ..liar }];
    for (peers, is_offered) in [(two, false), (three, true), (disputed, false)] {
        let mut swarm = Swarm::new(file.clone(), intent_of(&file, false), peers, 1);
        swarm.run_until(Time::from_millis(10_000));
        assert!(swarm.download.progress().done_len > 200_000);
        assert_eq!(!swarm.download.shared().is_empty(), is_offered);
        assert_eq!(swarm.download.on_offer().is_some(), is_offered);
        assert_eq!(swarm.download.trusted_row().is_some(), is_offered);
    }
}

/// DOWN-27
#[test]
fn a_full_disk_is_said_and_nothing_is_lost_after_it() {
    let mut swarm = swarm(vec![Peer::default()]);
    swarm.disk.room = Some(30);
    swarm.run_until(Time::from_millis(60_000));
    assert_eq!(*swarm.download.state(), State::Stuck("the disk is full".to_owned()));
    let (proved, sent) = (swarm.download.shared().len(), swarm.notes.sent_len);
    assert!(proved > 200_000 && swarm.download.progress().verified_len == proved);
    swarm.disk.room = None;
    swarm.hand_in(Input::Resume);
    swarm.finish();
    assert_eq!(
        swarm.notes.sent_len - sent,
        LEN as u64 - proved,
        "the rest is fetched, and nothing else"
    );
}

#[test]
fn a_pause_ends_all_connections_and_what_came_stays() {
    let mut swarm = swarm(vec![Peer { rate: 50_000, ..Peer::default() }]);
    swarm.run_until(Time::from_millis(10_000));
    let done = swarm.download.progress().verified_len;
    assert!(done > 0);
    swarm.hand_in(Input::Pause);
    swarm.run_until(Time::from_millis(3_600_000));
    assert_eq!(swarm.download.progress().verified_len, done);
    assert_eq!(swarm.notes.calls.len(), 1);
    swarm.hand_in(Input::Resume);
    swarm.finish();
}

#[test]
fn a_download_that_is_not_wanted_any_more_leaves_nothing() {
    let mut swarm = swarm(vec![Peer::default()]);
    swarm.run_until(Time::from_millis(2_000));
    swarm.hand_in(Input::Cancel);
    swarm.run_until(Time::from_millis(10_000));
    assert!(swarm.disk.is_removed);
    assert_eq!(*swarm.download.state(), State::Cancelled);
}

#[test]
fn whoever_is_told_of_others_calls_them() {
    let knows = Peer { alternates: vec![address(1)], ..Peer::default() };
    let file = file_of(LEN, 1);
    let intent = intent_of(&file, true);
    let mut swarm = Swarm::new(file, intent, vec![knows], 1);
    swarm.peers.insert(address(1), Peer::default());
    swarm.finish();
    assert!(swarm.called().contains(&address(1)));
    let told = swarm.notes.asks.iter().any(|(_, _, ask)| !ask.alternates.is_empty());
    assert!(told, "and tells of others in turn");
}

/// DOWN-41: a web server that a link names gives the file, and knows no SHA-1.
#[test]
fn nobody_is_told_of_a_web_server() {
    for (path, is_told) in [(Path::Url("/slow%20river.ogg".to_owned()), false), (Path::ByUrn, true)]
    {
        let mut swarm = swarm(vec![Peer { rate: 50_000, ..Peer::default() }]);
        swarm.peers.insert(address(1), Peer { rate: 50_000, ..Peer::default() });
        let named = Finding { path, ..Finding::by_urn(address(1), Origin::User) };
        swarm.hand_in(Input::Found(named));
        swarm.finish();
        let told = swarm.notes.asks.iter().flat_map(|(_, _, ask)| &ask.alternates);
        assert_eq!(told.copied().any(|other| other == address(1)), is_told);
    }
}

/// A link names sources that no search would find.
#[test]
fn sources_that_the_user_names_outlast_a_crash_before_any_byte() {
    let mut swarm = swarm(Vec::new());
    let finding = Finding::by_urn(address(7), Origin::User);
    swarm.hand_in(Input::Found(finding));
    swarm.run_until(Time::from_millis(2));
    let journal = swarm.disk.journal.content();
    let recovered = filbert::transfer::download::journal::replay(&journal).unwrap();
    assert_eq!(recovered.sources, [Finding::by_urn(address(7), Origin::User)]);
}

/// The faster one gives more, and nobody waits for the slower one at the end.
#[test]
fn larger_pieces_come_from_faster_sources() {
    let peers =
        vec![Peer { rate: 20_000, ..Peer::default() }, Peer { rate: 500_000, ..Peer::default() }];
    let file = file_of(8 * LEN, 1);
    let intent = intent_of(&file, true);
    let mut swarm = Swarm::new(file, intent, peers, 1);
    swarm.finish();
    let mut largest = BTreeMap::new();
    for (_, who, ask) in &swarm.notes.asks {
        if let Wanted::Bytes(range) = ask.what {
            let largest: &mut u64 = largest.entry(*who).or_default();
            *largest = range.len().max(*largest);
        }
    }
    assert!(largest[&address(1)] >= 4 * largest[&address(0)], "{largest:?}");
    let ideal_ms = 8 * LEN as u64 * 1_000 / 520_000;
    assert!(swarm.now.as_micros() / 1_000 < ideal_ms * 5 / 4, "{:?}, not {ideal_ms} ms", swarm.now);
    assert!(swarm.cost_percent() <= 105, "{} %", swarm.cost_percent());
}

/// DOWN-17: what waits for its turn asks nobody, and keeps what it has.
#[test]
fn a_file_that_waits_for_its_turn_calls_nobody() {
    let mut swarm = swarm(vec![Peer::default()]);
    swarm.run_until(Time::from_millis(2_500));
    let (calls, done) = (swarm.notes.calls.len(), swarm.download.progress().done_len);
    assert!(done > 0);
    swarm.hand_in(Input::Queue);
    assert_eq!(*swarm.download.state(), State::Queued);
    swarm.run_until(Time::from_millis(600_000));
    assert_eq!(swarm.notes.calls.len(), calls);
    swarm.hand_in(Input::Resume);
    swarm.finish();
    assert!(swarm.notes.sent_len <= LEN as u64 + 131_072, "{}", swarm.notes.sent_len);
}

/// DOWN-22: as many as there is room for say that they have nothing, for ever.
#[test]
fn sources_that_have_nothing_do_not_keep_the_one_away_that_has_it() {
    let nothing = Peer { has: Some(RangeSet::from(ByteRange::new(0, 65_536))), ..Peer::default() };
    let mut swarm = swarm(vec![nothing; SOURCES_CONNECTED_MAX]);
    swarm.run_until(Time::from_millis(20_000));
    assert_eq!(swarm.called().len(), SOURCES_CONNECTED_MAX);
    let whole = address(SOURCES_CONNECTED_MAX);
    swarm.peers.insert(whole, Peer::default());
    swarm.tell(whole);
    let told = swarm.now;
    swarm.finish();
    assert!(swarm.now.since(told).as_secs() < 30, "{:?}", swarm.now.since(told));
    let ended: BTreeSet<_> = swarm.notes.disconnects.iter().map(|(_, who)| *who).collect();
    assert!(ended.len() > 1);
}

/// What nobody can write down is not tried again and again.
#[test]
fn a_disk_that_has_failed_is_left_alone_until_the_user_says_so() {
    let mut swarm = swarm(vec![Peer::default()]);
    swarm.disk.room = Some(3);
    swarm.run_until(Time::from_millis(60_000));
    let stuck = State::Stuck("the disk is full".to_owned());
    assert_eq!(*swarm.download.state(), stuck);
    swarm.peers.insert(address(7), Peer::default());
    swarm.hand_in(Input::Found(Finding::by_urn(address(7), Origin::User)));
    assert_eq!(swarm.download.next_timeout(), None, "nothing is due");
    swarm.hand_in(Input::Pause);
    swarm.run_until(Time::from_millis(120_000));
    assert_eq!(*swarm.download.state(), stuck, "it says what to do as long as that is to be done");
    swarm.disk.room = None;
    swarm.hand_in(Input::Resume);
    swarm.finish();
}

/// DOWN-19: tree and SHA-1 of a link are of two files. What the tree proved was offered until the whole was wrong.
#[test]
fn what_others_were_given_is_not_overwritten_where_all_begins_again() {
    let file = file_of(LEN, 1);
    let intent = Intent { known_by: KnownBy::Sha1([1; 20]), ..intent_of(&file, true) };
    let mut swarm = Swarm::new(file, intent, vec![Peer::default()], 1);
    swarm.run_until(Time::from_millis(3_000));
    assert!(!swarm.download.on_offer().unwrap().ranges.is_empty());
    assert_eq!(swarm.disk.begun_again, 0);
    swarm.run_until(Time::from_millis(60_000));
    assert!(swarm.disk.begun_again > 0);
    assert_eq!(swarm.download.on_offer(), None, "nobody vouches for a tree any more");
}
