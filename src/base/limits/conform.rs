//! What the judge holds of a case.

/// Bytes that a case sends at once, and that it keeps of what has come and cannot be read yet.
pub const CASE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Messages of a subject that wait for a step of their case.
pub const MESSAGES_SEEN_MAX: usize = 10_000;

/// Bytes of a case that are kept for its report.
pub const TRANSCRIPT_LEN_MAX: usize = 64 * 1024;

/// Descriptor IDs of which it is remembered which case has drawn them, so that no other case takes what comes with
/// them for its own. All cases together draw less than a tenth of that; the oldest are forgotten first.
pub const CASE_GUIDS_MAX: usize = 65_536;

/// Bytes of datagrams that may come to a probe for each byte that it has sent in datagrams, and others of its case over
/// links. Whoever sends more to an address that anybody can forge is a weapon (A9 and A10 of the attacks): pongs are
/// three times as long as pings.
pub const AMPLIFICATION_MAX: usize = 10;

/// Bytes that count as sent at least: another case may have asked for a datagram.
pub const AMPLIFICATION_FREE_LEN: usize = 64;

/// KiB by which the resident memory of a subject may grow while one group of cases is played. Cases send a few MiB in
/// all, and whoever keeps more than that of a few dozens of connections can be filled up by anybody.
pub const MEMORY_GROWTH_MAX_KIB: u64 = 256 * 1_024;

/// Times that a subject is started in one run: one that crashes again and again is known well enough.
pub const SUBJECT_STARTS_MAX: u32 = 8;

/// Bytes of a file that a subject has downloaded, as long as it is looked at: cases have subjects fetch less.
pub const KEPT_FILE_LEN_MAX: u64 = 8 * 1024 * 1024;
