//! What bounds a message, whatever link it came by.

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

/// Bytes of user agents in a crawler pong once inflated (VMSG-27). Those of 255 neighbours stay
/// under 10 KiB; with the inflater's own state the whole still fits the 64 KiB that decoding may add
/// to its input.
pub const CRAWLER_AGENTS_INFLATED_LEN_MAX: usize = 16 * 1024;
