use std::sync::Arc;

use crate::base::kazaa_hash::UuHash;
use crate::base::ranges::RangeSet;
use crate::base::urn::Urn;
use crate::gnutella::http::AltHost;
use crate::index::files::FileId;

/// A file that others may have. It has no path: nobody who asks for a file gets near one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub id: FileId,
    pub name: Arc<str>,
    /// Bytes.
    pub size: u64,
    pub sha1: Option<[u8; 20]>,
    pub tiger_root: Option<[u8; 24]>,
    /// The parts of it that are there and right, where that is not all of it.
    pub parts: Option<Arc<RangeSet>>,
}

/// What is shared: the only way from what somebody says to a file.
pub trait Shelf: Send + Sync {
    /// The file with this content.
    fn by_urn(&self, urn: &Urn) -> Option<Item>;

    /// A file that FastTrack knows by this hash. Files of which we have parts only are not among them.
    fn by_uuhash(&self, _hash: &UuHash) -> Option<Item> {
        None
    }

    /// The file with this number.
    fn by_index(&self, index: u32) -> Option<Item>;

    /// The file that is shared under this name, byte for byte, if it is known to be the only one. Files of which we
    /// have parts only do not count.
    fn by_name(&self, name: &str) -> Option<Item>;

    /// Some files behind this one, in the order of their numbers; from the first on without one. Files of
    /// which we have parts only are not among them.
    fn list(&self, behind: Option<FileId>, limit: usize) -> Vec<Item>;

    /// Somebody who asks for a file of which we have parts says that it has some of it too, and where it is
    /// reached.
    fn hear_of(&self, _file: FileId, _host: AltHost) {}
}
