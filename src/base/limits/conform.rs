//! What the judge holds of a case.

/// Bytes that a case sends at once, and that it keeps of what has come and cannot be read yet.
pub const CASE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Messages of a subject that wait for a step of their case.
pub const MESSAGES_SEEN_MAX: usize = 10_000;

/// Bytes of a case that are kept for its report.
pub const TRANSCRIPT_LEN_MAX: usize = 64 * 1024;

/// Bytes of a file that a subject has downloaded, as long as it is looked at: cases have subjects fetch less.
pub const KEPT_FILE_LEN_MAX: u64 = 8 * 1024 * 1024;
