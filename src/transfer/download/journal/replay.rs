use std::collections::BTreeMap;

use super::writer::{Writer, first_check, next_check};
use super::{CHECK_LEN, Intent, MAGIC, Record, SALT_LEN};
use crate::base::error::Malformed;
use crate::base::limits::{JOURNAL_RECORD_LEN_MAX, JOURNAL_SOURCES_MAX};
use crate::base::ranges::{ByteRange, RangeSet};
use crate::base::reader::{Expect, Reader};
use crate::transfer::download::contract::{Finding, Origin};
use crate::transfer::download::leaves::TigerDigest;
use crate::transfer::download::row::Row;

const HEAD: Expect = Expect::new("DOWN-10", "this is no journal of a download");
const INTENT: Expect = Expect::new("DOWN-10", "the journal does not say what is wanted");
const CUT: Expect = Expect::new("DOWN-10", "the record is cut");
const LEN: Expect = Expect::new("DOWN-10", "the record is too long");
const CHECK: Expect = Expect::new("DOWN-10", "the check of the record is wrong");

/// What a journal says.
#[derive(Clone, Debug)]
pub struct Recovered {
    pub intent: Intent,
    pub size: Option<u64>,
    /// What most sources call it, where the user has not named it.
    pub name: Option<String>,
    /// What the pieces must be, and whether the root is the one that was asked for.
    pub tree: Option<(Row, bool)>,
    /// On the disk, and what the tree says.
    pub verified: RangeSet,
    /// On the disk, and no tree says what they must be: the piece that starts there, and its digest.
    pub taken: BTreeMap<u64, (ByteRange, TigerDigest)>,
    pub is_paused: bool,
    /// The SHA-1 of the whole file was right: it only has to get its name.
    pub is_whole: bool,
    /// The last known are the last.
    pub sources: Vec<Finding>,
    /// Goes on behind the last sound record. What follows it in the file is to be cut off.
    pub writer: Writer,
    /// Pieces of which the journal did not tell, found right on the disk.
    pub confirmed: Vec<ByteRange>,
    /// Why what follows is no record, if anything follows.
    pub damage: Option<Malformed>,
}

/// Reads a journal as far as it is sound (DOWN-10). An error means that not even its beginning is.
pub fn replay(journal: &[u8]) -> Result<Recovered, Malformed> {
    let mut reader = Reader::new(journal);
    let head = reader.take(MAGIC.len().saturating_add(SALT_LEN), HEAD)?;
    if !head.starts_with(MAGIC) {
        return Err(HEAD.broken_at(0));
    }
    let mut check = first_check(head);
    let Record::Intent(intent) = next(&mut reader, &mut check)? else {
        return Err(INTENT.broken_at(reader.offset()));
    };
    let mut recovered = Recovered::new(intent);
    let mut sound_len = reader.offset();
    while !reader.is_empty() {
        match next(&mut reader, &mut check) {
            Ok(record) => recovered.follow(record),
            Err(damage) => {
                recovered.damage = Some(damage);
                break;
            }
        }
        sound_len = reader.offset();
    }
    recovered.writer = Writer::after(check, u64::try_from(sound_len).unwrap_or(u64::MAX));
    Ok(recovered)
}

/// The next record. Where it is not sound, `check` stays that of the last one that was.
fn next(reader: &mut Reader<'_>, check: &mut [u8; 20]) -> Result<Record, Malformed> {
    let start = reader.offset();
    let len = usize::try_from(reader.u32_le(CUT)?).unwrap_or(usize::MAX);
    if len > JOURNAL_RECORD_LEN_MAX {
        return Err(LEN.broken_at(start));
    }
    let kind = reader.u8(CUT)?;
    let payload = reader.take(len, CUT)?;
    let written = reader.take(CHECK_LEN, CUT)?;
    let expected = next_check(check, kind, payload);
    if !expected.starts_with(written) {
        return Err(CHECK.broken_at(start));
    }
    let record = Record::read(kind, payload).map_err(|fault| fault.moved_by(start))?;
    *check = expected;
    Ok(record)
}

impl Recovered {
    fn new(intent: Intent) -> Self {
        Self {
            size: intent.sure_size(),
            intent,
            name: None,
            tree: None,
            verified: RangeSet::new(),
            taken: BTreeMap::new(),
            is_paused: false,
            is_whole: false,
            sources: Vec::new(),
            writer: Writer::after([0; 20], 0),
            confirmed: Vec::new(),
            damage: None,
        }
    }

    fn follow(&mut self, record: Record) {
        match record {
            Record::Intent(_) | Record::Run(_) => {}
            Record::NoSize => {
                self.size = self.intent.sure_size();
                self.verified = RangeSet::new();
                self.taken.clear();
            }
            Record::Size(size) => {
                self.size = Some(size);
                self.verified = RangeSet::new();
                self.taken.clear();
            }
            Record::Tree { row, is_trusted } => self.tree = Some((row, is_trusted)),
            Record::NoTree => {
                self.tree = None;
                self.verified = RangeSet::new();
            }
            Record::Verified(range) => self.verify(range),
            Record::Taken { range, root } => {
                self.taken.insert(range.start, (range, root));
            }
            Record::Again(range) => self.fetch_again(range),
            Record::Paused(is_paused) => self.is_paused = is_paused,
            Record::Whole => self.is_whole = true,
            Record::Source(address) => self.know(Finding::by_urn(address, Origin::Journal)),
            Record::Known(finding) => self.know(finding),
            Record::Name(name) => self.name = Some(name),
        }
    }

    fn verify(&mut self, range: ByteRange) {
        self.verified.insert(range);
        self.taken.retain(|_, (taken, _)| !range.contains(*taken));
    }

    fn fetch_again(&mut self, range: ByteRange) {
        self.is_whole = false;
        self.verified.remove(range);
        self.taken.retain(|_, (taken, _)| taken.intersection(range).is_empty());
    }

    fn know(&mut self, finding: Finding) {
        self.sources.retain(|known| !known.is_same(&finding));
        if self.sources.len() >= JOURNAL_SOURCES_MAX {
            self.sources.remove(0);
        }
        self.sources.push(finding);
    }

    /// The part file has only so many bytes: what lies behind is not there.
    pub fn keep_only(&mut self, part_len: u64) {
        let behind = ByteRange::new(part_len, u64::MAX);
        if self.verified.within(behind).next().is_some() || !self.taken.is_empty() {
            let was_whole = self.is_whole && self.size.is_none_or(|size| size <= part_len);
            self.fetch_again(behind);
            self.is_whole = was_whole;
        }
    }

    /// This piece was found on the disk, and is what the tree says.
    pub fn confirm(&mut self, range: ByteRange) {
        self.verify(range);
        self.confirmed.push(range);
    }

    /// The pieces that may lie in the part file without the journal knowing: what they must be.
    pub fn unknown_pieces(&self) -> Vec<(ByteRange, TigerDigest)> {
        let Some((row, _)) = &self.tree else { return Vec::new() };
        let unknown = row.pieces().filter(|(range, _)| !self.verified.contains(*range));
        unknown.map(|(range, digest)| (range, *digest)).collect()
    }
}
