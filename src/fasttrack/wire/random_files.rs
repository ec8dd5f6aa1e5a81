use std::net::SocketAddrV4;

use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::address;
use super::results::{NETWORK_END, USER_END, put_names};
use crate::base::error::Malformed;
use crate::base::legacy_text;
use crate::base::reader::{Expect, Reader};

const CUT: Expect = Expect::new("FTWIRE-13", "the files of somebody end early");

/// What a request for files has behind its id.
const REQUEST_TAIL: [u8; 3] = [0x32, 0x02, 0x00];
/// What stands in front of a file.
const FILE_MARK: [u8; 2] = [0x01, 0xff];

/// Some files of somebody (FTWIRE-25).
///
/// ```text
/// 0  2  id of the request
/// 2  1  unknown, 0 where there is nobody
/// 3  n  whose files they are, and the files; perhaps nothing
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomFiles {
    pub id: u16,
    pub unknown: u8,
    pub shelf: Option<Shelf>,
}

/// Files, and whose they are.
///
/// ```text
///  0  6  address
///  6  6  address of the supernode
/// 12  3  unknown
/// 15  n  user, 0x01, network, 0x00
///     n  files: 0x01, 0xff, category, NUL, artist, NUL, title, NUL
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    pub address: SocketAddrV4,
    pub supernode: SocketAddrV4,
    pub unknown: [u8; 3],
    pub user: Bytes,
    pub network: Bytes,
    files: Bytes,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomFile<'a> {
    pub category: &'a [u8],
    pub artist: &'a [u8],
    pub title: &'a [u8],
}

/// Reads a request, of which only the id means something.
pub(super) fn take_request(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    let id = reader.u16_be(CUT)?;
    reader.take(REQUEST_TAIL.len(), CUT)?;
    Ok(id)
}

/// Appends the payload of a request.
pub(super) fn put_request(out: &mut BytesMut, id: u16) {
    out.put_u16(id);
    out.put_slice(&REQUEST_TAIL);
}

impl RandomFiles {
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (id, unknown) = (reader.u16_be(CUT)?, reader.u8(CUT)?);
        let has_shelf = !reader.is_empty();
        let shelf = has_shelf.then(|| Shelf::decode(payload, reader)).transpose()?;
        Ok(Self { id, unknown, shelf })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u16(self.id);
        out.put_u8(self.unknown);
        if let Some(shelf) = &self.shelf {
            shelf.encode(out);
        }
    }
}

impl Shelf {
    /// Takes whole files.
    fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (address, supernode) = (address::take(reader, CUT)?, address::take(reader, CUT)?);
        let unknown = reader.array(CUT)?;
        let user = payload.slice_ref(reader.take_until(USER_END, CUT)?);
        let network = payload.slice_ref(reader.take_until(NETWORK_END, CUT)?);
        let all = reader.rest();
        while take_file(reader).is_some() {}
        let len = all.len().saturating_sub(reader.len());
        let files = payload.slice_ref(all.get(..len).unwrap_or_default());
        Ok(Self { address, supernode, unknown, user, network, files })
    }

    fn encode(&self, out: &mut BytesMut) {
        address::put(out, self.address);
        address::put(out, self.supernode);
        out.put_slice(&self.unknown);
        put_names(out, &self.user, &self.network);
        out.put_slice(&self.files);
    }

    /// The files, in their order.
    pub fn files(&self) -> impl Iterator<Item = RandomFile<'_>> {
        let mut reader = Reader::new(&self.files);
        std::iter::from_fn(move || take_file(&mut reader))
    }
}

/// Takes one file, or nothing where it is not whole.
fn take_file<'a>(reader: &mut Reader<'a>) -> Option<RandomFile<'a>> {
    let mut ahead = *reader;
    if ahead.array(CUT).ok()? != FILE_MARK {
        return None;
    }
    let mut text = || ahead.take_until(0, CUT).ok();
    let (category, artist, title) = (text()?, text()?, text()?);
    *reader = ahead;
    Some(RandomFile { category, artist, title })
}

impl Serialize for RandomFiles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("unknown", &self.unknown)?;
        if let Some(shelf) = &self.shelf {
            map.serialize_entry("address", &shelf.address.to_string())?;
            map.serialize_entry("supernode", &shelf.supernode.to_string())?;
            map.serialize_entry("marks", &data_encoding::HEXLOWER.encode(&shelf.unknown))?;
            map.serialize_entry("user", &legacy_text::read(&shelf.user))?;
            map.serialize_entry("network", &legacy_text::read(&shelf.network))?;
            map.serialize_entry("files", &shelf.files().collect::<Vec<_>>())?;
        }
        map.end()
    }
}

impl Serialize for RandomFile<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("category", &legacy_text::read(self.category))?;
        map.serialize_entry("artist", &legacy_text::read(self.artist))?;
        map.serialize_entry("title", &legacy_text::read(self.title))?;
        map.end()
    }
}
