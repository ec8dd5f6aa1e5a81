use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::{Media, TagList, dynint};
use crate::base::error::{Faults, Malformed};
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("FTWIRE-13", "the share ends early");
const UNSHARE_CUT: Expect = Expect::new("FTWIRE-13", "what is taken back ends early");

/// Bytes of a hash.
const HASH_LEN: usize = 20;

/// Shares a file (FTWIRE-17).
///
/// ```text
///  0   1  0x00
///  1   1  media type
///  2   2  0x00
///  4  20  hash
/// 24 1-5  file number, dynint
///    1-5  size in bytes, dynint
///      n  tag list
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    pub media: Media,
    #[serde(serialize_with = "show::hex")]
    pub hash: [u8; 20],
    /// A CRC of the hash, kept as it came (FTWIRE-29).
    pub file_id: u32,
    /// 0 for mldonkey's 128 (FTWIRE-05).
    pub size: u32,
    pub tags: TagList,
}

/// Takes a file back (FTWIRE-18): as a share from its hash on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unshare {
    #[serde(serialize_with = "show::hex")]
    pub hash: [u8; 20],
    pub file_id: u32,
    pub size: u32,
    pub tags: TagList,
}

impl Share {
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let [_, media, _, _] = reader.array(CUT)?;
        Ok(Self {
            media: Media(media),
            hash: reader.array(CUT)?,
            file_id: dynint::take(reader)?,
            size: dynint::take(reader)?,
            tags: TagList::take(payload, reader)?,
        })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(&[0, self.media.0, 0, 0]);
        put_file(out, &self.hash, self.file_id, self.size, self.tags.as_bytes());
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        self.tags.inspect(faults);
    }
}

impl Unshare {
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            hash: reader.array(UNSHARE_CUT)?,
            file_id: dynint::take(reader)?,
            size: dynint::take(reader)?,
            tags: TagList::take(payload, reader)?,
        })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        put_file(out, &self.hash, self.file_id, self.size, self.tags.as_bytes());
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        self.tags.inspect(faults);
    }
}

/// Appends what a share, its end and a result have in common. `tags` are the bytes of a list.
pub(super) fn put_file(out: &mut BytesMut, hash: &[u8; 20], file_id: u32, size: u32, tags: &[u8]) {
    out.put_slice(hash);
    dynint::put(out, file_id);
    dynint::put(out, size);
    out.put_slice(tags);
}

/// Bytes of that before the tags.
pub(super) fn file_head_len(file_id: u32, size: u32) -> usize {
    HASH_LEN.saturating_add(dynint::len(file_id)).saturating_add(dynint::len(size))
}
