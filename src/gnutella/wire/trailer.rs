use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::ggep::{self, Items, Place, ShownItems};
use super::xml::Xml;
use super::{GgepArea, VendorCode};
use crate::base::error::{Faults, Malformed};
use crate::base::mutant::mutant;
use crate::base::reader::{Expect, Reader};

const CUT: Expect = Expect::new("HIT-15", "the trailer ends early");
const XML_TOO_LONG: Expect = Expect::new("HIT-22", "the XML is longer than what holds it");
const XML_UNENDED: Expect = Expect::new("HIT-22", "the XML is not ended by a NUL");
const NO_GGEP: Expect = Expect::new("HIT-24", "the GGEP block that was announced is not there");

const PUSH: u8 = 0x01;
const BUSY: u8 = 0x04;
const UPLOADED: u8 = 0x08;
const MEASURED_SPEED: u8 = 0x10;
const GGEP: u8 = 0x20;

/// What stands between the records of a query hit and the GUID (HIT-15).
///
/// ```text
/// 0  4  vendor code
/// 4  1  length of the open data
/// 5  n  open data: two bytes of flags, perhaps the length of the XML (little-endian, 2 bytes)
///    n  private data: the vendor's own bytes, GGEP if the flags say so, XML
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    pub vendor: VendorCode,
    pub open: Bytes,
    pub private: Bytes,
}

impl Trailer {
    /// Fails where vendor code or open data are cut, or where the XML would not fit.
    pub(super) fn decode(payload: &Bytes, mut reader: Reader<'_>) -> Result<Self, Malformed> {
        let start = reader.offset();
        let vendor = VendorCode(reader.array(CUT)?);
        let open_len = usize::from(reader.u8(CUT)?);
        let open = payload.slice_ref(reader.take(open_len, CUT)?);
        let private = payload.slice_ref(reader.take_rest());
        let trailer = Self { vendor, open, private };
        if trailer.xml_len().is_some_and(|len| usize::from(len) > trailer.private.len()) {
            return Err(XML_TOO_LONG.broken_at(start.saturating_add(7)));
        }
        Ok(trailer)
    }

    /// Appends the trailer. Open data beyond 255 bytes has no room and is left out.
    pub(super) fn encode(&self, out: &mut BytesMut) {
        let open_len = u8::try_from(self.open.len()).unwrap_or(u8::MAX);
        out.put_slice(&self.vendor.0);
        out.put_u8(open_len);
        out.put_slice(self.open.get(..open_len.into()).unwrap_or_default());
        out.put_slice(&self.private);
    }

    /// The flags, unless the open data has no room for them.
    pub fn flags(&self) -> Option<TrailerFlags> {
        self.open.first_chunk().copied().map(TrailerFlags)
    }

    /// How long the XML is said to be.
    pub fn xml_len(&self) -> Option<u16> {
        let [_, _, low, high] = *self.open.first_chunk()?;
        Some(u16::from_le_bytes([low, high]))
    }

    /// The XML block: the end of the private data.
    pub fn xml(&self) -> Xml<'_> {
        Xml(self.private.get(self.xml_start()..).unwrap_or_default())
    }

    /// The GGEP blocks in the private data, and what stands between them and the XML.
    pub fn extensions(&self) -> GgepArea {
        let (start, end) = (self.ggep_start(), self.xml_start());
        GgepArea::new(self.private.slice(start.min(end)..end), Place::Trailer)
    }

    /// What the vendor put before the GGEP blocks; everything before the XML without them.
    pub fn vendor_data(&self) -> &[u8] {
        self.private.get(..self.ggep_start()).unwrap_or_default()
    }

    /// Notes what decoding tolerates; the trailer stands `start` bytes into its message.
    pub fn inspect(&self, start: usize, faults: &mut Faults) {
        let private_start = start.saturating_add(5).saturating_add(self.open.len());
        let ggep_start = private_start.saturating_add(self.ggep_start());
        if self.announces_ggep() && self.ggep_start() == self.xml_start() {
            faults.push(NO_GGEP.broken_at(private_start));
        }
        self.extensions().inspect(ggep_start, faults);
        let xml_start = private_start.saturating_add(self.xml_start());
        if !matches!(self.xml().0.last(), None | Some(0)) {
            faults.push(XML_UNENDED.broken_at(xml_start));
        }
        faults.note(self.xml().text(), xml_start);
    }

    fn announces_ggep(&self) -> bool {
        self.flags().and_then(TrailerFlags::ggep) == Some(true)
    }

    fn xml_start(&self) -> usize {
        let xml_len = self.xml_len().map_or(0, usize::from);
        self.private.len().saturating_sub(xml_len)
    }

    /// The first magic byte, if a block that can be read begins there; else where the XML begins.
    fn ggep_start(&self) -> usize {
        let end = self.xml_start();
        if !self.announces_ggep() {
            return end;
        }
        let before_xml = self.private.get(..end).unwrap_or_default();
        let magic = before_xml.iter().position(|&byte| byte == ggep::MAGIC);
        let is_block = |start: &usize| {
            let block = before_xml.get(*start..).unwrap_or_default();
            Items::one_block(block, 0).all(|item| item.is_ok())
        };
        magic.filter(is_block).unwrap_or(end)
    }
}

