//! A report for programs. Fields are added, and never change their meaning.
//!
//! ```json
//! { "schema": 1, "subject": "127.0.0.1:6346", "agent": "...", "seed": 1,
//!   "cases": [{ "id": "ttl/query-goes-on", "network": "gnutella", "title": "...", "verdict": "pass",
//!               "requirements": ["TTL-02"], "level": "must", "took_ms": 12,
//!               "expected": null, "actual": null, "expected_failure": null,
//!               "exchanges": [{ "at_ms": 0, "probe": "a", "direction": "sent", "hex": "..." }] }],
//!   "memory": [{ "group": "ttl", "before_kib": 61244, "after_kib": 61300 }],
//!   "summary": { "pass": 1, "fail": 0, "...": 0 } }
//! ```

use serde_json::{Map, Value, json};

use super::results::{Judged, Memory, Results};
use crate::conform::Verdict;

/// The number of the schema.
const SCHEMA: u32 = 1;

/// The whole report.
pub fn report(results: &Results) -> Value {
    let summary: Map<String, Value> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.as_str().to_owned(), results.count(verdict).into()))
        .collect();
    let memory = results.memory.iter().map(|memory| {
        let Memory { group, before_kib, after_kib } = memory;
        json!({ "group": group, "before_kib": before_kib, "after_kib": after_kib })
    });
    json!({
        "schema": SCHEMA,
        "subject": results.subject,
        "agent": results.agent,
        "seed": results.seed,
        "took_ms": u64::try_from(results.took.as_millis()).unwrap_or(u64::MAX),
        "cases": results.judged.iter().map(case).collect::<Vec<_>>(),
        "memory": memory.collect::<Vec<_>>(),
        "summary": summary,
    })
}

fn case(judged: &Judged) -> Value {
    let Judged { case, outcome, expected_because } = judged;
    let exchanges = outcome.transcript.exchanges().iter().map(|exchange| {
        json!({
            "at_ms": exchange.at_ms,
            "probe": exchange.probe,
            "direction": exchange.direction.as_str(),
            "hex": data_encoding::HEXLOWER.encode(&exchange.bytes),
        })
    });
    json!({
        "id": case.id,
        "network": case.network.as_str(),
        "title": case.title,
        "verdict": outcome.verdict.as_str(),
        "requirements": case.requirements,
        "level": case.level.name(),
        "took_ms": u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
        "expected": outcome.expected,
        "actual": outcome.actual,
        "expected_failure": expected_because,
        "exchanges": exchanges.collect::<Vec<_>>(),
    })
}
