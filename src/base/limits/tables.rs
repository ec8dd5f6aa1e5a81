//! What bounds query tables.

/// Slots of a query table as it is kept; a larger one is folded to so many on receipt (QRP-27).
/// LimeWire sends no more, and gtk-gnutella none to other ultrapeers. As bits these are 16 KiB.
pub const QUERY_TABLE_KEPT_SLOTS_MAX: u32 = 1 << 17;

/// Tables in one set. Far more neighbours than a node can have; their numbers fit 16 bits.
pub const QUERY_TABLES_MAX: usize = 60_000;

/// Words of a query that are looked up in tables (QRP-31). gtk-gnutella takes as many; no query of
/// 256 bytes has more.
pub const QUERY_WORDS_MAX: usize = 128;
