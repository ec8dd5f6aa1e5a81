use std::fmt;

use serde::{Serialize, Serializer};

use crate::base::time::Time;

/// More are counted, and not kept.
const KEPT_MAX: usize = 100;

/// What must hold. The first five are the rules by which Gnutella was taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// A query goes over a connection once only, or again with a higher TTL.
    ForwardedOnce,
    /// Nothing goes back to where it came from.
    NeverBack,
    /// A hit goes to a neighbour from which its query came.
    ReversePath,
    /// Nobody answers a query twice with the same file.
    AnsweredOnce,
    /// A hit for a query that was never seen goes nowhere; nor does a query that was not received.
    NothingFromNowhere,
    /// What is sent on has a lower TTL than what was received, and one hop more.
    TtlFalls,
    /// No table is over its cap.
    TablesBounded,
    /// Nothing is said to a connection that is gone.
    ClosedStaysClosed,
    /// Every message that was sent is delivered, dropped for a reason that has a name, or on its way.
    FramesConserved,
    /// No message is longer than its kind may be.
    FramesFit,
    /// A leaf sends no messages of others.
    LeavesKeepQuiet,
    /// Nobody asks again and again to be woken at the same moment.
    TimeMovesOn,
    /// Nobody who keeps the rules is struck, banned or turned away by another one who does.
    HonestUnharmed,
    /// The trace is the one that it has to be the same as.
    SameTrace,
    /// What the scenario expects.
    Expected,
}

impl Invariant {
    /// The name that people and programs see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ForwardedOnce => "forwarded once",
            Self::NeverBack => "never back",
            Self::ReversePath => "reverse path",
            Self::AnsweredOnce => "answered once",
            Self::NothingFromNowhere => "nothing from nowhere",
            Self::TtlFalls => "TTL falls",
            Self::TablesBounded => "tables bounded",
            Self::ClosedStaysClosed => "closed stays closed",
            Self::FramesConserved => "frames conserved",
            Self::FramesFit => "frames fit",
            Self::LeavesKeepQuiet => "leaves keep quiet",
            Self::TimeMovesOn => "time moves on",
            Self::HonestUnharmed => "honest unharmed",
            Self::SameTrace => "same trace",
            Self::Expected => "expected",
        }
    }
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    #[serde(serialize_with = "micros")]
    pub at_us: Time,
    /// The host that did it, if it was one.
    pub host: Option<u32>,
    pub invariant: Invariant,
    pub what: String,
}

/// All of them, the first ones in full.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    pub(crate) kept: Vec<Violation>,
    pub(crate) count: u64,
}

impl Violations {
    pub(crate) fn add(&mut self, violation: Violation) {
        self.count = self.count.saturating_add(1);
        if self.kept.len() < KEPT_MAX {
            self.kept.push(violation);
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.at_us.as_micros();
        write!(f, "{}.{:06} s, ", micros / 1_000_000, micros % 1_000_000)?;
        if let Some(host) = self.host {
            write!(f, "node {host}, ")?;
        }
        write!(f, "{}: {}", self.invariant.name(), self.what)
    }
}

impl Serialize for Invariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

fn micros<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_micros())
}
