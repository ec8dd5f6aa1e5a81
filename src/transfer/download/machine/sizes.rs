//! How many bytes the file has, where the user has not said it: whoever says it may lie (DOWN-07).

use std::collections::{BTreeMap, BTreeSet};

use super::Download;
use super::denying::Denials;
use super::settling::Turn;
use super::trees::network_of;
use crate::base::time::Time;
use crate::transfer::download::contract::{DiskFailure, SourceId, Why, Work};
use crate::transfer::download::journal::Record;
use crate::transfer::download::pieces::Pieces;
use crate::transfer::download::source::{Phase, TreeWord};

/// What is said of the file's size.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    /// Who says that it has how many.
    pub(super) said: BTreeMap<SourceId, u64>,
    /// Said in an earlier run: as good as one source.
    pub(super) before: Option<u64>,
    /// There is no room for so many, and this is what to do.
    pub(super) no_room: Option<(u64, DiskFailure)>,
    /// What is believed has its turn until then, where others say otherwise.
    pub(super) turn: Option<Turn>,
    pub(super) turns: u64,
    pub(super) denials: Denials,
}

impl Sizes {
    pub(super) fn forget(&mut self, id: SourceId) {
        self.said.remove(&id);
        self.denials.forget(id);
    }

    /// There may be more room by now.
    pub(super) fn hope_for_room(&mut self) {
        self.no_room = None;
    }

    /// When another size gets its turn.
    pub(super) fn turn_ends(&self) -> Option<Time> {
        self.turn.map(|turn| turn.ends)
    }

    fn has_room(&self, size: u64) -> bool {
        self.no_room.as_ref().is_none_or(|(too_large, _)| size < *too_large)
    }
}

impl Download {
    /// An earlier run has ended with this size.
    pub(super) fn recall_size(&mut self, size: Option<u64>) {
        self.size = size.filter(|size| self.intent.may_have(*size));
        self.sizes.before = self.size;
    }

    /// Whether a source's file has as many bytes as ours. What the first one says is believed until others in
    /// more networks say otherwise; whoever says otherwise waits until then.
    pub(super) fn size_fits(&mut self, id: SourceId, said: Option<u64>, now: Time) -> bool {
        let Some(said) = said else { return self.size.is_some() };
        if !self.may_have(said) {
            self.has_other_file(id, said);
            return false;
        }
        let before = self.sizes.said.insert(id, said);
        if self.alone == Some(id) && before.is_some_and(|before| before != said) {
            // It would have us begin again with each of its answers.
            self.drop_source(id, Why::WrongSize);
            return false;
        }
        let Some(known) = self.size else {
            if !self.sizes.has_room(said) {
                self.shelve(id);
                return false;
            }
            self.change_size(Some(said), now);
            return true;
        };
        let (count, others) = (self.witnesses(said), self.witnesses(known));
        let is_outvoted = count >= 2 && count > others && self.sizes.has_room(said);
        if said == known {
            return true;
        }
        if is_outvoted || self.alone == Some(id) {
            self.change_size(Some(said), now);
            return true;
        }
        self.shelve(id);
        false
    }

    /// Whether the file may have so many bytes, as far as is known for sure.
    pub(super) fn may_have(&self, said: u64) -> bool {
        let is_sure = self.sure_size().is_none_or(|sure| sure == said);
        // A tree that has proved a piece tells how many there are.
        let has_proved = self.trees.is_trusted && !self.pieces.there().is_empty();
        let proof = self.pieces.row().filter(|_| has_proved);
        let fits = proof.is_none_or(|row| row.clone().of_size(said).is_some());
        self.intent.may_have(said) && is_sure && fits
    }

    /// The size that the user has named, or that a trusted tree has proved with the last piece.
    pub(super) fn sure_size(&self) -> Option<u64> {
        let last = self.pieces.count().saturating_sub(1);
        let is_proved =
            self.trees.is_trusted && self.pieces.row().is_some() && self.pieces.is_there(last);
        self.intent.sure_size().or(self.size.filter(|_| is_proved))
    }

    /// In how many networks somebody says this size.
    pub(super) fn witnesses(&self, size: u64) -> usize {
        let named = self.sizes.said.iter().filter(|(_, said)| **said == size);
        let sources = named.filter_map(|(id, _)| self.sources.get(id));
        let networks = sources.map(|source| network_of(source.finding.address.ip()));
        let before = usize::from(self.sizes.before == Some(size));
        networks.collect::<BTreeSet<_>>().len().saturating_add(before)
    }

    /// The sizes that could be had, and in how many networks each is said.
    pub(super) fn candidates(&self) -> BTreeMap<u64, usize> {
        let is_there =
            |id: &SourceId| self.sources.get(id).is_some_and(|source| !source.is_dropped());
        let said = self.sizes.said.iter().filter(|(id, _)| is_there(id));
        let all: BTreeSet<u64> = said.map(|(_, size)| *size).collect();
        let all = all.into_iter().filter(|size| self.sizes.has_room(*size) && self.may_have(*size));
        all.map(|size| (size, self.witnesses(size))).collect()
    }

