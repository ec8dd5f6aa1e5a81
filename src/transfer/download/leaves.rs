use tiger::{Digest, Tiger};

/// Bytes of a leaf of a Tiger tree (DOWN-03).
pub const LEAF_LEN: usize = 1_024;

/// What stands before the bytes of a leaf, and before two digests that become one.
const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// A Tiger digest.
pub type TigerDigest = [u8; 24];

/// The leaves of a stretch of a file, hashed as its bytes come.
#[derive(Clone, Debug)]
pub struct Leaves {
    whole: Vec<TigerDigest>,
    begun: Tiger,
    begun_len: usize,
}

impl Leaves {
    /// No bytes yet.
    pub fn new() -> Self {
        Self { whole: Vec::new(), begun: Tiger::new_with_prefix(LEAF), begun_len: 0 }
    }

    /// Bytes that follow those that came before.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = LEAF_LEN.saturating_sub(self.begun_len);
            let (now, rest) = bytes.split_at(room.min(bytes.len()));
            self.begun.update(now);
            self.begun_len = self.begun_len.saturating_add(now.len());
            if self.begun_len == LEAF_LEN {
                self.end_leaf();
            }
            bytes = rest;
        }
    }

    /// The digests of all leaves, the last of which may be shorter than the others.
    pub fn finish(mut self) -> Vec<TigerDigest> {
        if self.begun_len > 0 || self.whole.is_empty() {
            self.end_leaf();
        }
        self.whole
    }

    fn end_leaf(&mut self) {
        let leaf = std::mem::replace(&mut self.begun, Tiger::new_with_prefix(LEAF));
        self.whole.push(leaf.finalize().into());
        self.begun_len = 0;
    }
}

impl Default for Leaves {
    fn default() -> Self {
        Self::new()
    }
}

/// The digest above two others.
pub(super) fn join(left: &TigerDigest, right: &TigerDigest) -> TigerDigest {
    Tiger::new_with_prefix(NODE).chain_update(left).chain_update(right).finalize().into()
}

/// The row above a row: one that has no neighbour goes up as it is.
pub(super) fn row_above(row: &[TigerDigest]) -> Vec<TigerDigest> {
    let pairs = row.chunks(2).map(|pair| match pair {
        [left, right] => join(left, right),
        [alone, ..] => *alone,
        [] => TigerDigest::default(),
    });
    pairs.collect()
}

/// The digest above a whole row.
pub fn root_of(row: &[TigerDigest]) -> TigerDigest {
    let mut row = row.to_vec();
    while row.len() > 1 {
        row = row_above(&row);
    }
    row.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE32_NOPAD;

    use super::*;

    fn root(bytes: &[u8]) -> String {
        let mut leaves = Leaves::new();
        bytes.chunks(700).for_each(|part| leaves.update(part));
        BASE32_NOPAD.encode(&root_of(&leaves.finish()))
    }

    /// DOWN-03: the vectors of the THEX draft.
    #[test]
    fn roots_are_those_of_the_draft() {
        assert_eq!(root(b""), "LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ");
        assert_eq!(root(&[0]), "VK54ZIEEVTWNAUI5D5RDFIL37LX2IQNSTAXFKSA");
        assert_eq!(root(&[b'A'; 1024]), "L66Q4YVNAFWVS23X2HJIRA5ZJ7WXR3F26RSASFA");
        assert_eq!(root(&[b'A'; 1025]), "PZMRYHGY6LTBEH63ZWAHDORHSYTLO4LEFUIKHWY");
    }
}
