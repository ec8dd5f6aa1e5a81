//! What bounds fetching a file from strangers.

/// Files that are fetched at the same time; others wait their turn.
pub const DOWNLOADS_ACTIVE_MAX: usize = 16;

/// Milliseconds after which a file of which nothing has come gives way to one that waits for its turn.
pub const DOWNLOAD_IDLE_MAX_MS: u64 = 5 * 60_000;

/// Files that are on their way, those that wait or pause included. Each has a journal and a part file.
pub const DOWNLOADS_MAX: usize = 1_000;

/// Sources of one file that are remembered. Gtk-gnutella keeps 256 alternate locations of a file.
pub const SOURCES_MAX: usize = 256;

/// Connections that one file has at the same time.
pub const SOURCES_CONNECTED_MAX: usize = 16;

/// Connections of one file over which we wait in queues, while other sources wait for a connection.
pub const SOURCES_QUEUED_MAX: usize = 8;

/// Push proxies of one source that are asked. Servents have up to four.
pub const SOURCE_PROXIES_MAX: usize = 4;

/// Bytes of the smallest piece of a file that is checked by itself: what one bad source costs at least.
pub const PIECE_LEN_MIN: u64 = 64 * 1024;

/// Pieces that a file is cut into, where trees allow: a digest of each is kept. Trees of
/// gtk-gnutella have at most 2,048 leaves.
pub const PIECES_MAX: u64 = 4_096;

/// Pieces of the largest file. Beyond it a file is not fetched: 4 TiB in pieces of 1 GiB.
pub const FILE_LEN_MAX: u64 = 1 << 42;

/// Bytes of a piece by which a tree is used. One source has a piece at a time: a tree of one digest would make the
/// whole file one piece.
pub const TREE_PIECE_LEN_MAX: u64 = 4 * 1024 * 1024;

/// Pieces of a large file whose tree is used all the same, about. Gtk-gnutella has 2,048 leaves, or half as many.
pub const TREE_PIECES_MIN: u64 = 1_024;

/// Bytes of an answer with a Tiger tree. Gtk-gnutella takes 260 KiB.
pub const TREE_ANSWER_LEN_MAX: usize = 512 * 1024;

/// Bytes of the body of a refusal that are passed over.
pub const REFUSAL_LEN_MAX: usize = 64 * 1024;

/// Sources that are asked for the tree at the same time: one of them may be slow, or lie.
pub const TREES_ASKED_MAX: usize = 2;

/// Milliseconds that bytes wait for a tree after the first source was ready. They are taken without one then.
pub const TREE_WAIT_MAX_MS: u64 = 15_000;

/// Bytes of the first request to a source of which nothing is known.
pub const FIRST_REQUEST_LEN: u64 = 256 * 1024;

/// Bytes of one request. Asking again costs a round trip, which is little beside this.
pub const REQUEST_LEN_MAX: u64 = 64 * 1024 * 1024;

/// Milliseconds that a request should take, by the rate of the source.
pub const REQUEST_TIME_MS: u64 = 15_000;

/// Bytes of a piece that may be fetched twice at the end; the second one waits in memory.
pub const DOUBLE_LEN_MAX: u64 = 4 * 1024 * 1024;

/// Milliseconds until a call, a Push or an answer is given up.
pub const SOURCE_CALL_TIMEOUT_MS: u64 = 10_000;

/// Milliseconds until a source that was asked to call us has done so.
pub const SOURCE_PUSH_TIMEOUT_MS: u64 = 30_000;

/// Servents of which it is remembered that they were asked to call us, and for which file.
pub const AWAITED_PUSHES_MAX: usize = 1_024;

/// Milliseconds between a request and its answer, and between two pieces of news from a source.
pub const SOURCE_SILENCE_MAX_MS: u64 = 30_000;

/// Milliseconds between two attempts at one address. A hit may name anybody.
pub const SOURCE_RETRY_MIN_MS: u64 = 60_000;

/// Milliseconds between two attempts at one address that has failed often.
pub const SOURCE_RETRY_MAX_MS: u64 = 60 * 60_000;

/// Attempts at an address that has never answered as a servent does.
pub const SOURCE_STRANGER_CALLS_MAX: u8 = 3;

/// Failures in a row after which a source that was one is forgotten.
pub const SOURCE_FAILURES_MAX: u8 = 8;

