//! What bounds the connections of a node.

/// Connections of one address at the same time whose handshake runs, or of which nobody knows what they are
/// for. Behind one address may be a few hosts, browsers open six for files, and gtk-gnutella one for each file of an
/// album, all of them before any has asked: whoever opens more than we serve is told so where files are served.
pub const GREETING_FROM_ADDRESS_MAX: usize = 32;

/// Hosts that are called at the same time. LimeWire and GnutellaBun call about as many.
pub const DIALS_MAX: usize = 8;

/// The same for a node without any ultrapeer, where many of those whom it calls do not answer.
pub const DIALS_CUT_OFF_MAX: usize = 24;

/// Milliseconds after which a node without any ultrapeer no longer counts on a call, and makes
/// another one beside it. Whoever lives answers within a second or two.
pub const DIAL_HANGS_MS: u64 = 2_000;

/// Milliseconds after which the host cache is looked at again that had nobody to call, at the
/// earliest.
pub const DIAL_RETRY_MS: u64 = 5_000;

/// Hosts that are not called because the user has ended links with them. Nobody does so more often by
/// hand; a program that does has the first of them called again.
pub const LET_GO_MAX: usize = 256;

/// Milliseconds between two looks at what the neighbours are worth.
pub const REVIEW_MS: u64 = 30_000;

/// Milliseconds within which neighbours fall silent that are taken to have done so for one reason
/// (UP-16). After 45 s of silence an ultrapeer is given up, and after a few more where it has spoken
/// last.
pub const RIFT_SILENCE_MS: u64 = 120_000;

/// So many at least have to fall silent together; the computers of two others may stop by chance.
pub const RIFT_HOSTS_MIN: usize = 3;

/// One in so many of the neighbours have to fall silent together.
pub const RIFT_SHARE: usize = 5;

/// Of those that fell silent, so many are looked for: half of the neighbours that an ultrapeer has.
pub const RIFT_HOSTS_MAX: usize = 16;

/// Milliseconds between two calls to those that fell silent, one of which is to succeed soon after
/// packets pass again.
pub const RIFT_CALL_MS: u64 = 10_000;

/// Milliseconds between the first two calls to one of them, and twice as many each further time. With
/// three to be called this is as often as there is a call at all.
pub const RIFT_AGAIN_MS: u64 = 30_000;

/// Milliseconds beyond which that does not grow, so that an overlay is one again within a minute after
/// packets pass.
pub const RIFT_AGAIN_MAX_MS: u64 = 60_000;

/// Milliseconds in which one of them is called twice at most, however near it is, and for whatever
/// reason the first two calls were made (HAND-62).
pub const RIFT_TWO_CALLS_MS: u64 = 60_000;

/// Milliseconds for which they are looked for. Whoever has not come back in an hour will not.
pub const RIFT_LIFE_MS: u64 = 3_600_000;

/// Milliseconds for which our supernode in FastTrack says nothing before it is asked whether it is there
/// (FTNODE-21).
pub const PARENT_QUIET_MS: u64 = 10_000;

/// Milliseconds that it has to answer (FTNODE-21).
pub const PARENT_ANSWER_MS: u64 = 10_000;

/// Milliseconds for which a supernode that the user has named is not called anew only because we have lost ours
/// (FTNODE-25): two that turn us away in turn are not called without end.
pub const NAMED_SUPERNODE_AGAIN_MS: u64 = 60_000;

/// Milliseconds between two times that our supernode in FastTrack is asked whether we can be called
/// (FTNODE-22): what it has found out counts for half an hour.
pub const REACH_ASKED_EVERY_MS: u64 = 1_200_000;

/// Milliseconds before it becomes a supernode in which a node asks those again that had no room (FTNODE-23): what they
/// answer is there by then.
pub const SUPERNODES_LOOKED_AT_AGAIN_MS: u64 = 3_000;

/// Supernodes that are asked at a time whether there is room for ordinary nodes (FTNODE-23).
pub const SUPERNODES_LOOKED_AT: usize = 5;
