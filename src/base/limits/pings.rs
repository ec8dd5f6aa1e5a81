//! What bounds pings, pongs and signs of life.

/// Seconds after which a link between ultrapeers on which one side was silent is proven by a ping
/// (PING-07). gtk-gnutella drops an ultrapeer that it has not heard for 126 s.
pub const ALIVE_ULTRAPEER_S: u32 = 15;

/// Seconds after which a link to a leaf, or from a leaf that has many, is proven by a ping
/// (PING-07). gtk-gnutella drops a leaf that it has not heard for 485 s.
pub const ALIVE_LEAF_S: u32 = 120;

/// Seconds that a leaf waits for a sign of life before it asks again. A leaf without neighbours is
/// cut off, so it finds out early.
pub const ALIVE_WAIT_AS_LEAF_S: u32 = 4;

/// Seconds that an ultrapeer waits for a sign of life before it asks again. With the silence before
/// the first ping it drops another ultrapeer after 45 s, as LimeWire does.
pub const ALIVE_WAIT_AS_ULTRAPEER_S: u32 = 10;

/// Alive pings in a row that may stay without any sign of life. With one a congested link would do;
/// gtk-gnutella forgives six.
pub const ALIVE_MISSES_MAX: u8 = 3;

/// Milliseconds between two ordinary pings of an ultrapeer that are answered (PING-10).
pub const PING_INTERVAL_ULTRAPEER_MS: u64 = 3_000;

/// Milliseconds between two ordinary pings of a leaf that are answered (PING-10).
pub const PING_INTERVAL_LEAF_MS: u64 = 60_000;

/// Pongs that answer an ordinary ping, our own among them (PING-09). With one ping in three seconds
/// that is at most 131 bytes a second of plain ones, as the scheme of Rohrs and Falco promises.
pub const PONGS_MAX: usize = 10;

/// Pongs about neighbours that answer a ping with TTL 2 (PING-08): as many ultrapeers as one has.
pub const CRAWL_PONGS_MAX: usize = 50;

/// Milliseconds for which a pong stays in the cache. The scheme of Rohrs and Falco promises no
/// older ones.
pub const PONG_LIFE_MS: u64 = 15_000;

/// Pongs that are kept of one neighbour, so that none of them speaks for all.
pub const PONGS_OF_LINK_MAX: usize = 10;

/// Pongs that are kept in all. Three neighbours are asked in 10 s, so that this is seldom reached.
pub const PONGS_CACHED_MAX: usize = 64;

/// Bytes of a pong that is kept. Real ones stay under 100; a longer one is used and not passed on.
pub const PONG_CACHED_LEN_MAX: usize = 256;

/// Milliseconds between two rounds in which an ultrapeer asks others for pongs. Shorter than
/// [`PONG_LIFE_MS`], so that the cache never runs dry.
pub const REFILL_ULTRAPEER_MS: u64 = 10_000;

/// Milliseconds between two rounds in which a leaf asks for pongs. It serves nobody with them and
/// wants to know a few ultrapeers only; gtk-gnutella keeps pongs as long in a leaf.
pub const REFILL_LEAF_MS: u64 = 120_000;

/// Milliseconds by which rounds are put off at most, at random, so that nodes which started
/// together do not ask together.
pub const REFILL_JITTER_MS: u64 = 2_000;

/// Milliseconds between two pings that ask a neighbour of the old kind, which broadcasts them
/// (HAND-34). gtk-gnutella spares these too.
pub const REFILL_BROADCASTING_MS: u64 = 60_000;

/// Neighbours that are asked for pongs in one round, where there are so many.
pub const REFILL_NEIGHBOURS_MIN: u32 = 3;

/// One in so many neighbours is asked for pongs in one round, where that is more.
pub const REFILL_SHARE: u32 = 10;

/// Pongs that are taken in answer to one ping of ours: those that PING-09 allows and our
/// neighbour's own. gtk-gnutella sends its own twice.
pub const PONGS_TAKEN_MAX: u8 = 12;

/// Pongs that are taken in answer to an alive ping of ours.
pub const ALIVE_PONGS_TAKEN_MAX: u8 = 2;

/// Addresses that are taken from the list in one pong (GGEP-55). gtk-gnutella packs 30.
pub const PONG_HOSTS_TAKEN_MAX: usize = 30;

/// UDP host caches that are taken from the list in one pong (GGEP-63).
pub const PONG_CACHES_TAKEN_MAX: usize = 10;

/// Addresses that are packed into one pong of ours (GGEP-55), as LimeWire does.
pub const PONG_HOSTS_MAX: usize = 10;

/// Hosts that come before any host cache in an answer that has to be short (BOOT-21): with fewer of them
/// the asker might have to ask again.
pub const HOSTS_BEFORE_CACHES: usize = 5;

/// UDP host caches that are named in one pong of ours (BOOT-21). Each takes the room of five hosts.
pub const HOST_CACHES_NAMED_MAX: usize = 4;

/// Milliseconds for which a UDP host cache that has answered is told to the node, and as long again for
/// which the node names it to others: no longer than a day in all (BOOT-21).
pub const HOST_CACHE_NAMED_LIFE_MS: u64 = 43_200_000;

/// Files beyond which the number in a pong stands in the wrong byte order, or is a lie (PONG-09).
pub const PONG_FILES_MAX: u32 = 10_000_000;

/// Milliseconds between two pings in datagrams of one address that are answered (PING-12).
pub const DATAGRAM_PING_INTERVAL_MS: u64 = 60_000;

/// Addresses that are remembered to have got a pong in a datagram. When it is full nobody new is
/// answered: an attack with forged senders must not make us forget.
pub const DATAGRAM_ASKERS_MAX: usize = 2_048;

/// How many bytes the answer to a ping in a datagram may have for each byte of the ping. Whoever
/// forges the sender of a ping gains no more than this, and once in a minute for each victim.
pub const DATAGRAM_PONG_RATIO_MAX: usize = 3;

/// Pings in datagrams of ours that wait for their pongs.
pub const DATAGRAM_PINGS_MAX: usize = 64;

/// Milliseconds in which the answer to a ping in a datagram counts (PONG-13).
pub const DATAGRAM_PING_TIMEOUT_MS: u64 = 20_000;
