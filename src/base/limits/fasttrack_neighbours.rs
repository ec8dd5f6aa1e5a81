//! What bounds a supernode of FastTrack among its neighbours.

/// Neighbours that a supernode looks for (FTPEER-12): enough that a small network holds together, and few
/// enough that it is no full mesh.
pub const FASTTRACK_NEIGHBOURS_WANTED: usize = 16;

/// Neighbours that a supernode has at most (FTPEER-12). KaZaA had 53, 40 to 60 by measurement.
pub const FASTTRACK_NEIGHBOURS_MAX: usize = 50;

/// Neighbours of one block of 256 addresses (FTPEER-12): whoever has one of them may have them all.
pub const FASTTRACK_NEIGHBOURS_OF_NETWORK_MAX: usize = 2;

/// Milliseconds in which a supernode that was called has answered with its table (FTPEER-02).
pub const FASTTRACK_TABLE_WAIT_MS: u64 = 20_000;

/// Other supernodes that a supernode keeps in its table (FTPEER-07): as many as KaZaA sent.
pub const FASTTRACK_SUPERNODES_MAX: usize = 1_000;

/// Supernodes in the table that are reached by one neighbour, which others cannot push out (FTPEER-07),
/// however many neighbours there are.
pub const FASTTRACK_SUPERNODES_OF_NEIGHBOUR_MIN: usize = 100;

/// The largest distance that a record may have (FTPEER-07). KaZaA sent no larger one.
pub const FASTTRACK_DISTANCE_MAX: u8 = 5;

/// Milliseconds for which changes of the table are gathered before they are sent (FTPEER-11).
pub const FASTTRACK_TABLE_GATHER_MS: u64 = 1_000;

/// Milliseconds between two tables to one neighbour (FTPEER-11), unless something is taken back.
pub const FASTTRACK_TABLE_EVERY_MS: u64 = 10_000;

/// Records that a neighbour is sent beyond the first table, in [`FASTTRACK_RECORDS_MS`] (FTPEER-11): a
/// table, each five minutes.
pub const FASTTRACK_RECORDS_TOLD_MAX: u32 = 1_000;

/// Records that a neighbour may send in [`FASTTRACK_RECORDS_MS`] (FTPEER-11): twice of what it should, for
/// its clock is not ours.
pub const FASTTRACK_RECORDS_HEARD_MAX: u32 = 2_000;

/// Milliseconds in which so many records come and go.
pub const FASTTRACK_RECORDS_MS: u32 = 300_000;

/// Milliseconds for which a supernode that has lost its way takes no other that may lead through itself
/// (FTPEER-08): twice six links of a second and a bit, in which all have heard that the way is lost.
pub const FASTTRACK_HOLD_MS: u64 = 15_000;

/// Milliseconds between two numbers of the own record, where it changes much (FTPEER-09).
pub const FASTTRACK_OWN_EVERY_MS: u64 = 60_000;

/// Milliseconds after which the own record gets a new number without a change (FTPEER-09).
pub const FASTTRACK_OWN_RENEWED_MS: u64 = 600_000;

/// Seconds for which a way is believed without a new number (FTPEER-10): three times the life of a
/// number.
pub const FASTTRACK_WAY_LIFE_S: u32 = 1_800;

/// Milliseconds after which a supernode looks for ways that are too old.
pub const FASTTRACK_WAYS_TIDY_MS: u64 = 60_000;

/// Supernodes that have a search of ours and did not end it yet (FTPEER-16).
pub const FASTTRACK_ASKED_AT_ONCE: usize = 6;

/// Supernodes that one search is forwarded to (FTPEER-16).
pub const FASTTRACK_ASKED_MAX: usize = 60;

/// Of these, the nearest; the others are taken from anywhere (FTPEER-16).
pub const FASTTRACK_ASKED_NEAREST: usize = 30;

/// Milliseconds for which a supernode that was asked is waited for (FTPEER-20).
pub const FASTTRACK_ASKED_WAIT_MS: u64 = 10_000;

/// Milliseconds that a forwarded search lasts (FTPEER-20).
pub const FASTTRACK_SEARCH_MS: u64 = 60_000;

/// Milliseconds for which a supernode that did not answer is asked last (FTPEER-16).
pub const FASTTRACK_SILENT_MS: u64 = 300_000;

/// Searches that went to others by one neighbour, of which it is known whether they were answered,
/// before it may be doubted (FTPEER-25).
pub const FASTTRACK_DOUBT_OUTCOMES_MIN: u32 = 16;

/// Milliseconds for which nothing is believed that a doubted neighbour says of others (FTPEER-25).
pub const FASTTRACK_DOUBT_MS: u64 = 600_000;

/// Milliseconds after which another list of nodes of the same session counts.
pub const FASTTRACK_LISTS_EVERY_MS: u64 = 600_000;

/// Forwarded searches that run at the same time: 64 a second, where each lasts as long as it may.
pub const FASTTRACK_SEARCHES_MAX: usize = 4_096;

/// Bytes of results of one search that wait until others have had their share (FTPEER-26): as many as are wanted take
/// some 20 KiB.
pub const FASTTRACK_HELD_LEN_MAX: usize = 32 * 1_024;

/// The same of all searches together: such as are beyond it are dropped.
pub const FASTTRACK_HELD_ALL_LEN_MAX: usize = 16 * 1_024 * 1_024;

/// Searches of ours that one neighbour is given in a second (FTPEER-24): for itself or to pass on.
pub const FASTTRACK_SEARCHES_SENT_PER_S: u32 = 20;

/// The same, saved up.
pub const FASTTRACK_SEARCHES_SENT_BURST: u32 = 100;

/// Milliseconds after which a search looks again whether it may go out.
pub const FASTTRACK_SEARCH_RETRY_MS: u64 = 500;

/// Searches for us that one neighbour may bring in a second, its own and others' (FTPEER-24).
pub const FASTTRACK_SEARCHES_TAKEN_PER_S: u32 = 50;

/// The same, saved up.
pub const FASTTRACK_SEARCHES_TAKEN_BURST: u32 = 500;

/// Messages that are passed on for one neighbour in a second (FTPEER-24): in a network of a thousand
/// supernodes one has two or three a second from each neighbour.
pub const FASTTRACK_RELAYED_PER_S: u32 = 200;

/// The same, saved up.
pub const FASTTRACK_RELAYED_BURST: u32 = 2_000;

/// Bytes of a message that is passed on, beyond which it counts as two, and so on (FTPEER-24): as many as ten
/// results with long names.
pub const FASTTRACK_RELAYED_LEN: usize = 4_096;

/// Pushes for us that one neighbour may bring in a second (FTPEER-24).
pub const FASTTRACK_PUSHES_TAKEN_PER_S: u32 = 5;

/// The same, saved up.
pub const FASTTRACK_PUSHES_TAKEN_BURST: u32 = 50;

/// Seconds for which a search is known again (FTPEER-18).
pub const FASTTRACK_SEARCH_KNOWN_S: u32 = 300;

/// Searches that are known again of those that one neighbour brought (FTPEER-18): seven a second.
pub const FASTTRACK_SEARCHES_KNOWN_MAX: u32 = 2_048;

/// Milliseconds for which the numbers of the network stand before they are counted again (FTSUPER-21).
pub const FASTTRACK_SUMS_EVERY_MS: u64 = 60_000;
