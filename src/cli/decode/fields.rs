use std::io::{self, Write};

use serde_json::{Map, Value};

use super::line::plain;
use super::palette::Palette;
use crate::dissect::Record;

/// Digits of a long hexadecimal value on one line.
const HEX_LINE_LEN: usize = 64;

/// Items of a list that fit on the line of its name.
const SHORT_LIST_LEN: usize = 72;

/// Prints all fields of a record below its line, and all its faults.
pub(super) fn write(out: &mut impl Write, record: &Record, palette: Palette) -> io::Result<()> {
    let mut tree = Tree { out, palette };
    tree.object(&record.fields(), 1)?;
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
    fn object(&mut self, object: &Map<String, Value>, depth: usize) -> io::Result<()> {
        object
            .iter()
            .try_for_each(|(name, value)| self.field(&plain(name), value, depth))
    }

    fn field(&mut self, name: &str, value: &Value, depth: usize) -> io::Result<()> {
        let (quiet, indent) = (self.palette.quiet(), "    ".repeat(depth));
        write!(self.out, "{indent}{quiet}{name}:{quiet:#}")?;
        match value {
            Value::Object(object) => {
                writeln!(self.out)?;
                self.object(object, depth.saturating_add(1))
            }
            Value::Array(items) => self.list(items, depth),
            Value::String(text) if is_long_hex(text) => self.hex(text, depth),
            _ => writeln!(self.out, " {}", scalar(value)),
        }
    }

    /// Short lists stand on one line, pairs as `name: value`, and all else below each other.
    fn list(&mut self, items: &[Value], depth: usize) -> io::Result<()> {
        if let Some(line) = short_list(items) {
            return writeln!(self.out, " {line}");
        }
        writeln!(self.out)?;
        let depth = depth.saturating_add(1);
        for (position, item) in items.iter().enumerate() {
            match item {
                Value::Array(pair) if is_pair(pair) => {
                    let [name, value] = [pair.first(), pair.last()].map(Option::unwrap_or_default);
                    self.field(&scalar(name), value, depth)?;
                }
                _ => self.field(&format!("{}", position.saturating_add(1)), item, depth)?,
            }
        }
        Ok(())
    }

    fn hex(&mut self, digits: &str, depth: usize) -> io::Result<()> {
        let indent = "    ".repeat(depth.saturating_add(1));
        writeln!(self.out)?;
        for line in digits.as_bytes().chunks(HEX_LINE_LEN) {
            let words: Vec<_> = line.chunks(8).map(String::from_utf8_lossy).collect();
            writeln!(self.out, "{indent}{}", words.join(" "))?;
        }
        Ok(())
    }
}

fn short_list(items: &[Value]) -> Option<String> {
    let is_simple = |value: &Value| !value.is_array() && !value.is_object();
    if !items.iter().all(is_simple) {
        return None;
    }
    let line = items.iter().map(scalar).collect::<Vec<_>>().join(", ");
    let fits = line.len() <= SHORT_LIST_LEN;
    fits.then(|| {
        if line.is_empty() {
            "none".to_owned()
        } else {
            line
        }
    })
}

fn is_pair(items: &[Value]) -> bool {
    items.len() == 2 && items.iter().all(Value::is_string)
}

fn is_long_hex(text: &str) -> bool {
    text.len() > HEX_LINE_LEN
        && text.len().is_multiple_of(2)
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
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
