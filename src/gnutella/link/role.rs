use std::fmt;

use serde::{Serialize, Serializer};

/// What a side is on one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Talks to ultrapeers only, which speak for it.
    Leaf,
    /// Routes for its leaves and for other ultrapeers.
    Ultrapeer,
}

impl Role {
    /// The role that X-Ultrapeer tells (HAND-23).
    pub const fn from_ultrapeer(is_ultrapeer: bool) -> Self {
        match is_ultrapeer {
            true => Self::Ultrapeer,
            false => Self::Leaf,
        }
    }

    pub const fn is_leaf(self) -> bool {
        matches!(self, Self::Leaf)
    }

    pub const fn is_ultrapeer(self) -> bool {
        matches!(self, Self::Ultrapeer)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Leaf => "leaf",
            Self::Ultrapeer => "ultrapeer",
        })
    }
}

/// As its name.
impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
