use std::borrow::Cow;
use std::iter::Peekable;
use std::net::SocketAddrV4;

use bytes::{BufMut, BytesMut};

use super::results::{HEAD_LEN, NODE_LEN, put_head, put_names};
use super::routed::UNICAST_LEN;
use super::share::{file_head_len, put_file};
use super::{Bandwidth, Frame, Kind, Results, address, harmless_network, harmless_user};
use crate::base::limits::FASTTRACK_RESULTS_SENT_MAX;
use crate::base::mutant::mutant;

/// A result that is to be sent, borrowed from where it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRef<'a> {
    pub address: SocketAddrV4,
    pub bandwidth: Bandwidth,
    pub user: Cow<'a, str>,
    pub network: Cow<'a, str>,
    pub hash: [u8; 20],
    pub file_id: u32,
    pub size: u32,
    /// The bytes of a [`TagList`](super::TagList).
    pub tags: &'a [u8],
}

/// Writes results into as many messages as they need: ten in each at most, with all names in full
/// (FTSEARCH-10, FTSEARCH-13). A result that is too long for a message is left out.
pub fn pack<'a, I>(supernode: SocketAddrV4, id: u16, results: I) -> impl Iterator<Item = Frame>
where
    I: IntoIterator<Item = FoundRef<'a>>,
{
    let mut results = results.into_iter().filter(FoundRef::fits).peekable();
    std::iter::from_fn(move || pack_one(supernode, id, &mut results))
}

/// The next message, while there are results.
fn pack_one<'a, I>(supernode: SocketAddrV4, id: u16, results: &mut Peekable<I>) -> Option<Frame>
where
    I: Iterator<Item = FoundRef<'a>>,
{
    results.peek()?;
    let (mut records, mut count) = (BytesMut::new(), 0_u16);
    let count_max = if mutant!(PacksElevenResults) { 11 } else { FASTTRACK_RESULTS_SENT_MAX };
    while count < count_max {
        let room = RESULTS_LEN_MAX.saturating_sub(records.len());
        let Some(found) = results.next_if(|found| found.len() <= room) else { break };
        found.encode(&mut records);
        count = count.saturating_add(1);
    }
    let mut out = BytesMut::with_capacity(records.len().saturating_add(HEAD_LEN));
    put_head(&mut out, supernode, id, count);
    out.put_slice(&records);
    Some(Frame { kind: Kind::RESULTS, payload: out.freeze() })
}

/// Bytes of results that a message has room for, also behind a routing header.
const RESULTS_LEN_MAX: usize = u16::MAX as usize - UNICAST_LEN - HEAD_LEN;

impl FoundRef<'_> {
    /// Whether it fits a message.
    fn fits(&self) -> bool {
        self.len() <= RESULTS_LEN_MAX
    }

    /// Bytes that it takes.
    fn len(&self) -> usize {
        let names_len = self.user.len().saturating_add(self.network.len()).saturating_add(2);
        let file_len = file_head_len(self.file_id, self.size).saturating_add(self.tags.len());
        NODE_LEN.saturating_add(names_len).saturating_add(file_len)
    }

    fn encode(&self, out: &mut BytesMut) {
        let is_first = out.is_empty();
        out.reserve(self.len());
        address::put(out, self.address);
        out.put_u8(self.bandwidth.0);
        if is_first || !mutant!(WritesNamesOnce) {
            put_names(out, self.user.as_bytes(), self.network.as_bytes());
        } else {
            out.put_u8(0x02);
        }
        put_file(out, &self.hash, self.file_id, self.size, self.tags);
    }
}

impl Results {
    /// Its results as they are sent on: with names in full, in which nothing can do harm.
    pub fn to_send_on(&self) -> impl Iterator<Item = FoundRef<'_>> {
        self.results.iter().enumerate().map(|(place, found)| {
            let names = self.names_of(place).map(|(user, network)| (&user[..], &network[..]));
            let (user, network) = names.unwrap_or_default();
            FoundRef {
                address: found.address,
                bandwidth: found.bandwidth,
                user: harmless_user(user),
                network: harmless_network(network),
                hash: found.hash,
                file_id: found.file_id,
                size: found.size,
                tags: found.tags.as_bytes(),
            }
        })
    }
}
