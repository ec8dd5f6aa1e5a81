//! What our own node makes of the cases, in memory.

use std::fmt::Write;
use std::time::Instant;

use filbert::conform::{Case, Outcome, Settings, Verdict, memory_subject};

use crate::cases;

/// `FILBERT_CASES=ttl/` plays only those whose ids begin so.
fn wanted() -> String {
    std::env::var("FILBERT_CASES").unwrap_or_default()
}

/// What our node does not speak of, and need not.
const UNIMPLEMENTED: &[&str] = &[
    "bootstrap/cache-is-asked-seldom",
    "bootstrap/cache-that-a-cache-names",
    "bootstrap/cache-that-a-neighbour-names",
    "bootstrap/names-of-caches-that-are-none",
    "connections/first-feature",
    "connections/marked-length",
    "connections/unknown-size-flag",
    "ggep/address-as-seen",
    "handshake/tls-that-does-not-come",
    "push/own-push-over-http",
    "push/three-proxies",
    "udp/bitmap-of-missing-parts",
    "udp/fragment",
    "udp/fragment-again",
    "udp/fragment-with-a-flag-of-the-future",
    "udp/fragment-with-an-unknown-flag",
    "udp/fragments-join",
    "udp/impossible-part",
    "udp/who-sends-fragments-reads-them",
    "vendor/counts-of-hsep",
    "vendor/crawler-ping",
    "vendor/head-ping-1",
    "vendor/head-ping-2",
    "vendor/head-ping-for-a-leaf",
    "vendor/head-pong-of-a-file",
    "vendor/one-triple-from-a-leaf",
    "vendor/repetitions-left-off",
];

#[test]
fn our_own_node_passes_every_case() {
    let began = Instant::now();
    let (mut count, mut failures) = (0, String::new());
    let wanted = wanted();
    for case in cases::all().iter().filter(|case| case.id.starts_with(&wanted)) {
        count += 1;
        let outcome = memory_subject::judge(case, &memory_subject::settings(1));
        let expected = match UNIMPLEMENTED.contains(&case.id.as_str()) {
            true => Verdict::Unimplemented,
            false => Verdict::Pass,
        };
        if outcome.verdict != expected {
            describe(&mut failures, &case.id, &outcome);
        }
    }
    println!("{count} cases in {:?}", began.elapsed());
    assert!(failures.is_empty(), "{failures}");
}

/// What is about the host of a link, which others may call or which calls too often.
const ABOUT_CALLERS: &[&str] = &[
    "connections/third-attempt",
    "vendor/connects-back",
    "vendor/connects-back-once-a-minute",
    "vendor/pings-back",
    "vendor/pings-back-with-the-guid-that-was-named",
];

/// Whoever is called in most cases calls in all of them.
#[test]
fn our_own_node_passes_where_it_calls_for_each_link() {
    let settings = Settings { is_caller: true, ..memory_subject::settings(1) };
    let (mut count, mut failures) = (0, String::new());
    let about_links = |case: &Case| !ABOUT_CALLERS.contains(&case.id.as_str());
    for case in cases::all().into_iter().filter(about_links) {
        count += 1;
        let outcome = memory_subject::judge(&case, &settings);
        let is_fine = match UNIMPLEMENTED.contains(&case.id.as_str()) {
            true => outcome.verdict == Verdict::Unimplemented,
            false => outcome.verdict == Verdict::Pass,
        };
        if !is_fine {
            describe(&mut failures, &case.id, &outcome);
        }
    }
    assert!(count > 700, "{count} cases");
    assert!(failures.is_empty(), "{failures}");
}

fn describe(text: &mut String, id: &str, outcome: &Outcome) {
    let Outcome { verdict, expected, actual, transcript, .. } = outcome;
    let (expected, actual) = (expected.as_deref().unwrap_or(""), actual.as_deref().unwrap_or(""));
    writeln!(text, "{id}: {verdict}\n  expected: {expected}\n  actual:   {actual}").unwrap();
    for exchange in transcript.exchanges() {
        let shown = exchange.bytes.escape_ascii().to_string();
        let shown = &shown[..shown.len().min(160)];
        let direction = exchange.direction.as_str();
        writeln!(text, "    {:>6} {} {direction} {shown}", exchange.at_ms, exchange.probe).unwrap();
    }
}