/// Two bytes: which flags the sender knows, and which are set.
///
/// For busy, uploaded, measured speed and GGEP the first byte says that the flag is meaningful and
/// the second holds it. For push it is the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailerFlags(pub [u8; 2]);

impl TrailerFlags {
    /// What a servent knows to say of itself: whether it must be pushed to, whether its upload slots
    /// are taken.
    pub fn new(push: bool, busy: bool) -> Self {
        let push_value = if push { PUSH } else { 0 };
        let busy_value = if busy { BUSY } else { 0 };
        if mutant!(LosesTheInvertedBit) {
            return Self([PUSH | BUSY, push_value | busy_value]);
        }
        Self([push_value | BUSY, PUSH | busy_value])
    }

    /// And whether a file was uploaded before.
    #[must_use]
    pub const fn with_uploaded(self, has_uploaded: bool) -> Self {
        let [first, second] = self.0;
        Self([first | UPLOADED, if has_uploaded { second | UPLOADED } else { second }])
    }

    /// And that the speed was measured.
    #[must_use]
    pub const fn with_measured_speed(self) -> Self {
        let [first, second] = self.0;
        Self([first | MEASURED_SPEED, second | MEASURED_SPEED])
    }

    /// The same, and that the private data begins with GGEP blocks.
    #[must_use]
    pub const fn with_ggep(self) -> Self {
        let [first, second] = self.0;
        Self([first | GGEP, second | GGEP])
    }

    /// Whether a connection to the servent must be asked for by a push, if it says.
    pub const fn push(self) -> Option<bool> {
        let [value, known] = self.0;
        flag(known, value, PUSH)
    }

    /// Whether all upload slots are taken, if it says.
    pub const fn busy(self) -> Option<bool> {
        let [known, value] = self.0;
        flag(known, value, BUSY)
    }

    /// Whether it has ever completed an upload, if it says.
    pub const fn uploaded(self) -> Option<bool> {
        let [known, value] = self.0;
        flag(known, value, UPLOADED)
    }

    /// Whether the speed was measured and not set by the user, if it says.
    pub const fn measured_speed(self) -> Option<bool> {
        let [known, value] = self.0;
        flag(known, value, MEASURED_SPEED)
    }

    /// Whether GGEP blocks stand in the private data, if it says.
    pub const fn ggep(self) -> Option<bool> {
        let [known, value] = self.0;
        flag(known, value, GGEP)
    }
}

const fn flag(known: u8, value: u8, bit: u8) -> Option<bool> {
    if known & bit == 0 { None } else { Some(value & bit != 0) }
}

impl Serialize for TrailerFlags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, flag) in [
            ("push", self.push()),
            ("busy", self.busy()),
            ("uploaded", self.uploaded()),
            ("measured_speed", self.measured_speed()),
            ("ggep", self.ggep()),
        ] {
            if let Some(flag) = flag {
                map.serialize_entry(name, &flag)?;
            }
        }
        map.end()
    }
}

impl Serialize for Trailer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let extensions = self.extensions();
        let items = ShownItems { blocks: extensions.blocks(), place: Place::Trailer };
        let shown_open_len = if self.open.len() < 2 { 0 } else { self.xml_len().map_or(2, |_| 4) };
        let open_data = self.open.get(shown_open_len..).unwrap_or_default();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("vendor", &self.vendor)?;
        if let Some(flags) = self.flags() {
            map.serialize_entry("flags", &flags)?;
        }
        serialize_hex(&mut map, "open_data", open_data)?;
        if let Some(xml_len) = self.xml_len() {
            map.serialize_entry("xml_len", &xml_len)?;
        }
        map.serialize_entry("extensions", &items)?;
        if let Some(xml) = self.xml().shown() {
            map.serialize_entry("xml", &xml)?;
        }
        serialize_hex(&mut map, "private", self.vendor_data())?;
        serialize_hex(&mut map, "rest", extensions.tail())?;
        map.end()
    }
}

/// Bytes without a meaning are absent when there are none.
fn serialize_hex<M: SerializeMap>(map: &mut M, name: &str, bytes: &[u8]) -> Result<(), M::Error> {
    if bytes.is_empty() {
        return Ok(());
    }
    map.serialize_entry(name, &data_encoding::HEXLOWER.encode(bytes))
}

impl fmt::Display for Trailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.vendor)?;
        let Some(flags) = self.flags() else { return Ok(()) };
        for (flag, name) in [(flags.push(), "push"), (flags.busy(), "busy")] {
            if flag == Some(true) {
                write!(f, " {name}")?;
            }
        }
        Ok(())
    }
}
