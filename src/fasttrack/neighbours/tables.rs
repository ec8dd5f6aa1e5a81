use super::faults::{ANOTHER_ADDRESS, NOT_ITS_OWN, TOO_MANY_RECORDS};
use super::session::{HEARD, Neighbour, TOLD};
use super::{Neighbours, Output, vector};
use crate::base::limits::{FASTTRACK_DISTANCE_MAX, FASTTRACK_SUPERNODES_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::strangers::may_be_called;
use crate::fasttrack::wire::{Message, Table, TableRecord};

impl Neighbours {
    /// A session brought a table, the first of it or another one.
    pub(super) fn receive_table(&mut self, slot: Slot, table: &Table, now: Time) {
        let mut records = table.records();
        let Some(own) = records.next() else { return };
        let is_first = self.neighbour(slot).is_none();
        if own.distance != 0 {
            self.blame(slot, NOT_ITS_OWN);
            return;
        }
        if is_first && !self.join(slot, &own, now) {
            return;
        }
        let Some(neighbour) = self.neighbour(slot) else { return };
        if neighbour.address != own.address {
            self.blame(slot, ANOTHER_ADDRESS);
            return;
        }
        let (line, is_doubted) = (neighbour.line, neighbour.credit.is_doubted(now));
        let mut is_flood = false;
        if self.vector.is_news(line, &own) {
            is_flood = !is_first && !self.has_room_for_record(slot, now);
            if !is_flood {
                self.vector.hear(line, &own, now);
            }
        }
        for record in records.filter(|_| !is_doubted) {
            if !self.counts(&record) {
                continue;
            }
            let is_withdrawn = record.distance > FASTTRACK_DISTANCE_MAX;
            if is_first || is_withdrawn || self.has_room_for_record(slot, now) {
                self.vector.hear(line, &record, now);
            } else {
                is_flood = true;
            }
        }
        if is_flood {
            self.blame(slot, TOO_MANY_RECORDS);
        }
        self.spread(now);
    }

    /// Whether a record may be believed: not one of ourselves (FTPEER-10), of a second sender, or of
    /// somebody who cannot be called (FTSAFE-11).
    fn counts(&self, record: &TableRecord) -> bool {
        record.address != self.address()
            && record.distance != 0
            && may_be_called(record.address, self.rules.allow_private)
    }

    fn has_room_for_record(&mut self, slot: Slot, now: Time) -> bool {
        self.neighbour_mut(slot).is_some_and(|it| it.records_heard.take(HEARD, 1, now))
    }

    /// Sends tables to those whose time has come.
    pub(super) fn tell_all(&mut self, now: Time) {
        let is_due = |it: &Neighbour| it.due.is_some_and(|due| due <= now);
        let sessions = self.sessions.iter();
        let due = sessions.filter(|(_, it)| it.neighbour.as_deref().is_some_and(is_due));
        let slots: Vec<_> = due.map(|(slot, _)| slot).collect();
        slots.into_iter().for_each(|slot| self.tell(slot, now));
    }

    /// Sends a neighbour the own record and what has changed (FTPEER-11).
    pub(super) fn tell(&mut self, slot: Slot, now: Time) {
        let Some(neighbour) =
            self.sessions.get_mut(slot).and_then(|session| session.neighbour.as_mut())
        else {
            return;
        };
        let count_max = if neighbour.is_new {
            FASTTRACK_SUPERNODES_MAX
        } else {
            usize::try_from(neighbour.records_told.tokens(TOLD, now)).unwrap_or(usize::MAX)
        };
        let mut records = vec![*self.own.told()];
        let cursor = &mut neighbour.cursor;
        let is_left = self.vector.tell(neighbour.line, count_max, cursor, &mut records);
        if !neighbour.is_new {
            let told = records.iter().filter(|record| vector::is_way(record)).count();
            let told = u32::try_from(told.saturating_sub(1)).unwrap_or(u32::MAX);
            neighbour.records_told.take(TOLD, told, now);
        }
        let own_sequence = self.own.told().sequence;
        if records.len() <= 1 && neighbour.own_told == Some(own_sequence) {
            neighbour.due = None;
        } else {
            neighbour.note_told(own_sequence, now);
            self.outputs.push_back(Output::Send {
                to: slot,
                message: Message::Table(records.into_iter().collect()),
            });
        }
        if is_left {
            neighbour.wake(false, now);
        }
    }
}
