use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};

use super::{Change, Entries, Patch, QueryTable, Reset};
use crate::base::error::{Fault, Misbehaved, Rule};
use crate::base::mutant::mutant;

/// Bytes that are inflated at a time.
const CHUNK_LEN: usize = 1024;

const NO_RESET: Misbehaved = broken("QRP-11", "a patch came before any reset");
const OUT_OF_ORDER: Misbehaved = broken("QRP-07", "a piece of the patch came out of order");
const CHANGED: Misbehaved = broken("QRP-10", "the pieces of one patch do not agree");
const BAD_STREAM: Misbehaved = broken("QRP-18", "the deflated patch does not inflate");
const NOT_ENDED: Misbehaved =
    broken("QRP-18", "the deflated patch does not end with its last piece");
const TOO_FEW: Misbehaved = broken("QRP-19", "the patch does not cover the whole table");
const TOO_MANY: Misbehaved = broken("QRP-20", "the patch has more entries than the table slots");

const fn broken(rule: &'static str, what: &'static str) -> Misbehaved {
    Misbehaved { rule: Rule::new(rule), what }
}

/// Follows the query table messages of one link: checks their order, inflates them piece by piece,
/// and says which slots change. The table itself is the caller's.
///
/// ```text
/// reset ─► patch 1/n ─► … ─► patch n/n ─► patch 1/m ─► …      (or a reset at any time)
/// ```
#[derive(Debug, Default)]
pub struct Receiver {
    slots: Option<u32>,
    sequence: Option<Sequence>,
}

/// A patch of which some pieces have come.
#[derive(Debug)]
struct Sequence {
    first: Patch,
    next: u8,
    position: u32,
    inflater: Option<Decompress>,
    ended: bool,
}

impl Receiver {
    /// Nothing has been received.
    pub const fn new() -> Self {
        Self { slots: None, sequence: None }
    }

    /// How many slots the table has, once there was a reset.
    pub const fn slots(&self) -> Option<u32> {
        self.slots
    }

    /// Takes one message. `change` is called for each slot that changes; a reset clears them all,
    /// which the caller does. True when the table is whole: after the last piece of a patch.
    pub fn receive(
        &mut self,
        message: &QueryTable,
        change: impl FnMut(u32, Change),
    ) -> Result<bool, Fault> {
        match message {
            QueryTable::Reset(reset) => self.reset(reset).map(|()| false),
            QueryTable::Patch(patch) => self.patch(patch, change),
        }
    }

    fn reset(&mut self, reset: &Reset) -> Result<(), Fault> {
        reset.check()?;
        self.slots = Some(reset.slots);
        self.sequence = None;
        Ok(())
    }

    fn patch(&mut self, patch: &Patch, change: impl FnMut(u32, Change)) -> Result<bool, Fault> {
        let slots = self.slots.ok_or(NO_RESET)?;
        patch.check()?;
        let mut sequence = match self.sequence.take() {
            Some(sequence) => sequence,
            None => Sequence::begin(patch),
        };
        sequence.accept(patch)?;
        sequence.apply(&patch.data, slots, change)?;
        if patch.sequence < patch.sequence_size {
            self.sequence = Some(sequence);
            return Ok(false);
        }
        sequence.finish(slots)?;
        Ok(true)
    }
}

impl Sequence {
    fn begin(patch: &Patch) -> Self {
        let inflater = (patch.compressor == Patch::DEFLATE).then(|| Decompress::new(true));
        let first = Patch { data: Bytes::new(), ..patch.clone() };
        Self { first, next: 1, position: 0, inflater, ended: false }
    }

    fn accept(&mut self, patch: &Patch) -> Result<(), Misbehaved> {
        let is_next = patch.sequence == self.next || mutant!(TakesPatchesInAnyOrder);
        if !is_next || patch.sequence_size != self.first.sequence_size {
            return Err(OUT_OF_ORDER);
        }
        if (patch.compressor, patch.entry_bits) != (self.first.compressor, self.first.entry_bits) {
            return Err(CHANGED);
        }
        self.next = self.next.saturating_add(1);
        Ok(())
    }

    fn apply(
        &mut self,
        data: &[u8],
        slots: u32,
        mut change: impl FnMut(u32, Change),
    ) -> Result<(), Misbehaved> {
        let Some(mut inflater) = self.inflater.take() else {
            return self.apply_plain(data, slots, &mut change);
        };
        let mut chunk = [0; CHUNK_LEN];
        let mut rest = data;
        loop {
            if self.ended && !rest.is_empty() {
                return Err(NOT_ENDED);
            }
            let (read, written) = (inflater.total_in(), inflater.total_out());
            let status = inflater
                .decompress(rest, &mut chunk, FlushDecompress::None)
                .map_err(|_| BAD_STREAM)?;
            let read = length_since(read, inflater.total_in());
            let written = length_since(written, inflater.total_out());
            rest = rest.get(read..).unwrap_or_default();
            self.apply_plain(chunk.get(..written).unwrap_or_default(), slots, &mut change)?;
            self.ended |= status == Status::StreamEnd;
            if written < CHUNK_LEN && (rest.is_empty() || read == 0) {
                break;
            }
        }
        self.inflater = Some(inflater);
        if rest.is_empty() { Ok(()) } else { Err(BAD_STREAM) }
    }

