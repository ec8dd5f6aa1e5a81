//! What bounds a message of FastTrack.

/// Entries of a node list that count (FTSAFE-02): as many as KaZaA sent. A longer list overflowed it
/// (CVE-2003-0397).
pub const FASTTRACK_NODES_MAX: usize = 200;

/// Records of a supernode's table that count (FTSAFE-03): as many as KaZaA sent.
pub const FASTTRACK_RECORDS_MAX: usize = 1_001;

/// Tags of a file (FTSAFE-06). Real ones have up to ten.
pub const FASTTRACK_TAGS_MAX: u32 = 64;

/// Terms of a search (FTSAFE-06). Real ones have up to five.
pub const FASTTRACK_TERMS_MAX: usize = 16;

/// Bytes of the value of a tag or a term (FTSAFE-06). Real ones stay under 300.
pub const FASTTRACK_VALUE_LEN_MAX: usize = 1_024;

/// Results that are sent in one message (FTSEARCH-10): as many as KaZaA sent.
pub const FASTTRACK_RESULTS_SENT_MAX: u16 = 10;

/// Results of one message that count (FTSEARCH-14): as many as KaZaA wanted of a whole search.
pub const FASTTRACK_RESULTS_MAX: usize = 200;

/// Bytes of a user name that a node sends (FTWIRE-11).
pub const FASTTRACK_USER_LEN_MAX: usize = 31;

/// Hops of a message that goes to one supernode (FTPEER-14): one that has more is dropped.
pub const FASTTRACK_HOPS_MAX: u8 = 6;