    /// It says otherwise than what is believed for now: it is asked for nothing until that has changed.
    fn shelve(&mut self, id: SourceId) {
        self.part(id, Time::ZERO);
        if let Some(source) = self.sources.get_mut(&id) {
            source.has_other_size = true;
        }
    }

    /// Whether it says a size for which there is no room.
    pub(super) fn says_too_much(&self, id: SourceId) -> bool {
        self.sizes.said.get(&id).is_some_and(|said| !self.sizes.has_room(*said))
    }

    /// This one is asked alone from now on: what it says holds.
    pub(super) fn believe_size_of(&mut self, id: SourceId, now: Time) {
        if let Some(source) = self.sources.get_mut(&id) {
            source.has_other_size = false;
        }
        let said = self.sizes.said.get(&id).copied();
        if said.is_some() && said != self.size {
            self.change_size(said, now);
        }
    }

    /// From now on the file has so many bytes, or nobody knows how many. What a trusted tree has proved stays.
    pub(super) fn change_size(&mut self, size: Option<u64>, now: Time) {
        let was_known = self.size.is_some();
        let row = self.pieces.row().filter(|_| self.trees.is_trusted).cloned();
        let row = row.zip(size).and_then(|(row, size)| row.of_size(size));
        let proved = self.pieces.there_before_last();
        self.size = size;
        let is_said =
            |id: &SourceId| self.sizes.said.get(id).is_none_or(|said| Some(*said) == size);
        self.alone = self.alone.filter(|alone| size.is_none() || is_said(alone));
        (self.sizes.before, self.sizes.turn) = (None, None);
        match (size, row) {
            (Some(size), Some(row)) => {
                self.store.note(Record::Size(size));
                self.store.note(Record::Tree { row: row.clone(), is_trusted: true });
                self.pieces = Pieces::new(size, Some(row));
                self.pieces.restore(&proved, &[]);
                proved.iter().for_each(|range| self.store.verified(range));
                self.open_files();
            }
            _ => self.begin_with(size, was_known),
        }
        self.regroup_sources(now);
        self.needs_work = true;
    }

    fn begin_with(&mut self, size: Option<u64>, was_known: bool) {
        let has_begun = !self.pieces.is_empty();
        self.leave_tree();
        let row = size.and_then(|size| self.trees.row_of_small(size));
        self.store.note(size.map_or(Record::NoSize, Record::Size));
        self.pieces = Pieces::new(size.unwrap_or_default(), row);
        if was_known && has_begun {
            // Nothing of it is given to anybody any more (DOWN-19).
            self.commit();
            self.begin_files_again();
        } else {
            self.open_files();
        }
    }

    /// The tree in use is one of a file of another size.
    pub(super) fn leave_tree(&mut self) {
        if self.pieces.row().is_some() {
            self.trees.leave();
            self.store.note(Record::NoTree);
        }
    }

    /// Opens the files once more. Where a new one was to take the place of the old one, and has not, it does so now:
    /// before any byte is written, and after the journal has taken back what it says of the old one (DOWN-19).
    pub(super) fn open_files(&mut self) {
        if !self.store.must_begin_again() {
            return self.prepare_files(self.size);
        }
        self.prepare_files(None);
        self.commit();
        self.begin_files_again();
    }

    /// Nobody waits any more for whose size there may be room by now.
    pub(super) fn take_back_sizes(&mut self) {
        let (known, sizes) = (self.size, &self.sizes);
        for (id, source) in &mut self.sources {
            let said = sizes.said.get(id);
            source.has_other_size = said.is_some_and(|said| known.is_some_and(|it| it != *said));
        }
    }

    /// Opens the files. The disk may have no room for what strangers say.
    pub(super) fn prepare_files(&mut self, size: Option<u64>) {
        let is_sure = self.sure_size().is_some();
        self.make_room_for(Work::Prepare { size, is_sure }, is_sure);
    }

    /// New files take the place of the old ones.
    pub(super) fn begin_files_again(&mut self) {
        let (size, is_sure) = (self.size.unwrap_or_default(), self.sure_size().is_some());
        self.make_room_for(Work::BeginAgain { size, is_sure }, is_sure);
    }

    fn make_room_for(&mut self, work: Work, is_sure: bool) {
        let is_stranger = !is_sure && self.size.is_some();
        self.store.make_room(work, is_stranger, &mut self.outputs);
    }

    /// Those that say another size wait, and all others are asked again.
    fn regroup_sources(&mut self, now: Time) {
        let mut parted = Vec::new();
        for (id, source) in &mut self.sources {
            let said = self.sizes.said.get(id);
            let fits = said.is_none_or(|said| self.size.is_none_or(|size| size == *said));
            let was_shelved = source.is_shelved();
            (source.contradicts_tree, source.checks) = (false, None);
            source.has_other_size = !fits || said.is_some_and(|said| !self.sizes.has_room(*said));
            if was_shelved && !source.has_other_size && said.is_some() {
                source.tree = TreeWord::Unknown;
            }
            let is_at_it = matches!(source.phase, Phase::Receiving { .. });
            if source.has_other_size || (is_at_it && said.is_none()) {
                parted.push(*id);
            }
        }
        for id in parted {
            self.part(id, now);
        }
    }
}