    fn apply_plain(
        &mut self,
        data: &[u8],
        slots: u32,
        change: &mut impl FnMut(u32, Change),
    ) -> Result<(), Misbehaved> {
        let entries = Entries::of(&self.first).ok_or(CHANGED)?;
        for &byte in data {
            let next = self.position.saturating_add(entries.per_byte());
            if next > slots {
                return Err(TOO_MANY);
            }
            for (place, what) in entries.changes(byte) {
                change(self.position.saturating_add(place), what);
            }
            self.position = next;
        }
        Ok(())
    }

    fn finish(&self, slots: u32) -> Result<(), Misbehaved> {
        if self.position < slots {
            return Err(TOO_FEW);
        }
        if self.inflater.is_some() && !self.ended {
            return Err(NOT_ENDED);
        }
        Ok(())
    }
}

fn length_since(before: u64, after: u64) -> usize {
    usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn reset(slots: u32) -> QueryTable {
        QueryTable::Reset(Reset { slots, infinity: 7, rest: Bytes::new() })
    }

    fn patch(sequence: u8, sequence_size: u8, entry_bits: u8, data: &[u8]) -> QueryTable {
        let data = Bytes::copy_from_slice(data);
        QueryTable::Patch(Patch { sequence, sequence_size, compressor: 0, entry_bits, data })
    }

    fn deflated(pieces: usize, entry_bits: u8, plain: &[u8]) -> Vec<QueryTable> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        let stream = encoder.finish().unwrap();
        let len = stream.len().div_ceil(pieces);
        let sequence_size = u8::try_from(stream.chunks(len).len()).unwrap();
        (1..)
            .zip(stream.chunks(len))
            .map(|(sequence, data)| {
                let data = Bytes::copy_from_slice(data);
                QueryTable::Patch(Patch {
                    sequence,
                    sequence_size,
                    compressor: 1,
                    entry_bits,
                    data,
                })
            })
            .collect()
    }

    #[derive(Default)]
    struct Table {
        receiver: Receiver,
        present: BTreeSet<u32>,
    }

    impl Table {
        fn with_slots(slots: u32) -> Self {
            let mut table = Self::default();
            table.receive(&reset(slots)).unwrap();
            table
        }

        fn receive(&mut self, message: &QueryTable) -> Result<bool, Fault> {
            let present = &mut self.present;
            self.receiver.receive(message, |slot, change| {
                let there = change.applied(present.contains(&slot));
                if there {
                    present.insert(slot)
                } else {
                    present.remove(&slot)
                };
            })
        }

        fn rule(&mut self, message: &QueryTable) -> &'static str {
            self.receive(message).unwrap_err().rule().id()
        }
    }

    #[test]
    fn a_deflated_patch_in_many_pieces_says_the_same_as_a_plain_one() {
        let entries: Vec<u8> = (0..8192_u32).map(|n| if n % 97 == 0 { 0xa0 } else { 0 }).collect();
        let expected: BTreeSet<u32> = (0..8192).filter(|n| n % 97 == 0).map(|n| n * 2).collect();
        for pieces in [1, 2, 7] {
            let mut table = Table::with_slots(16384);
            let messages = deflated(pieces, 4, &entries);
            let (last, before) = messages.split_last().unwrap();
            assert!(before.iter().all(|message| table.receive(message) == Ok(false)));
            assert_eq!(table.receive(last), Ok(true));
            assert_eq!(table.present, expected);
        }
    }

    #[test]
    fn a_later_patch_changes_what_is_there() {
        let mut table = Table::with_slots(8);
        assert_eq!(table.receive(&patch(1, 1, 1, &[0b1100_0000])), Ok(true));
        assert_eq!(table.receive(&patch(1, 1, 1, &[0b0100_0001])), Ok(true));
        assert_eq!(table.present, BTreeSet::from([0, 7]));
        assert_eq!(table.receive(&patch(1, 1, 8, &[6, 0, 0, 0, 0, 0, 0, 0])), Ok(true));
        assert_eq!(table.present, BTreeSet::from([7]));
    }

    #[test]
    fn the_order_of_messages_is_held_to() {
        assert_eq!(Table::default().rule(&patch(1, 1, 8, &[0; 8])), "QRP-11");
        let mut table = Table::with_slots(8);
        assert_eq!(table.rule(&patch(2, 2, 8, &[0; 4])), "QRP-07");
        assert_eq!(table.receive(&patch(1, 2, 8, &[0; 4])), Ok(false));
        assert_eq!(table.rule(&patch(2, 2, 4, &[0; 4])), "QRP-10");
    }

    #[test]
    fn a_patch_covers_the_table_and_no_more() {
        assert_eq!(Table::with_slots(8).rule(&patch(1, 1, 8, &[0; 7])), "QRP-19");
        assert_eq!(Table::with_slots(8).rule(&patch(1, 1, 8, &[0; 9])), "QRP-20");
        for message in deflated(1, 8, &[0; 1 << 20]) {
            assert_eq!(Table::with_slots(8).rule(&message), "QRP-20");
        }
    }

    #[test]
    fn a_stream_ends_exactly_with_its_last_piece() {
        for (cut, extra) in [(1, 0), (0, 1)] {
            let Some(QueryTable::Patch(mut patch)) = deflated(1, 8, &[0; 8]).pop() else {
                panic!("one patch was made");
            };
            let mut data = patch.data.to_vec();
            data.truncate(data.len() - cut);
            data.resize(data.len() + extra, 0);
            patch.data = data.into();
            assert_eq!(Table::with_slots(8).rule(&QueryTable::Patch(patch)), "QRP-18");
        }
    }
}
