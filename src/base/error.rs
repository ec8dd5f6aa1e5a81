//! The blame taxonomy: whatever goes wrong with a peer ends in one of three words.
//!
//! Each error carries the id of the requirement in `protocol-spec` that was broken, so that logs,
//! bans, verdicts and documentation speak one language. A *bug of ours* is none of these: it panics.

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// The id of a requirement in `protocol-spec`, such as `PONG-01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule(&'static str);

impl Rule {
    /// Names a requirement. A test fails when the id is not in `protocol-spec`.
    pub const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// The id as it stands in the specification.
    pub const fn id(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// Bytes that parse to nothing: what is wrong, where, and by which requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{what} at byte {offset} ({rule})")]
pub struct Malformed {
    /// The requirement that the bytes break.
    pub rule: Rule,
    /// Where, counted from the start of what was handed in.
    pub offset: usize,
    /// What is wrong, as a phrase that reads well before "at byte 7".
    pub what: &'static str,
}

impl Malformed {
    /// The same fault, seen from an enclosing value in which the broken one starts at `start`.
    #[must_use]
    pub const fn moved_by(self, start: usize) -> Self {
        Self { rule: self.rule, offset: self.offset.saturating_add(start), what: self.what }
    }
}

/// Bytes that parse, sent at a moment or in an order that a rule forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[error("{what} ({rule})")]
pub struct Misbehaved {
    /// The requirement that was broken.
    pub rule: Rule,
    /// What the peer did.
    pub what: &'static str,
}

/// An honest peer that is not for us: another network, another version, a missing capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{what} ({rule})")]
pub struct Incompatible {
    /// The requirement that the peer does not meet.
    pub rule: Rule,
    /// What is missing.
    pub what: &'static str,
}

/// Any of the three, for code that only has to react.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Bytes that parse to nothing.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A broken rule of conduct.
    #[error(transparent)]
    Misbehaved(#[from] Misbehaved),
    /// Honest, but not for us.
    #[error(transparent)]
    Incompatible(#[from] Incompatible),
}

impl Fault {
    /// The requirement that was broken.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Malformed(fault) => fault.rule,
            Self::Misbehaved(fault) => fault.rule,
            Self::Incompatible(fault) => fault.rule,
        }
    }
}

/// Breaches found by a careful look at something that was understood all the same.
///
/// A peer decides how many there are, so only the first [`FAULTS_MAX`] are kept.
///
/// [`FAULTS_MAX`]: super::limits::FAULTS_MAX
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Malformed>);

impl Faults {
    /// No breach yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Notes a breach; beyond the limit it is dropped.
    pub fn push(&mut self, fault: Malformed) {
        if self.0.len() < super::limits::FAULTS_MAX {
            self.0.push(fault);
        }
    }

    /// Notes the error of `result`, moved to where the value starts, and hands back the value.
    pub fn note<T>(&mut self, result: Result<T, Malformed>, start: usize) -> Option<T> {
        result.map_err(|fault| self.push(fault.moved_by(start))).ok()
    }

    /// The first breach as an error, if there is one.
    pub fn into_result(self) -> Result<(), Malformed> {
        self.0.into_iter().next().map_or(Ok(()), Err)
    }

    /// The breaches, first come first.
    pub fn as_slice(&self) -> &[Malformed] {
        &self.0
    }

    /// True when nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_where_and_which_rule() {
        let fault = Malformed { rule: Rule::new("PONG-01"), offset: 3, what: "the pong is cut" };
        assert_eq!(fault.moved_by(23).to_string(), "the pong is cut at byte 26 (PONG-01)");
        assert_eq!(Fault::from(fault).rule().id(), "PONG-01");
    }

    #[test]
    fn faults_stop_at_their_limit() {
        let mut faults = Faults::new();
        for offset in 0..=crate::base::limits::FAULTS_MAX {
            faults.push(Malformed { rule: Rule::new("PONG-01"), offset, what: "x" });
        }
        assert_eq!(faults.as_slice().len(), crate::base::limits::FAULTS_MAX);
    }
}
