use std::fmt;
use std::path::PathBuf;

/// Where a value comes from. Later ones win over earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    #[default]
    Default,
    File {
        path: PathBuf,
        line: usize,
    },
    /// The name of a variable.
    Environment(&'static str),
    /// The long name of a flag, without its dashes.
    Flag(&'static str),
}

impl Source {
    /// The word for it: `default`, `file`, `environment` or `flag`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File { .. } => "file",
            Self::Environment(_) => "environment",
            Self::Flag(_) => "flag",
        }
    }
}

/// As a sentence names it: `--listen`, `FILBERT_LISTEN`, `/home/me/config.toml:3`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(long) => write!(f, "--{long}"),
        }
    }
}

/// All that is wrong with a configuration, a sentence each. It is never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Nothing, where there are no problems.
    pub(super) fn unless_empty(sentences: Vec<String>) -> Result<(), Self> {
        if sentences.is_empty() { Ok(()) } else { Err(Self(sentences)) }
    }

    pub(super) fn one(sentence: String) -> Self {
        Self(vec![sentence])
    }

    /// The sentences.
    pub fn sentences(&self) -> &[String] {
        &self.0
    }
}

/// The first one, and how to see the others.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, others) = match self.0.as_slice() {
            [] => return Ok(()),
            [first, others @ ..] => (first, others.len()),
        };
        f.write_str(first)?;
        match others {
            0 => Ok(()),
            1 => f.write_str("; 'filbert config check' shows one more problem"),
            _ => write!(f, "; 'filbert config check' shows {others} more problems"),
        }
    }
}

impl std::error::Error for Problems {}
