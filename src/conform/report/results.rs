use std::time::Duration;

use crate::conform::{Case, Outcome, Verdict};

/// How each case went, in the order of the cases.
#[derive(Clone, Debug)]
pub struct Results {
    /// The subject, as whoever asked named it.
    pub subject: String,
    /// What it calls itself, if it said so.
    pub agent: Option<String>,
    /// From which everything was drawn.
    pub seed: u64,
    pub judged: Vec<Judged>,
    pub took: Duration,
    /// The resident memory of a subject that was started for the run, around each group of cases.
    pub memory: Vec<Memory>,
}

/// The resident memory of a subject before and after a group of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    pub group: String,
    pub before_kib: u64,
    pub after_kib: u64,
}

/// How one case went.
#[derive(Clone, Debug)]
pub struct Judged {
    pub case: Case,
    pub outcome: Outcome,
    /// Why it was expected to fail.
    pub expected_because: Option<String>,
}

impl Judged {
    /// It was expected to fail, and did not.
    pub const fn is_unexpected_pass(&self) -> bool {
        self.expected_because.is_some() && matches!(self.outcome.verdict, Verdict::Pass)
    }

    /// Whether the run has failed because of it.
    pub const fn fails(&self, is_strict: bool) -> bool {
        match self.expected_because {
            Some(_) => self.is_unexpected_pass(),
            None => self.outcome.verdict.fails(is_strict),
        }
    }
}

impl Results {
    /// How many cases went so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.judged.iter().filter(|judged| judged.outcome.verdict == verdict).count()
    }

    /// Whether anything failed that was not expected to, or did not fail that was.
    pub fn has_failed(&self, is_strict: bool) -> bool {
        self.judged.iter().any(|judged| judged.fails(is_strict))
    }
}
