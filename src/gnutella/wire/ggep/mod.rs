//! GGEP, the extension blocks that travel in pings, pongs, pushes, queries and query hits.
//!
//! ```text
//! block   0xc3, then extensions until one carries the last bit
//! each    1 flags: 0x80 last, 0x40 COBS, 0x20 deflate, 0x10 zero, 0x0f length of the id (1..15)
//!         n id
//!         1-3 length: 0x80 more bytes follow, 0x40 last byte, 0x3f value, high bits first
//!         n payload: deflated, then COBS-encoded, as the flags say
//! ```
//!
//! - [`Items`] walks the blocks without copying; [`Item`] is one extension as it came
//! - [`value`] and [`registry`]: what the payload of each known id means
//! - [`Writer`] makes blocks

mod area;
pub mod blocks;
mod cobs;
mod form;
mod inspect;
mod read_value;
pub mod registry;
mod shown;
pub mod value;
mod write_value;
mod writer;

use std::borrow::Cow;

pub use area::GgepArea;
pub use cobs::{cobs_decode, cobs_encode};
pub(super) use inspect::inspect;
pub use registry::Place;
pub(super) use shown::{ShownItems, summarise};
pub use value::Value;
pub use writer::{Oversize, Writer};

use super::inflate;
use crate::base::error::Malformed;
use crate::base::limits::GGEP_INFLATED_LEN_MAX;
use crate::base::mutant::mutant;
use crate::base::reader::{Expect, Reader};

/// The byte that opens every block.
pub const MAGIC: u8 = 0xc3;

const LAST: u8 = 0x80;
const COBS: u8 = 0x40;
const DEFLATE: u8 = 0x20;
const RESERVED: u8 = 0x10;
const ID_LEN: u8 = 0x0f;

const LEN_MORE: u8 = 0x80;
const LEN_LAST: u8 = 0x40;
const LEN_VALUE: u8 = 0x3f;

const NO_MAGIC: Expect = Expect::new("GGEP-01", "no GGEP block begins here");
const BAD_RESERVED: Expect = Expect::new("GGEP-03", "the reserved flag of an extension is set");
const NO_ID: Expect = Expect::new("GGEP-04", "the id of an extension is empty");
const BAD_ID: Expect = Expect::new("GGEP-05", "the id of an extension is not printable");
const BAD_LEN: Expect = Expect::new("GGEP-07", "a length byte both ends and goes on, or neither");
const LONG_LEN: Expect = Expect::new("GGEP-08", "the length of an extension has a fourth byte");
const CUT: Expect = Expect::new("GGEP-10", "an extension runs past its area");
const BAD_DEFLATE: Expect = Expect::new("GGEP-18", "the payload of an extension does not inflate");
const TOO_LONG: Expect = Expect::new("GGEP-20", "the payload of an extension inflates to too much");

/// One extension, as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// 1 to 15 bytes, ASCII by custom, case-sensitive.
    pub id: &'a [u8],
    /// The payload is COBS-encoded (so that it holds no NUL).
    pub cobs: bool,
    /// The payload is a zlib stream (under the COBS encoding, if both).
    pub deflate: bool,
    /// The payload as sent.
    pub raw: &'a [u8],
    /// Where the extension begins, counted from where the walk began.
    pub start: usize,
    /// Where [`raw`](Self::raw) begins, counted likewise.
    pub offset: usize,
}

impl<'a> Item<'a> {
    /// The payload with COBS and deflate undone; borrowed where neither was there.
    pub fn payload(&self) -> Result<Cow<'a, [u8]>, Malformed> {
        let moved = |fault: Malformed| fault.moved_by(self.offset);
        let plain = if self.cobs {
            Cow::Owned(cobs_decode(self.raw).map_err(moved)?)
        } else {
            Cow::Borrowed(self.raw)
        };
        if !self.deflate {
            return Ok(plain);
        }
        inflate(&plain, GGEP_INFLATED_LEN_MAX, BAD_DEFLATE, TOO_LONG).map(Cow::Owned).map_err(moved)
    }

    /// What the payload means in this place; [`Value::Open`] where nobody said.
    pub fn value(&self, place: Place) -> Result<Value, Malformed> {
        let payload = self.payload()?;
        read_value::read(registry::lookup(self.id, place), &payload)
            .map_err(|fault| fault.moved_by(self.offset))
    }
}

/// A walk over the extensions of one block or of several that follow one another.
///
/// It ends after the last extension, or with the first fault. What follows is in
/// [`rest`](Self::rest).
#[derive(Clone, Debug)]
pub struct Items<'a> {
    reader: Reader<'a>,
    state: State,
    single_block: bool,
    unended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    BeforeFirstBlock,
    BetweenBlocks,
    InBlock,
    Ended,
}

