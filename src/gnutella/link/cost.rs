use crate::base::error::Fault;
use crate::gnutella::wire::Bye;

/// What a fault costs the side that committed it, on an open link.
///
/// Bad messages are dropped, for other programs send some; what loses the stream, wastes our means or
/// shows that the roles were not understood ends the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// The message is dropped, and the link goes on.
    Drop,
    /// The link ends with a Bye of this code (BYE-11).
    Bye(u16),
    /// The link ends without a word.
    Close,
}

impl Cost {
    /// What a fault costs, by the requirement that it breaks (LINK-17).
    pub fn of(fault: &Fault) -> Self {
        match fault.rule().id() {
            "SIZE-01" | "SIZE-03" | "SIZE-06" | "SIZE-14" | "LINK-19" => Self::Bye(Bye::TOO_LARGE),
            "SIZE-07" | "BYE-03" => Self::Close,
            "LINK-08" | "FLOW-05" => Self::Bye(Bye::TIMEOUT),
            "FLOW-06" => Self::Bye(Bye::QUEUE_FULL),
            "LINK-13" => Self::Bye(Bye::LOST_SYNCHRONISATION),
            "TTL-08" => Self::Bye(Bye::TTL_TOO_HIGH),
            "TTL-10" => Self::Bye(Bye::RELAYED_BY_LEAF),
            "TTL-14" => Self::Bye(Bye::DUPLICATES),
            "PING-07" => Self::Bye(Bye::NO_ANSWER),
            rule if rule.starts_with("QRP-") => Self::Bye(Bye::BAD_QUERY_TABLE),
            _ => Self::Drop,
        }
    }
}
