//! What bounds the answers of a servent, and the weight of its neighbours.

/// Records in one hit of ours. LimeWire and gtk-gnutella send as many.
pub const ANSWER_RECORDS_MAX: usize = 10;

/// Files that we name in answer to one query. More is of no use to anybody, and fills the way back.
pub const ANSWERS_MAX: usize = 64;

/// Bytes of a payload up to which it is copied when a message is passed on. What is received shares
/// memory with all that came with it, up to 64 KiB; a small message that waits must not hold on to that.
pub const COPIED_PAYLOAD_LEN_MAX: usize = 1_024;

/// Shares that an ultrapeer has in our work, beside the one of a leaf: it speaks for some tens of
/// leaves.
pub const ULTRAPEER_SHARES: u32 = 16;

/// Bytes of a message with hits over TCP, header and all, where more than one record is in it (HIT-27).
/// gtk-gnutella ends a hit with the record that brings it over this.
pub const HIT_MESSAGE_LEN_MAX: usize = 2_016;

/// Other sources of a file that a record names (HIT-36). LimeWire takes a hit with more than eleven for
/// spam, gtk-gnutella names as many.
pub const RECORD_SOURCES_MAX: usize = 10;

/// Other sources of one file that are kept to be named. The transfers know more.
pub const NAMED_SOURCES_MAX: usize = 32;

/// Files of which other sources are kept to be named; the first goes. Those that are transferred now.
pub const SOURCED_FILES_MAX: usize = 4_096;

/// Files of which we have a part and offer it; the first goes.
pub const PARTIAL_FILES_MAX: usize = 256;

/// Bytes of a record that say which part of a file there is (HIT-39), as in LimeWire.
pub const PARTIAL_NODES_LEN_MAX: usize = 20;

/// Newest files of ours that answer a query for what is new, as in LimeWire and gtk-gnutella.
pub const NEWEST_ANSWERS_MAX: usize = 3;

/// Milliseconds in which a neighbour may ask once what is new, and bring [`NEWEST_RELAYED_MAX`] such
/// queries of others. Programs wait 300 s between two; what is on its way may catch up a little.
pub const NEWEST_EVERY_MS: u64 = 270_000;

/// Queries for what is new that an ultrapeer may bring in [`NEWEST_EVERY_MS`] for others: they go to all
/// neighbours, so that one ultrapeer speaks for its leaves and its neighbours, and for no more.
pub const NEWEST_RELAYED_MAX: u16 = 256;

/// The same of all neighbours together.
pub const NEWEST_ALL_MAX: usize = 8_192;

/// Bytes of a text up to which it is too short to be searched for, wherever it comes from.
pub const SEARCHED_TEXT_LEN_MIN: usize = 2;

/// Bytes of a text up to which it is searched for near to us only (QUERY-32).
pub const SHORT_TEXT_LEN_MAX: usize = 3;

/// Hops up to which that is near, as in gtk-gnutella: half of the largest TTL.
pub const SHORT_TEXT_HOPS_MAX: u8 = 2;
