use bytes::{BufMut, BytesMut};

use super::query_flooder::frame;
use super::scripted::{Malice, random_guid};
use crate::gnutella::wire::{Frame, Function, Guid};
use crate::simulate::random::Lot;

/// How often it sends hits for queries that it has not seen.
const PAUSE_MS: u64 = 1_000;

/// Answers every query with a file that nobody wants, and sends hits for queries never seen.
#[derive(Debug)]
pub(crate) struct HitForger {
    pub(crate) per_second: u32,
}

impl Malice for HitForger {
    fn heard(&mut self, heard: &Frame, out: &mut Vec<Frame>, lot: &mut Lot) {
        if heard.function == Function::QUERY {
            out.push(hit(heard.guid, heard.hops.saturating_add(2), lot));
        }
    }

    fn pause_ms(&self) -> Option<u64> {
        Some(PAUSE_MS)
    }

    fn act(&mut self, out: &mut Vec<Frame>, lot: &mut Lot) {
        for _ in 0..self.per_second {
            let guid = Guid(random_guid(lot));
            out.push(hit(guid, 4, lot));
        }
    }
}

fn hit(query: Guid, ttl: u8, lot: &mut Lot) -> Frame {
    let mut payload = BytesMut::new();
    payload.put_u8(1);
    payload.put_u16_le(6_346);
    payload.put_slice(&[63, 0, 0, 1]);
    payload.put_u32_le(1_000);
    payload.put_u32_le(0);
    payload.put_u32_le(1_000_000);
    payload.put_slice(b"nobody wants this.exe\0\0");
    payload.put_slice(&random_guid(lot));
    frame(query, Function::QUERY_HIT, ttl, payload.freeze())
}
