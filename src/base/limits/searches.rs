//! What bounds dynamic queries and the hits that answer them.

/// Results that end a search of this node. The proposal says 150, and gtk-gnutella does so.
pub const OWN_RESULTS_WANTED: u32 = 150;

/// Results that end a search of a leaf: it asks three ultrapeers, and each has to bring its part.
pub const LEAF_RESULTS_WANTED: u32 = 50;

/// Results that end a search by hash: sources of one and the same file. LimeWire wants ten,
/// gtk-gnutella two to six.
pub const HASH_RESULTS_WANTED: u32 = 10;

/// Times the wanted results that may come before a search ends although the leaf kept few of them.
/// A leaf that filters out four of five has had its share of our work.
pub const SEARCH_ROUTED_FACTOR_MAX: u32 = 5;

/// Of the wanted results, the part that one neighbour may bring, as a divisor: what it brings above that
/// does not end the search. With half of them nobody ends somebody else's search alone, and two who have
/// plenty do.
pub const NEIGHBOUR_RESULTS_DIVISOR: u32 = 2;

/// Ultrapeers that a search may reach in theory, this node among them. The proposal forbids more;
/// gtk-gnutella stops at 500,000, LimeWire at 110,000.
pub const HORIZON_MAX: u32 = 200_000;

/// Ultrapeers that a search may reach through one neighbour in theory. The degree is a claim: one
/// that claims too much would use up the horizon and bring nothing. TTL 4 with degree 32 leads to
/// 30,784.
pub const NEIGHBOUR_REACH_MAX: u32 = 50_000;

/// TTL of a query that is asked step by step. The proposal allows four, gtk-gnutella takes up to
/// five, LimeWire six.
pub const DYNAMIC_TTL_MAX: u8 = 4;

/// Neighbours that are probed at once. gtk-gnutella and the proposal take three.
pub const PROBES_MAX: usize = 3;

/// Milliseconds a link that a query crosses, there and back, until hits can be counted: 2,400 in
/// the proposal and in LimeWire.
pub const HOP_WAIT_MS: u64 = 2_400;

/// Milliseconds a link that are waited at least for something rare.
pub const HOP_WAIT_MIN_MS: u64 = 400;

/// Milliseconds a link by which the wait for something rare shrinks, the first time; twice that the
/// second time, and so on.
pub const HOP_WAIT_STEP_MS: u64 = 100;

/// Ultrapeers reached, after which the wait shrinks where fewer than [`RARE_RESULTS`] came from as
/// many.
pub const RARE_HORIZON: u32 = 3_000;

/// Results from [`RARE_HORIZON`] ultrapeers below which something is rare.
pub const RARE_RESULTS: u32 = 10;

/// Milliseconds after which a search looks again for ultrapeers that it can ask, where all that are
/// left are congested.
pub const RETRY_WAIT_MS: u64 = 6_000;

/// Times that a search does so. Who is congested for long holds up nobody's search, and a queue that
/// moves at all is shorter after that.
pub const RETRIES_MAX: u8 = 3;

/// Milliseconds that a search runs at most: LimeWire's 200 s. With 32 neighbours it takes about 90
/// s to ask all of them for something rare.
pub const SEARCH_LIFE_MS: u64 = 200_000;

/// Queries sent after which a leaf is asked how many hits it kept.
pub const STATUS_AFTER_SENT: u16 = 3;

/// New results for which it is worth asking.
pub const STATUS_AFTER_RESULTS: u32 = 20;

/// Milliseconds for which the answer of a leaf is waited for. It should come within ten seconds;
/// gtk-gnutella waits forty.
pub const STATUS_WAIT_MS: u64 = 40_000;

/// Answers that a leaf may leave out before it is asked no more.
pub const STATUS_MISSES_MAX: u8 = 2;

/// Ultrapeers that a leaf has, by which its kept results are divided.
pub const LEAF_ULTRAPEERS: u32 = 3;

/// Searches of one leaf that run at once; the oldest goes. A person types one in some seconds, and
/// each is over within minutes.
pub const LEAF_SEARCHES_MAX: usize = 5;

/// Searches of this node that run at once; the oldest goes.
pub const OWN_SEARCHES_MAX: usize = 32;

/// Searches of this node that have ended and may still have late hits; the oldest is forgotten. As many
/// as may run.
pub const OWN_SEARCHES_ENDED_MAX: usize = 32;

/// GUIDs that the queries of one search of this node may have: ultrapeers that come later are asked with
/// a fresh one (DQ-24). A leaf loses none of its ultrapeers in most of the 200 s that a search lasts, and
/// each further GUID sends the whole query out once more.
pub const SEARCH_GUIDS_MAX: u8 = 8;

