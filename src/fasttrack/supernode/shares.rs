//! What children share.

use super::{Supernode, details};
use crate::base::slots::Slot;
use crate::fasttrack::wire::Share;
use crate::index::leaf_index::LeafFile;

impl Supernode {
    /// A child shares a file: what it said of that before counts no more (FTSUPER-08). What is beyond the
    /// limits of the index is dropped without a word (FTSUPER-09).
    pub(super) fn share(&mut self, slot: Slot, share: &Share) {
        self.unshare(slot, &share.hash);
        let Some(child) = self.children.get_mut(slot) else { return };
        let file = details::leaf_file(share);
        let (media, size) = (share.media, file.size);
        let texts = details::texts(&share.tags);
        if self.index.announce(slot, file, texts.iter().map(AsRef::as_ref)).is_ok() {
            child.totals.add(media, size);
            self.totals.add(media, size);
        }
    }

    /// A child shares a file no longer. Its hash says which (FTSUPER-10).
    pub(super) fn unshare(&mut self, slot: Slot, hash: &[u8; 20]) {
        let Some(child) = self.children.get_mut(slot) else { return };
        if let Some(LeafFile { size, details, .. }) = self.index.withdraw(slot, hash) {
            let media = details::media_of(&details);
            child.totals.take(media, size);
            self.totals.take(media, size);
        }
    }
}
