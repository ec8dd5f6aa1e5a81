//! What bounds the search for a first host: how often others are asked, and what is taken of what they say.

/// Hosts that a node knows with which it asks nobody for more, at first (BOOT-01).
pub const BOOT_HOSTS_ENOUGH: usize = 20;

/// Milliseconds in which hosts that are known are tried before caches are asked (BOOT-01).
pub const BOOT_PATIENCE_MS: u64 = 30_000;

/// Milliseconds in which UDP host caches may help before web caches are asked (BOOT-01).
pub const BOOT_WEB_AFTER_MS: u64 = 20_000;

/// Milliseconds until the next try where a name could not be resolved: perhaps there is no network.
/// Twice as long each time.
pub const BOOT_UNRESOLVED_MS: u64 = 15_000;

/// Milliseconds of the longest such wait.
pub const BOOT_UNRESOLVED_MAX_MS: u64 = 600_000;

/// Milliseconds between two pings to one UDP host cache (BOOT-04), as in gtk-gnutella.
pub const HOST_CACHE_INTERVAL_MS: u64 = 180_000;

/// Failures in a row after which a UDP host cache is forgotten, or asked more seldom (BOOT-04).
pub const HOST_CACHE_TRIES: u8 = 3;

/// Milliseconds between two pings to a UDP host cache that never answers.
pub const HOST_CACHE_WAIT_MAX_MS: u64 = 3_600_000;

/// UDP host caches that are asked at the same time (BOOT-04).
pub const HOST_CACHES_ASKED_MAX: usize = 2;

/// Caches of one kind that are kept by the word of others (BOOT-05).
pub const CACHES_LEARNT_MAX: usize = 50;

/// Of them, UDP host caches that are kept by the word of neighbours (BOOT-05): a few, for each pong of a
/// neighbour may name some.
pub const CACHES_BY_NEIGHBOURS_MAX: usize = 10;

/// Caches that are taken from one answer (BOOT-05).
pub const CACHES_OF_ANSWER_MAX: usize = 10;

/// The least port of a UDP host cache that others name (BOOT-05).
pub const HOST_CACHE_PORT_MIN: u16 = 1_024;

/// Caches of earlier runs of which it is remembered when they were asked.
pub const CACHES_ASKED_MAX: usize = 256;

/// Characters of the URL of a web cache (BOOT-06).
pub const WEB_CACHE_URL_LEN_MAX: usize = 256;

/// Milliseconds between two requests to one web cache (BOOT-12).
pub const WEB_CACHE_INTERVAL_MS: u64 = 3_600_000;

/// Milliseconds between two requests to a web cache that always fails (BOOT-12).
pub const WEB_CACHE_WAIT_MAX_MS: u64 = 86_400_000;

/// Hosts that are taken from one reply of a web cache (BOOT-12), as in gtk-gnutella.
pub const WEB_CACHE_HOSTS_MAX: usize = 150;

/// Bytes of a reply of a web cache. Real ones have two thousand.
pub const WEB_CACHE_REPLY_LEN_MAX: usize = 65_536;

/// Redirections that are followed for one request to a web cache (BOOT-11).
pub const WEB_CACHE_REDIRECTS_MAX: u8 = 3;

/// Milliseconds that a request to a web cache may take, redirections and all.
pub const WEB_CACHE_TIMEOUT_MS: u64 = 10_000;

/// Milliseconds as a reachable ultrapeer, and between two announcements to web caches (BOOT-13).
pub const WEB_ANNOUNCE_EVERY_MS: u64 = 3_600_000;

/// Bytes of the head of a reply of a web cache.
pub const WEB_CACHE_HEAD_LEN_MAX: usize = 16_384;

/// Milliseconds that the look-up of a name may take.
pub const RESOLVE_TIMEOUT_MS: u64 = 10_000;

/// Addresses that are taken from the look-up of one name.
pub const ADDRESSES_OF_NAME_MAX: usize = 8;

/// UDP host caches whose late answers are still known for theirs.
pub const HOST_CACHES_AWAITED_MAX: usize = 8;

/// Milliseconds between two pings to the local network (BOOT-15).
pub const MULTICAST_PING_INTERVAL_MS: u64 = 1_800_000;

/// Milliseconds in which hosts of the local network may answer a ping (BOOT-17).
pub const MULTICAST_TIMEOUT_MS: u64 = 10_000;

/// Hosts of the local network that are taken from the answers to one ping (BOOT-17).
pub const MULTICAST_HOSTS_MAX: usize = 32;

/// Milliseconds between two answers to pings of one host of the local network (BOOT-16).
pub const MULTICAST_ANSWER_INTERVAL_MS: u64 = 10_000;

/// Answers to all hosts of the local network together in that time (BOOT-16).
pub const MULTICAST_ANSWERS_MAX: usize = 64;
