//! Reads the test vectors of `protocol-spec`.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::files;

/// One vector, with the file that it stands in.
pub struct Vector {
    pub file: String,
    pub entry: Entry,
}

/// A vector as `protocol-spec/README.md` describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub id: String,
    pub requirements: Vec<String>,
    pub kind: String,
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub hex: Option<Hex>,
    #[serde(default)]
    pub value: Option<toml::Value>,
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub faults: Vec<String>,
    #[serde(default = "yes")]
    pub canonical: bool,
    #[serde(default, rename = "note")]
    pub _note: Option<String>,
    #[serde(default)]
    pub word: Option<String>,
    #[serde(default)]
    pub bits: Option<u32>,
}

/// The bytes of one message, or of several in order.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Hex {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vector: Vec<Entry>,
}

fn yes() -> bool {
    true
}

/// Kinds that nothing decodes yet. A vector of theirs shows nothing, and no test runs it.
pub const WAITING: [&str; 0] = [];

/// Every vector of every subject that can be decoded.
pub fn all() -> Vec<Vector> {
    let folders = ["protocol-spec/gnutella/vectors", "protocol-spec/fasttrack/vectors"];
    let paths = folders.into_iter().flat_map(|folder| files::with_extension(folder, "toml"));
    let mut vectors: Vec<_> = paths.flat_map(|path| read(&path)).collect();
    vectors.retain(|vector| !WAITING.contains(&vector.entry.kind.as_str()));
    vectors
}

fn read(path: &Path) -> Vec<Vector> {
    let text = fs::read_to_string(path).expect("the file is readable");
    let file: File =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
    file.vector.into_iter().map(|entry| Vector { file: name.clone(), entry }).collect()
}

impl Vector {
    /// The bytes of a vector that has one message.
    pub fn bytes(&self) -> Vec<u8> {
        match &self.entry.hex {
            Some(Hex::One(hex)) => unhex(hex),
            _ => panic!("{}: one string of hex is needed", self.entry.id),
        }
    }

    /// The bytes of each message of a vector that has several.
    pub fn messages(&self) -> Vec<Vec<u8>> {
        match &self.entry.hex {
            Some(Hex::One(hex)) => vec![unhex(hex)],
            Some(Hex::Many(many)) => many.iter().map(|hex| unhex(hex)).collect(),
            None => panic!("{}: hex is needed", self.entry.id),
        }
    }

    /// The value as JSON, with repeats in hexadecimal fields written out.
    pub fn value(&self) -> Option<Value> {
        let value = self.entry.value.as_ref()?;
        let value = serde_json::to_value(value).expect("TOML fits into JSON");
        Some(expand(value))
    }
}

/// Reads hexadecimal digits, spaces among them, and repeats such as `(61 * 300)`.
pub fn unhex(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, repeat)) = rest.split_once('(') {
        let (repeat, after) = repeat.split_once(')').expect("a repeat is closed");
        let (digits, count) = repeat.split_once('*').expect("a repeat has a count");
        bytes.extend(digits_of(before));
        let count: usize = count.trim().parse().expect("a count is a number");
        bytes.extend(digits_of(digits).repeat(count));
        rest = after;
    }
    bytes.extend(digits_of(rest));
    bytes
}

fn digits_of(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    data_encoding::HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// Writes out `(00 * 16)` wherever a value holds it: in `payload` and `hex` fields.
fn expand(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(text) if text.contains(" * ") && text.contains('(') => {
                    (name, Value::String(data_encoding::HEXLOWER.encode(&unhex(&text))))
                }
                value => (name, expand(value)),
            })
            .collect(),
        Value::Array(list) => list.into_iter().map(expand).collect(),
        other => other,
    }
}
