//! What bounds one connection: its heads, its streams, its patience.

/// Bytes of a line in the head of a handshake, without its end. LimeWire and gtk-gnutella read no more.
pub const HEAD_LINE_LEN_MAX: usize = 1024;

/// Headers in the head of a handshake. LimeWire stops at 30; real ones have about 25.
pub const HEAD_HEADERS_MAX: usize = 64;

/// Bytes of the head of a handshake. Real ones stay under 1 KiB.
pub const HEAD_LEN_MAX: usize = 8 * 1024;

/// Bytes that may come out of the compressed stream of a connection before its ratio counts: twice
/// the largest query table, one byte a slot or fewer, which is zeros above all and may be sent
/// uncompressed in itself.
pub const STREAM_INFLATE_FREE_LEN: u64 = 2 * 1024 * 1024;

/// Addresses that are taken from one list in a head, in the order in which they stand. Real heads have
/// ten; the answers to crawlers have some tens.
pub const HEAD_HOSTS_MAX: usize = 64;

/// Items that are taken from any other list in a head. Real heads have four.
pub const HEAD_ITEMS_MAX: usize = 16;

/// Milliseconds that a whole handshake may take, from the first byte to the last head (SIZE-18). Real
/// ones take less than a second.
pub const HANDSHAKE_TIMEOUT_MS: u64 = 20_000;

/// Bytes that a peer may send ahead of an answer that it has to wait for (HAND-65): one head.
pub const AHEAD_LEN_MAX: usize = HEAD_LEN_MAX;

/// Addresses in an X-Try-Ultrapeers of ours (HAND-45).
pub const TRY_HOSTS_MAX: usize = 10;

/// Milliseconds in which a message that has begun must be complete (LINK-08). The largest one takes that long at
/// 550 bytes a second, and nobody who is slower is of use to a neighbour.
pub const FRAME_TIMEOUT_MS: u64 = 120_000;

/// Milliseconds for which a link reads on, and discards, after a refusal, so that the refusal is not
/// lost in a reset (HAND-79).
pub const REFUSAL_GRACE_MS: u64 = 5_000;

/// Milliseconds for which a link reads on, and discards, after its Bye (LINK-21).
pub const BYE_GRACE_MS: u64 = 10_000;

/// Milliseconds after which compressed bytes go out although more messages wait (HAND-39).
pub const DEFLATE_FLUSH_MS: u64 = 200;

/// Milliseconds without a message after which the compressor of a link is given up until the next one.
pub const DEFLATE_KEEP_MS: u64 = 30_000;

/// Bytes that wait in a link to be written, from which it wants no more messages. One message more may
/// come on top.
pub const OUTBOX_LEN_MAX: usize = 64 * 1024;

/// Bytes at the start of a connection that tell what it is: the longest word, `GNUTELLA` and a blank.
pub const OPENING_LEN_MAX: usize = 9;
