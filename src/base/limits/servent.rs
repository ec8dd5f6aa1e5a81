//! What bounds the answers of a servent, and the weight of its neighbours.

/// Records in one hit of ours. LimeWire and gtk-gnutella send as many.
pub const ANSWER_RECORDS_MAX: usize = 10;

/// Files that we name in answer to one query. More is of no use to anybody, and fills the way back.
pub const ANSWERS_MAX: usize = 64;

/// Bytes of a payload up to which it is copied when a message is passed on. What is received shares
/// memory with all that came with it, up to 64 KiB; a small message that waits must not hold on to that.
pub const COPIED_PAYLOAD_LEN_MAX: usize = 1_024;

/// Shares that an ultrapeer has in our work, beside the one of a leaf: it speaks for some tens of
/// leaves.
pub const ULTRAPEER_SHARES: u32 = 16;
