//! What bounds the HTTP of transfers, and what stands in its bodies.

/// Bytes of the head of a request or a response. gtk-gnutella reads 16 KiB.
pub const TRANSFER_HEAD_LEN_MAX: usize = 16 * 1024;

/// Bytes of a line in it. A hundred alternate locations on one line are 2 KiB.
pub const TRANSFER_LINE_LEN_MAX: usize = 4 * 1024;

/// Bytes of a value that we write: a line with it is read by all that read as much as we do.
pub const HEADER_TEXT_LEN_MAX: usize = 3 * 1024;

/// Bytes of the name in a request by number. Names on disks have 255.
pub const SHARED_NAME_LEN_MAX: usize = 1024;

/// Bytes of the name of a file that we make: no disk takes more.
pub const FILE_NAME_LEN_MAX: usize = 255;
