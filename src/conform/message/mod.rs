//! What probes send, and what they get: messages as the lines of a case name them.
//!
//! What is sent is put together byte by byte here, so that it can be wrong in every way; what comes is
//! shown as `protocol-spec/README.md` writes values, with the fields of its header beside those.

mod fasttrack;
mod fields;
mod found;
mod ggep;
mod gnutella;
mod head;
mod hit;
mod query_table;
mod seen;
mod vendor;

use thiserror::Error;

pub(crate) use fasttrack::{session_datagram_tree, session_frame, session_tree};
pub(crate) use fields::Fields;
pub(crate) use gnutella::{Defaults, frame};
pub(crate) use head::{head, http_tree, start_of};
pub(crate) use seen::{datagram_tree, frame_tree, head_tree};

/// Why a line of a case cannot be sent.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub(crate) struct Unsendable(String);

impl Unsendable {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}
