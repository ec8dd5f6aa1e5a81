use std::time::Duration;

use super::Transcript;
use crate::conform::verdict::Verdict;

/// How a case went.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub verdict: Verdict,
    /// The step that did not come about, as it stands in the case; nothing where all did.
    pub expected: Option<String>,
    /// What happened in its place.
    pub actual: Option<String>,
    /// The bytes that went both ways.
    pub transcript: Transcript,
    pub took: Duration,
    /// What the subject has called itself in a handshake, if there was one.
    pub agent: Option<String>,
}

impl Outcome {
    /// Nothing was asked, for this reason.
    pub fn not_run(why: &str) -> Self {
        Self::without_steps(Verdict::NotRun, why)
    }

    /// The subject turns round and round.
    pub(crate) fn hang() -> Self {
        Self::without_steps(Verdict::Unsafe, "it goes round in circles")
    }

    fn without_steps(verdict: Verdict, actual: &str) -> Self {
        Self {
            verdict,
            expected: None,
            actual: Some(actual.to_owned()),
            transcript: Transcript::default(),
            took: Duration::ZERO,
            agent: None,
        }
    }
}
