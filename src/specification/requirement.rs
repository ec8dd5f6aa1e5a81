use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One checkable rule: what stands on the wire, or what a node does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    pub id: RequirementId,
    pub title: String,
    pub level: Level,
    /// The rule itself, in one or a few sentences.
    pub text: String,
    /// The document that says so, or what stands in for one.
    pub source: String,
    pub evidence: Vec<Evidence>,
    /// Why no test can cite this requirement, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
}

impl Requirement {
    /// True when every word is found in the id, the title or the text, in whatever case.
    ///
    /// A part of a word will do: `deflat` finds "deflate" and "deflated".
    pub fn mentions<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> bool {
        let searched = format!("{}\n{}\n{}", self.id, self.title, self.text).to_lowercase();
        words.into_iter().all(|word| searched.contains(&word.to_lowercase()))
    }
}

/// How much hangs on a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Whoever does otherwise breaks others or is refused.
    Must,
    /// Good conduct; others cope without it.
    Should,
    /// An option that others have to tolerate.
    May,
    /// No specification says so, but real programs do it or demand it.
    Defacto,
}

impl Level {
    /// Every level, the strictest first.
    pub const ALL: [Self; 4] = [Self::Must, Self::Should, Self::May, Self::Defacto];

    /// The word that stands in the files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
            Self::Defacto => "defacto",
        }
    }

    /// What the word means.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Must => "whoever does otherwise breaks others or is refused",
            Self::Should => "good conduct; others cope without it",
            Self::May => "an option that others have to tolerate",
            Self::Defacto => "no specification says so, but real programs do it or demand it",
        }
    }
}

/// Who does what a requirement says, or does otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The program or the document.
    pub by: String,
    pub how: How,
    /// What was read or seen.
    pub what: String,
    /// False marks an implementation that does otherwise.
    #[serde(default = "yes")]
    pub agrees: bool,
}

const fn yes() -> bool {
    true
}

/// How it is known what a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Read in the program's source.
    Source,
    /// Seen in packets between real programs.
    Capture,
    /// Seen while driving a real program.
    Run,
    /// A document says so.
    Specification,
    /// Nobody showed it; it is our decision.
    Ours,
}

impl How {
    /// The word that stands in the files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Capture => "capture",
            Self::Run => "run",
            Self::Specification => "specification",
            Self::Ours => "ours",
        }
    }
}

/// What a requirement is called: capital letters, a hyphen, two digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequirementId(String);

/// Text that is no id of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the id is not capital letters, a hyphen and two digits")]
pub struct BadId;

impl RequirementId {
    /// The id as people type it, in whatever case.
    pub fn from_typed(typed: &str) -> Result<Self, BadId> {
        typed.to_ascii_uppercase().parse()
    }

    /// The id as it stands in the files.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_valid(text: &str) -> bool {
        let Some((prefix, number)) = text.split_once('-') else {
            return false;
        };
        !prefix.is_empty()
            && prefix.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.len() == 2
            && number.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl TryFrom<String> for RequirementId {
    type Error = BadId;

    fn try_from(text: String) -> Result<Self, BadId> {
        if Self::is_valid(&text) { Ok(Self(text)) } else { Err(BadId) }
    }
}

impl FromStr for RequirementId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        Self::try_from(text.to_owned())
    }
}

impl From<RequirementId> for String {
    fn from(id: RequirementId) -> Self {
        id.0
    }
}

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_capitals_a_hyphen_and_two_digits() {
        for good in ["PONG-01", "PONG-13"] {
            assert_eq!(good.parse::<RequirementId>().unwrap().to_string(), good);
        }
        for bad in ["", "PONG", "-01", "PONG-1", "PONG-001", "pong-01", "PONG 01", "PONG-01-02"] {
            assert_eq!(bad.parse::<RequirementId>(), Err(BadId), "{bad:?}");
        }
        assert_eq!(RequirementId::from_typed("pong-01").unwrap().as_str(), "PONG-01");
    }

    #[test]
    fn all_words_must_be_found_in_whatever_case_and_order() {
        let requirement = Requirement {
            id: "PONG-01".parse().unwrap(),
            title: "A pong is fourteen bytes".to_owned(),
            level: Level::Must,
            text: "Then comes GGEP.".to_owned(),
            source: "A draft".to_owned(),
            evidence: Vec::new(),
            untested: None,
        };
        assert!(requirement.mentions(["ggep", "FOURTEEN", "pong-01"]));
        assert!(!requirement.mentions(["ggep", "fifteen"]));
        assert!(!requirement.mentions(["draft"]), "only id, title and text are searched");
    }

    /// The names in the files and the names for people are the same words.
    #[test]
    fn levels_and_ways_of_knowing_are_written_as_they_are_called() {
        for level in Level::ALL {
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{}\"", level.name()));
        }
        for how in [How::Source, How::Capture, How::Run, How::Specification, How::Ours] {
            assert_eq!(serde_json::to_string(&how).unwrap(), format!("\"{}\"", how.name()));
        }
    }
}
