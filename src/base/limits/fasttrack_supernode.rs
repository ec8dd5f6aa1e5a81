//! What bounds what others can ask of a node of FastTrack, and of a supernode among its children.

/// Bytes that may wait to be sent in a session (FTSAFE-14). Results beyond that are dropped.
pub const FASTTRACK_QUEUE_LEN_MAX: usize = 256 * 1024;

/// Bytes that may wait in a session however many wait in all together; and those by which messages that
/// must not be lost may go beyond [`FASTTRACK_QUEUE_LEN_MAX`] before the session ends.
pub const FASTTRACK_QUEUE_LEN_MIN: usize = 16 * 1024;

/// Bytes that may wait in all sessions together. Where they do, results find room in those only in which
/// little waits.
pub const FASTTRACK_QUEUES_LEN_MAX: usize = 64 * 1024 * 1024;

/// Milliseconds for which a session may take nothing of what waits for it (FTSAFE-14).
pub const FASTTRACK_QUEUE_STALLED_MS: u64 = 60_000;
