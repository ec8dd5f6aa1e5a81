//! What bounds the HTTP of transfers, and what stands in its bodies.

/// Bytes of the head of a request or a response. gtk-gnutella reads 16 KiB.
pub const TRANSFER_HEAD_LEN_MAX: usize = 16 * 1024;

/// Bytes of a line in that of a request. A hundred alternate locations on one line are 2 KiB.
pub const TRANSFER_LINE_LEN_MAX: usize = 4 * 1024;

/// Bytes of a value that we write: a line with it is read by all that read as much as we do.
pub const HEADER_TEXT_LEN_MAX: usize = 3 * 1024;

/// Bytes of the name in a request by number. Names on disks have 255, each of which may have become three.
pub const SHARED_NAME_LEN_MAX: usize = 768;

/// Bytes of the path at which a Tiger tree is said to be. Real ones have 60.
pub const THEX_PATH_LEN_MAX: usize = 512;

/// Bytes of the name of a feature. Real ones have ten.
pub const FEATURE_NAME_LEN_MAX: usize = 32;

/// Bytes of the name of a file that we make: no disk takes more.
pub const FILE_NAME_LEN_MAX: usize = 255;

/// Ranges of a request that are looked at until one is found that can be one. Real requests have one.
pub const RANGES_LOOKED_AT_MAX: usize = 16;

/// Ranges of an X-Available-Ranges that are taken. Whoever has more in more pieces tells others next time.
pub const AVAILABLE_RANGES_TAKEN_MAX: usize = 512;

/// Ranges that we write, the longest ones: with the longest numbers they fit a line.
pub const AVAILABLE_RANGES_TOLD_MAX: usize = 64;

/// Alternate locations that are taken from a head. gtk-gnutella sends some tens.
pub const ALTERNATES_TAKEN_MAX: usize = 64;

/// Alternate locations that we write on one line. LimeWire writes ten.
pub const ALTERNATES_TOLD_MAX: usize = 32;

/// Alternate locations behind firewalls that are taken from a head.
pub const PUSHED_ALTERNATES_TAKEN_MAX: usize = 16;

/// Alternate locations behind firewalls that we write on one line; each has some 150 bytes.
pub const PUSHED_ALTERNATES_TOLD_MAX: usize = 8;

/// Push proxies that are taken for one servent. LimeWire writes four.
pub const LOCATION_PROXIES_MAX: usize = 8;

/// Push proxies that we write for one servent.
pub const LOCATION_PROXIES_TOLD_MAX: usize = 4;

/// Names of one content that are taken from a head. Real ones have two.
pub const CONTENT_URNS_MAX: usize = 8;

/// Seconds that are waited at most because somebody said so: a day.
pub const RETRY_AFTER_MAX_S: u32 = 24 * 60 * 60;

/// Seconds between two requests of somebody who waits in an active queue, where the server does not say
/// them. LimeWire says these.
pub const QUEUE_POLL_MIN_S: u32 = 45;

/// Seconds after which such a place is lost, where the server does not say it. LimeWire says these.
pub const QUEUE_POLL_MAX_S: u32 = 120;

/// Bytes of the name of a place in a passive queue. gtk-gnutella gives 32.
pub const QUEUE_ID_LEN_MAX: usize = 64;

/// Bytes of a line in front of a chunk, or behind the last one.
pub const CHUNK_LINE_LEN_MAX: usize = 1024;

/// Bytes of the body that carries a Tiger tree: 10,000 digests. gtk-gnutella reads no more.
pub const THEX_BODY_LEN_MAX: usize = 260 * 1024;

/// Records of DIME in it. Two are needed; one that comes in pieces has some more.
pub const DIME_RECORDS_MAX: usize = 64;

/// Bytes that are read of somebody's list of files, as they are after inflating: 100,000 files.
pub const BROWSE_BODY_LEN_MAX: usize = 16 * 1024 * 1024;

/// Bytes of the extension of such a name that stay when it is cut, with its dot.
pub const FILE_EXTENSION_LEN_MAX: usize = 16;

/// Bytes of a magnet link.
pub const MAGNET_LEN_MAX: usize = 16 * 1024;

/// Bytes of a sig2dat link: a name of 255 bytes in the longest letters, and parts that nobody reads.
pub const SIG2DAT_LEN_MAX: usize = 4 * 1024;

/// Bytes of the line of GIVE, with its end: the largest number takes 17.
pub const GIVE_LINE_LEN_MAX: usize = 32;

/// Files that one magnet link names.
pub const MAGNET_FILES_MAX: usize = 64;

/// Names, sources and trackers of a file that are taken from a link, of each kind.
pub const MAGNET_ITEMS_MAX: usize = 16;

/// Bytes of the path of a source.
pub const MAGNET_PATH_LEN_MAX: usize = 2 * 1024;

/// Bytes of the host of a source: DNS has no longer names.
pub const MAGNET_HOST_LEN_MAX: usize = 253;

/// Push proxies of a source.
pub const MAGNET_PROXIES_MAX: usize = 8;

/// Files of a list of somebody else. Nobody reads more.
pub const BROWSE_RECORDS_MAX: usize = 100_000;
