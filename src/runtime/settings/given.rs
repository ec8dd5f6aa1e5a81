use std::collections::BTreeMap;
use std::ffi::OsStr;

use super::Written;
use super::keys::{Flag, FlagKind, Separator};

/// The flags that were given, by their long names, and what stood behind them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given(BTreeMap<&'static str, Written>);

impl Given {
    /// Notes a flag; a switch without a value is on.
    pub fn insert(&mut self, flag: &Flag, values: Vec<String>) {
        let mut values = values.into_iter().map(Written::Text);
        let written = match flag.kind {
            FlagKind::Switch(means) => {
                let is_off = matches!(values.next(), Some(Written::Text(text)) if switch(&text) == Some(false));
                Written::Switch(is_off != means)
            }
            FlagKind::List(..) => Written::List(values.collect()),
            FlagKind::Value(_) | FlagKind::Choice(..) => match values.next_back() {
                Some(text) => text,
                None => return,
            },
        };
        self.0.insert(flag.long, written);
    }

    pub(super) fn of(&self, flag: &Flag) -> Option<&Written> {
        self.0.get(flag.long)
    }

    /// What stood behind a flag that takes one text.
    pub(super) fn text(&self, flag: &Flag) -> Option<&str> {
        match self.of(flag)? {
            Written::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Flag {
    /// What its variable says, or what is wrong with it.
    pub(super) fn read_variable(&self, value: &OsStr) -> Result<Written, String> {
        let text = |value: &OsStr| {
            let text = value.to_str().map(str::to_owned);
            text.ok_or_else(|| "its value is not UTF-8".to_owned())
        };
        match self.kind {
            FlagKind::Switch(means) => {
                let text = text(value)?;
                let is_on = switch(&text).ok_or_else(|| format!("'{text}' is no switch"))?;
                Ok(Written::Switch(is_on == means))
            }
            FlagKind::Value(_) | FlagKind::Choice(..) => Ok(Written::Text(text(value)?)),
            FlagKind::List(_, Separator::Comma) => {
                let text = text(value)?;
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Ok(Written::List(items.map(|item| Written::Text(item.to_owned())).collect()))
            }
            FlagKind::List(_, Separator::OfPaths) => {
                let paths =
                    std::env::split_paths(value).filter(|path| !path.as_os_str().is_empty());
                let texts = paths.map(|path| text(path.as_os_str()).map(Written::Text));
                texts.collect::<Result<_, _>>().map(Written::List)
            }
        }
    }

    /// What to write into its variable.
    pub(super) const fn variable_form(&self) -> Option<&'static str> {
        match self.kind {
            FlagKind::Switch(_) => Some("1 or 0"),
            FlagKind::List(_, Separator::Comma) => Some("them with commas between them"),
            FlagKind::List(_, Separator::OfPaths) => Some("paths as in PATH"),
            FlagKind::Value(_) | FlagKind::Choice(..) => None,
        }
    }
}

/// What people write for yes and no.
pub(super) fn switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}
