//! How a case went.

use std::fmt;

use crate::specification::Level;

/// How a case went, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It does what is required.
    Pass,
    /// It does otherwise than it should, and others cope.
    NonStrict,
    /// It does otherwise than most do, and may.
    Informational,
    /// It does not speak of that at all, and need not.
    Unimplemented,
    /// It breaks others, or is refused by them.
    Fail,
    /// It crashed, hangs, or harms whoever speaks with it or others.
    Unsafe,
    /// Nothing was asked: the subject lacks what the case needs, or was gone before.
    NotRun,
}

impl Verdict {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::Pass,
        Self::NonStrict,
        Self::Informational,
        Self::Unimplemented,
        Self::Fail,
        Self::Unsafe,
        Self::NotRun,
    ];

    /// The word for it in reports and in cases.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NonStrict => "non-strict",
            Self::Informational => "informational",
            Self::Unimplemented => "unimplemented",
            Self::Fail => "fail",
            Self::Unsafe => "unsafe",
            Self::NotRun => "not-run",
        }
    }

    /// What a breach of a requirement of this level means.
    pub const fn of_breach(level: Level) -> Self {
        match level {
            Level::Must => Self::Fail,
            Level::Should => Self::NonStrict,
            Level::May | Level::Defacto => Self::Informational,
        }
    }

    /// Whether a run that contains it has failed.
    pub const fn fails(self, is_strict: bool) -> bool {
        match self {
            Self::Fail | Self::Unsafe => true,
            Self::NonStrict => is_strict,
            Self::Pass | Self::Informational | Self::Unimplemented | Self::NotRun => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
