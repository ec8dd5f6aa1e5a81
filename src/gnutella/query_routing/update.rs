use bytes::{Bytes, BytesMut};
use flate2::{Compress, Compression, FlushCompress, Status};

use crate::base::limits::QUERY_TABLE_PIECE_LEN_MAX;
use crate::gnutella::wire::query_table::{Patch, Reset};
use crate::gnutella::wire::{HEADER_LEN, QueryTable};
use crate::index::bit_table::BitTable;

/// The distance of a word that nobody has, as LimeWire and GnutellaBun announce it.
const INFINITY: u8 = 7;

/// Entries of four bits, which everybody reads (QRP-32).
const ENTRY_BITS: u8 = 4;

/// An entry for a word that is there from now on: six steps nearer than infinity (QRP-13).
const COMES: u8 = 0xa;

/// An entry for a word that is there no longer: six steps back.
const GOES: u8 = 0x6;

/// Bytes in front of the data of a patch.
const PATCH_HEAD_LEN: usize = 5;

const DATA_LEN_MAX: usize = QUERY_TABLE_PIECE_LEN_MAX - HEADER_LEN - PATCH_HEAD_LEN;

/// Bytes of room with which deflating goes on where there was too little.
const STEP_LEN: usize = 1024;

/// How hard to look for repetitions: a patch is nearly all zeros, so that little is gained by more.
const LEVEL: u32 = 1;

/// What turns the table that a neighbour has into another one: a patch in pieces, and before it a
/// reset where the neighbour has none of that size.
#[derive(Debug)]
pub(super) struct Update {
    slots: Option<u32>,
    deflated: Bytes,
}

impl Update {
    pub(super) fn new(from: Option<&BitTable>, to: &BitTable) -> Self {
        let from = from.filter(|from| from.bits() == to.bits());
        let slots = from.is_none().then(|| to.slots());
        Self { slots, deflated: deflate(&entries(from, to)) }
    }

    /// The payload of the reset, where there is one.
    pub(super) fn reset(&self) -> Option<Bytes> {
        let reset = Reset { slots: self.slots?, infinity: INFINITY, rest: Bytes::new() };
        Some(payload(&QueryTable::Reset(reset)))
    }

    /// How many pieces the patch has. The largest table has seventeen at most.
    pub(super) fn pieces(&self) -> u8 {
        u8::try_from(self.deflated.len().div_ceil(DATA_LEN_MAX)).unwrap_or(u8::MAX)
    }

    /// The payload of a piece, counted from 1.
    pub(super) fn piece(&self, number: u8) -> Bytes {
        let start = usize::from(number.saturating_sub(1)).saturating_mul(DATA_LEN_MAX);
        let end = start.saturating_add(DATA_LEN_MAX).min(self.deflated.len());
        let patch = Patch {
            sequence: number,
            sequence_size: self.pieces(),
            compressor: Patch::DEFLATE,
            entry_bits: ENTRY_BITS,
            data: self.deflated.slice(start.min(end)..end),
        };
        payload(&QueryTable::Patch(patch))
    }
}

/// An entry for each slot, two a byte, the first in the high bits (QRP-14).
fn entries(from: Option<&BitTable>, to: &BitTable) -> Vec<u8> {
    let mut entries = vec![0; (to.slots() / 2) as usize];
    let mut flip = |slot: u32, change: u8| {
        let change = if slot.is_multiple_of(2) { change << 4 } else { change };
        if let Some(byte) = entries.get_mut((slot / 2) as usize) {
            *byte ^= change;
        }
    };
    for slot in to.iter().filter(|&slot| !from.is_some_and(|from| from.contains(slot))) {
        flip(slot, COMES);
    }
    for slot in from.into_iter().flat_map(BitTable::iter).filter(|&slot| !to.contains(slot)) {
        flip(slot, GOES);
    }
    entries
}

fn deflate(plain: &[u8]) -> Bytes {
    let mut compress = Compress::new(Compression::new(LEVEL), true);
    let mut deflated = Vec::new();
    let mut rest = plain;
    loop {
        deflated.reserve(STEP_LEN);
        let read = compress.total_in();
        let status = compress.compress_vec(rest, &mut deflated, FlushCompress::Finish);
        let read = usize::try_from(compress.total_in().saturating_sub(read)).unwrap_or(usize::MAX);
        rest = rest.get(read..).unwrap_or_default();
        match status {
            Ok(Status::Ok | Status::BufError) => {}
            Ok(Status::StreamEnd) | Err(_) => break,
        }
    }
    deflated.shrink_to_fit();
    deflated.into()
}

fn payload(message: &QueryTable) -> Bytes {
    let mut payload = BytesMut::new();
    message.encode(&mut payload);
    payload.freeze()
}
