//! What a message has to be like.

use std::fmt;

use serde_json::Value;

use super::NotUnderstood;
use super::expression::{Expression, Path, as_hex};
use super::words::Word;

/// A field, and what holds of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) path: Path,
    pub(crate) relation: Relation,
    /// As it stands in the case.
    text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Relation {
    /// `field`: it is there.
    IsThere,
    /// `!field`: it is not.
    IsAbsent,
    /// `field=value` and its like.
    Compares(Comparison, Expression),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Below,
    AtMost,
    Above,
    AtLeast,
    /// `field~"text"`: a text that has this in it, in whichever case.
    Contains,
    /// `field!~"text"`: none that has it in it.
    Lacks,
    /// `field^="text"`: one that begins with it, in whichever case.
    Begins,
}

/// Longer signs before those that they begin with.
const SIGNS: [(&str, Comparison); 9] = [
    ("!~", Comparison::Lacks),
    ("^=", Comparison::Begins),
    ("!=", Comparison::Unequal),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("=", Comparison::Equal),
    ("<", Comparison::Below),
    (">", Comparison::Above),
    ("~", Comparison::Contains),
];

impl Condition {
    pub(super) fn read(word: &Word) -> Result<Self, NotUnderstood> {
        let text = shown(word);
        let unquoted = word.text.get(..word.quoted_at.unwrap_or(word.text.len())).unwrap_or("");
        let sign = SIGNS
            .iter()
            .filter_map(|(sign, comparison)| {
                let at = unquoted.find(sign).filter(|at| *at > 0)?;
                Some((at, sign.len(), *comparison))
            })
            .min_by_key(|(at, len, _)| (*at, usize::MAX.saturating_sub(*len)));
        let Some((at, len, comparison)) = sign else {
            let (relation, path) = match word.text.strip_prefix('!') {
                Some(path) => (Relation::IsAbsent, path),
                None => (Relation::IsThere, word.text.as_str()),
            };
            return Ok(Self { path: Path::read(path), relation, text });
        };
        let (path, rest) = word.text.split_at(at);
        let value = rest.get(len..).unwrap_or("");
        let value = Expression::read(value, word.quoted_at == Some(at.saturating_add(len)))?;
        Ok(Self { path: Path::read(path), relation: Relation::Compares(comparison, value), text })
    }

    /// With what its field is compared, if it is.
    pub(crate) const fn value(&self) -> Option<&Expression> {
        match &self.relation {
            Relation::Compares(_, value) => Some(value),
            Relation::IsThere | Relation::IsAbsent => None,
        }
    }

    /// Whether it holds of a message. `value` gives what is known now.
    pub(crate) fn holds(
        &self,
        message: &Value,
        value: impl FnOnce(&Expression) -> Option<Value>,
    ) -> bool {
        let found = self.path.find(message);
        match &self.relation {
            Relation::IsThere => !found.is_empty(),
            Relation::IsAbsent => found.is_empty(),
            Relation::Compares(comparison, wanted) => {
                let Some(wanted) = value(wanted) else { return false };
                match comparison {
                    // Of none of them.
                    Comparison::Unequal => {
                        !found.iter().any(|found| Comparison::Equal.holds(found, &wanted))
                    }
                    Comparison::Lacks => {
                        !found.iter().any(|found| Comparison::Contains.holds(found, &wanted))
                    }
                    _ => found.iter().any(|found| comparison.holds(found, &wanted)),
                }
            }
        }
    }
}

impl Comparison {
    fn holds(self, found: &Value, wanted: &Value) -> bool {
        let order = || number(found)?.partial_cmp(&number(wanted)?);
        match self {
            Self::Equal => text(found) == text(wanted),
            Self::Unequal => !Self::Equal.holds(found, wanted),
            Self::Below => order().is_some_and(std::cmp::Ordering::is_lt),
            Self::AtMost => order().is_some_and(std::cmp::Ordering::is_le),
            Self::Above => order().is_some_and(std::cmp::Ordering::is_gt),
            Self::AtLeast => order().is_some_and(std::cmp::Ordering::is_ge),
            Self::Contains => folded(found).contains(&folded(wanted)),
            Self::Lacks => !Self::Contains.holds(found, wanted),
            Self::Begins => folded(found).starts_with(&folded(wanted)),
        }
    }
}

/// Headers have numbers as text.
fn number(value: &Value) -> Option<i128> {
    let own = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    own.or_else(|| value.as_str()?.parse().ok())
}

/// As it is compared with text.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => as_hex(other).map_or_else(|| other.to_string(), str::to_owned),
    }
}

/// The same where upper and lower case are one.
fn folded(value: &Value) -> String {
    text(value).to_lowercase()
}

/// As it stood in the line.
fn shown(word: &Word) -> String {
    match word.quoted_at.and_then(|at| word.text.split_at_checked(at)) {
        Some((before, quoted)) => format!("{before}{quoted:?}"),
        None => word.text.clone(),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::words::split;
    use super::*;

    fn holds(line: &str, message: &Value) -> bool {
        let word = split(line).unwrap().remove(0);
        Condition::read(&word).unwrap().holds(message, |value| match value {
            Expression::Given(value) => Some(value.clone()),
            _ => None,
        })
    }

    #[test]
    fn each_relation_holds_and_fails() {
        let message =
            json!({ "ttl": 3, "name": "Ninety Nine", "list": [{ "id": "DU", "value": 9 }] });
        for line in [
            "ttl=3",
            "ttl!=4",
            "ttl<4",
            "ttl<=3",
            "ttl>2",
            "ttl>=3",
            "ttl",
            "!hops",
            "name~nine",
            "name!~ten",
            "hops!~ten",
            "name^=ninety",
            "name=\"Ninety Nine\"",
            "list.DU.value=9",
            "hops!=1",
            "list.DU",
        ] {
            assert!(holds(line, &message), "{line}");
        }
        for line in [
            "ttl=4",
            "ttl!=3",
            "ttl<3",
            "ttl<=2",
            "ttl>3",
            "ttl>=4",
            "!ttl",
            "hops",
            "name~ten",
            "name!~nine",
            "name^=ty",
            "hops^=n",
            "name=Ninety",
            "list.GUE",
            "hops=0",
            "name<5",
            "ttl=$q.ttl",
        ] {
            assert!(!holds(line, &message), "{line}");
        }
    }

    #[test]
    fn a_sign_within_quotation_marks_is_none() {
        assert!(holds(r#"name="a=b""#, &json!({ "name": "a=b" })));
        assert!(holds(r#"name~"<b>""#, &json!({ "name": "a <B> c" })));
    }
}
