use std::io::Write;

use bytes::Bytes;
use filbert::gnutella::wire::query_table::{Patch, Reset};
use filbert::gnutella::wire::{Frame, Function, Guid, Message, QueryTable};
use filbert::gnutella::word_hash::word_hash;
use flate2::Compression;
use flate2::write::ZlibEncoder;

const BITS: u32 = 16;
const INFINITY: u8 = 7;
/// Minus six in four bits: from nothing to one.
const PRESENT: u8 = 0xa;

/// The messages by which a leaf tells that it has these words.
pub(crate) fn messages(words: &[String]) -> Vec<Frame> {
    let mut entries = vec![0_u8; 1 << (BITS - 1)];
    for word in words {
        let slot = word_hash(word, BITS);
        let shift = if slot.is_multiple_of(2) { 4 } else { 0 };
        entries[slot as usize / 2] |= PRESENT << shift;
    }
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(&entries).expect("memory takes everything");
    let data = Bytes::from(deflated.finish().expect("memory takes everything"));
    let pieces: Vec<Bytes> = data.chunks(2_048).map(Bytes::copy_from_slice).collect();
    let count = u8::try_from(pieces.len()).expect("a table has few pieces");
    let reset =
        QueryTable::Reset(Reset { slots: 1 << BITS, infinity: INFINITY, rest: Bytes::new() });
    let patches = pieces.into_iter().zip(1..).map(|(data, sequence)| {
        let compressor = Patch::DEFLATE;
        QueryTable::Patch(Patch { sequence, sequence_size: count, compressor, entry_bits: 4, data })
    });
    std::iter::once(reset).chain(patches).map(frame).collect()
}

fn frame(table: QueryTable) -> Frame {
    Frame {
        guid: Guid([1; 16]),
        function: Function::QUERY_TABLE,
        ttl: 1,
        hops: 0,
        size_flags: None,
        payload: Message::QueryTable(table).to_bytes(),
    }
}
