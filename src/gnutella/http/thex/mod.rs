//! Tiger trees on their way: a list of digests in two records of DIME.

use bytes::Bytes;

use crate::base::error::Malformed;

/// The upper rows of a Tiger tree, as one servent tells them to another (THEX-02).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRows {
    /// Bytes of the file.
    pub size: u64,
    /// Rows below the root.
    pub depth: u8,
    /// The digests, row by row, the root first.
    pub digests: Vec<[u8; 24]>,
}

impl TreeRows {
    /// Reads the body of a response. That digests and root belong together is for others to see.
    pub fn decode(_body: &[u8]) -> Result<Self, Malformed> {
        Err(crate::base::reader::Expect::new("THEX-02", "skeleton").broken_at(0))
    }

    /// The body of a response.
    pub fn encode(&self) -> Bytes {
        Bytes::new()
    }
}