/// Milliseconds of a wait that a source may ask for, by Retry-After or as a place in its queue.
pub const SOURCE_WAIT_MAX_MS: u64 = 60 * 60_000;

/// Milliseconds between two looks at a queue, where the source does not say.
pub const QUEUE_POLL_MS: u64 = 45_000;

/// Milliseconds until a source is looked at again that has a part of a file, and nothing new of it; twice as long
/// each time.
pub const PART_POLL_MS: u64 = 5_000;

/// Milliseconds between two such looks at most. It closes the connection after sixteen of them, or after a minute
/// without one.
pub const PART_POLL_MAX_MS: u64 = 40_000;

/// Milliseconds for which others are looked for where all who have answered say another size than was named (DOWN-07);
/// then the user is told.
pub const DENIED_SIZE_WAIT_MS: u64 = 60_000;

/// Milliseconds between two searches for more sources of a file.
pub const SOURCE_SEARCH_WAIT_MS: u64 = 10 * 60_000;

/// Sources that may be worth something below which more are searched.
pub const SOURCES_WANTED: usize = 4;

/// Bytes that are verified and on the disk, and not yet in the journal, at most. A crash costs as much, and what was
/// still on its way to the disk.
pub const COMMIT_LEN_MAX: u64 = 8 * 1024 * 1024;

/// Milliseconds after which verified bytes stand in the journal: syncing costs some of them.
pub const COMMIT_WAIT_MS: u64 = 1_000;

/// Bytes of one record of a journal. The largest holds a Tiger tree.
pub const JOURNAL_RECORD_LEN_MAX: usize = 4 * 1024 * 1024;

/// Bytes of a journal. A download writes some tens of bytes for each commit.
pub const JOURNAL_LEN_MAX: u64 = 64 * 1024 * 1024;

/// Bytes by which a journal grows before it begins anew, beside twice what it has to say: liars and users may have us
/// write as often as they like.
pub const JOURNAL_GROWTH_MAX: u64 = 4 * 1024 * 1024;

/// Sources that a journal remembers: enough to begin again.
pub const JOURNAL_SOURCES_MAX: usize = 32;

/// Pieces that failed with several senders, remembered to tell which of them lied.
pub const SUSPICIONS_MAX: usize = 64;

/// Sources whose word about a tree counts.
pub const TREE_VOTES_MAX: usize = 64;

/// Networks of which sources name the same root of a tree, before others are given what it has proved. One more
/// than whoever has two machines.
pub const TREE_WITNESSES: usize = 3;

/// Bits that the addresses of one such network share: as much as one provider has, about.
pub const WITNESS_BITS_V4: u8 = 16;
/// The same of IPv6.
pub const WITNESS_BITS_V6: u8 = 32;

/// Sources that have to say of another one that it has the file no longer, for it to be believed.
/// gtk-gnutella wants three.
pub const ALTERNATE_STRIKES_MAX: usize = 3;

/// Names of hosts in one link that are looked up. Who has a file in more places names addresses.
pub const LINK_NAMES_MAX: usize = 4;

/// Addresses that are called of one such name: one of each kind.
pub const LINK_ADDRESSES_MAX: usize = 2;

/// Milliseconds until another size of a file gets its turn, where sources name several and none has more networks
/// behind it; twice as long in each round.
pub const SIZE_TURN_MS: u64 = 5 * 60_000;

/// Rounds in which that time grows: to more than half a year.
pub const SIZE_ROUNDS_MAX: u64 = 16;

/// Bytes a second below which a source, or all of them, do as little as if they did nothing.
pub const SOURCE_RATE_MIN: u64 = 1_024;

/// Milliseconds after which a source that is slower gives its connection to another one.
pub const SOURCE_SLOW_MS: u64 = 30_000;

/// Seconds after which a node of FastTrack is asked again that is too busy and does not say for how long.
pub const KAZAA_RETRY_S: u32 = 300;

/// Seconds after which it is asked again at the soonest and at the latest, whatever it says.
pub const KAZAA_RETRY_MIN_S: u32 = 60;
pub const KAZAA_RETRY_MAX_S: u32 = 3_600;

/// Milliseconds for which a push of FastTrack may be answered.
pub const GIVE_AWAITED_MS: u64 = 120_000;
