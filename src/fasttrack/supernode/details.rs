//! What the index keeps of a file beside its hash and its size: the media type, the file number and the
//! tags, as they came.
//!
//! ```text
//! 0   1   media type
//! 1  1-5  file number, dynint
//!     n   tag list
//! ```

use std::borrow::Cow;

use bytes::{BufMut, Bytes, BytesMut};

use crate::base::limits::LEAF_FILE_DETAILS_LEN_MAX;
use crate::base::reader::Reader;
use crate::fasttrack::wire::{Media, Share, Tag, TagItem, TagList, TagWriter, Tags, dynint};
use crate::index::leaf_index::LeafFile;

/// Bytes that are not tags, at most.
const HEAD_LEN_MAX: usize = 1 + dynint::LEN_MAX as usize;

/// Bytes of the two numbers before the value of a tag, at most.
const TAG_HEAD_LEN_MAX: usize = 2 * dynint::LEN_MAX as usize;

/// The texts by whose words a file is found (FTSEARCH-07).
pub(super) const ANY: [Tag; 6] =
    [Tag::FILE_NAME, Tag::TITLE, Tag::ARTIST, Tag::ALBUM, Tag::KEYWORDS, Tag::CATEGORY];

/// A file as the index keeps it. Of tags that are too many for that, the last and longest are left out.
pub(super) fn leaf_file(share: &Share) -> LeafFile {
    let mut details = BytesMut::new();
    details.put_u8(share.media.0);
    dynint::put(&mut details, share.file_id);
    details.put_slice(&fitting(&share.tags));
    LeafFile {
        digest: share.hash,
        size: share.size.into(),
        // It stands among the tags, byte for byte.
        name: Box::default(),
        details: details.as_ref().into(),
    }
}

/// The texts of a file by whose words it is found, the name first.
pub(super) fn texts(tags: &TagList) -> Vec<Cow<'_, str>> {
    ANY.iter().filter_map(|tag| tags.text(*tag)).collect()
}

/// What a file of the index is called, byte for byte.
pub(super) fn name(details: &[u8]) -> Option<&[u8]> {
    let (_, tags) = split(details)?;
    Tags::of(tags).find(|item| item.tag == Tag::FILE_NAME).map(|item| item.bytes)
}

/// The media type of a file of the index.
pub(super) fn media_of(details: &[u8]) -> Media {
    Media(details.first().copied().unwrap_or(0))
}

/// The file number and the bytes of the tag list.
pub(super) fn split(details: &[u8]) -> Option<(u32, &[u8])> {
    let (_media, rest) = details.split_first()?;
    let mut reader = Reader::new(rest);
    let file_id = dynint::take(&mut reader).ok()?;
    Some((file_id, reader.rest()))
}

fn fitting(tags: &TagList) -> Bytes {
    let room = LEAF_FILE_DETAILS_LEN_MAX.saturating_sub(HEAD_LEN_MAX);
    if tags.as_bytes().len() <= room {
        return tags.as_bytes().clone();
    }
    // The count takes one byte.
    let mut left = room.saturating_sub(1);
    let mut writer = TagWriter::new();
    let is_name = |item: &TagItem<'_>| item.tag == Tag::FILE_NAME;
    let (name, others) = (tags.iter().filter(is_name), tags.iter().filter(|item| !is_name(item)));
    for item in name.chain(others) {
        let len = item.bytes.len().saturating_add(TAG_HEAD_LEN_MAX);
        if len <= left {
            left = left.saturating_sub(len);
            writer = writer.put(item.tag, item.bytes);
        }
    }
    writer.finish().as_bytes().clone()
}
