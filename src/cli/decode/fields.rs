use std::io::{self, Write};

use serde_json::{Map, Value};

use super::line::plain;
use super::palette::Palette;
use crate::dissect::Record;

/// Digits of a long hexadecimal value on one line.
const HEX_LINE_LEN: usize = 64;

/// Digits that stand together.
const HEX_WORD_LEN: usize = 8;

/// Characters of a list or an object that stands on the line of its name.
const SHORT_LEN: usize = 80;

/// Fields that the line above tells already.
const TOLD: [&str; 3] = ["function", "ttl", "hops"];

/// Prints all fields of a record below its line, and all its faults.
pub(super) fn write(out: &mut impl Write, record: &Record, palette: Palette) -> io::Result<()> {
    let mut tree = Tree { out, palette };
    for (name, value) in record.fields().iter().filter(|(name, _)| !TOLD.contains(&name.as_str())) {
        tree.field(name, value, 1)?;
    }
    let broken = palette.broken();
    for fault in record.faults.as_slice() {
        writeln!(tree.out, "    {broken}✗ {fault}{broken:#}")?;
    }
    Ok(())
}

struct Tree<'a, W> {
    out: &'a mut W,
    palette: Palette,
}

impl<W: Write> Tree<'_, W> {
    fn field(&mut self, name: &str, value: &Value, depth: usize) -> io::Result<()> {
        let (quiet, indent) = (self.palette.quiet(), "    ".repeat(depth));
        write!(self.out, "{indent}{quiet}{}:{quiet:#}", plain(name))?;
        if let Some(short) = short(value) {
            return writeln!(self.out, "{}{short}", if short.is_empty() { "" } else { " " });
        }
        writeln!(self.out)?;
        let depth = depth.saturating_add(1);
        match value {
            Value::Object(object) => self.object(object, depth),
            Value::Array(items) => self.list(items, depth),
            Value::String(text) if is_hex(text) => self.hex(text, depth),
            _ => writeln!(self.out, "{}{}", "    ".repeat(depth), scalar(value)),
        }
    }

    fn object(&mut self, object: &Map<String, Value>, depth: usize) -> io::Result<()> {
        object.iter().try_for_each(|(name, value)| self.field(name, value, depth))
    }

    /// What has a name stands under it, all else under its number.
    fn list(&mut self, items: &[Value], depth: usize) -> io::Result<()> {
        for (position, item) in items.iter().enumerate() {
            match named(item) {
                Some((name, value)) => self.field(name, &value, depth)?,
                None => self.field(&position.saturating_add(1).to_string(), item, depth)?,
            }
        }
        Ok(())
    }

    fn hex(&mut self, digits: &str, depth: usize) -> io::Result<()> {
        let indent = "    ".repeat(depth);
        for line in digits.as_bytes().chunks(HEX_LINE_LEN) {
            let words: Vec<_> = line.chunks(HEX_WORD_LEN).map(String::from_utf8_lossy).collect();
            writeln!(self.out, "{indent}{}", words.join(" "))?;
        }
        Ok(())
    }
}

/// An item that says itself what it is: a pair like a header, an extension with its id, or an object
/// with a single field.
fn named(item: &Value) -> Option<(&str, Value)> {
    match item {
        Value::Array(pair) => match pair.as_slice() {
            [Value::String(name), value] => Some((name, value.clone())),
            _ => None,
        },
        Value::Object(object) => {
            if let Some(Value::String(id)) = object.get("id") {
                let mut rest = object.clone();
                rest.shift_remove("id");
                let is_alone = rest.len() == 1;
                let value = rest.get("value").filter(|_| is_alone).cloned();
                return Some((id, value.unwrap_or(Value::Object(rest))));
            }
            let mut fields = object.iter();
            let (name, value) = fields.next().filter(|_| object.len() == 1)?;
            Some((name, value.clone()))
        }
        _ => None,
    }
}

/// A value that fits on the line of its name.
fn short(value: &Value) -> Option<String> {
    let is_flat = |value: &Value| !value.is_array() && !value.is_object();
    let line = match value {
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) if items.iter().all(is_flat) => joined(items.iter().map(scalar)),
        Value::Object(object) if object.values().all(is_flat) => {
            joined(object.iter().map(|(name, value)| format!("{} {}", plain(name), scalar(value))))
        }
        Value::Array(_) | Value::Object(_) => return None,
        // Text stands on one line however long it is; only digits have no words to break at.
        Value::String(text) if !is_hex(text) => return Some(scalar(value)),
        _ => scalar(value),
    };
    (line.chars().count() <= SHORT_LEN).then_some(line)
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn is_hex(text: &str) -> bool {
    text.len() >= HEX_WORD_LEN && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(value: &Value) -> String {
        let mut out = Vec::new();
        Tree { out: &mut out, palette: Palette::new(false) }.field("it", value, 0).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_fits_stands_on_the_line_of_its_name() {
        assert_eq!(shown(&json!("a\u{1b}[1m")), "it: a\\u{1b}[1m\n");
        assert_eq!(shown(&json!([1, 2])), "it: 1, 2\n");
        assert_eq!(shown(&json!({"major": 1, "tls": true})), "it: major 1, tls yes\n");
        assert_eq!(shown(&json!([])), "it: none\n");
        assert_eq!(shown(&json!("")), "it:\n");
    }

    #[test]
    fn items_stand_under_their_names() {
        let items = json!([["GGEP", "0.5"], {"id": "DU", "value": 7}, {"urn": "urn:x"}, {"a": 1, "b": [2, [3]]}]);
        let expected = "it:\n    GGEP: 0.5\n    DU: 7\n    urn: urn:x\n    4:\n        a: 1\n        b:\n            1: 2\n            2: 3\n";
        assert_eq!(shown(&items), expected);
    }

    #[test]
    fn long_hexadecimal_is_broken_into_words() {
        let line = "00112233 ".repeat(8);
        assert_eq!(
            shown(&json!("00112233".repeat(11))),
            format!("it:\n    {}\n    00112233 00112233 00112233\n", line.trim_end())
        );
    }
}
