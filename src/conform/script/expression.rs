//! What stands behind a field: a number, a text, bytes, or something that was seen before.

use std::fmt;

use serde_json::Value;

use super::NotUnderstood;
use super::hex::read_hex;

/// A value that is known when its step is reached.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// It stands there.
    Given(Value),
    /// A text in which `{message.field}` and `{@probe}` stand for what they mean.
    Filled(String),
    /// `$message.field`, and a number that is added to it.
    Seen { message: String, path: Path, more: i64 },
    /// `@probe`, `@probe.ip` or `@probe.port`: where a probe, or the subject, can be called.
    AddressOf { probe: String, part: AddressPart },
}

/// What of an address is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressPart {
    Both,
    Ip,
    Port,
}

/// The way to a field: names of fields, places in lists, `*` for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path(Vec<String>);

impl Path {
    pub(super) fn read(text: &str) -> Self {
        Self(text.split('.').map(str::to_owned).collect())
    }

    /// All values to which it leads.
    pub(crate) fn find<'a>(&self, root: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![root];
        for step in &self.0 {
            found = found.into_iter().flat_map(|value| one_further(value, step)).collect();
        }
        found
    }
}

/// In a list, a name means those that are called so: extensions of GGEP, or tags.
fn one_further<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    match value {
        Value::Object(fields) if step == "*" => fields.values().collect(),
        Value::Object(fields) => fields.get(step).into_iter().collect(),
        Value::Array(list) if step == "*" => list.iter().collect(),
        Value::Array(list) => match step.parse::<usize>() {
            Ok(place) => list.get(place).into_iter().collect(),
            Err(_) => list.iter().filter_map(|one| named(one, step)).collect(),
        },
        _ => Vec::new(),
    }
}

fn named<'a>(one: &'a Value, name: &str) -> Option<&'a Value> {
    match one {
        Value::Object(fields) => match fields.get("id") {
            Some(id) => (id.as_str() == Some(name)).then_some(one),
            None => fields.get(name),
        },
        _ => None,
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl Expression {
    /// What stands in brackets within a text: `name.field`, `@probe`.
    pub(crate) fn of_reference(reference: &str) -> Result<Self, NotUnderstood> {
        match reference.strip_prefix('@') {
            Some(probe) => Ok(read_address(probe)),
            None => read_seen(reference),
        }
    }

    /// Reads what stands behind a relation. What was quoted is text.
    pub(super) fn read(text: &str, is_quoted: bool) -> Result<Self, NotUnderstood> {
        if is_quoted && text.contains('{') {
            return Ok(Self::Filled(text.to_owned()));
        }
        if is_quoted {
            return Ok(Self::Given(text.into()));
        }
        if let Some(reference) = text.strip_prefix('$') {
            return read_seen(reference);
        }
        if let Some(probe) = text.strip_prefix('@') {
            return Ok(read_address(probe));
        }
        if let Some(digits) = text.strip_prefix("hex:") {
            let bytes = read_hex(digits)?;
            return Ok(Self::Given(bytes_value(&bytes)));
        }
        let value = match (text, read_number(text)) {
            ("true", _) => true.into(),
            ("false", _) => false.into(),
            (_, Some(number)) => number.into(),
            (text, None) => text.into(),
        };
        Ok(Self::Given(value))
    }
}

/// Bytes that stand in a case, told from text.
fn bytes_value(bytes: &[u8]) -> Value {
    serde_json::json!({ "hex": data_encoding::HEXLOWER.encode(bytes) })
}

/// The bytes of such a value.
pub(crate) fn as_hex(value: &Value) -> Option<&str> {
    let Value::Object(fields) = value else { return None };
    if fields.len() == 1 { fields.get("hex")?.as_str() } else { None }
}

fn read_seen(reference: &str) -> Result<Expression, NotUnderstood> {
    // The names of headers have hyphens.
    let sum = reference.rfind(['+', '-']).and_then(|at| {
        let (name, more) = reference.split_at(at);
        Some((name, more.parse().ok()?))
    });
    let (name, more) = sum.unwrap_or((reference, 0));
    let (message, path) = name
        .split_once('.')
        .ok_or_else(|| NotUnderstood::new(format!("${name} names no field: $message.field")))?;
    Ok(Expression::Seen { message: message.to_owned(), path: Path::read(path), more })
}

fn read_address(text: &str) -> Expression {
    let (probe, part) = match text.split_once('.') {
        Some((probe, "ip")) => (probe, AddressPart::Ip),
        Some((probe, "port")) => (probe, AddressPart::Port),
        _ => (text, AddressPart::Both),
    };
    Expression::AddressOf { probe: probe.to_owned(), part }
}

/// A number as people write it: `12`, `-1` or `0x1f`.
fn read_number(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Expression {
        Expression::read(text, false).unwrap()
    }

    #[test]
    fn values_are_what_they_look_like() {
        assert_eq!(read("12"), Expression::Given(json!(12)));
        assert_eq!(read("0x1f"), Expression::Given(json!(31)));
        assert_eq!(read("true"), Expression::Given(json!(true)));
        assert_eq!(read("word"), Expression::Given(json!("word")));
        assert_eq!(read("hex:(0a*3)ff"), Expression::Given(json!({ "hex": "0a0a0aff" })));
        assert_eq!(Expression::read("12", true).unwrap(), Expression::Given(json!("12")));
        assert!(Expression::read("$q", false).is_err());
        assert!(Expression::read("hex:0", false).is_err());
    }

    #[test]
    fn what_was_seen_is_named_by_message_and_field() {
        let (message, path) = ("q".to_owned(), Path::read("ttl"));
        assert_eq!(read("$q.ttl-1"), Expression::Seen { message, path, more: -1 });
    }

    #[test]
    fn a_path_leads_to_all_values_that_it_means() {
        let tree =
            json!({ "extensions": [{ "id": "DU", "value": 7 }, { "id": "VC" }], "a": [1, 2] });
        let found = |path| Path::read(path).find(&tree).into_iter().cloned().collect::<Vec<_>>();
        assert_eq!(found("extensions.DU.value"), [json!(7)]);
        assert_eq!(found("a.*"), [json!(1), json!(2)]);
        assert_eq!(found("a.1"), [json!(2)]);
        assert!(found("extensions.GUE").is_empty() && found("b").is_empty());
    }
}
