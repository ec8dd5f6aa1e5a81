//! Folders -> the files in them.
//!
//! What is found and what is left out:
//!
//! - Symbolic links are not followed, whatever they lead to: it was not shared. A folder that the user names may
//!   itself be a link.
//! - Files and folders whose names begin with a dot are nobody's business.
//! - Devices, pipes and sockets are no files; a file without bytes is nothing that anybody could ask for.
//! - A name that is no text, or has control characters, cannot be offered. Nor can what is in such a folder.
//! - What cannot be read is counted, and the rest is shared. Where the system fails, for a lack of something or because
//!   of a disk, nothing is taken for gone.
//! - A folder is looked through once, under the name by which it is met first: folders may lie in each
//!   other, and be mounted into themselves.
//! - The home of the node is never shared, nor where files on their way to us lie.

#![allow(clippy::disallowed_methods, reason = "this module reads the disk")]

mod folder;
mod walk;

pub use folder::{is_unwanted, list, stamp_of};
pub use walk::{Own, Step, Walk};
