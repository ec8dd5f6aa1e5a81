//! What bounds the connections of a node.

/// Handshakes that may run with one address at the same time. Behind one address may be a few hosts.
pub const GREETING_FROM_ADDRESS_MAX: usize = 4;

/// Hosts that are called at the same time. LimeWire and GnutellaBun call about as many.
pub const DIALS_MAX: usize = 8;

/// Milliseconds after which the host cache is looked at again that had nobody to call.
pub const DIAL_RETRY_MS: u64 = 5_000;

/// Milliseconds between two looks at what the neighbours are worth.
pub const REVIEW_MS: u64 = 30_000;
