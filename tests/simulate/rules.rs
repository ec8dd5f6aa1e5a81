//! That the world sees every breach of the rules: each is committed here by a small servent, and none
//! is found where there is none.

use filbert::simulate::{Birth, Fidelity, Invariant, Report, Scenario, World};

use crate::machine::{Flaw, Flooder};

const SCENARIO: &str = r#"
title = "A small flood"
nodes = 40
duration_s = 120
warm_up_s = 10
topology = { kind = "regular", degree = 4 }
latency = { kind = "uniform", from_ms = 10, to_ms = 90 }
node = { floods = true, ttl = 5, repeats = false, deflate = false }
searches = { per_node_hour = 200 }

[links]
jitter_ms = 20

[files]
titles = 20
copies = 4
popularity = 0.5
free_riders = 0
givers = 0.05
given = 0.5
"#;

fn run(text: &str, flaw: Flaw, fidelity: Fidelity) -> Report {
    let scenario = Scenario::parse("test", text).unwrap();
    let maker = move |birth: &Birth, _| {
        Flooder::new(birth, if has_flaw(birth.host) { flaw } else { Flaw::None })
    };
    let mut world = World::new(&scenario, scenario.nodes, 7, fidelity, Box::new(maker));
    world.run();
    world.report()
}

/// One in eight has the flaw.
const fn has_flaw(host: u32) -> bool {
    host % 8 == 7
}

#[track_caller]
fn caught(flaw: Flaw, invariant: Invariant) {
    let report = run(SCENARIO, flaw, Fidelity::Frames);
    assert!(report.has_failed(), "nothing was found");
    for violation in &report.violations {
        assert_eq!(violation.invariant, invariant, "{violation}");
        assert!(violation.host.is_none_or(has_flaw), "{violation}");
    }
}

#[test]
fn a_servent_that_keeps_the_rules_breaks_none() {
    let report = run(SCENARIO, Flaw::None, Fidelity::Frames);
    assert_eq!(report.violations, []);
    assert!(report.searches.count > 20 && report.recall.unwrap().millionths() > 500_000);
}

/// Rule 1: a query is forwarded once only.
#[test]
fn a_query_that_goes_twice_over_a_connection_is_seen() {
    caught(Flaw::ForwardsTwice, Invariant::ForwardedOnce);
}

/// Rule 1, for hits.
#[test]
fn a_hit_that_is_passed_on_twice_is_seen() {
    caught(Flaw::HitsTwice, Invariant::ForwardedOnce);
}

/// Rule 2: to all neighbours except the one it came from.
#[test]
fn a_query_that_goes_back_is_seen() {
    caught(Flaw::SendsBack, Invariant::NeverBack);
}

/// Rule 3: a hit goes only to the peer from which the query came.
#[test]
fn a_hit_that_leaves_the_reverse_path_is_seen() {
    caught(Flaw::HitsToEverybody, Invariant::ReversePath);
    // To one from which the query came, and not to the one from which it came first.
    caught(Flaw::HitsToTheLatest, Invariant::ReversePath);
}

/// Rule 4: duplicates are dropped.
#[test]
fn a_query_that_is_answered_twice_is_seen() {
    caught(Flaw::AnswersTwice, Invariant::AnsweredOnce);
}

/// Rule 5: a hit whose query was never seen is dropped.
#[test]
fn what_comes_from_nowhere_is_seen() {
    caught(Flaw::InventsHits, Invariant::NothingFromNowhere);
    caught(Flaw::InventsQueries, Invariant::NothingFromNowhere);
    caught(Flaw::PassesOnForgedHits, Invariant::NothingFromNowhere);
}

/// Rule 6: queries are restricted by their TTL.
#[test]
fn a_ttl_that_does_not_fall_is_seen() {
    caught(Flaw::KeepsTheTtl, Invariant::TtlFalls);
}

#[test]
fn a_table_over_its_cap_is_seen() {
    caught(Flaw::KeepsTooMuch, Invariant::TablesBounded);
}

#[test]
fn a_message_that_is_too_long_is_seen() {
    caught(Flaw::SendsTooMuch, Invariant::FramesFit);
}

#[test]
fn a_machine_that_wants_to_be_woken_at_one_moment_for_ever_is_stopped() {
    caught(Flaw::NeverSleeps, Invariant::TimeMovesOn);
}

#[test]
fn an_honest_neighbour_that_is_treated_like_an_attacker_is_seen() {
    caught(Flaw::TurnsOnNeighbours, Invariant::HonestUnharmed);
}

#[test]
fn a_message_to_a_connection_that_is_gone_is_seen() {
    let resets = "[[fault]]\nkind = \"resets\"\nat_s = 10\nshare = 1";
    let text = format!("{SCENARIO}\n{resets}");
    let report = run(&text, Flaw::SpeaksAfterTheEnd, Fidelity::Frames);
    let found = report.violations.first().unwrap();
    assert_eq!(found.invariant, Invariant::ClosedStaysClosed);
    assert!(found.host.is_some_and(has_flaw));
    assert_eq!(run(&text, Flaw::None, Fidelity::Frames).violations, []);
}

#[test]
fn as_bytes_and_as_frames_everybody_is_told_the_same() {
    let compressed = SCENARIO.replace("deflate = false", "deflate = true");
    let frames = run(SCENARIO, Flaw::None, Fidelity::Frames);
    for text in [SCENARIO, &compressed] {
        let bytes = run(text, Flaw::None, Fidelity::Bytes);
        assert_eq!(bytes.trace_hash, frames.trace_hash);
        assert_eq!((bytes.violations_count, bytes.recall), (0, frames.recall));
    }
    assert!(frames.frames.delivered > 1_000);
}
