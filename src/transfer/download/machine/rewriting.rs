//! The journal begins anew where it has become long (DOWN-35).

use super::Download;
use crate::base::limits::JOURNAL_SOURCES_MAX;
use crate::base::ranges::RangeSet;
use crate::transfer::download::contract::{Finding, Origin, State};
use crate::transfer::download::journal::Record;
use crate::transfer::download::source::Source;

impl Download {
    pub(super) fn commit(&mut self) {
        if matches!(self.state, State::Stuck(_)) || self.state.is_over() {
            return;
        }
        if self.store.is_long() {
            let summary = self.summary();
            self.store.rewrite(&self.intent, summary, &mut self.outputs);
        } else {
            self.store.commit(&mut self.outputs);
        }
    }

    /// All that a journal has to say, as of now.
    fn summary(&self) -> Vec<Record> {
        let mut records = Vec::new();
        if self.state == State::Paused {
            records.push(Record::Paused(true));
        }
        records.extend(self.name.said.clone().map(Record::Name));
        records.extend(self.size.filter(|_| self.intent.sure_size().is_none()).map(Record::Size));
        if let Some(row) = self.pieces.row().cloned() {
            records.push(Record::Tree { row, is_trusted: self.trees.is_trusted });
        }
        let taken = self.pieces.taken_pieces();
        let mut verified: RangeSet = self.pieces.there().clone();
        taken.iter().for_each(|(range, _)| verified.remove(*range));
        records.extend(verified.iter().map(Record::Verified));
        records.extend(taken.into_iter().map(|(range, root)| Record::Taken { range, root }));
        records.extend(self.noted_sources());
        records
    }

    fn noted_sources(&self) -> impl Iterator<Item = Record> {
        let is_noted =
            |source: &&Source| source.useful_len > 0 || source.finding.origin == Origin::User;
        let noted = self.sources.values().filter(|source| !source.is_dropped()).filter(is_noted);
        noted.take(JOURNAL_SOURCES_MAX).map(|source| note_of(&source.finding))
    }
}

/// What a journal says of a source.
pub(super) fn note_of(finding: &Finding) -> Record {
    let name = finding.name.clone();
    let plain = Finding { name, ..Finding::by_urn(finding.address, finding.origin) };
    if *finding == plain && finding.origin != Origin::User {
        Record::Source(finding.address)
    } else {
        Record::Known(finding.clone())
    }
}
