//! What bounds the memory of a router, and what a message may make it do.

/// Links that a message may cross in all, where a node is not told otherwise (TTL-06). gtk-gnutella
/// uses 4, LimeWire 3.
pub const TTL_MAX: u8 = 4;

/// TTL of what starts here, and the bound for neighbours that do no dynamic querying (TTL-20).
pub const TTL_OWN_MAX: u8 = 4;

/// TTL and hops together, above which a message is dropped (TTL-08).
pub const TTL_HARD_MAX: u8 = 15;

/// Queries above [`TTL_HARD_MAX`] that one neighbour may send from near by, as gtk-gnutella bears them
/// (TTL-08): it has to have time to find out who makes them.
pub const FAR_QUERIES_MAX: u32 = 10;

/// Hops up to which such a query counts as one from near by (TTL-08).
pub const FAR_QUERY_HOPS_MAX: u8 = 2;

/// Repetitions of its own messages that one neighbour may send whatever else it sends (TTL-14).
pub const REPEATS_MAX: u32 = 5;

/// Repetitions among 1,000 messages of one neighbour, above which it is dropped (TTL-14).
pub const REPEATS_PER_MILLE_MAX: u32 = 15;

/// Seconds for which a message is remembered (TTL-13). Answers come within some minutes; dynamic
/// queries run for up to ten.
pub const ROUTE_LIFE_SECONDS: u32 = 600;

/// Messages of ours that are remembered. A servent that asks once a second starts 600 in their life.
pub const ROUTES_OWN_MAX: u32 = 1_024;

/// Messages that are remembered for one ultrapeer, the first to bring them: 13 a second for their whole
/// life. It brings three times as many, most of which others brought before.
pub const ROUTES_OF_ULTRAPEER_MAX: u32 = 8_192;

/// Milliseconds a message, for the new ones of all ultrapeers together that go on (TTL-23). The next
/// one remembers [`ROUTES_OF_ULTRAPEER_MAX`] for us, whoever brought them; at this rate even a flood
/// leaves a way home for forty seconds, and hits take ten.
pub const FORWARDED_EVERY_MS: u64 = 10;

/// New messages of all ultrapeers that may go on at once, having been saved up (TTL-23).
pub const FORWARDED_BURST: u32 = 1_000;

/// Milliseconds a message of one ultrapeer that goes on whatever others send (TTL-23). With thirty
/// neighbours their shares are all that goes on.
pub const FORWARDED_SHARE_EVERY_MS: u64 = 300;

/// Messages of one ultrapeer that go on at once whatever others send (TTL-23).
pub const FORWARDED_SHARE_BURST: u32 = 100;

/// Messages that are remembered for one leaf: a query each 2.3 seconds for their whole life. One that
/// sends more is not heard until its oldest ones have outlived their time (TTL-22): nobody asks so much,
/// and what is forgotten sooner could be sent out from here again.
pub const ROUTES_OF_LEAF_MAX: u32 = 256;

/// Messages that are remembered for neighbours that have gone, so that they are not taken for new ones.
/// They are late by seconds, so one busy ultrapeer's worth is enough.
pub const ROUTES_ORPHANED_MAX: u32 = 8_192;

/// Seconds for which the way to a servent is remembered after its last hit (PUSH-09). LimeWire keeps
/// ways for seven minutes.
pub const SERVENT_LIFE_SECONDS: u32 = 600;

/// Servents that are remembered for one ultrapeer: those that lie behind it and have answered lately.
pub const SERVENTS_OF_ULTRAPEER_MAX: u32 = 1_024;

/// Servents that are remembered for one leaf: it speaks for itself alone, and may have been restarted.
pub const SERVENTS_OF_LEAF_MAX: u32 = 4;

/// Neighbours that are remembered for one servent. Real ones come by two or three ways.
pub const SERVENT_WAYS_MAX: usize = 8;

/// Neighbours to which one push is sent. More than one, since anybody can claim to know a servent; few,
/// since each copy is one message more.
pub const PUSH_WAYS_MAX: usize = 3;

/// Milliseconds after which a router looks for what it may forget. Nothing depends on it but memory.
pub const ROUTES_TIDY_MS: u64 = 60_000;
