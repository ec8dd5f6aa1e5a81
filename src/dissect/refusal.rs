use thiserror::Error;

use super::capture::Damaged;

/// Why input cannot be read, or not to its end. Reads well behind the name of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("is empty")]
    Empty,
    #[error("is neither a packet capture nor Gnutella, as raw bytes or in hexadecimal")]
    Foreign,
    #[error("is compressed with {0}: unpack it first")]
    Compressed(&'static str),
    #[error(
        "has packets of link type {0} only, which is not known here: record Ethernet, IP or the \
         device 'any'"
    )]
    UnknownLink(u32),
    #[error("cannot be read any further: {0}")]
    Damaged(#[from] Damaged),
    #[error("is no hexadecimal: line {line} {what}")]
    BadHex {
        /// Counted from 1.
        line: u64,
        /// Reads well behind "line 7".
        what: &'static str,
    },
}