/// Searches of all leaves that run at once: a busy ultrapeer has some hundred leaves, of which few
/// search at a time. Where it is full, the leaf with most loses its oldest.
pub const LEAVES_SEARCHES_MAX: usize = 512;

/// Results of one query that are routed, in hits of any size. gtk-gnutella carries at least as
/// many.
pub const HIT_RESULTS_MAX: u16 = 250;

/// Results in a hit up to which it answers a narrow query.
pub const HIT_RESULTS_FEW: u8 = 3;

/// Results of one query that are routed, those in hits with few results on top.
pub const HIT_RESULTS_FEW_MAX: u16 = 500;

/// Results of one query that are routed where the way home is congested: fewer than that is next to
/// nothing.
pub const HIT_RESULTS_CONGESTED_MAX: u16 = 10;

/// Bytes of one query's hits that are routed, each hit rounded up to whole KiB: the most results in
/// the smallest hits, and some. LimeWire stops at 50 to 200 KiB.
pub const HIT_QUERY_LEN_MAX: usize = 512 * 1024;

/// Results of one query that each neighbour may bring, whatever others have brought: a hit of LimeWire's
/// or ours. Otherwise it may use half of what the others leave, so that no one uses up all.
pub const HIT_NEIGHBOUR_RESULTS_MIN: u16 = 10;

/// Bytes of one query's hits that each neighbour may bring, whatever others have brought: one hit of the
/// largest size that is forwarded.
pub const HIT_NEIGHBOUR_LEN_MIN: usize = 20 * 1024;

/// Neighbours that have an account of their own with a query; all others share one. The first who
/// answer have them, and more than that have seldom anything to say.
pub const HIT_NEIGHBOURS_MAX: usize = 16;

/// Accounts of hits at a time, of each query one for each neighbour that brings some, with 100 bytes
/// each. One neighbour may have half of those that others leave, or its part if all had as many.
pub const HIT_COUNTERS_MAX: usize = 4_096;

/// Results of one search of this node that are told of; enough for a person who scrolls, and for a
/// program that asks for more.
pub const OWN_RESULTS_TOLD_MAX: u16 = 2_000;

/// Bytes of the hits of one search of this node that are told of, each hit rounded up to whole KiB: all
/// those results one by one, and twice as much.
pub const OWN_HITS_LEN_MAX: usize = 4 * 1024 * 1024;

/// Milliseconds after which an account of hits is forgotten: as long as answers find home, which is
/// [`ROUTE_LIFE_SECONDS`](super::ROUTE_LIFE_SECONDS).
pub const HIT_COUNTER_LIFE_MS: u64 = 600_000;

/// Milliseconds between two looks for accounts that may be forgotten. Nothing depends on it but memory.
pub const HIT_COUNTERS_TIDY_MS: u64 = 60_000;

/// Milliseconds within which the same question of one leaf is heard a few times only: the 1,700 s of
/// gtk-gnutella, which itself asks again every half an hour.
pub const REQUERY_WAIT_MS: u64 = 1_700_000;

/// How often it is heard within that. Programs that repeat themselves do so all the time; people try
/// again a few times, the more so while nothing is found.
pub const REQUERIES_MAX: usize = 5;

/// Questions of one leaf that are remembered for that. Whoever asks more than that in half an hour
/// is bounded by other means.
pub const REQUERY_REMEMBERED_MAX: usize = 64;

/// Results that a leaf keeps before it tells its ultrapeers unasked, as LimeWire does.
pub const REPORT_AFTER_RESULTS: u16 = 15;

/// Milliseconds between two searches of this node for what is new, as in gtk-gnutella (QUERY-31).
pub const OWN_NEWEST_EVERY_MS: u64 = 300_000;

/// Searches of this node whose hits are kept, those that have ended included; the oldest of these goes. A
/// person makes a few an hour.
pub const SEARCHES_KEPT_MAX: usize = 64;

/// Hits that are kept of one search. Further ones are told as they come, and counted.
pub const SEARCH_HITS_KEPT_MAX: usize = 2_000;

/// Hits that are kept of all searches that have ended; the oldest search goes first. A hit takes up to a KiB.
pub const ENDED_HITS_KEPT_MAX: usize = 20_000;

/// Milliseconds for which the hits of a search are kept after its end: time to read the list and to choose.
/// After half an hour most of those who have sent them are somewhere else.
pub const ENDED_SEARCH_KEPT_MS: u64 = 1_800_000;
