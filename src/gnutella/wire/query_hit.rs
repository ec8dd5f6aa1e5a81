use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::ggep::{Place, Value, blocks};
use super::{ExtensionArea, Guid, Trailer};
use crate::base::error::{Faults, Malformed};
use crate::base::ranges::RangeSet;
use crate::base::reader::{Expect, Reader};
use crate::base::show::{self, Quoted};

/// Bytes before the records.
const HEAD_LEN: usize = 11;
/// Bytes of the servent's GUID, which stands last.
const SERVENT_LEN: usize = 16;
/// The size that stands in a record when GGEP `LF` holds the real one.
const SIZE_IN_LF: u32 = u32::MAX;

const CUT: Expect = Expect::new("HIT-01", "the query hit ends early");
const TOO_FEW: Expect = Expect::new("HIT-09", "the query hit has fewer records than it counts");
const NO_RECORDS: Expect = Expect::new("HIT-10", "the query hit has no records");
const NAME_UNENDED: Expect = Expect::new("HIT-07", "the name of a record is not ended by a NUL");
const TAGS_UNENDED: Expect =
    Expect::new("HIT-08", "the tag area of a record is not ended by a NUL");
const NO_SIZE: Expect = Expect::new("HIT-11", "a record has its size in GGEP LF, which is missing");
const BAD_NAME: Expect = Expect::new("HIT-13", "the name of a record is no bare UTF-8 file name");

/// Answers a query (HIT-01).
///
/// ```text
///  0  1  number of records
///  1  2  port, little-endian
///  3  4  IPv4 address
///  7  4  speed in kbit/s, little-endian
/// 11  n  records
///     n  trailer, perhaps none
///    16  GUID of the servent
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryHit {
    pub port: u16,
    pub address: Ipv4Addr,
    pub speed: u32,
    /// At most 255.
    pub records: Vec<Record>,
    pub trailer: Option<Trailer>,
    pub servent: Guid,
}

/// One file.
///
/// ```text
/// 0  4  index, little-endian
/// 4  4  size in bytes, little-endian
/// 8  n  name, UTF-8
///    1  NUL
///    n  extensions: HUGE, GGEP; they hold no NUL
///    1  NUL
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Record {
    pub index: u32,
    pub size: u32,
    #[serde(serialize_with = "show::text")]
    pub name: Bytes,
    pub extensions: ExtensionArea,
}

impl QueryHit {
    /// Fails where the head or a record is cut, or where the GUID has no room.
    pub fn decode(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let count = usize::from(reader.u8(CUT)?);
        let port = reader.u16_le(CUT)?;
        let address = Ipv4Addr::from(reader.array(CUT)?);
        let speed = reader.u32_le(CUT)?;
        let body_len = reader.len().checked_sub(SERVENT_LEN);
        let mut body = reader.sub(body_len.ok_or(CUT.broken_at(payload.len()))?, CUT)?;
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            records.push(Record::decode(payload, &mut body)?);
        }
        let trailer = (!body.is_empty()).then(|| Trailer::decode(payload, body)).transpose()?;
        Ok(Self { port, address, speed, records, trailer, servent: Guid(reader.array(CUT)?) })
    }

    /// Appends the payload. Records beyond the 255th have no room and are left out.
    pub fn encode(&self, out: &mut BytesMut) {
        let count = u8::try_from(self.records.len()).unwrap_or(u8::MAX);
        out.put_u8(count);
        out.put_u16_le(self.port);
        out.put_slice(&self.address.octets());
        out.put_u32_le(self.speed);
        for record in self.records.iter().take(count.into()) {
            record.encode(out);
        }
        if let Some(trailer) = &self.trailer {
            trailer.encode(out);
        }
        out.put_slice(&self.servent.0);
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        if self.records.is_empty() {
            faults.push(NO_RECORDS.broken_at(0));
        }
        let mut start = HEAD_LEN;
        for record in &self.records {
            record.inspect(start, faults);
            start = start.saturating_add(record.wire_len());
        }
        if let Some(trailer) = &self.trailer {
            trailer.inspect(start, faults);
        }
    }

    /// Where the servent listens, if it listens by IPv4.
    pub const fn endpoint(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.address, self.port)
    }
}

