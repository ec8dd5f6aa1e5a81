//! What bounds an ordinary node of FastTrack: whom it asks and calls, what it shares and takes.

/// Supernodes that are asked at the same time by UDP (FTNODE-01).
pub const SUPERNODES_ASKED: usize = 5;

/// Milliseconds by which the answer of a supernode may come later than the first one's, and yet it counts as near as
/// that one (FTNODE-01): less than a user sees.
pub const SUPERNODE_NEAR_MS: u64 = 100;

/// Milliseconds after which the next are asked where none of them has answered, and after which another one
/// is called beside one that gets no further (FTNODE-01).
pub const SUPERNODE_PATIENCE_MS: u64 = 2_000;

/// Milliseconds after an answer in which the others that were asked have theirs there, or are hardly there (FTNODE-01).
pub const SUPERNODE_OTHERS_MS: u64 = 500;

/// Sessions that are being opened at a time, to see who has room.
pub const SUPERNODE_TRIALS_MAX: usize = 5;

/// Milliseconds after which a call of which nothing was heard is given up: 15 s for TCP and 20 s for the
/// hello, which is what giFT and FTLINK-28 give them.
pub const SUPERNODE_CALL_MS: u64 = 35_000;

/// Milliseconds for which the greeting of a supernode is waited for. It sends it as soon as it has been told
/// who calls.
pub const SUPERNODE_GREETING_MS: u64 = 10_000;

/// Calls of supernodes at once.
pub const SUPERNODE_CALLS_BURST: u32 = 10;

/// Milliseconds a call, where there were as many: lists of nodes can name anybody.
pub const SUPERNODE_CALL_EVERY_MS: u32 = 1_000;

/// Milliseconds of the first wait where all have failed (FTNODE-15). Each next one is twice as long.
pub const SUPERNODE_WAIT_MS: u64 = 1_000;

/// The longest of these waits.
pub const SUPERNODE_WAIT_MS_MAX: u64 = 60_000;

/// The same where some have answered, and have no room: datagrams are cheap, and one of them may have room soon.
pub const SUPERNODE_FULL_WAIT_MS_MAX: u64 = 8_000;

/// Milliseconds that a session has to last before the waits begin anew: as long as the longest of them.
pub const SUPERNODE_STEADY_MS: u64 = SUPERNODE_WAIT_MS_MAX;

/// Supernodes that are remembered (FTNODE-16).
pub const SUPERNODES_MAX: usize = 200;

/// Of them, those that stand on the word of one sender (FTSAFE-11): a tenth.
pub const SUPERNODES_OF_SENDER_MAX: usize = SUPERNODES_MAX / 10;

/// Of these, those of one network of 24 bits (FTNODE-16): a quarter.
pub const SUPERNODES_OF_NETWORK_MAX: usize = SUPERNODES_OF_SENDER_MAX / 4;

/// Milliseconds for which an answer to 0x27 counts (FTUDP-08).
pub const SUPERNODE_ANSWER_MS: u64 = 30_000;

/// Supernodes that were asked and may still answer: those that can be asked in that time.
pub const SUPERNODES_WAITED_FOR_MAX: usize = 128;

/// Milliseconds between two node lists of one supernode that are heard. KaZaA sent one every two hours.
pub const NODE_LIST_EVERY_MS: u64 = 600_000;

/// Files that are shared with a supernode (FTNODE-06).
pub const SHARED_WITH_SUPERNODE_MAX: usize = 70;

/// Milliseconds after 0x2c from which files are shared though nobody has asked for them (FTNODE-05).
pub const SHARE_UNASKED_MS: u64 = 10_000;

/// Milliseconds between two 0x02 of a session, after the two with which it begins (FTNODE-03).
pub const NODE_INFO_SENT_EVERY_MS: u64 = 10_000;

/// Milliseconds without a result after which a search is over (FTNODE-09).
pub const ASKED_SUPERNODE_MS: u64 = 90_000;

/// Milliseconds for which the id of a search that has ended rests (FTNODE-08).
pub const SEARCH_ID_REST_MS: u64 = 60_000;

/// Ids that may rest at a time; the first is free again. A person ends a few searches a minute.
pub const SEARCH_IDS_RESTING_MAX: usize = 1_024;

/// Results of one search that are told of, by however many supernodes one after the other.
pub const SUPERNODE_RESULTS_TOLD_MAX: usize = 1_000;

/// Bytes of the names and tags of these; larger ones are left out. Real ones take less than 300 each.
pub const SUPERNODE_RESULTS_LEN_MAX: usize = 1024 * 1024;

/// Milliseconds for which a call is waited for that was asked for by push (FTNODE-14).
pub const GIVE_WAIT_MS: u64 = 120_000;

/// Pushes of ours that are waited for at a time. Some tens of files from a few hosts each.
pub const GIVES_WAITED_FOR_MAX: usize = 256;

/// Calls that pushes want, at a time (FTNODE-13).
pub const PUSHED_CALLS_MAX: usize = 10;
