use bytes::{BufMut, Bytes, BytesMut};

use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};

const CUT: Expect = Expect::new("UDP-12", "the fragment ends within its header");
const UNKNOWN_FLAG: Expect = Expect::new("UDP-14", "the fragment has an unknown flag that matters");
const BAD_PART: Expect = Expect::new("UDP-17", "the number of the fragment is out of its range");
const OTHER_TAG: Expect = Expect::new("UDP-18", "the fragment does not begin with GTA");
const NO_ZLIB: Expect = Expect::new("UDP-20", "the deflated message begins with no zlib header");
const LONG: Expect = Expect::new("UDP-22", "the acknowledgement is over sixteen bytes");
const DEFLATED_ACK: Expect = Expect::new("UDP-23", "the acknowledgement is marked as deflated");
const LONG_EXTENDED: Expect = Expect::new("UDP-25", "the acknowledgement is over 24 bytes");
const IMPOSSIBLE: Expect = Expect::new("UDP-27", "the extended acknowledgement cannot be");

const TAG: &[u8; 3] = b"GTA";
const HEADER_LEN: usize = 8;
const ACKNOWLEDGEMENT_LEN_MAX: usize = 16;
const EXTENDED_LEN_MAX: usize = 24;

const DEFLATED: u8 = 0x01;
const ACK_ME: u8 = 0x02;
const UNKNOWN_CRITICAL: u8 = 0x0c;
const CUMULATIVE: u8 = 0x10;
const EXTENDED: u8 = 0x20;

/// A datagram of the layer that gtk-gnutella puts between UDP and messages that should not be lost:
/// a fragment, or (with a count of zero) an acknowledgement (UDP-12, UDP-22).
///
/// ```text
/// 0  3  "GTA"
/// 3  1  flags
/// 4  2  sequence number
/// 6  1  part, from 1
/// 7  1  count of parts
/// 8  n  payload of the part; or 1 byte parts received and 3 bytes bitmap of parts missing
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reliable {
    pub deflated: bool,
    pub ack_me: bool,
    pub cumulative: bool,
    pub extended: bool,
    pub sequence: u16,
    pub part: u8,
    pub count: u8,
    /// What an extended acknowledgement tells.
    pub reception: Option<Reception>,
    pub payload: Bytes,
    flags: u8,
    surplus: Bytes,
}

/// How much of a message has arrived (UDP-25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reception {
    pub received: u8,
    /// The bitmap as a number of 24 bits.
    pub missing_bits: u32,
    base: u8,
}

impl Reception {
    /// The numbers of the parts that are missing, ascending.
    pub fn missing(&self) -> impl Iterator<Item = u16> {
        let (bits, base) = (self.missing_bits, u16::from(self.base));
        let is_missing = move |bit: &u16| bits.checked_shr((*bit).into()).unwrap_or(0) & 1 == 1;
        (0..24).filter(is_missing).map(move |bit| base.saturating_add(bit).saturating_add(1))
    }
}

impl Reliable {
    /// Whether a datagram begins like one of these.
    pub(super) fn has_tag(bytes: &[u8]) -> bool {
        bytes.starts_with(TAG)
    }

    /// Fails where the header is cut or says what cannot be.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.array(CUT)? != *TAG {
            return Err(OTHER_TAG.broken_at(0));
        }
        let flags = reader.u8(CUT)?;
        let (sequence, part, count) = (reader.u16_be(CUT)?, reader.u8(CUT)?, reader.u8(CUT)?);
        if flags & UNKNOWN_CRITICAL != 0 {
            return Err(UNKNOWN_FLAG.broken_at(3));
        }
        let rest = bytes.slice_ref(reader.rest());
        let mut reliable = Self {
            deflated: flags & DEFLATED != 0,
            ack_me: flags & ACK_ME != 0,
            cumulative: flags & CUMULATIVE != 0,
            extended: flags & EXTENDED != 0,
            sequence,
            part,
            count,
            reception: None,
            payload: Bytes::new(),
            flags,
            surplus: Bytes::new(),
        };
        if count == 0 {
            reliable.read_acknowledgement(bytes, rest)?;
        } else {
            reliable.read_fragment(rest)?;
        }
        Ok(reliable)
    }

    fn read_fragment(&mut self, payload: Bytes) -> Result<(), Malformed> {
        if self.part == 0 || self.part > self.count {
            return Err(BAD_PART.broken_at(6));
        }
        if self.deflated && self.part == 1 && !begins_zlib(&payload) {
            return Err(NO_ZLIB.broken_at(HEADER_LEN));
        }
        self.payload = payload;
        Ok(())
    }

    fn read_acknowledgement(&mut self, whole: &Bytes, rest: Bytes) -> Result<(), Malformed> {
        if self.deflated {
            return Err(DEFLATED_ACK.broken_at(3));
        }
        if !self.extended {
            self.surplus = rest;
            let fits = whole.len() <= ACKNOWLEDGEMENT_LEN_MAX;
            return if fits { Ok(()) } else { Err(LONG.broken_at(ACKNOWLEDGEMENT_LEN_MAX)) };
        }
        if whole.len() > EXTENDED_LEN_MAX {
            return Err(LONG_EXTENDED.broken_at(EXTENDED_LEN_MAX));
        }
        let mut reader = Reader::at(&rest, HEADER_LEN);
        let received = reader.u8(IMPOSSIBLE)?;
        let [high, middle, low] = reader.array(IMPOSSIBLE)?;
        let base = if self.cumulative { self.part } else { 0 };
        if received == 0 || self.part == 0 || received < base {
            return Err(IMPOSSIBLE.broken_at(HEADER_LEN));
        }
        let missing_bits = u32::from_be_bytes([0, high, middle, low]);
        self.reception = Some(Reception { received, missing_bits, base });
        self.surplus = rest.slice_ref(reader.rest());
        Ok(())
    }

    /// Appends the datagram.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(TAG);
        out.put_u8(self.flags);
        out.put_u16(self.sequence);
        out.put_u8(self.part);
        out.put_u8(self.count);
        if let Some(Reception { received, missing_bits, .. }) = self.reception {
            out.put_u8(received);
            out.put_uint(missing_bits.into(), 3);
        }
        out.put_slice(&self.payload);
        out.put_slice(&self.surplus);
    }
}

/// Whether bytes can begin a zlib stream: method 8, and a checksum over both bytes.
fn begins_zlib(bytes: &[u8]) -> bool {
    match *bytes {
        [method, flags, ..] => {
            method & 0x0f == 8 && u16::from_be_bytes([method, flags]).is_multiple_of(31)
        }
        [method] => method & 0x0f == 8,
        [] => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UDP-18
    #[test]
    fn another_tag_is_another_protocol() {
        let other = Reliable::decode(&Bytes::from_static(b"GND\x02\x01\x02\x01\x01abc"));
        assert_eq!(other.unwrap_err().rule.id(), "UDP-18");
    }

    /// UDP-22, UDP-25
    #[test]
    fn bytes_without_a_meaning_are_kept() {
        for wire in [&b"GTA\xc0\x01\x02\x01\0surplus"[..], b"GTA\x20\x01\x02\x01\0\x01\0\0\x02more"]
        {
            let mut out = BytesMut::new();
            Reliable::decode(&Bytes::copy_from_slice(wire)).unwrap().encode(&mut out);
            assert_eq!(out, wire);
        }
    }
}
