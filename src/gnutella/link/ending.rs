use std::fmt;

use super::{Declined, Reason, Refusal};
use crate::base::error::Fault;
use crate::base::show::Quoted;
use crate::gnutella::wire::Bye;

/// Why a link has ended: the last thing that it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The other side refused us in the handshake (HAND-57).
    Declined(Box<Declined>),
    /// We refused the other side in the handshake, because of its fault or by the node's will.
    Refused(Box<Refusal>, Option<Fault>),
    /// A crawler got what it came for (HAND-54).
    Crawled,
    /// The other side said Bye.
    Farewell(Bye),
    /// We said Bye, or would have if the other side understood it, because of its fault or by the
    /// node's will.
    Dismissed { code: u16, reason: String, fault: Option<Fault> },
    /// The other side did what leaves nothing to say.
    Fault(Fault),
    /// The other side closed the connection.
    Closed,
    /// The other side ended its compressed stream, which says the same (LINK-13).
    StreamEnded,
    /// It took too long.
    TimedOut(Reason),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined(declined) => {
                let reason = Quoted(declined.reason.as_bytes());
                write!(f, "it refused us: {} {reason}", declined.code)
            }
            Self::Refused(refusal, _) => {
                write!(f, "we refused it: {} {}", refusal.code, refusal.reason)
            }
            Self::Crawled => f.write_str("it asked for our neighbours only"),
            Self::Farewell(bye) => write!(f, "it said bye: {bye}"),
            Self::Dismissed { code, reason, .. } => write!(f, "we said bye: {code} {reason}"),
            Self::Fault(fault) => write!(f, "we closed: {fault}"),
            Self::Closed => f.write_str("it closed the connection"),
            Self::StreamEnded => f.write_str("it ended its compressed stream"),
            Self::TimedOut(reason) => write!(f, "{reason}"),
        }
    }
}
