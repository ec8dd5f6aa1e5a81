use std::net::SocketAddrV4;

use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::share::put_file;
use super::{Bandwidth, TagList, address, dynint};
use crate::base::error::{Faults, Malformed};
use crate::base::legacy_text;
use crate::base::limits::FASTTRACK_RESULTS_MAX;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("FTWIRE-13", "the results end before the first");
const RESULT_CUT: Expect = Expect::new("FTWIRE-13", "a result ends early");

/// In place of names: those of the last result before with the same address.
const SAME: u8 = 0x02;
/// Ends the user in names.
pub(super) const USER_END: u8 = 0x01;
/// Ends the network in names.
pub(super) const NETWORK_END: u8 = 0x00;

/// Bytes before the results.
pub(super) const HEAD_LEN: usize = 10;
/// Bytes of the node in front of its names.
pub(super) const NODE_LEN: usize = 7;
/// Bytes of the shortest result, with [`SAME`] and without tags.
const RESULT_LEN_MIN: usize = 31;

/// Answers a search (FTSEARCH-10).
///
/// ```text
///  0  6  address of the supernode that has these files in its index
///  6  2  id of the search
///  8  2  number of results
/// 10  n  results
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Results {
    #[serde(serialize_with = "show::display")]
    pub supernode: SocketAddrV4,
    pub id: u16,
    /// Those that could be read (FTSEARCH-14).
    pub results: Vec<Found>,
}

/// A node and a file that it has (FTSEARCH-11).
///
/// ```text
/// 0   6  address of the node
/// 6   1  its bandwidth
/// 7   n  names: user, 0x01, network, 0x00; or one byte 0x02
///    20  hash
///   1-5  file number, dynint
///   1-5  size in bytes, dynint
///     n  tag list
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub address: SocketAddrV4,
    pub bandwidth: Bandwidth,
    pub names: Names,
    pub hash: [u8; 20],
    pub file_id: u32,
    pub size: u32,
    pub tags: TagList,
}

/// Who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// As they came: before they are shown or sent on, see [`harmless_user`](super::harmless_user).
    Full { user: Bytes, network: Bytes },
    /// Those of the last result before with the same address (FTSEARCH-12).
    Same,
}

impl Results {
    /// Takes as many as can be read, and stands behind the last of them (FTSEARCH-14).
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let supernode = address::take(reader, CUT)?;
        let id = reader.u16_be(CUT)?;
        let count = usize::from(reader.u16_be(CUT)?).min(FASTTRACK_RESULTS_MAX);
        let room = reader.len().checked_div(RESULT_LEN_MIN).unwrap_or(0);
        let mut results = Vec::with_capacity(count.min(room));
        while results.len() < count {
            let mut ahead = *reader;
            let Ok(found) = Found::decode(payload, &mut ahead) else { break };
            results.push(found);
            *reader = ahead;
        }
        Ok(Self { supernode, id, results })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        let count = self.results.len().min(FASTTRACK_RESULTS_MAX);
        put_head(out, self.supernode, self.id, u16::try_from(count).unwrap_or(u16::MAX));
        self.results.iter().take(count).for_each(|found| found.encode(out));
    }

    /// User and network of the result at a place, where they are known (FTSEARCH-12).
    pub fn names_of(&self, place: usize) -> Option<(&Bytes, &Bytes)> {
        let address = self.results.get(place)?.address;
        let up_to = self.results.get(..=place)?.iter().rev();
        up_to.filter(|found| found.address == address).find_map(|found| match &found.names {
            Names::Full { user, network } => Some((user, network)),
            Names::Same => None,
        })
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        self.results.iter().for_each(|found| found.tags.inspect(faults));
    }
}

impl Found {
    fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            address: address::take(reader, RESULT_CUT)?,
            bandwidth: Bandwidth(reader.u8(RESULT_CUT)?),
            names: Names::decode(payload, reader)?,
            hash: reader.array(RESULT_CUT)?,
            file_id: dynint::take(reader)?,
            size: dynint::take(reader)?,
            tags: TagList::take(payload, reader)?,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        address::put(out, self.address);
        out.put_u8(self.bandwidth.0);
        self.names.encode(out);
        put_file(out, &self.hash, self.file_id, self.size, self.tags.as_bytes());
    }
}

impl Names {
    /// Both of them.
    pub fn full(user: &str, network: &str) -> Self {
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        Self::Full { user: bytes(user), network: bytes(network) }
    }

    fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if reader.rest().first() == Some(&SAME) {
            reader.u8(RESULT_CUT)?;
            return Ok(Self::Same);
        }
        let user = payload.slice_ref(reader.take_until(USER_END, RESULT_CUT)?);
        let network = payload.slice_ref(reader.take_until(NETWORK_END, RESULT_CUT)?);
        Ok(Self::Full { user, network })
    }

    fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Full { user, network } => put_names(out, user, network),
            Self::Same => out.put_u8(SAME),
        }
    }
}

/// Appends what stands before the results.
pub(super) fn put_head(out: &mut BytesMut, supernode: SocketAddrV4, id: u16, count: u16) {
    address::put(out, supernode);
    out.put_u16(id);
    out.put_u16(count);
}

/// Appends names in full.
pub(super) fn put_names(out: &mut BytesMut, user: &[u8], network: &[u8]) {
    out.put_slice(user);
    out.put_u8(USER_END);
    out.put_slice(network);
    out.put_u8(NETWORK_END);
}

impl Serialize for Found {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("address", &self.address.to_string())?;
        map.serialize_entry("bandwidth", &self.bandwidth)?;
        match &self.names {
            Names::Full { user, network } => {
                map.serialize_entry("user", &legacy_text::read(user))?;
                map.serialize_entry("network", &legacy_text::read(network))?;
            }
            Names::Same => map.serialize_entry("same_names", &true)?,
        }
        map.serialize_entry("hash", &data_encoding::HEXLOWER.encode(&self.hash))?;
        map.serialize_entry("file_id", &self.file_id)?;
        map.serialize_entry("size", &self.size)?;
        map.serialize_entry("tags", &self.tags)?;
        map.end()
    }
}
