use std::collections::VecDeque;

use crate::base::limits::{COMMIT_LEN_MAX, COMMIT_WAIT_MS, JOURNAL_GROWTH_MAX};
use crate::base::ranges::{ByteRange, RangeSet};
use crate::base::time::Time;
use crate::transfer::download::contract::{Output, Work};
use crate::transfer::download::journal::{Intent, Record, Writer};
use crate::transfer::download::leaves::TigerDigest;

/// What was given to the disk, and what of it is safe there.
#[derive(Debug)]
pub(super) struct Store {
    next_number: u64,
    /// Work that is not done yet, in order.
    pending: VecDeque<Pending>,
    /// Work before this number belongs to a disk that has failed.
    valid_from: u64,
    writer: Writer,
    /// The journal as it is on the disk for sure.
    safe_writer: Writer,
    /// Verified bytes of which the journal on the disk knows.
    pub(super) safe_verified: RangeSet,
    pub(super) safe_taken: Vec<(u64, TigerDigest)>,
    /// What the next commit says.
    records: Vec<Record>,
    fresh: RangeSet,
    pub(super) dirty_since: Option<Time>,
    /// How the journal begins, as long as that may not be on the disk.
    head: Vec<u8>,
    /// What was on its way there when the disk failed.
    lost: Vec<Record>,
    has_fallen_back: bool,
    /// Bytes of the journal when it began anew last.
    summary_len: u64,
    is_unsure: bool,
    /// A new part file was to take the place of the old one, and has not (DOWN-19).
    must_begin_again: bool,
}

/// What is waited for.
#[derive(Debug)]
struct Pending {
    number: u64,
    /// The journal after it, and what is safe then.
    commit: Option<(Writer, Vec<Record>)>,
    /// It makes room for as many bytes as strangers say.
    is_stranger: bool,
    /// It puts another journal in the place of the one that is there.
    is_rewrite: bool,
    /// It puts another part file in the place of the one that is there.
    begins_again: bool,
}

impl Pending {
    /// Nothing comes of it.
    const fn failed(number: u64) -> Self {
        Self { number, commit: None, is_stranger: false, is_rewrite: false, begins_again: false }
    }
}

impl Store {
    pub(super) fn new(writer: Writer) -> Self {
        Self {
            next_number: 0,
            pending: VecDeque::new(),
            valid_from: 0,
            safe_writer: writer.clone(),
            writer,
            safe_verified: RangeSet::new(),
            safe_taken: Vec::new(),
            records: Vec::new(),
            fresh: RangeSet::new(),
            dirty_since: None,
            head: Vec::new(),
            lost: Vec::new(),
            has_fallen_back: false,
            summary_len: 0,
            is_unsure: false,
            must_begin_again: false,
        }
    }

    /// Gives the disk something to do.
    pub(super) fn work(&mut self, work: Work, outputs: &mut VecDeque<Output>) {
        self.give(work, None, outputs);
    }

    /// Opens the files, and makes room for as many bytes as strangers say, or somebody who knows.
    pub(super) fn make_room(
        &mut self,
        work: Work,
        is_stranger: bool,
        outputs: &mut VecDeque<Output>,
    ) {
        let begins_again = matches!(work, Work::BeginAgain { .. });
        self.give(work, None, outputs);
        if let Some(pending) = self.pending.back_mut() {
            (pending.is_stranger, pending.begins_again) = (is_stranger, begins_again);
        }
        if self.has_fallen_back && !self.head.is_empty() {
            let head = self.head.clone();
            self.append(head, outputs);
        }
        self.has_fallen_back = false;
    }

    /// The beginning of a new journal.
    pub(super) fn append(&mut self, head: Vec<u8>, outputs: &mut VecDeque<Output>) {
        let commit = Some((self.writer.clone(), Vec::new()));
        self.head.clone_from(&head);
        self.give(Work::Append { offset: 0, bytes: head }, commit, outputs);
    }

    fn give(
        &mut self,
        work: Work,
        commit: Option<(Writer, Vec<Record>)>,
        outputs: &mut VecDeque<Output>,
    ) {
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        self.pending.push_back(Pending { commit, ..Pending::failed(number) });
        outputs.push_back(Output::Disk { number, work });
    }

    /// Goes to the journal with the next commit.
    pub(super) fn note(&mut self, record: Record) {
        self.flush_fresh();
        self.records.push(record);
    }

    /// These bytes were written, and are right.
    pub(super) fn verified(&mut self, range: ByteRange) {
        self.fresh.insert(range);
    }

    /// These are to be fetched again. Before they are overwritten the journal has to say so.
    pub(super) fn again(&mut self, range: ByteRange) {
        self.fresh.remove(range);
        self.note(Record::Again(range));
    }

    pub(super) fn mark_dirty(&mut self, now: Time) {
        let is_dirty = self.is_unsure || !self.fresh.is_empty() || !self.records.is_empty();
        self.dirty_since = is_dirty.then(|| self.dirty_since.unwrap_or(now));
    }

    pub(super) fn is_commit_due(&self, now: Time) -> bool {
        let is_late = self.dirty_since.is_some_and(|since| since.after_ms(COMMIT_WAIT_MS) <= now);
        is_late || self.fresh.len() >= COMMIT_LEN_MAX
    }

