use crate::base::kazaa_hash::KzHash;
use crate::library::catalogue::Content;
use crate::library::found::Stamp;

/// What is known of one file, in 72 bytes: size, moments, day, SHA-1, root of the tree; and in 36 more its kzhash, where
/// that was wanted. So each row says by its length what is in it, and rows of programs without FastTrack stay good.
///
/// A row without the second moment, as it was once kept, says nothing: a file that somebody has put in the place of the
/// one that was read is not seen by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    size: u64,
    modified_ns: i64,
    changed_ns: i64,
    seen_day: u32,
    pub(super) content: Content,
}

const LEN: usize = 72;
const KZHASH_LEN: usize = 36;

impl Row {
    pub(super) const fn new(stamp: &Stamp, content: Content, seen_day: u32) -> Self {
        let Stamp { size, modified_ns, changed_ns, .. } = *stamp;
        Self { size, modified_ns, changed_ns, seen_day, content }
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let Self { size, modified_ns, changed_ns, seen_day, content } = self;
        let kzhash = content.kzhash.map(KzHash::to_bytes);
        let mut bytes = Vec::with_capacity(LEN.saturating_add(KZHASH_LEN));
        bytes.extend_from_slice(&size.to_le_bytes());
        bytes.extend_from_slice(&modified_ns.to_le_bytes());
        bytes.extend_from_slice(&changed_ns.to_le_bytes());
        bytes.extend_from_slice(&seen_day.to_le_bytes());
        bytes.extend_from_slice(&content.sha1);
        bytes.extend_from_slice(&content.tiger_root);
        bytes.extend(kzhash.into_iter().flatten());
        bytes
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk()?;
        let (modified_ns, rest) = rest.split_first_chunk()?;
        let (changed_ns, rest) = rest.split_first_chunk()?;
        let (seen_day, rest) = rest.split_first_chunk()?;
        let (sha1, rest) = rest.split_first_chunk()?;
        let (tiger_root, rest) = rest.split_first_chunk()?;
        let kzhash = match rest {
            [] => None,
            rest => Some(KzHash::from_bytes(rest.try_into().ok()?)),
        };
        Some(Self {
            size: u64::from_le_bytes(*size),
            modified_ns: i64::from_le_bytes(*modified_ns),
            changed_ns: i64::from_le_bytes(*changed_ns),
            seen_day: u32::from_le_bytes(*seen_day),
            content: Content { sha1: *sha1, tiger_root: *tiger_root, kzhash },
        })
    }

    /// Whether the file is still the one that was read (UPLOAD-16). Devices get other numbers with each start of the system.
    pub(super) const fn is_of(&self, stamp: &Stamp) -> bool {
        self.size == stamp.size
            && self.modified_ns == stamp.modified_ns
            && self.changed_ns == stamp.changed_ns
    }

    /// Days since it was seen; none where the clock was set back.
    pub(super) const fn age_days(&self, today: u32) -> u32 {
        today.saturating_sub(self.seen_day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_written_and_no_other_length_is_one() {
        let content = Content { sha1: [7; 20], tiger_root: [9; 24], kzhash: None };
        let stamp = Stamp { size: 1 << 40, modified_ns: -5, changed_ns: 9, ..Stamp::default() };
        let row = Row::new(&stamp, content, 20_000);
        let bytes = row.to_bytes();
        assert_eq!((bytes.len(), Row::read(&bytes)), (LEN, Some(row)));
        assert_eq!(Row::read(&bytes[1..]), None);
        assert_eq!(Row::read(&bytes[8..]), None, "as rows once were");
        assert_eq!(Row::read(&[&bytes[..], &[0]].concat()), None);
        assert!(row.is_of(&stamp));
        assert!(!row.is_of(&Stamp { modified_ns: -4, ..stamp }));
        assert!(!row.is_of(&Stamp { size: 1, ..stamp }));
        assert!(!row.is_of(&Stamp { changed_ns: 10, ..stamp }));
        assert!(!row.is_of(&Stamp { changed_ns: 0, ..stamp }));
        assert_eq!((row.age_days(20_003), row.age_days(19_000)), (3, 0));
    }

    #[test]
    fn a_row_with_a_kzhash_is_longer_by_that() {
        let kzhash = Some(KzHash::from_bytes([5; 36]));
        let content = Content { sha1: [7; 20], tiger_root: [9; 24], kzhash };
        let row = Row::new(&Stamp::default(), content, 20_000);
        let bytes = row.to_bytes();
        assert_eq!((bytes.len(), Row::read(&bytes)), (LEN + KZHASH_LEN, Some(row)));
        let short = Row::read(&bytes[..LEN]).unwrap();
        assert_eq!(short.content, Content { kzhash: None, ..content });
        assert_eq!(Row::read(&bytes[..LEN + 20]), None);
    }
}
