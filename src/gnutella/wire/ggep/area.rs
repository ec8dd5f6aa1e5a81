use std::fmt;

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Item, Items, MAGIC, Place, ShownItems, Value, inspect, summarise};
use crate::base::error::Faults;
use crate::base::limits::GGEP_TAIL_LEN_MAX;
use crate::base::reader::Expect;

const TOO_LONG: Expect = Expect::new("SIZE-08", "the extensions are over 1,536 bytes");
const SURPLUS: Expect = Expect::new("GGEP-11", "bytes follow the last extension");

/// An area for GGEP blocks and nothing else: the tail of a ping, a pong or a push, and a part of
/// some trailers and vendor messages.
///
/// The bytes are kept as they came, whether they parse or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GgepArea {
    bytes: Bytes,
    place: Place,
}

impl GgepArea {
    /// Bytes that stand in `place`.
    pub const fn new(bytes: Bytes, place: Place) -> Self {
        Self { bytes, place }
    }

    /// The bytes as they came.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The extensions of all blocks that parse.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        Items::new(self.blocks(), 0).map_while(Result::ok)
    }

    /// What stands behind the blocks that parse.
    pub fn tail(&self) -> &[u8] {
        self.bytes.get(self.blocks().len()..).unwrap_or_default()
    }

    /// The first extension of this id.
    pub fn find(&self, id: &str) -> Option<Item<'_>> {
        self.items().find(|item| item.id == id.as_bytes())
    }

    /// The first extension of each of these ids, found in one walk.
    pub fn find_each<const N: usize>(&self, ids: [&str; N]) -> [Option<Item<'_>>; N] {
        let mut found = [None; N];
        for item in self.items() {
            for (found, id) in found.iter_mut().zip(ids) {
                if item.id == id.as_bytes() {
                    found.get_or_insert(item);
                }
            }
        }
        found
    }

    /// What the first extension of this id means, if it is there and readable.
    pub fn value(&self, id: &str) -> Option<Value> {
        self.find(id)?.value(self.place).ok()
    }

    /// Notes what is wrong with the tail of a message, which begins at `start`. Where it is no
    /// GGEP, `not_ggep` is the requirement that says so.
    pub fn inspect_tail(&self, start: usize, not_ggep: Expect, faults: &mut Faults) {
        if self.bytes.len() > GGEP_TAIL_LEN_MAX {
            faults.push(TOO_LONG.broken_at(start.saturating_add(GGEP_TAIL_LEN_MAX)));
        }
        self.inspect(start, faults);
        // A block that begins and breaks was noted above; one NUL is tolerated (PING-03).
        let tail = self.tail();
        let is_tolerated = tail == [0] && !self.blocks().is_empty();
        if !matches!(tail.first(), None | Some(&MAGIC)) && !is_tolerated {
            let tail_start = self.bytes.len().saturating_sub(tail.len());
            faults.push(not_ggep.broken_at(start.saturating_add(tail_start)));
        }
    }

    /// Notes what is wrong with an area that is nothing but blocks (GGEP-11).
    pub fn inspect_all(&self, start: usize, faults: &mut Faults) {
        self.inspect(start, faults);
        if !matches!(self.tail().first(), None | Some(&MAGIC)) {
            let tail_start = self.bytes.len().saturating_sub(self.tail().len());
            faults.push(SURPLUS.broken_at(start.saturating_add(tail_start)));
        }
    }

    /// Notes what is wrong with the blocks.
    pub fn inspect(&self, start: usize, faults: &mut Faults) {
        if self.bytes.first() == Some(&MAGIC) {
            inspect(Items::new(&self.bytes, 0), self.place, start, faults);
        }
    }

    /// Writes the ids, if there are any, behind `before`: `, GGEP(UP, VC)`.
    pub(in crate::gnutella::wire) fn summarise(
        &self,
        before: &str,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let mut before = before;
        if !self.blocks().is_empty() {
            f.write_str(before)?;
            summarise(self.items(), f)?;
            before = ", ";
        }
        match self.tail() {
            [] => Ok(()),
            [0] => write!(f, "{before}a NUL"),
            tail => write!(f, "{before}{} bytes that are no GGEP", tail.len()),
        }
    }

    /// The blocks at the front that parse to their ends.
    pub(in crate::gnutella::wire) fn blocks(&self) -> &[u8] {
        let mut blocks_len = 0_usize;
        loop {
            let rest = self.bytes.get(blocks_len..).unwrap_or_default();
            let mut block = Items::one_block(rest, 0);
            if !block.by_ref().all(|item| item.is_ok()) {
                return self.bytes.get(..blocks_len).unwrap_or_default();
            }
            blocks_len = blocks_len.saturating_add(block.offset());
        }
    }
}

impl Serialize for GgepArea {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let items = ShownItems { blocks: self.blocks(), place: self.place };
        map.serialize_entry("extensions", &items)?;
        if !self.tail().is_empty() {
            map.serialize_entry("tail", &data_encoding::HEXLOWER.encode(self.tail()))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_GGEP: Expect = Expect::new("PING-02", "not GGEP");

    fn area(bytes: &'static [u8]) -> GgepArea {
        GgepArea::new(Bytes::from_static(bytes), Place::Ping)
    }

    fn rules(bytes: &'static [u8]) -> Vec<&'static str> {
        let mut faults = Faults::new();
        area(bytes).inspect_tail(0, NOT_GGEP, &mut faults);
        faults.as_slice().iter().map(|fault| fault.rule.id()).collect()
    }

    /// PING-02, PING-03
    #[test]
    fn a_tail_that_is_no_ggep_is_kept_and_told() {
        assert_eq!(rules(b""), [""; 0]);
        assert_eq!(rules(b"\xc3\x83SCP\x41\x00"), [""; 0]);
        assert_eq!(rules(b"\xc3\x83SCP\x41\x00\x00"), [""; 0]);
        assert_eq!(rules(b"\xc3\x83SCP\x41\x00\x00\x00"), ["PING-02"]);
        assert_eq!(rules(b"\x00"), ["PING-02"]);
        assert_eq!(rules(b"x"), ["PING-02"]);
        assert_eq!(area(b"x").tail(), b"x");
    }

    #[test]
    fn a_block_that_breaks_belongs_to_the_tail() {
        let broken = b"\xc3\x81A\x40\xc3\x01B\x40\x01";
        assert_eq!(rules(broken), ["GGEP-10"]);
        assert_eq!(area(broken).items().count(), 1);
        assert_eq!(area(broken).tail(), b"\xc3\x01B\x40\x01");
    }

    /// SIZE-08
    #[test]
    fn a_tail_at_the_limit_and_one_past_it() {
        let tail = |payload_len: usize| {
            let mut writer = super::super::Writer::new();
            writer.put("XX", &vec![1; payload_len]).unwrap();
            GgepArea::new(writer.finish(), Place::Ping)
        };
        for (payload_len, is_ok) in [(GGEP_TAIL_LEN_MAX - 6, true), (GGEP_TAIL_LEN_MAX - 5, false)]
        {
            let mut faults = Faults::new();
            tail(payload_len).inspect_tail(0, NOT_GGEP, &mut faults);
            assert_eq!(faults.is_empty(), is_ok);
        }
    }
}
