//! What bounds an index of files.

/// Files that one leaf may announce. Kazaa announced up to 69 to one supernode, giFT 50.
pub const LEAF_FILES_MAX: usize = 200;

/// Files that all leaves together may announce: fifty each of 10,000 leaves, some 350 MiB.
pub const LEAF_INDEX_FILES_MAX: usize = 1 << 19;

/// Words by which one announced file is found.
pub const LEAF_FILE_WORDS_MAX: usize = 32;

/// Bytes of the name of an announced file.
pub const LEAF_FILE_NAME_LEN_MAX: usize = 255;

/// Bytes of what else is kept of an announced file, such as its tags.
pub const LEAF_FILE_DETAILS_LEN_MAX: usize = 768;

/// Looks of one search in the index at files that have its rarest word, and at whether they have its
/// other words: words that many files have must not make it long.
pub const LEAF_INDEX_LOOKS_MAX: usize = 10_000;

/// Words of a query by which our files are searched, each counted once; a query has room for more.
pub const FILE_SEARCH_WORDS_MAX: usize = 32;

/// Looks of a search after which it takes up nothing more of ours, about a millisecond's worth: with three
/// words, among a million files, it takes some hundreds. A query of 250 bytes must not make hundreds of
/// words, of which each begins hundreds of others, be sought in long names.
pub const FILE_SEARCH_LOOKS_MAX: u32 = 10_000;

/// Files of ours that others may find: some 100 MiB of memory beside their names.
pub const SHARED_FILES_MAX: usize = 1 << 20;

/// Folders below a shared one that may lie in each other. No path that people make is as deep.
pub const SHARED_DEPTH_MAX: usize = 64;
