use std::borrow::Cow;

use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Tag, TagValue, dynint};
use crate::base::error::{Faults, Malformed};
use crate::base::limits::{FASTTRACK_TAGS_MAX as TAGS_MAX, FASTTRACK_VALUE_LEN_MAX};
use crate::base::mutant::mutant;
use crate::base::reader::{Expect, Reader};

const CUT: Expect = Expect::new("FTSAFE-05", "a tag goes beyond the end");
const TOO_FEW: Expect = Expect::new("FTSAFE-04", "there are fewer tags than counted");
const TOO_MUCH: Expect = Expect::new("FTSAFE-06", "tags are too many or too long");

/// What is told of a file: a count as dynint, and that many tags (FTWIRE-06).
///
/// Kept as the bytes it came in, and read when asked for. Tags beyond the 64th and values beyond 1,024
/// bytes are dropped (FTSAFE-06).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagList {
    /// The count and the tags.
    bytes: Bytes,
    /// Where the first stood that was dropped.
    dropped_at: Option<usize>,
}

/// One of them.
///
/// ```text
/// 1-5  number of the tag, dynint
/// 1-5  length of the value, dynint
///  n   value
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagItem<'a> {
    pub tag: Tag,
    pub bytes: &'a [u8],
}

impl<'a> TagItem<'a> {
    /// The value in the form that its tag has.
    pub fn value(&self) -> TagValue<'a> {
        self.tag.value(self.bytes)
    }

    pub(super) fn take(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let tag = Tag(dynint::take_in(reader, CUT)?);
        let len = usize::try_from(dynint::take_in(reader, CUT)?).unwrap_or(usize::MAX);
        Ok(Self { tag, bytes: reader.take(len, CUT)? })
    }

    pub(super) fn put(&self, out: &mut BytesMut) {
        dynint::put(out, self.tag.0);
        dynint::put(out, u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        out.put_slice(self.bytes);
    }

    pub(super) fn is_long(&self) -> bool {
        self.bytes.len() > FASTTRACK_VALUE_LEN_MAX && !mutant!(TakesLongValues)
    }
}

impl TagList {
    /// No tags.
    pub const EMPTY: Self = Self { bytes: Bytes::from_static(&[0]), dropped_at: None };

    /// Reads a list that fills all of `bytes`, as [`as_bytes`](Self::as_bytes) gives it.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        Self::take(bytes, &mut Reader::new(bytes))
    }

    /// Takes a list off a reader over `payload`.
    pub(super) fn take(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let whole = reader.rest();
        let count = dynint::take(reader)?;
        let mut dropped_at = None;
        for place in 0..count {
            let start = reader.offset();
            if reader.is_empty() {
                return Err(TOO_FEW.broken_at(start));
            }
            let is_long = TagItem::take(reader)?.is_long();
            if (is_long || place >= TAGS_MAX) && dropped_at.is_none() {
                dropped_at = Some(start);
            }
        }
        let len = whole.len().saturating_sub(reader.len());
        let whole = whole.get(..len).unwrap_or_default();
        if dropped_at.is_none() {
            return Ok(Self { bytes: payload.slice_ref(whole), dropped_at });
        }
        let writer = TagWriter::with_capacity(whole.len());
        let kept = Tags::of(whole).fold(writer, |kept, item| kept.put(item.tag, item.bytes));
        Ok(Self { dropped_at, ..kept.finish() })
    }

    /// The count and the tags, as they are sent.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The tags, in their order.
    pub fn iter(&self) -> Tags<'_> {
        Tags::of(&self.bytes)
    }

    /// The value of the first tag of this number.
    pub fn find(&self, tag: Tag) -> Option<TagValue<'_>> {
        self.iter().first(tag)
    }

    /// The bytes of the first value of this number, as they came.
    pub fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        self.iter().find(|item| item.tag == tag).map(|item| item.bytes)
    }

    /// The characters of a text.
    pub fn text(&self, tag: Tag) -> Option<Cow<'_, str>> {
        self.find(tag)?.text()
    }

    pub fn number(&self, tag: Tag) -> Option<u32> {
        self.find(tag)?.number()
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        if let Some(offset) = self.dropped_at {
            faults.push(TOO_MUCH.broken_at(offset));
        }
    }
}

impl Default for TagList {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// Tags that are read one after another.
#[derive(Clone, Copy, Debug)]
pub struct Tags<'a>(Reader<'a>);

impl<'a> Tags<'a> {
    /// Those of a list in the form of [`TagList::as_bytes`], as far as they can be read.
    pub fn of(list: &'a [u8]) -> Self {
        let mut reader = Reader::new(list);
        match dynint::take(&mut reader) {
            Ok(_) => Self(reader),
            Err(_) => Self(Reader::new(&[])),
        }
    }

    /// The value of the next tag of this number.
    pub fn first(mut self, tag: Tag) -> Option<TagValue<'a>> {
        self.find(|item| item.tag == tag).map(|item| item.value())
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = TagItem<'a>;

    fn next(&mut self) -> Option<TagItem<'a>> {
        TagItem::take(&mut self.0).ok()
    }
}

/// Writes a list. What is beyond the limits (FTSAFE-06) is left out.
#[derive(Clone, Debug)]
pub struct TagWriter {
    /// A byte for the count, which stays below 128, and the tags.
    bytes: BytesMut,
    count: u8,
}

impl TagWriter {
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    fn with_capacity(len: usize) -> Self {
        let mut bytes = BytesMut::with_capacity(len.max(1));
        bytes.put_u8(0);
        Self { bytes, count: 0 }
    }

    /// A value as it is.
    #[must_use]
    pub fn put(mut self, tag: Tag, bytes: &[u8]) -> Self {
        let item = TagItem { tag, bytes };
        if u32::from(self.count) < TAGS_MAX && !item.is_long() {
            item.put(&mut self.bytes);
            self.count = self.count.saturating_add(1);
        }
        self
    }

    #[must_use]
    pub fn text(self, tag: Tag, text: &str) -> Self {
        self.put(tag, text.as_bytes())
    }

    #[must_use]
    pub fn number(self, tag: Tag, number: u32) -> Self {
        self.numbers(tag, &[number])
    }

    #[must_use]
    pub fn pair(self, tag: Tag, first: u32, second: u32) -> Self {
        self.numbers(tag, &[first, second])
    }

    fn numbers(self, tag: Tag, numbers: &[u32]) -> Self {
        let mut value = BytesMut::new();
        numbers.iter().for_each(|&number| dynint::put(&mut value, number));
        self.put(tag, &value)
    }

    pub fn finish(mut self) -> TagList {
        if let Some(count) = self.bytes.first_mut() {
            *count = self.count;
        }
        TagList { bytes: self.bytes.freeze(), dropped_at: None }
    }
}

impl Default for TagWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl Serialize for TagList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Serialize for TagItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("tag", &self.tag)?;
        self.value().serialize_into(&mut map)?;
        map.end()
    }
}
