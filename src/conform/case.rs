//! One thing that is asked of a subject.

use std::fmt;

use crate::conform::script::Step;
use crate::node::Network;
use crate::specification::{Level, RequirementId};

/// One thing that is asked of a subject: what is done, and what has to follow.
#[derive(Clone, Debug)]
pub struct Case {
    /// `group/name`, which never changes.
    pub id: String,
    pub network: Network,
    pub title: String,
    /// What it looks at; never nothing.
    pub requirements: Vec<RequirementId>,
    /// What a breach weighs: the strictest of its requirements, unless the case says otherwise.
    pub level: Level,
    /// What the subject has to be, if that matters.
    pub role: Option<SubjectRole>,
    /// It is about files that the subject shares.
    pub needs_files: bool,
    /// It takes minutes where the clock is a real one.
    pub is_slow: bool,
    /// Others would disturb it: nobody else plays while it is played.
    pub is_alone: bool,
    pub(crate) steps: Vec<Step>,
}

/// What a subject is asked to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectRole {
    /// A leaf, or an ordinary node.
    Leaf,
    /// An ultrapeer, or a supernode.
    Ultrapeer,
}

impl SubjectRole {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Ultrapeer => "ultrapeer",
        }
    }
}

impl fmt::Display for SubjectRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Case {
    /// The part of the id before the slash.
    pub fn group(&self) -> &str {
        self.id.split_once('/').map_or(self.id.as_str(), |(group, _)| group)
    }

    /// Its steps, as they were written.
    pub fn script(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| step.text.as_str())
    }
}
