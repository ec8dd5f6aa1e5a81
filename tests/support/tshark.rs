//! Runs the dissector of Wireshark over a recording.

use serde_json::{Map, Value, json};

use super::programs::Program;
use super::recording::Recording;

const TSHARK: Program = Program { name: "tshark", needed: true };

/// What it says of each Gnutella frame in a recording, in order; none where it is not installed.
///
/// A field is `{ "bytes": hex, "shown": text }`, or `{ "bytes": hex, … }` with the fields in it;
/// several of one name are a list.
pub fn dissect(recording: &Recording, name: &str) -> Option<Vec<Value>> {
    let mut command = TSHARK.command()?;
    let file = recording.write(&format!("{name}.pcap"));
    command.arg("-r").arg(file);
    command.args(["-T", "json", "-x", "--no-duplicate-keys", "-J", "gnutella"]);
    // Nobody's preferences.
    command.env("WIRESHARK_CONFIG_DIR", env!("CARGO_TARGET_TMPDIR"));
    let output = command.output().expect("tshark runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tshark: {complaints}");
    let packets: Vec<Value> =
        serde_json::from_slice(&output.stdout).expect("tshark writes JSON when asked to");
    let layers = packets.iter().map(|packet| &packet["_source"]["layers"]);
    Some(layers.flat_map(|layers| list(field(layers, "gnutella"))).collect())
}

/// A field together with its bytes, which tshark writes beside it.
fn field(parent: &Value, name: &str) -> Value {
    let (value, raw) = (&parent[name], &parent[format!("{name}_raw")]);
    match (value, raw) {
        (Value::Null, _) => Value::Null,
        (Value::Array(values), Value::Array(raws)) => {
            values.iter().zip(raws).map(|(value, raw)| one(value, &raw[0])).collect()
        }
        (value, raw) => one(value, &raw[0]),
    }
}

/// Where there are no bytes, tshark writes none.
fn one(value: &Value, bytes: &Value) -> Value {
    let bytes = bytes.as_str().unwrap_or_default();
    let Value::Object(inner) = value else { return json!({ "bytes": bytes, "shown": value }) };
    let names = inner.keys().filter(|name| !name.ends_with("_raw"));
    let mut map: Map<_, _> = names.map(|name| (name.clone(), field(value, name))).collect();
    map.insert("bytes".to_owned(), bytes.into());
    Value::Object(map)
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values,
        value => vec![value],
    }
}
