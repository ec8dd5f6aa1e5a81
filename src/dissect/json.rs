use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Value};

use super::record::{Body, Decoded, Greeting, HttpHead, Packing, Record, Stretch, Unknown};
use crate::base::error::Malformed;
use crate::base::show;
use crate::gnutella::wire::Reliable;

/// Fields that no message may hide; one of its own with such a name gets `body_` in front.
const RESERVED: [&str; 14] = [
    "time",
    "transport",
    "from",
    "to",
    "type",
    "guid",
    "function",
    "ttl",
    "hops",
    "payload_len",
    "packing",
    "can_inflate",
    "malformed",
    "faults",
];

impl Record {
    /// The record as one JSON object: `time`, `transport`, `from`, `to` and `type`, what was
    /// decoded, and `malformed`.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut object = Map::new();
        put(&mut object, "time", self.time);
        put(&mut object, "transport", self.route.transport);
        put(&mut object, "from", self.route.from.map(|address| address.to_string()));
        put(&mut object, "to", self.route.to.map(|address| address.to_string()));
        put(&mut object, "type", self.kind());
        object.extend(self.fields());
        put(&mut object, "malformed", self.broken_rules());
        if self.is_malformed() {
            let faults: Vec<_> = self.faults.as_slice().iter().map(Shown::of).collect();
            put(&mut object, "faults", faults);
        }
        object
    }

    /// One line of JSON. In its strings only letters, digits and what ASCII can print stand as they
    /// are, so that it may be shown on a terminal.
    pub fn to_json_line(&self) -> serde_json::Result<String> {
        let mut line = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut line, Printable);
        self.to_json().serialize(&mut serializer)?;
        String::from_utf8(line).map_err(|error| serde_json::Error::io(io::Error::other(error)))
    }

    /// What was decoded, without what all records share.
    pub fn fields(&self) -> Map<String, Value> {
        match &self.body {
            Body::Handshake(greeting) => greeting_fields(greeting),
            Body::Frame(decoded) => frame_fields(decoded, self.is_malformed()),
            Body::Http(http) => http_fields(http),
            Body::Tls(stretch) => stretch_fields(*stretch),
            Body::Unknown(unknown) => unknown_fields(unknown),
        }
    }

    /// The requirements that are broken, each once.
    pub fn broken_rules(&self) -> Vec<&'static str> {
        let mut ids = Vec::new();
        for fault in self.faults.as_slice() {
            if !ids.contains(&fault.rule.id()) {
                ids.push(fault.rule.id());
            }
        }
        ids
    }
}

/// A fault as programs see it.
#[derive(Serialize)]
struct Shown {
    requirement: &'static str,
    offset: usize,
    what: &'static str,
}

impl Shown {
    const fn of(fault: &Malformed) -> Self {
        Self { requirement: fault.rule.id(), offset: fault.offset, what: fault.what }
    }
}

fn greeting_fields(greeting: &Greeting) -> Map<String, Value> {
    let mut fields = object(&greeting.head);
    if !greeting.passed_over.is_empty() {
        put(&mut fields, "passed_over", &greeting.passed_over);
    }
    fields
}

/// The payload itself is there where it was not understood, or not all of it.
fn frame_fields(decoded: &Decoded, is_malformed: bool) -> Map<String, Value> {
    let Decoded { header, payload, message, packing, can_inflate } = decoded;
    let mut fields = Map::new();
    put(&mut fields, "guid", header.guid);
    put(&mut fields, "function", header.function.0);
    put(&mut fields, "ttl", header.ttl);
    put(&mut fields, "hops", header.hops);
    put(&mut fields, "payload_len", header.payload_len);
    if let Some(flags) = header.size_flags {
        put(&mut fields, "size_flags", flags);
    }
    match packing {
        Packing::Plain => {}
        Packing::DeflatedDatagram => put(&mut fields, "packing", "deflated"),
        Packing::Fragments { sequence, count } => {
            put(&mut fields, "packing", "fragments");
            put(&mut fields, "fragments_sequence", sequence);
            put(&mut fields, "fragments_count", count);
        }
    }
    if *can_inflate {
        put(&mut fields, "can_inflate", true);
    }
    for (name, value) in message.as_ref().map(object).unwrap_or_default() {
        let is_reserved = RESERVED.contains(&name.as_str());
        fields.insert(if is_reserved { format!("body_{name}") } else { name }, value);
    }
    if is_malformed || message.is_none() {
        put(&mut fields, "payload", Hex(payload));
    }
    fields
}

fn http_fields(http: &HttpHead) -> Map<String, Value> {
    let mut fields = object(&http.head);
    if let Some(body_len) = http.body_len {
        put(&mut fields, "body_len", body_len);
    }
    fields
}

fn stretch_fields(stretch: Stretch) -> Map<String, Value> {
    let mut fields = Map::new();
    put(&mut fields, "bytes", stretch.bytes);
    if stretch.since.is_some() {
        put(&mut fields, "since", stretch.since);
    }
    fields
}

fn unknown_fields(unknown: &Unknown) -> Map<String, Value> {
    let mut fields = Map::new();
    put(&mut fields, "what", unknown.name());
    match unknown {
        Unknown::Stream { stretch, .. } => fields.extend(stretch_fields(*stretch)),
        Unknown::Datagrams { stretch, count } => {
            put(&mut fields, "datagrams", count);
            fields.extend(stretch_fields(*stretch));
        }
        Unknown::Inflated { bytes }
        | Unknown::Unfinished { bytes }
        | Unknown::Gap { bytes }
        | Unknown::Piece { bytes, .. } => {
            put(&mut fields, "bytes", bytes);
        }
        Unknown::Acknowledgement(reliable) => fields.extend(acknowledgement_fields(reliable)),
        Unknown::Fragments { sequence, received, count, bytes } => {
            put(&mut fields, "fragments_sequence", sequence);
            put(&mut fields, "fragments_received", received);
            put(&mut fields, "fragments_count", count);
            put(&mut fields, "bytes", bytes);
        }
    }
    fields
}

fn acknowledgement_fields(reliable: &Reliable) -> Map<String, Value> {
    let mut fields = Map::new();
    put(&mut fields, "fragments_sequence", reliable.sequence);
    put(&mut fields, "part", reliable.part);
    put(&mut fields, "cumulative", reliable.cumulative);
    if let Some(reception) = &reliable.reception {
        put(&mut fields, "received", reception.received);
        put(&mut fields, "missing", reception.missing().collect::<Vec<_>>());
    }
    fields
}

struct Hex<'a>(&'a [u8]);

impl Serialize for Hex<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        show::hex(self.0, serializer)
    }
}

/// Adds a field. What we put in is never a map with keys that are no strings, so nothing is lost.
fn put(object: &mut Map<String, Value>, name: &str, value: impl Serialize) {
    object.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
}

fn object(value: impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        Ok(other) => Map::from_iter([("value".to_owned(), other)]),
        Err(_) => Map::new(),
    }
}

/// Writes JSON on one line, and escapes whatever could steer a terminal.
struct Printable;

impl Formatter for Printable {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        for character in text.chars() {
            let is_letter = character.is_alphanumeric() && !show::is_harmful(character);
            if is_letter || matches!(character, ' '..='~') {
                write!(out, "{character}")?;
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}