impl Record {
    /// Bytes of index, size and two NULs.
    const OVERHEAD_LEN: usize = 10;

    fn decode(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let index = body.u32_le(TOO_FEW)?;
        let size = body.u32_le(TOO_FEW)?;
        let name = payload.slice_ref(body.take_until(0, NAME_UNENDED)?);
        let extensions = payload.slice_ref(body.take_until(0, TAGS_UNENDED)?);
        let extensions = ExtensionArea::new(extensions, Place::Record);
        Ok(Self { index, size, name, extensions })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u32_le(self.index);
        out.put_u32_le(self.size);
        out.put_slice(&self.name);
        out.put_u8(0);
        out.put_slice(self.extensions.as_bytes());
        out.put_u8(0);
    }

    /// Bytes that it takes in a message.
    pub fn wire_len(&self) -> usize {
        let variable = self.name.len().saturating_add(self.extensions.as_bytes().len());
        variable.saturating_add(Self::OVERHEAD_LEN)
    }

    fn inspect(&self, start: usize, faults: &mut Faults) {
        let name_start = start.saturating_add(8);
        if !self.has_bare_name() {
            faults.push(BAD_NAME.broken_at(name_start));
        }
        if self.size == SIZE_IN_LF && self.extensions.find("LF").is_none() {
            faults.push(NO_SIZE.broken_at(start.saturating_add(4)));
        }
        let extensions_start = name_start.saturating_add(self.name.len()).saturating_add(1);
        self.extensions.inspect(extensions_start, faults);
    }

    fn has_bare_name(&self) -> bool {
        let is_bare = !self.name.iter().any(|byte| matches!(byte, b'/' | b'\r' | b'\n'));
        is_bare && !self.name.is_empty() && std::str::from_utf8(&self.name).is_ok()
    }

    /// What its sender has of the file, as far as it says so, where that is not all of it (HIT-39).
    pub fn available(&self) -> Option<RangeSet> {
        if self.extensions.find("PR0").is_some() {
            return Some(RangeSet::new());
        }
        let values: Vec<Value> =
            blocks::IDS.iter().filter_map(|id| self.extensions.value(id)).collect();
        let nodes = values.iter().filter_map(|value| match value {
            Value::Nodes(nodes) => Some(nodes),
            _ => None,
        });
        let is_partial = !values.is_empty() || self.extensions.find("PRU").is_some();
        is_partial.then(|| blocks::ranges_of(self.file_size(), nodes))
    }

    /// The size of the file, from GGEP `LF` where it does not fit 32 bits.
    pub fn file_size(&self) -> u64 {
        match self.extensions.value("LF") {
            Some(Value::Number(size)) if self.size == SIZE_IN_LF => size,
            _ => self.size.into(),
        }
    }
}

impl Serialize for QueryHit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("address", &self.address)?;
        map.serialize_entry("port", &self.port)?;
        map.serialize_entry("speed", &self.speed)?;
        map.serialize_entry("records", &self.records)?;
        if let Some(trailer) = &self.trailer {
            map.serialize_entry("trailer", trailer)?;
        }
        map.serialize_entry("servent", &self.servent)?;
        map.end()
    }
}

impl fmt::Display for QueryHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.endpoint())?;
        if let Some(trailer) = &self.trailer {
            write!(f, " {trailer}")?;
        }
        match self.records.as_slice() {
            [] => f.write_str(", no records"),
            [first, others @ ..] => {
                write!(f, ", {} ({} bytes)", Quoted(&first.name), first.file_size())?;
                match others.len() {
                    0 => Ok(()),
                    count => write!(f, " and {count} more"),
                }
            }
        }
    }
}
