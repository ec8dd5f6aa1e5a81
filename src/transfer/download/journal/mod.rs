//! What is known of a file that is not whole yet, kept so that a crash loses nothing that was checked.
//!
//! Two files lie on the disk: the part file, which has the bytes, and the journal. Bytes are written;
//! then the part file is synced; then a record that says so is appended to the journal, and that is
//! synced (DOWN-09). So what a record says was on the disk before the record was. Many pieces share a
//! record, which stands within a second.
//!
//! ```text
//! offset 0   8   "FILBERT1"
//! offset 8  16   a random number, so that what an older journal left on the disk is none of this one
//! then records:
//!   0   4   length of the payload, low byte first
//!   4   1   kind
//!   5   n   payload
//!   .   8   first bytes of the SHA-1 of: the whole check before this one, kind, payload
//! ```
//!
//! Each check follows from the one before, and each run begins with a random number ([`Record::Run`]), so
//! that neither a torn record nor one that lay there before is taken for one of this journal. What
//! follows the last sound record is cut off.

mod intent;
mod place;
mod record;
mod replay;
mod writer;

pub use intent::Intent;
pub use record::Record;
pub use replay::{Recovered, replay};
pub use writer::Writer;

/// What a journal begins with.
const MAGIC: &[u8; 8] = b"FILBERT1";

/// Bytes of the number behind it.
const SALT_LEN: usize = 16;

/// Bytes of a check that are written.
const CHECK_LEN: usize = 8;
