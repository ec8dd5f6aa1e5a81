//! What bounds query tables.

use crate::base::token_bucket::Rate;

/// Slots of a query table as it is kept; a larger one is folded to so many on receipt (QRP-27).
/// LimeWire sends no more, and gtk-gnutella none to other ultrapeers. As bits these are 16 KiB.
pub const QUERY_TABLE_KEPT_SLOTS_MAX: u32 = 1 << 17;

/// Tables in one set. Far more neighbours than a node can have; their numbers fit 16 bits.
pub const QUERY_TABLES_MAX: usize = 60_000;

/// Words of a query that are looked up in tables (QRP-31). gtk-gnutella takes as many; a query of
/// 256 bytes has fewer.
pub const QUERY_WORDS_MAX: usize = 128;

/// Neighbours of whose patches some pieces have come and others not (QRP-36). Each holds an
/// inflater of some 50 KiB meanwhile; most patches come in one piece, the others within seconds.
pub const QUERY_TABLE_SEQUENCES_MAX: usize = 256;

/// How fast a neighbour may change its table (QRP-37), in [`QUERY_TABLE_STEP_SLOTS`] slots: a
/// patch costs one for each that it covers, or begins to cover, and a reset costs one. Applying
/// takes us up to a third of a millisecond each. Real programs send a table every few minutes at
/// most.
pub const QUERY_TABLE_STEPS: Rate = Rate { tokens: 10, every_ms: 60_000, burst: 40 };

/// Slots for which a patch costs one step.
pub const QUERY_TABLE_STEP_SLOTS: u32 = 1 << 17;

/// A table is saturated when more than one in so many of its slots is set (QRP-38). The leaves of
/// gtk-gnutella that share 6,000 files send tables of which one slot in 27 is set; folded to what is
/// kept here, that is nearly one in two.
pub const QUERY_TABLE_SATURATED_SLOTS: u32 = 2;

/// Queries that one leaf with a saturated table gets.
pub const SATURATED_LEAF_QUERIES: Rate = Rate::per_second(1, 10);

/// Leaves with saturated tables that get one query. A full leaf slot list of them must not cost
/// more than the leaves that have answers.
pub const SATURATED_LEAVES_PER_QUERY_MAX: usize = 20;

/// Milliseconds between two versions of the table that we send (QRP-34). LimeWire waits one minute
/// towards ultrapeers, gtk-gnutella five.
pub const QUERY_TABLE_MERGE_EVERY_MS: u64 = 30_000;

/// Milliseconds after which words that nobody has any more are taken out of the table that we send
/// (QRP-40), at the earliest. A leaf that exchanges its words over and over must not make us send
/// each of them, there and back, to every neighbour.
pub const QUERY_TABLE_REBUILD_EVERY_MS: u64 = 300_000;

/// The words of leaves set no more than one in so many slots of the table that we send (QRP-39).
/// By then one query in four that asks for a single word comes to us for nothing, and one in sixteen
/// that asks for two. A leaf that shares 1,500 files sets one in five by itself, and three with
/// tables just below [`QUERY_TABLE_SATURATED_SLOTS`] would set seven in eight.
pub const QUERY_TABLE_MERGED_SLOTS: u32 = 4;

/// Bytes a minute, headers included, that a neighbour gets of changes to our table (QRP-41). To 40
/// neighbours these are 6 kB a second. A table that is as full as leaves can make it has some
/// 18 kB, and changes of a few words have a hundred bytes or two.
pub const QUERY_TABLE_UPDATE_BYTES_PER_MINUTE: u64 = 9_000;

/// Bytes of a message with a piece of our table, header included (SIZE-16).
pub const QUERY_TABLE_PIECE_LEN_MAX: usize = 4_096;

/// Milliseconds between two pieces of our table to one neighbour (QRP-33). gtk-gnutella sends five
/// a second.
pub const QUERY_TABLE_PIECE_EVERY_MS: u64 = 200;

/// The contents of our own files are put into the table that we send as long as they set no more than one
/// in so many of its slots: a table that a million contents have filled says nothing, and words find
/// those files too (QRP-28).
pub const OWN_URN_SLOTS: u32 = 4;
