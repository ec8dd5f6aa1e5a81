use bytes::{BufMut, Bytes, BytesMut};

use super::scripted::{Malice, random_guid};
use crate::gnutella::wire::{Frame, Function, Guid};
use crate::simulate::random::Lot;

/// How often it sends a burst.
const PAUSE_MS: u64 = 100;

/// Sends queries that nobody can answer, as fast as its neighbours take them.
#[derive(Debug)]
pub(crate) struct QueryFlooder {
    pub(crate) per_second: u32,
    pub(crate) ttl: u8,
}

impl Malice for QueryFlooder {
    fn heard(&mut self, _: &Frame, _: &mut Vec<Frame>, _: &mut Lot) {}

    fn pause_ms(&self) -> Option<u64> {
        Some(PAUSE_MS)
    }

    fn act(&mut self, out: &mut Vec<Frame>, lot: &mut Lot) {
        for _ in 0..u64::from(self.per_second).saturating_mul(PAUSE_MS) / 1_000 {
            out.push(query(lot, self.ttl));
        }
    }
}

fn query(lot: &mut Lot, ttl: u8) -> Frame {
    let mut payload = BytesMut::new();
    payload.put_slice(&[0, 0]);
    payload.put_slice(format!("nothing{:016x}", lot.next()).as_bytes());
    payload.put_u8(0);
    frame(Guid(random_guid(lot)), Function::QUERY, ttl, payload.freeze())
}

pub(super) const fn frame(guid: Guid, function: Function, ttl: u8, payload: Bytes) -> Frame {
    Frame { guid, function, ttl, hops: 0, size_flags: None, payload }
}
