use super::{AltHost, OwnHead, PushLocation};
use crate::gnutella::link::Head;

/// Who else has a content, or no longer has it, as a head says it (ALTLOC-01).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternates {
    /// `X-Alt`: they have it.
    pub hosts: Vec<AltHost>,
    /// `X-NAlt`: they have it no longer.
    pub gone: Vec<AltHost>,
    /// `X-Falt`: they have it, and cannot be reached but by push.
    pub pushed: Vec<PushLocation>,
    /// `X-NFalt`: these have it no longer.
    pub pushed_gone: Vec<PushLocation>,
}

impl Alternates {
    /// What a head says of the content with this SHA-1; older headers name the content with each host.
    pub fn of(_head: &Head, _sha1: &[u8; 20]) -> Self {
        Self::default()
    }

    /// Adds the headers for it; those that would be empty are left out.
    pub fn write_to(&self, _head: &mut OwnHead) {}
}
