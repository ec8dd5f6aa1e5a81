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
}

impl Outcome {
    /// The subject turns round and round.
    pub(crate) fn hang() -> Self {
        Self {
            verdict: Verdict::Unsafe,
            expected: None,
            actual: Some("it goes round in circles".to_owned()),
            transcript: Transcript::default(),
            took: Duration::ZERO,
        }
    }
}
