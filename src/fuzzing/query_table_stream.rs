use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::splitter::Splitter;
use crate::base::error::Fault;
use crate::base::limits::QUERY_TABLE_SLOTS_MAX;
use crate::gnutella::wire::QueryTable;
use crate::gnutella::wire::query_table::{Change, Patch, Receiver, Reset};

/// More steps would only make each run slower.
const STEPS_MAX: usize = 12;
/// Sizes of tables, most of them small for the same reason.
const SLOTS: &[u32] = &[8, 16, 8, 32, 64, 128, 8, 1024, 16, 4096, 512];

/// By so much deflating may make a patch of the largest of these tables longer.
const DEFLATED_SURPLUS_LEN: usize = 1024;

/// Says what a link sends about its table: resets, patches as they should be, patches with one
/// damage, and payloads of any bytes.
pub(super) fn check_stream(mut splitter: Splitter<'_>) {
    let mut link = Link::default();
    for _ in 0..STEPS_MAX {
        if splitter.is_empty() {
            return;
        }
        match splitter.byte() % 8 {
            0 => link.reset(&mut splitter),
            1 => link.any_payload(splitter.piece()),
            2 => link.damaged_patch(&mut splitter),
            _ => link.patch(&mut splitter),
        }
    }
}

/// The receiving end of a link, and the table that its owner keeps.
#[derive(Default)]
struct Link {
    receiver: Receiver,
    present: Vec<bool>,
    /// No patch is under way.
    is_idle: bool,
    deflater: Deflater,
}

impl Link {
    fn reset(&mut self, splitter: &mut Splitter<'_>) {
        let slots = splitter.choose(SLOTS);
        let infinity = splitter.byte().max(1);
        let reset = Reset { slots, infinity, rest: Bytes::new() };
        assert_eq!(self.receive(&QueryTable::Reset(reset)), Ok(false));
        assert_eq!(self.receiver.slots(), Some(slots));
    }

    fn any_payload(&mut self, payload: &[u8]) {
        if let Ok(message) = QueryTable::decode(&Bytes::copy_from_slice(payload)) {
            // Whether it fits is another question; that nothing panics is this one.
            let _ = self.receive(&message);
        }
    }

    /// Whatever is wrong, no change leaves the table, which `receive` asserts.
    fn damaged_patch(&mut self, splitter: &mut Splitter<'_>) {
        let (mut pieces, _) = self.pieces(splitter);
        let index = usize::from(splitter.byte()) % pieces.len();
        match splitter.byte() % 6 {
            0 => drop(pieces.remove(index)),
            1 => pieces.swap(0, index),
            2 => pieces[index].sequence = splitter.byte(),
            3 => pieces[index].sequence_size = splitter.byte(),
            4 => pieces[index].entry_bits = splitter.byte(),
            _ => pieces[index].data = Bytes::copy_from_slice(splitter.piece()),
        }
        for piece in pieces {
            let _ = self.receive(&QueryTable::Patch(piece));
        }
    }

    /// A patch as it should be is taken, and changes what its entries say.
    fn patch(&mut self, splitter: &mut Splitter<'_>) {
        let (pieces, plain) = self.pieces(splitter);
        let (slots, entry_bits) = (self.present.len(), usize::from(pieces[0].entry_bits));
        let is_welcome = self.is_idle && plain.len() * 8 == slots * entry_bits;
        let expected = patched(&self.present, &plain, entry_bits);
        let count = pieces.len();
        for (piece, number) in pieces.into_iter().zip(1..) {
            let result = self.receive(&QueryTable::Patch(piece));
            if is_welcome {
                assert_eq!(result, Ok(number == count), "piece {number} of {count}");
            }
        }
        if is_welcome {
            assert_eq!(self.present, expected, "the patch changes other slots");
        }
    }

    /// A patch for the whole table in a few pieces, and its entries.
    fn pieces(&mut self, splitter: &mut Splitter<'_>) -> (Vec<Patch>, Vec<u8>) {
        let entry_bits: u8 = splitter.choose(&[1, 2, 4, 8]);
        let compressor = splitter.choose(&[Patch::NONE, Patch::DEFLATE]);
        let count = usize::from(splitter.choose(&[1, 2, 3, 7, 255_u8]));
        let plain_len = self.present.len().min(1 << 15) * usize::from(entry_bits) / 8;
        let entries = [splitter.piece(), &[0]].concat();
        let plain: Vec<u8> = entries.iter().copied().cycle().take(plain_len).collect();
        let data =
            if compressor == Patch::NONE { plain.clone() } else { self.deflater.deflate(&plain) };
        let chunks: Vec<_> = match data.chunks(data.len().div_ceil(count).max(1)) {
            chunks if chunks.len() == 0 => vec![&[][..]],
            chunks => chunks.collect(),
        };
        let sequence_size = u8::try_from(chunks.len()).expect("there are at most 255");
        let piece = |(data, sequence)| {
            let data = Bytes::copy_from_slice(data);
            Patch { sequence, sequence_size, compressor, entry_bits, data }
        };
        (chunks.into_iter().zip(1..=u8::MAX).map(piece).collect(), plain)
    }

    fn receive(&mut self, message: &QueryTable) -> Result<bool, Fault> {
        let Self { receiver, present, is_idle, .. } = self;
        let received = receiver.receive(message, |slot, change| {
            let slot = &mut present[slot as usize];
            *slot = match change {
                Change::Set => true,
                Change::Clear => false,
                Change::Flip => !*slot,
            };
        });
        *is_idle = received == Ok(true);
        if let (QueryTable::Reset(reset), Ok(_)) = (message, &received) {
            assert!(reset.slots.is_power_of_two() && reset.slots <= QUERY_TABLE_SLOTS_MAX);
            *present = vec![false; reset.slots as usize];
            *is_idle = true;
        }
        received
    }
}

/// The table after a patch, told from its entries one by one.
fn patched(present: &[bool], plain: &[u8], entry_bits: usize) -> Vec<bool> {
    let bit =
        |index: usize| plain.get(index / 8).is_some_and(|byte| byte << (index % 8) & 0x80 != 0);
    let changed = |(slot, &was): (usize, &bool)| {
        let mut entry = (0..entry_bits).map(|place| bit(slot * entry_bits + place));
        let sign = entry.next().unwrap_or(false);
        match (entry_bits, sign) {
            (1, flips) => was ^ flips,
            (_, true) => true,
            (_, false) => was && !entry.any(|is_set| is_set),
        }
    };
    present.iter().enumerate().map(changed).collect()
}

/// Deflates one patch after the other without making room for each anew, which would take most of
/// the time.
#[derive(Debug)]
struct Deflater(Compress);

impl Default for Deflater {
    fn default() -> Self {
        Self(Compress::new(Compression::fast(), true))
    }
}

impl Deflater {
    fn deflate(&mut self, plain: &[u8]) -> Vec<u8> {
        self.0.reset();
        let mut deflated = Vec::with_capacity(plain.len() + DEFLATED_SURPLUS_LEN);
        let status = self.0.compress_vec(plain, &mut deflated, FlushCompress::Finish);
        assert_eq!(status.ok(), Some(Status::StreamEnd), "there was not enough room");
        deflated
    }
}
