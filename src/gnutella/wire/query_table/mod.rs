//! Query tables: which words a leaf, or an ultrapeer with all its leaves, may have answers to.
//!
//! - [`QueryTable`] is one message: a reset, or a piece of a patch
//! - [`Receiver`] follows the messages of one link and says which slots change

mod entries;
mod receiver;

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeMap, Serializer};

pub use entries::{Change, Entries};
pub use receiver::Receiver;

use crate::base::error::{Faults, Malformed};
use crate::base::limits::QUERY_TABLE_SLOTS_MAX;
use crate::base::mutant::mutant;
use crate::base::reader::{Expect, Reader};

const RESET: u8 = 0;
const PATCH: u8 = 1;

const NO_VARIANT: Expect = Expect::new("QRP-01", "the query table message is no known variant");
const RESET_CUT: Expect = Expect::new("QRP-02", "the reset ends early");
const RESET_LONG: Expect = Expect::new("QRP-02", "bytes follow the reset");
const PATCH_CUT: Expect = Expect::new("QRP-05", "the patch ends early");
const NO_DATA: Expect = Expect::new("QRP-05", "the patch has no data");
const BAD_SLOTS: Expect = Expect::new("QRP-03", "the number of slots is not a power of two");
const TOO_MANY_SLOTS: Expect = Expect::new("QRP-22", "the table has more than 2,097,152 slots");
const BAD_INFINITY: Expect = Expect::new("QRP-04", "the infinity of the table is zero");
const BAD_SEQUENCE: Expect = Expect::new("QRP-06", "the number of the patch is out of its range");
const BAD_COMPRESSOR: Expect = Expect::new("QRP-08", "the compressor of the patch is unknown");
const BAD_BITS: Expect = Expect::new("QRP-09", "the patch has no entries of 1, 2, 4 or 8 bits");

/// One message about a query table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryTable {
    Reset(Reset),
    Patch(Patch),
}

/// Empties the table and says how large it is (QRP-02).
///
/// ```text
/// 0  1  0
/// 1  4  number of slots, little-endian, a power of two
/// 5  1  infinity: the value of a slot without a word
/// 6  n  nothing, but kept if there is something
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    pub slots: u32,
    pub infinity: u8,
    pub rest: Bytes,
}

/// One piece of a change of the table (QRP-05).
///
/// ```text
/// 0  1  1
/// 1  1  number of this piece, from 1
/// 2  1  how many pieces there are
/// 3  1  compressor: 0 none, 1 one zlib stream over all pieces
/// 4  1  bits of an entry: 1, 2, 4 or 8
/// 5  n  data
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    pub sequence: u8,
    pub sequence_size: u8,
    pub compressor: u8,
    pub entry_bits: u8,
    pub data: Bytes,
}

impl Patch {
    /// The compressor of data that is what it is.
    pub const NONE: u8 = 0;
    /// The compressor of data that is part of a zlib stream.
    pub const DEFLATE: u8 = 1;
}

impl QueryTable {
    /// Fails where a fixed part is cut or the variant is unknown. Whether the values make sense is
    /// another question: [`inspect`](Self::inspect) and [`Receiver`] ask it.
    pub fn decode(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        Ok(match reader.u8(NO_VARIANT)? {
            RESET => Self::Reset(Reset {
                slots: reader.u32_le(RESET_CUT)?,
                infinity: reader.u8(RESET_CUT)?,
                rest: payload.slice_ref(reader.rest()),
            }),
            PATCH => Self::Patch(Patch {
                sequence: reader.u8(PATCH_CUT)?,
                sequence_size: reader.u8(PATCH_CUT)?,
                compressor: reader.u8(PATCH_CUT)?,
                entry_bits: reader.u8(PATCH_CUT)?,
                data: payload.slice_ref(reader.rest()),
            }),
            _ => return Err(NO_VARIANT.broken_at(0)),
        })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Reset(reset) => {
                out.put_u8(RESET);
                out.put_u32_le(reset.slots);
                out.put_u8(reset.infinity);
                out.put_slice(&reset.rest);
            }
            Self::Patch(patch) => {
                out.put_u8(PATCH);
                out.put_u8(patch.sequence);
                out.put_u8(patch.sequence_size);
                out.put_u8(patch.compressor);
                out.put_u8(patch.entry_bits);
                out.put_slice(&patch.data);
            }
        }
    }

    /// Notes what decoding tolerates in this one message.
    pub fn inspect(&self, faults: &mut Faults) {
        match self {
            Self::Reset(reset) => reset.inspect(faults),
            Self::Patch(patch) => patch.inspect(faults),
        }
    }
}

impl Reset {
    /// What must hold before a table is made for it.
    pub fn check(&self) -> Result<(), Malformed> {
        let mut faults = Faults::new();
        self.inspect(&mut faults);
        if self.slots > QUERY_TABLE_SLOTS_MAX && !mutant!(AcceptsOversizeTables) {
            faults.push(TOO_MANY_SLOTS.broken_at(1));
        }
        faults.into_result()
    }

    fn inspect(&self, faults: &mut Faults) {
        if !self.slots.is_power_of_two() {
            faults.push(BAD_SLOTS.broken_at(1));
        }
        if self.infinity == 0 {
            faults.push(BAD_INFINITY.broken_at(5));
        }
        if !self.rest.is_empty() {
            faults.push(RESET_LONG.broken_at(6));
        }
    }
}

impl Patch {
    /// What must hold before a piece is applied.
    pub fn check(&self) -> Result<(), Malformed> {
        let mut faults = Faults::new();
        self.inspect_head(&mut faults);
        faults.into_result()
    }

    fn inspect(&self, faults: &mut Faults) {
        self.inspect_head(faults);
        if self.data.is_empty() {
            faults.push(NO_DATA.broken_at(5));
        }
    }

    fn inspect_head(&self, faults: &mut Faults) {
        if self.sequence == 0 || self.sequence > self.sequence_size {
            faults.push(BAD_SEQUENCE.broken_at(1));
        }
        if !matches!(self.compressor, Self::NONE | Self::DEFLATE) {
            faults.push(BAD_COMPRESSOR.broken_at(3));
        }
        if !matches!(self.entry_bits, 1 | 2 | 4 | 8) {
            faults.push(BAD_BITS.broken_at(4));
        }
    }
}

impl Serialize for QueryTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hex = |bytes| data_encoding::HEXLOWER.encode(bytes);
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Reset(reset) => {
                map.serialize_entry("variant", "reset")?;
                map.serialize_entry("slots", &reset.slots)?;
                map.serialize_entry("infinity", &reset.infinity)?;
            }
            Self::Patch(patch) => {
                map.serialize_entry("variant", "patch")?;
                map.serialize_entry("sequence", &patch.sequence)?;
                map.serialize_entry("sequence_size", &patch.sequence_size)?;
                match patch.compressor {
                    Patch::NONE => map.serialize_entry("compressor", "none")?,
                    Patch::DEFLATE => map.serialize_entry("compressor", "deflate")?,
                    other => map.serialize_entry("compressor", &other)?,
                }
                map.serialize_entry("entry_bits", &patch.entry_bits)?;
                map.serialize_entry("data", &hex(&patch.data))?;
            }
        }
        map.end()
    }
}

impl fmt::Display for QueryTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reset(reset) => {
                write!(f, "reset, {} slots, infinity {}", reset.slots, reset.infinity)
            }
            Self::Patch(Patch { sequence, sequence_size, entry_bits, data, .. }) => {
                let len = data.len();
                write!(f, "patch {sequence}/{sequence_size}, {entry_bits} bits, {len} bytes")
            }
        }
    }
}
