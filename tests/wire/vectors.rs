//! Every test vector of `protocol-spec`, run against the codec in both directions.

use std::collections::BTreeSet;

use filbert::gnutella::word_hash::word_hash;
use serde_json::{Value, json};

use crate::support::kinds::{self, Decoded, Outcome};
use crate::support::session_kinds;
use crate::support::vectors::{self, Vector};

fn decode(vector: &Vector) -> Outcome {
    match vector.entry.kind.as_str() {
        "query_table_stream" => kinds::query_table_stream(&vector.messages()),
        "agreement" => kinds::agreement(&vector.messages()),
        "session" => session_kinds::session(&vector.messages()),
        "masks" => masks(vector),
        kind => kinds::decode(kind, vector.entry.place.as_deref(), &vector.bytes()),
    }
}

/// FTLINK-09: masks that were seen on the wire alone are as unknown as most, so that the sessions that they come from
/// show how a type is found without.
fn masks(vector: &Vector) -> Outcome {
    let masks = session_kinds::masks(&vector.messages());
    if vector.entry.id == "masks-seen-on-the-wire" {
        assert!(masks.iter().all(Option::is_none), "{masks:?}");
        let value = vector.value().expect("a vector has a value");
        return Ok(Decoded { value, faults: BTreeSet::new(), encoded: None });
    }
    let masks = masks.iter().map(|mask| format!("{:08x}", mask.unwrap_or_default()));
    let value = json!({ "masks": masks.collect::<Vec<_>>() });
    Ok(Decoded { value, faults: BTreeSet::new(), encoded: None })
}

/// Why the codec and the vector disagree, if they do.
fn disagreement(vector: &Vector) -> Option<String> {
    let entry = &vector.entry;
    let decoded = match (decode(vector), &entry.error) {
        (Err(rule), Some(expected)) if rule == *expected => return None,
        (Err(rule), expected) => return Some(format!("fails by {rule}, expected {expected:?}")),
        (Ok(_), Some(expected)) => return Some(format!("decodes, expected to fail by {expected}")),
        (Ok(decoded), None) => decoded,
    };
    let expected = vector.value().expect("a vector has a value or an error");
    if normal(&decoded.value) != normal(&expected) {
        return Some(format!("value\n  {}\nexpected\n  {expected}", decoded.value));
    }
    let faults: BTreeSet<String> = entry.faults.iter().cloned().collect();
    if decoded.faults != faults {
        return Some(format!("faults {:?}, expected {faults:?}", decoded.faults));
    }
    match decoded.encoded {
        Some(bytes) if entry.canonical && bytes != vector.bytes() => {
            Some(format!("encodes to {}", data_encoding::HEXLOWER.encode(&bytes)))
        }
        _ => None,
    }
}

/// Objects compare without regard to the order of their fields.
fn normal(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}

#[test]
fn every_vector_holds() {
    let vectors = vectors::all();
    let run = vectors.iter().filter(|vector| vector.entry.kind != "query_table_hash");
    let failures: Vec<String> = run
        .filter_map(|vector| {
            let why = disagreement(vector)?;
            Some(format!("{} {}: {why}", vector.file, vector.entry.id))
        })
        .collect();
    let count = failures.len();
    assert!(failures.is_empty(), "{count} vectors fail:\n{}", failures.join("\n"));
}

/// QRP-24, QRP-25, QRP-26, QRP-28
#[test]
fn every_hash_vector_holds() {
    let vectors = vectors::all();
    let hashes = vectors.iter().filter(|vector| vector.entry.kind == "query_table_hash");
    let mut count = 0;
    for vector in hashes {
        let word = vector.entry.word.as_deref().expect("a hash vector has a word");
        let bits = vector.entry.bits.expect("a hash vector has bits");
        let expected = vector.value().and_then(|value| value.as_u64());
        assert_eq!(Some(word_hash(word, bits).into()), expected, "{}", vector.entry.id);
        count += 1;
    }
    assert!(count >= 60, "only {count} hash vectors were found");
}
