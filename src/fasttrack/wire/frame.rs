use bytes::Bytes;

use super::Kind;

/// A message as a session carries it. Of its length the two bytes of the header say all: up to 65,535.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: Kind,
    /// What stands behind the header, a routing header included.
    pub payload: Bytes,
}
