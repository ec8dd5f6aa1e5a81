use std::path::{Path, PathBuf};

use super::{Surroundings, given};

/// A value as somebody wrote it, before it is known whether it makes sense.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    Text(String),
    Number(i64),
    Switch(bool),
    List(Vec<Self>),
    /// What no key takes: a date, a fraction, a table.
    Other(&'static str),
}

/// A value on its way into the settings, and what its meaning depends on.
pub(super) struct Reading<'a> {
    pub(super) written: &'a Written,
    /// Where relative paths begin.
    pub(super) base: &'a Path,
    pub(super) surroundings: &'a Surroundings,
}

/// What is wrong with a value; what should stand there instead is known to its key.
pub(super) type Wrong = String;

impl<'a> Reading<'a> {
    pub(super) fn text(&self) -> Result<&'a str, Wrong> {
        match self.written {
            Written::Text(text) => Ok(text.trim()),
            other => Err(other.is_no("text")),
        }
    }

    /// A text, or a number that is written without quotes.
    pub(super) fn text_or_number(&self) -> Result<String, Wrong> {
        match self.written {
            Written::Number(number) => Ok(number.to_string()),
            _ => self.text().map(str::to_owned),
        }
    }

    /// A text, unless it is the word that stands for nothing.
    pub(super) fn text_unless(&self, nothing: &str) -> Result<Option<&'a str>, Wrong> {
        self.text().map(|text| Some(text).filter(|text| *text != nothing))
    }

    pub(super) fn switch(&self) -> Result<bool, Wrong> {
        match self.written {
            Written::Switch(is_on) => Ok(*is_on),
            Written::Text(text) => {
                given::switch(text).ok_or_else(|| format!("'{text}' is neither true nor false"))
            }
            other => Err(other.is_no("switch")),
        }
    }

    /// A number of a range, or the word that stands for nothing.
    pub(super) fn number_unless(
        &self,
        nothing: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, Wrong> {
        let number = match self.written {
            Written::Number(number) => *number,
            Written::Text(text) if text == nothing => return Ok(None),
            other => return Err(other.is_no("number")),
        };
        let too_far = || format!("{number} is out of range");
        let number = u64::try_from(number).map_err(|_| too_far())?;
        if range.contains(&number) { Ok(Some(number)) } else { Err(too_far()) }
    }

    /// A number of a range.
    pub(super) fn number(&self, range: std::ops::RangeInclusive<u64>) -> Result<u64, Wrong> {
        let none = || "'' is no number".to_owned();
        self.number_unless("", range)?.ok_or_else(none)
    }

    /// All texts of a list, or one that stands alone.
    pub(super) fn texts(&self) -> Result<Vec<&'a str>, Wrong> {
        let Written::List(items) = self.written else {
            return self.text().map(|text| vec![text]);
        };
        let read = |written: &'a Written| Self { written, ..*self };
        items.iter().map(|item| read(item).text()).collect()
    }

    /// A path that does not depend on any working directory any more.
    pub(super) fn path(&self, text: &str) -> Result<PathBuf, Wrong> {
        if text.is_empty() {
            return Err("an empty path leads nowhere".to_owned());
        }
        self.surroundings.absolute(text, self.base)
    }
}

impl Written {
    fn is_no(&self, wanted: &str) -> Wrong {
        format!("{} is no {wanted}", self.kind())
    }

    fn kind(&self) -> String {
        match self {
            Self::Text(text) => format!("'{text}'"),
            Self::Number(number) => number.to_string(),
            Self::Switch(is_on) => is_on.to_string(),
            Self::List(_) => "a list".to_owned(),
            Self::Other(kind) => (*kind).to_owned(),
        }
    }
}

/// As it stands in the file.
impl From<&toml::Value> for Written {
    fn from(value: &toml::Value) -> Self {
        match value {
            toml::Value::String(text) => Self::Text(text.clone()),
            toml::Value::Integer(number) => Self::Number(*number),
            toml::Value::Boolean(is_on) => Self::Switch(*is_on),
            toml::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            toml::Value::Float(_) => Self::Other("a fraction"),
            toml::Value::Datetime(_) => Self::Other("a date"),
            toml::Value::Table(_) => Self::Other("a table"),
        }
    }
}
