//! What bounds the files that we offer, and the trees of their hashes.

/// Nodes of the row that is kept of a Tiger tree. gtk-gnutella takes no deeper tree than eleven levels.
pub const TREE_ROW_MAX: usize = 2_048;

/// Bytes below which no node of a kept row stands for: 24 bytes in 65,536 are little on disk, and what is
/// thrown away with a bad block stays small. gtk-gnutella and LimeWire keep nothing finer.
pub const TREE_BLOCK_LEN_MIN: u64 = 1 << 16;

/// Nodes of a tree that a peer sends beyond which none is looked at: twice a row of the greatest length,
/// and what the odd nodes of eleven levels add.
pub const TREE_NODES_MAX: usize = 2 * TREE_ROW_MAX + 16;

/// Bytes of a file from which on it is not offered: sparse files may pretend to have any number of them.
pub const SHARED_FILE_LEN_MAX: u64 = 1 << 43;

/// Milliseconds after which a file that changed while it was hashed is tried again; twice as long each time.
pub const HASH_AGAIN_MS: u64 = 2_000;

/// The longest of these waits: a file that is written all day is read each five minutes.
pub const HASH_AGAIN_MS_MAX: u64 = 300_000;

/// The longest wait for a file that cannot be read, before it is tried again without having changed: what the system
/// lacked for a moment it has soon, and a disk that is broken is not read all day.
pub const READ_AGAIN_MS_MAX: u64 = 3_600_000;

/// Milliseconds for which a file must not have been written before it is read: whoever writes it may not be
/// done, and coarse clocks would not show that it was written twice.
pub const HASH_QUIET_MS: u64 = 2_000;
