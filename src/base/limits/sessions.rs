//! What bounds one session of FastTrack. How long its hello and each of its messages may take is as
//! with links of Gnutella, and so is how much waits to be written.

/// Bytes of the name of a network, without its NUL (FTLINK-18). Real ones have nine at most.
pub const NETWORK_LEN_MAX: usize = 63;

/// Bytes of the name of a network by which an encryption is recognised, at least: fewer may come out of
/// any bytes (FTLINK-12).
pub const NETWORK_TRIED_LEN_MIN: usize = 3;

/// Bytes of the name of a network by which an encryption is recognised, at most (FTLINK-12).
pub const NETWORK_TRIED_LEN_MAX: usize = 31;

/// Callers of one address that are left waiting because they are not wanted (FTSAFE-17).
pub const HELD_OF_HOST_MAX: usize = 2;

/// Callers of all addresses that are (FTSAFE-17).
pub const HELD_MAX: usize = 256;

/// Milliseconds for which one is of which it is not known what it wants (FTSAFE-17).
pub const HELD_MS: u64 = 30_000;

/// Pongs that wait to be written (FTLINK-21). Real programs send a ping in two minutes.
pub const PONGS_WAITING_MAX: usize = 16;

/// Milliseconds without a byte after which the other side is asked whether it is there (FTLINK-29).
pub const QUIET_TIMEOUT_MS: u64 = 120_000;

/// Milliseconds that it then has for any byte (FTLINK-29).
pub const PING_ANSWER_TIMEOUT_MS: u64 = 20_000;

/// Milliseconds for which a session reads on, and discards, after its last message, so that it is not
/// lost in a reset (FTLINK-32).
pub const LEAVE_GRACE_MS: u64 = 5_000;

/// Malformed messages in a session that are forgiven (FTSAFE-10).
pub const SESSION_FAULTS_MAX: usize = 3;

/// Milliseconds after which one is forgotten (FTSAFE-10).
pub const SESSION_FAULT_LIFE_MS: u64 = 60_000;

/// Files that the other side may share or withdraw in a second, when it has used up its store
/// (FTSAFE-07).
pub const SESSION_SHARES_A_SECOND: u32 = 100;

/// The store: a usual folder goes in at once (FTSAFE-07).
pub const SESSION_SHARES_BURST: u32 = 500;

/// Searches that the other side may send in a second, when it has used up its store (FTSAFE-07).
pub const SESSION_SEARCHES_A_SECOND: u32 = 5;

/// The store: giFT repeats its running searches at once (FTSAFE-07).
pub const SESSION_SEARCHES_BURST: u32 = 20;

/// Milliseconds in which the other side may send a push, when it has used up its store (FTSAFE-07).
pub const SESSION_PUSH_EVERY_MS: u32 = 2_000;

/// The store (FTSAFE-07).
pub const SESSION_PUSHES_BURST: u32 = 5;

/// Milliseconds in which the other side may say again who it is, when it has used up its store
/// (FTSAFE-07).
pub const SESSION_NODE_INFO_EVERY_MS: u32 = 10_000;

/// The store: giFT says it twice when it comes (FTSAFE-07).
pub const SESSION_NODE_INFOS_BURST: u32 = 3;
