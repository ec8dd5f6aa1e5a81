//! Every number that bounds what a peer can make us do: its name, its unit, its reason.
//!
//! Nothing that a peer sends makes us allocate more than its own size plus a constant. Each limit
//! has a test at the limit and one past it.

/// Breaches that are kept of one message: enough to explain it, too few to fill a disk with.
pub const FAULTS_MAX: usize = 16;

/// Bytes of payload in one Gnutella descriptor (SIZE-01). Whoever announces more has lost the stream
/// or means harm.
pub const PAYLOAD_LEN_MAX: u32 = 65_535;

/// Bytes of payload in a query; more ends the connection (SIZE-03).
pub const QUERY_LEN_MAX: u32 = 1_024;

/// Bytes of payload in a query that others forward (SIZE-02).
pub const QUERY_FORWARDED_LEN_MAX: usize = 256;

/// Bytes of payload in a query that asks for something (SIZE-04).
pub const QUERY_LEN_MIN: usize = 4;

/// Bytes of payload in a query hit that others forward (SIZE-05).
pub const QUERY_HIT_FORWARDED_LEN_MAX: usize = 16_384;

/// Bytes of payload in a bye; more ends the connection (SIZE-07).
pub const BYE_LEN_MAX: u32 = 4_096;

/// Bytes of payload in anything but a query, a query hit or a bye (SIZE-06).
pub const OTHER_PAYLOAD_LEN_MAX: u32 = 40_960;

/// Bytes of payload in one UDP datagram once inflated (SIZE-13). Real ones stay under 4 KiB.
pub const DATAGRAM_INFLATED_LEN_MAX: usize = 16 * 1024;

/// Bytes that the payload of one GGEP extension may have once inflated. Real ones stay under 4 KiB;
/// with the inflater's own state the whole still fits the 64 KiB that decoding may add to its input.
pub const GGEP_INFLATED_LEN_MAX: usize = 16 * 1024;

/// Extensions in one list that are no breach (GGEP-21). gtk-gnutella takes a longer one for garbage.
pub const GGEP_ITEMS_MAX: usize = 32;

/// Bytes of GGEP behind the fixed part of a ping, a pong or a push (SIZE-08).
pub const GGEP_TAIL_LEN_MAX: usize = 1_536;

/// How many bytes may come out for one that went in. Text reaches 10; only bombs reach 1,000.
pub const INFLATE_RATIO_MAX: usize = 100;

/// Bytes that may come out whatever the ratio, so that short runs of zeros are no bomb.
pub const INFLATE_FREE_LEN: usize = 4 * 1024;

/// Bytes of XML in a query hit once inflated. Ten records of real metadata stay under 10 KiB.
pub const XML_INFLATED_LEN_MAX: usize = 16 * 1024;

/// Slots of a query table. gtk-gnutella leaves send up to this many; LimeWire sends 131,072.
pub const QUERY_TABLE_SLOTS_MAX: u32 = 1 << 21;

/// Bytes of one packet, or of one pcapng block with a packet, in a capture. tcpdump records at most
/// 256 KiB of a packet; whatever announces more is damage.
pub const CAPTURE_BLOCK_LEN_MAX: usize = 1024 * 1024;

/// Bytes of any other block of pcapng. The longest real ones hold keys or names, and Wireshark reads
/// no longer ones either.
pub const CAPTURE_OTHER_BLOCK_LEN_MAX: usize = 16 * 1024 * 1024;

/// Interfaces in one section of a pcapng file. Machines have tens.
pub const CAPTURE_INTERFACES_MAX: usize = 1024;

/// Bytes of one direction of a recorded TCP connection that may wait for a missing segment. Senders
/// keep less than this in flight; when it is reached, the segment was not recorded.
pub const TCP_PENDING_LEN_MAX: usize = 512 * 1024;

/// Bytes by which a recorded segment may be behind the last one and still be sent again. Windows of
/// real senders stay under 8 MiB; whatever is further behind belongs to another connection.
pub const TCP_WINDOW_LEN_MAX: usize = 16 * 1024 * 1024;

/// Bytes that a waiting segment counts on top of its payload, so that tiny ones are bounded too.
pub const TCP_PENDING_COST: usize = 96;

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

/// Bytes of the head of a request or a response in a transfer. Lists of alternate locations make
/// them longer than those of handshakes.
pub const HTTP_HEAD_LEN_MAX: usize = 32 * 1024;

/// Requests on one connection that are remembered until their responses come. Real ones pipeline
/// fewer than ten.
pub const HTTP_PIPELINE_MAX: usize = 64;

/// TCP connections of a recording that are followed at the same time. A busy ultrapeer has some
/// hundreds.
pub const CONNECTIONS_MAX: usize = 4096;

/// Bytes that the followed connections of a recording may hold between packets.
pub const DISSECT_FOOTPRINT_LEN_MAX: usize = 256 * 1024 * 1024;

/// Messages of semi-reliable UDP in a recording that are being put together. gtk-gnutella keeps some
/// tens in flight.
pub const FRAGMENTED_MESSAGES_MAX: usize = 256;

/// Bytes of a message that comes in fragments: one descriptor of the largest kind.
pub const FRAGMENTED_LEN_MAX: usize = 65_535 + 23;

/// Seconds after which the number of a message in fragments may name another one (UDP-30).
pub const FRAGMENTED_LIFE_SECONDS: u64 = 70;

/// Addresses in a recording that are remembered to talk Gnutella by UDP.
pub const SPEAKERS_MAX: usize = 65_536;

/// Pairs of hosts in a recording whose datagrams of other protocols are counted.
pub const DATAGRAM_FLOWS_MAX: usize = 4096;

/// Bytes in a line of a dump with offsets. Real lines stay under 200.
pub const DUMP_LINE_LEN_MAX: usize = 4 * 1024;

/// Bytes of a file by which its format is recognised. A dump may follow some lines of text.
pub const DETECT_LEN: usize = 4 * 1024;

/// Bytes of user agents in a crawler pong once inflated (VMSG-27). Those of 255 neighbours stay
/// under 10 KiB; with the inflater's own state the whole still fits the 64 KiB that decoding may add
/// to its input.
pub const CRAWLER_AGENTS_INFLATED_LEN_MAX: usize = 16 * 1024;

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
