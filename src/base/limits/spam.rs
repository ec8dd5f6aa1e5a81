//! What tells hits that are spam from others, and bounds what is remembered for that.

/// Searches of ours of which hits are judged: all that run, and all that have ended and may have hits.
pub const SPAM_SEARCHES_MAX: usize = 64;

/// Contents, sizes and servents that are remembered, of each kind. The hits of a hundred searches, in some
/// hundred KiB.
pub const SPAM_THINGS_MAX: usize = 8_192;

/// Names under which one of them is remembered. More would not change what is thought of it.
pub const SPAM_NAMES_MAX: usize = 16;

/// Other sources in a record beyond which it is spam: LimeWire takes eleven, and no program sends more than
/// ten.
pub const SPAM_ALTERNATES_MAX: usize = 11;

/// Different octets of a SHA-1 below which it is none: one in 10^14 has as few.
pub const SPAM_SHA1_OCTETS_MIN: usize = 8;

/// Searches that have nothing in common and find files of the very same size, before, from which on that
/// is no accident. Of two among ten thousand files of some megabytes, one is.
pub const SPAM_SAME_SIZE_MIN: usize = 2;

/// Searches before, without anything in common, to which a servent has had a file with exactly their
/// words, and never another. With few songs that many people like one can answer some.
pub const SPAM_SAME_REST_MIN: usize = 5;

/// Extensions under which one hit has a file that is called exactly like what was sought: a song has one,
/// and perhaps a picture beside it.
pub const SPAM_EXTENSIONS_MIN: usize = 3;
