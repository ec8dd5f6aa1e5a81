use std::net::SocketAddrV4;

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Serialize, Serializer};

use super::address;
use crate::base::error::Faults;
use crate::base::limits::FASTTRACK_NODES_MAX;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

/// Bytes of an entry.
const NODE_LEN: usize = 8;

const CUT: Expect = Expect::new("FTWIRE-13", "an entry of the node list is cut");
const TOO_MANY: Expect = Expect::new("FTSAFE-02", "the node list has more than 200 entries");

/// Tells of nodes that may be tried (FTWIRE-14).
///
/// Kept as the bytes it came in: how many entries there are follows from their number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeList(Bytes);

/// One of them.
///
/// ```text
/// 0  6  address
/// 6  1  minutes since it was seen, 0 for a neighbour of the sender
/// 7  1  load in per cent
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    #[serde(serialize_with = "show::display")]
    pub address: SocketAddrV4,
    pub minutes: u8,
    pub load: u8,
}

impl NodeList {
    /// Takes whole entries; nothing is wrong with what is no whole one (FTSAFE-01).
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Self {
        let whole = reader.len().saturating_sub(reader.len() % NODE_LEN);
        Self(reader.take(whole, CUT).map_or_else(|_| Bytes::new(), |it| payload.slice_ref(it)))
    }

    /// The payload.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The first 200, in their order (FTSAFE-02).
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        let entries = self.0.chunks_exact(NODE_LEN).take(FASTTRACK_NODES_MAX);
        entries.filter_map(|entry| {
            let mut reader = Reader::new(entry);
            let address = address::take(&mut reader, CUT).ok()?;
            Some(Node { address, minutes: reader.u8(CUT).ok()?, load: reader.u8(CUT).ok()? })
        })
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        let len_max = FASTTRACK_NODES_MAX.saturating_mul(NODE_LEN);
        if self.0.len() > len_max {
            faults.push(TOO_MANY.broken_at(len_max));
        }
    }
}

/// Entries beyond the 200th are left out.
impl FromIterator<Node> for NodeList {
    fn from_iter<I: IntoIterator<Item = Node>>(nodes: I) -> Self {
        let mut out = BytesMut::new();
        for node in nodes.into_iter().take(FASTTRACK_NODES_MAX) {
            address::put(&mut out, node.address);
            out.put_slice(&[node.minutes, node.load]);
        }
        Self(out.freeze())
    }
}

impl Serialize for NodeList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            nodes: Vec<Node>,
        }
        Shown { nodes: self.nodes().collect() }.serialize(serializer)
    }
}
