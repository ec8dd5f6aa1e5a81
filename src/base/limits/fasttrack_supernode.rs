//! What bounds what others can ask of a node of FastTrack, and of a supernode among its children.

use crate::base::token_bucket::Rate;

/// Bytes that may wait to be sent in a session (FTSAFE-14). Results beyond that are dropped.
pub const FASTTRACK_QUEUE_LEN_MAX: usize = 256 * 1024;

/// Of these, what one supernode says to another one (FTSAFE-14). All else is left for tables: who lets a
/// supernode pass on too much loses that, and ends no session of it.
pub const FASTTRACK_QUEUE_ACROSS_LEN_MAX: usize = FASTTRACK_QUEUE_LEN_MAX / 2;

/// Bytes that may wait in a session however many wait in all together; and those by which messages that
/// must not be lost may go beyond [`FASTTRACK_QUEUE_LEN_MAX`] before the session ends.
pub const FASTTRACK_QUEUE_LEN_MIN: usize = 16 * 1024;

/// Bytes that may wait in all sessions together. Where they do, results find room in those only in which
/// little waits.
pub const FASTTRACK_QUEUES_LEN_MAX: usize = 64 * 1024 * 1024;

/// Milliseconds for which a session may take nothing of what waits for it (FTSAFE-14).
pub const FASTTRACK_QUEUE_STALLED_MS: u64 = 60_000;

/// Results of one search (FTSUPER-13), as in the configuration of KaZaA.
pub const FASTTRACK_SEARCH_RESULTS_MAX: u16 = 200;

/// Files of children that fit and of which the results of a search are chosen, so that each child has its
/// share of them.
pub const FASTTRACK_SEARCH_FITTING_MAX: usize = 1_000;

/// Files whose tags are read for one search, beside its words: a reading takes about as long as twenty looks
/// at words. A file counts once more for each 32 bytes of its texts that are read.
pub const FASTTRACK_SEARCH_READINGS_MAX: u32 = 1_000;

/// Words of a term (FTSAFE-06).
pub const FASTTRACK_TERM_WORDS_MAX: usize = 16;

/// Searches of one child that are forwarded at a time. What it looks for beyond that is looked for here.
pub const FASTTRACK_CHILD_FORWARDED_MAX: usize = 16;

/// Searches that are forwarded at a time.
pub const FASTTRACK_FORWARDED_MAX: usize = 4_096;

/// Users below which the number of them is not told (FTSUPER-04).
pub const FASTTRACK_USERS_TOLD_MIN: u32 = 100_000;

/// Milliseconds between two times that a child is told how large the network is (FTSUPER-21).
pub const FASTTRACK_NUMBERS_EVERY_MS: u64 = 1_800_000;

/// One of so many of these times it gets a node list too (FTSUPER-05).
pub const FASTTRACK_NODES_EVERY: u8 = 4;

/// How often one host is answered by UDP (FTUDP-07).
pub const FASTTRACK_PONG_EVERY_MS: u64 = 2_000;

/// How often all hosts together are (FTUDP-07).
pub const FASTTRACK_PONGS: Rate = Rate::per_second(100, 100);

/// The one port below [`CALLED_PORT_MIN`](super::CALLED_PORT_MIN) that a push may name (FTSUPER-18): some
/// made KaZaA listen there.
pub const FASTTRACK_PUSHED_PORT_LOW: u16 = 80;

/// Milliseconds for which a session may be silent before it says what it is: programs do so at once.
pub const FASTTRACK_NEWCOMER_MS: u64 = 30_000;

/// Searches of one child that may wait for their turn (FTSAFE-15): more than come at once.
pub const FASTTRACK_SEARCHES_WAITING_MAX: usize = 32;

/// Searches of other supernodes that may wait until no child waits (FTSAFE-15).
pub const FASTTRACK_ASKED_WAITING_MAX: usize = 256;

/// Milliseconds between two times that a host is called which wants to know whether it can be (FTSUPER-22).
pub const FASTTRACK_TRY_EVERY_MS: u64 = 300_000;

/// Hosts that are called in that time because they want to know (FTSUPER-22). A supernode has some hundred
/// children.
pub const FASTTRACK_TRIES_MAX: usize = 300;
