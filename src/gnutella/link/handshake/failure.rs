use crate::base::error::Fault;
use crate::gnutella::link::head::Head;
use crate::gnutella::link::{Capabilities, Refusal};

/// Why a step of a handshake leads nowhere.
#[derive(Debug)]
pub(in crate::gnutella::link) enum Failure {
    /// The other side refused.
    Declined(Box<Declined>),
    /// The other side is told why, and blamed for the fault where there is one.
    Refused(Refusal, Option<Fault>),
    /// There is nobody to tell.
    Broken(Fault),
}

impl Failure {
    /// The other side is told its fault under this code.
    pub(in crate::gnutella::link) fn blame(code: u16, fault: impl Into<Fault>) -> Self {
        let fault = fault.into();
        Self::Refused(Refusal::of(code, &fault), Some(fault))
    }
}

/// The other side's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declined {
    /// See HAND-57.
    pub code: u16,
    /// Its words, which are for people.
    pub reason: String,
    /// What else its head says, such as whom to try.
    pub peer: Capabilities,
}

impl Declined {
    pub(super) fn new(code: u16, head: &Head) -> Self {
        let status = head.start.split_once(' ').map(|(_, status)| status);
        let reason = status.and_then(|status| status.split_once(' ')).map(|(_, reason)| reason);
        let reason = reason.unwrap_or_default().to_owned();
        Self { code, reason, peer: head.capabilities() }
    }
}
