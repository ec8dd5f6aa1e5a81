//! What bounds the connections of a node.

/// Handshakes that may run with one address at the same time. Behind one address may be a few hosts.
pub const GREETING_FROM_ADDRESS_MAX: usize = 4;

/// Hosts that are called at the same time. LimeWire and GnutellaBun call about as many.
pub const DIALS_MAX: usize = 8;

/// The same for a node without any ultrapeer, where many of those whom it calls do not answer.
pub const DIALS_CUT_OFF_MAX: usize = 24;

/// Milliseconds after which a node without any ultrapeer no longer counts on a call, and makes
/// another one beside it. Whoever lives answers within a second or two.
pub const DIAL_HANGS_MS: u64 = 2_000;

/// Milliseconds after which the host cache is looked at again that had nobody to call, at the
/// earliest.
pub const DIAL_RETRY_MS: u64 = 5_000;

/// Milliseconds between two looks at what the neighbours are worth.
pub const REVIEW_MS: u64 = 30_000;
