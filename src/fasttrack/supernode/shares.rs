//! What children share.

use super::{Supernode, details};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::fasttrack::wire::{Share, Tag, Unshare};
use crate::index::leaf_index::LeafFile;

impl Supernode {
    /// A child shares a file: what it said of that before counts no more (FTSUPER-08). What is beyond the
    /// limits of the index is dropped without a word (FTSUPER-09), and so is what has no name.
    pub(super) fn share(&mut self, slot: Slot, share: &Share) {
        let file = details::leaf_file(share);
        let Some(name) = details::name(&file.details) else { return };
        if !mutant!(SharesTwice) {
            let name = Some(name).filter(|_| !mutant!(SharesOnceForEachHash));
            self.take_back(slot, &file.digest, name);
        }
        let Some(child) = self.children.get_mut(slot) else { return };
        let (media, size) = (share.media, file.size);
        let texts = details::texts(&share.tags);
        if self.index.add(slot, file, texts.iter().map(AsRef::as_ref)).is_ok() {
            child.totals.add(media, size);
            self.totals.add(media, size);
        }
    }

    /// A child shares a file no longer. Its hash and its name say which; without a name, all of that hash
    /// (FTSUPER-10).
    pub(super) fn unshare(&mut self, slot: Slot, unshare: &Unshare) {
        let name = unshare.tags.bytes(Tag::FILE_NAME).filter(|_| !mutant!(TakesAllOfHashBack));
        while !mutant!(TakesNothingBack)
            && self.take_back(slot, &unshare.hash, name)
            && name.is_none()
        {}
    }

    /// Whether there was such a file.
    fn take_back(&mut self, slot: Slot, hash: &[u8; 20], name: Option<&[u8]>) -> bool {
        let Some(child) = self.children.get_mut(slot) else { return false };
        let is_meant = |file: &LeafFile| {
            file.digest == *hash && (name.is_none() || details::name(&file.details) == name)
        };
        let Some(LeafFile { size, details, .. }) = self.index.withdraw_first(slot, is_meant) else {
            return false;
        };
        let media = details::media_of(&details);
        child.totals.take(media, size);
        self.totals.take(media, size);
        true
    }
}