impl<'a> Items<'a> {
    /// Walks every block at the front of `bytes`, which stand `offset` bytes into the message.
    pub const fn new(bytes: &'a [u8], offset: usize) -> Self {
        let reader = Reader::at(bytes, offset);
        Self { reader, state: State::BeforeFirstBlock, single_block: false, unended: false }
    }

    /// Walks only the block that must begin at the front of `bytes`.
    pub const fn one_block(bytes: &'a [u8], offset: usize) -> Self {
        Self { single_block: true, ..Self::new(bytes, offset) }
    }

    /// What has not been walked over.
    pub const fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    /// Where [`rest`](Self::rest) begins.
    pub const fn offset(&self) -> usize {
        self.reader.offset()
    }

    /// True when the last extension lacked its mark and ended with the area (GGEP-12).
    pub const fn is_unended(&self) -> bool {
        self.unended
    }

    fn step(&mut self) -> Result<Option<Item<'a>>, Malformed> {
        if self.state != State::InBlock && !self.enter_block()? {
            return Ok(None);
        }
        let (item, last) = read_item(&mut self.reader)?;
        self.unended = !last && self.reader.is_empty();
        self.state = match (last || self.unended, self.single_block) {
            (false, _) => State::InBlock,
            (true, true) => State::Ended,
            (true, false) => State::BetweenBlocks,
        };
        Ok(Some(item))
    }

    /// False where no further block begins.
    fn enter_block(&mut self) -> Result<bool, Malformed> {
        match self.reader.rest().first() {
            Some(&MAGIC) => {
                self.reader.u8(NO_MAGIC)?;
                Ok(true)
            }
            _ if self.state == State::BetweenBlocks => Ok(false),
            _ => Err(NO_MAGIC.broken_at(self.reader.offset())),
        }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Item<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Ended {
            return None;
        }
        let before = self.reader;
        let stepped = self.step();
        if !matches!(stepped, Ok(Some(_))) {
            self.state = State::Ended;
        }
        if stepped.is_err() {
            self.reader = before;
        }
        stepped.transpose()
    }
}

fn read_item<'a>(reader: &mut Reader<'a>) -> Result<(Item<'a>, bool), Malformed> {
    let start = reader.offset();
    let flags = reader.u8(CUT)?;
    if flags & RESERVED != 0 {
        return Err(BAD_RESERVED.broken_at(start));
    }
    let id_len = usize::from(flags & ID_LEN);
    if id_len == 0 {
        return Err(NO_ID.broken_at(start));
    }
    let id = reader.take(id_len, CUT)?;
    if !id.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(BAD_ID.broken_at(start.saturating_add(1)));
    }
    let payload_len = read_len(reader)?;
    let offset = reader.offset();
    let raw = reader.take(payload_len, CUT)?;
    let cobs = flags & COBS != 0 && !mutant!(ReadsNoCobs);
    let deflate = flags & DEFLATE != 0;
    let item = Item { id, cobs, deflate, raw, start, offset };
    Ok((item, flags & LAST != 0))
}

/// One to three groups of six bits, high bits first.
fn read_len(reader: &mut Reader<'_>) -> Result<usize, Malformed> {
    let start = reader.offset();
    let mut len = 0_usize;
    for _ in 0..3 {
        let group = reader.u8(CUT)?;
        len = (len << 6) | usize::from(group & LEN_VALUE);
        match (group & LEN_MORE != 0, group & LEN_LAST != 0) {
            (false, true) => return Ok(len),
            (true, false) => {}
            (true, true) | (false, false) => return Err(BAD_LEN.broken_at(start)),
        }
    }
    Err(LONG_LEN.broken_at(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_blocks_follow_one_another() {
        let bytes = b"\xc3\x82BH\x40\xc3\x01A\x41\x07\x81B\x40rest";
        let mut items = Items::new(bytes, 0);
        let ids: Vec<_> = items.by_ref().map(|item| item.unwrap().id).collect();
        assert_eq!(ids, [&b"BH"[..], b"A", b"B"]);
        assert_eq!(items.rest(), b"rest");
        assert_eq!(Items::one_block(bytes, 0).count(), 1);
    }

    #[test]
    fn a_walk_ends_with_its_first_fault_and_stays_ended() {
        let mut items = Items::new(b"\xc3\x01A\x41\x07\x00", 5);
        assert_eq!(items.next().unwrap().unwrap().raw, [7]);
        let fault = items.next().unwrap().unwrap_err();
        assert_eq!((fault.rule.id(), fault.offset), ("GGEP-04", 10));
        assert_eq!(items.next(), None);
        assert_eq!(items.rest(), [0]);
    }
}