    fn flush_fresh(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        self.records.extend(fresh.iter().map(Record::Verified));
    }

    pub(super) fn commit(&mut self, outputs: &mut VecDeque<Output>) {
        self.flush_fresh();
        self.dirty_since = None;
        if self.records.is_empty() {
            return;
        }
        self.work(Work::Sync, outputs);
        let records = std::mem::take(&mut self.records);
        let offset = self.writer.len();
        let bytes = records.iter().flat_map(|record| self.writer.append(record)).collect();
        let commit = Some((self.writer.clone(), records));
        self.give(Work::Append { offset, bytes }, commit, outputs);
    }

    /// Whether the journal is to begin anew: it has grown, or nobody knows which of two is there.
    pub(super) fn is_long(&self) -> bool {
        let len_max = self.summary_len.saturating_mul(2).saturating_add(JOURNAL_GROWTH_MAX);
        self.is_unsure || self.writer.len() > len_max
    }

    /// A new journal, which says no more than this, and what is not told by how things are.
    pub(super) fn rewrite(
        &mut self,
        intent: &Intent,
        mut records: Vec<Record>,
        outputs: &mut VecDeque<Output>,
    ) {
        self.fresh = RangeSet::new();
        self.dirty_since = None;
        for record in std::mem::take(&mut self.records) {
            if record.is_wish() {
                records.push(record);
            } else if record.is_revocation() {
                // It holds at once, whichever journal is there in the end.
                self.is_safe(&record);
            }
        }
        let first = Record::Intent(intent.clone());
        let (mut writer, mut bytes) = Writer::begin(self.writer.salt(), &first);
        bytes.extend(records.iter().flat_map(|record| writer.append(record)));
        self.summary_len = writer.len();
        self.writer = writer.clone();
        self.work(Work::Sync, outputs);
        // Until it is done nobody knows which one is there.
        self.is_unsure = false;
        self.give(Work::Rewrite { bytes }, Some((writer, records)), outputs);
        if let Some(pending) = self.pending.back_mut() {
            pending.is_rewrite = true;
        }
    }

    /// The oldest work is done. Returned is whether this is about a disk that works.
    pub(super) fn done(&mut self, number: u64) -> bool {
        let Some(pending) = self.pending.pop_front() else { return false };
        if number < self.valid_from || pending.number != number {
            return false;
        }
        self.must_begin_again &= !pending.begins_again;
        if let Some((writer, records)) = pending.commit {
            self.safe_writer = writer;
            self.head.clear();
            records.iter().for_each(|record| self.is_safe(record));
        }
        true
    }

    /// The oldest work is not done. Returned is whether nothing has failed before.
    pub(super) fn failed(&mut self, number: u64) -> bool {
        let Some(pending) = self.pending.pop_front() else { return false };
        if number < self.valid_from || pending.number != number {
            return false;
        }
        self.lost = self.unsaid(pending);
        true
    }

    /// What was to be written down, and does not say that bytes are there.
    fn unsaid(&mut self, pending: Pending) -> Vec<Record> {
        let is_rewrite = pending.is_rewrite;
        self.is_unsure |= is_rewrite;
        self.must_begin_again |= pending.begins_again;
        let (_, mut records) = pending.commit.unwrap_or_else(|| (self.writer.clone(), Vec::new()));
        records.retain(|record| if is_rewrite { record.is_wish() } else { !record.is_claim() });
        records
    }

    /// Whether the part file that is there may be one that others were given, and that is not written to.
    pub(super) const fn must_begin_again(&self) -> bool {
        self.must_begin_again
    }

    /// Whether the oldest work makes room for as many bytes as strangers say.
    pub(super) fn is_for_stranger(&self, number: u64) -> bool {
        let oldest = self.pending.front().filter(|pending| pending.number == number);
        number >= self.valid_from && oldest.is_some_and(|pending| pending.is_stranger)
    }

    fn is_safe(&mut self, record: &Record) {
        match record {
            Record::Verified(range) => self.safe_verified.insert(*range),
            Record::Taken { range, root } => {
                self.safe_taken.retain(|(start, _)| *start != range.start);
                self.safe_taken.push((range.start, *root));
            }
            Record::Again(range) => {
                self.safe_verified.remove(*range);
                self.safe_taken.retain(|(start, _)| !(range.start..range.end).contains(start));
            }
            Record::NoTree | Record::Size(_) | Record::NoSize => {
                self.safe_verified = RangeSet::new();
                self.safe_taken.clear();
            }
            _ => {}
        }
    }

    /// What is not safe never was. What does not say that bytes are there is written down once more, when the disk
    /// is mended (DOWN-32).
    pub(super) fn fall_back(&mut self) {
        self.valid_from = self.next_number;
        self.writer = self.safe_writer.clone();
        self.has_fallen_back = true;
        let mut records = std::mem::take(&mut self.lost);
        for pending in std::mem::take(&mut self.pending) {
            let number = pending.number;
            records.extend(self.unsaid(pending));
            self.pending.push_back(Pending::failed(number));
        }
        self.records.retain(|record| !record.is_claim());
        records.append(&mut self.records);
        records.iter().for_each(|record| self.is_safe(record));
        self.records = records;
        self.fresh = RangeSet::new();
        self.dirty_since = None;
    }
}
