//! What bounds the reading of recorded packets.

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
