use std::fmt;

use super::Reason;
use crate::base::error::Fault;

/// Why a link has ended: the last thing that it tells. Nobody says it to the other side (FTLINK-32).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The node wanted no more of it.
    Left,
    /// The other side broke a rule, or wants what we do not have.
    Fault(Fault),
    /// The other side closed the connection.
    Closed,
    /// It took too long.
    TimedOut(Reason),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left => f.write_str("we left"),
            Self::Fault(fault) => write!(f, "we closed: {fault}"),
            Self::Closed => f.write_str("it closed the connection"),
            Self::TimedOut(reason) => write!(f, "{reason}"),
        }
    }
}
