use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use super::Case;

/// Failures that are known, each with the reason why it is left so.
///
/// ```toml
/// [[expected]]
/// case = "handshake/crawler"
/// reason = "crawlers are not answered before version 2"
/// ```
#[derive(Clone, Debug, Default)]
pub struct Expected(BTreeMap<String, String>);

/// Why such a file is of no use.
#[derive(Debug, Error)]
pub enum BadExpected {
    #[error("it is no list of [[expected]] with case and reason")]
    Schema(#[from] toml::de::Error),
    #[error("{0} is expected to fail without a reason")]
    NoReason(String),
    #[error("{0} is expected twice")]
    Twice(String),
    #[error("there is no case {0}")]
    Unknown(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    expected: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    case: String,
    reason: String,
}

impl Expected {
    /// Reads a file; each entry has to be about one of these cases.
    pub fn read(text: &str, cases: &[Case]) -> Result<Self, BadExpected> {
        let file: File = toml::from_str(text)?;
        let mut reasons = BTreeMap::new();
        for Entry { case, reason } in file.expected {
            if reason.trim().is_empty() {
                return Err(BadExpected::NoReason(case));
            }
            if !cases.iter().any(|one| one.id == case) {
                return Err(BadExpected::Unknown(case));
            }
            if reasons.insert(case.clone(), reason).is_some() {
                return Err(BadExpected::Twice(case));
            }
        }
        Ok(Self(reasons))
    }

    /// Why this case is expected to fail, if it is.
    pub fn reason(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}
