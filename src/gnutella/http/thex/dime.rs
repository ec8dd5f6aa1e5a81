//! Records of DIME: a header of twelve bytes, and four fields that are padded to multiples of four
//! (THEX-04).
//!
//! ```text
//! 0  1  version 1 (upper 5 bits), first record 4, last record 2, goes on in the next record 1
//! 1  1  kind of type (upper 4 bits): 0 as before, 1 media type, 2 URI, 3 unknown, 4 none
//! 2  2  length of the options, high byte first
//! 4  2  length of the id
//! 6  2  length of the type
//! 8  4  length of the data
//! 12    options, id, type, data, each padded with NUL
//! ```

use bytes::{BufMut, BytesMut};

use crate::base::error::Malformed;
use crate::base::limits::DIME_RECORDS_MAX;
use crate::base::mutant::mutant;
use crate::base::reader::{Expect, Reader};

const CUT: Expect = Expect::new("THEX-04", "a record of DIME is cut");
const VERSION: Expect = Expect::new("THEX-04", "a record of DIME is of another version");
const TOO_MANY: Expect = Expect::new("THEX-05", "there are too many records of DIME");
const UNFINISHED: Expect = Expect::new("THEX-05", "a record of DIME goes on in no other");

const FIRST: u8 = 4;
const LAST: u8 = 2;
const GOES_ON: u8 = 1;
const VERSION_BITS: u8 = 1 << 3;

/// What the type of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    MediaType = 1,
    Uri = 2,
}

/// A record, put together where it came in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) id: Vec<u8>,
    pub(super) kind: Vec<u8>,
    pub(super) data: Vec<u8>,
}

/// Reads all records up to the last one; what follows it is left alone (THEX-05).
pub(super) fn records(body: &[u8]) -> Result<Vec<Record>, Malformed> {
    let (mut reader, mut records) = (Reader::new(body), Vec::<Record>::new());
    let (mut count, mut continues) = (0_usize, false);
    while !reader.is_empty() {
        count = count.saturating_add(1);
        if count > DIME_RECORDS_MAX {
            return Err(TOO_MANY.broken_at(reader.offset()));
        }
        let (flags, record) = record(&mut reader)?;
        match records.last_mut() {
            Some(begun) if continues => begun.data.extend_from_slice(&record.data),
            _ => records.push(record),
        }
        continues = flags & GOES_ON != 0;
        if flags & LAST != 0 {
            break;
        }
    }
    if continues { Err(UNFINISHED.broken_at(reader.offset())) } else { Ok(records) }
}

fn record(reader: &mut Reader<'_>) -> Result<(u8, Record), Malformed> {
    let start = reader.offset();
    let [flags, _kind] = reader.array(CUT)?;
    if flags & 0xf8 != VERSION_BITS {
        return Err(VERSION.broken_at(start));
    }
    let lengths = [reader.u16_be(CUT)?, reader.u16_be(CUT)?, reader.u16_be(CUT)?];
    let [options_len, id_len, type_len] = lengths.map(usize::from);
    let data_len = usize::try_from(reader.u32_be(CUT)?).unwrap_or(usize::MAX);
    padded(reader, options_len)?;
    let id = padded(reader, id_len)?.to_vec();
    let kind = padded(reader, type_len)?.to_vec();
    let data = padded(reader, data_len)?.to_vec();
    Ok((flags, Record { id, kind, data }))
}

/// A field, and the padding behind it, which may be missing at the very end.
fn padded<'a>(reader: &mut Reader<'a>, len: usize) -> Result<&'a [u8], Malformed> {
    let field = reader.take(len, CUT)?;
    reader.take(padding(len).min(reader.len()), CUT)?;
    Ok(field)
}

const fn padding(len: usize) -> usize {
    len.wrapping_neg() % 4
}

/// Appends a record as both gtk-gnutella and LimeWire read it.
pub(super) fn put(out: &mut BytesMut, place: Place, kind: Kind, record: &Record) {
    let flags = match place {
        Place::First => VERSION_BITS | FIRST,
        Place::Last if mutant!(MarksNoLastRecord) => VERSION_BITS,
        Place::Last => VERSION_BITS | LAST,
    };
    out.put_u8(flags);
    out.put_u8((kind as u8) << 4);
    out.put_u16(0);
    out.put_u16(u16::try_from(record.id.len()).unwrap_or(u16::MAX));
    out.put_u16(u16::try_from(record.kind.len()).unwrap_or(u16::MAX));
    out.put_u32(u32::try_from(record.data.len()).unwrap_or(u32::MAX));
    for field in [&record.id, &record.kind, &record.data] {
        out.put_slice(field);
        out.put_bytes(0, padding(field.len()));
    }
}

/// Where a record stands among two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    First,
    Last,
}
