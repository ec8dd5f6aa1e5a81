use bytes::{Buf, Bytes};

use super::Download;
use crate::base::limits::SOURCE_SILENCE_MAX_MS;
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::transfer::download::contract::{SourceId, Why, Work};
use crate::transfer::download::journal::Record;
use crate::transfer::download::pieces::Judged;
use crate::transfer::download::source::Phase;

/// Bytes that nobody needs and that are read all the same, because a new connection costs more.
const REST_LEN_MAX: u64 = 64 * 1024;

impl Download {
    /// Bytes came from a source.
    pub(super) fn receive(&mut self, id: SourceId, mut bytes: Bytes, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let Phase::Receiving { range, mut at, .. } = source.phase else { return };
        source.rate.count(len, now);
        source.refusals = 0;
        self.received_len = self.received_len.saturating_add(len);
        let room = usize::try_from(range.end.saturating_sub(at)).unwrap_or(usize::MAX);
        bytes.truncate(room);
        while !bytes.is_empty() {
            let received = self.pieces.receive(id, at, &bytes);
            if let Some((offset, bytes)) = received.write {
                self.store.work(Work::Write { offset, bytes }, &mut self.outputs);
            }
            at = at.saturating_add(u64::try_from(received.len).unwrap_or(u64::MAX));
            bytes.advance(received.len.max(1));
            if let Some(judged) = received.judged {
                self.judged(id, judged);
            }
            // What is left is of nobody who is still asked.
            let Some(source) = self.sources.get_mut(&id) else { return };
            let Phase::Receiving { range, .. } = source.phase else { return };
            let until = now.after_ms(SOURCE_SILENCE_MAX_MS);
            source.phase = Phase::Receiving { range, at, until };
        }
        self.go_on_receiving(id, ByteRange::new(at, range.end), now);
        let is_slow = self.sources.get(&id).is_some_and(|source| source.is_slow(now));
        self.needs_work |= is_slow && self.could_others();
    }

    /// Is there anything in the rest of the answer that is of use?
    fn go_on_receiving(&mut self, id: SourceId, rest: ByteRange, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        if rest.is_empty() {
            source.rate.end(now);
            // What was left of what it was asked for is asked of somebody.
            self.pieces.lose(id);
            self.needs_work = true;
            if source.stays_open {
                source.phase = Phase::Ready { since: now };
            } else {
                self.part(id, now);
            }
            return;
        }
        let is_expected = self.pieces.expected(id, rest).next().is_some();
        if !is_expected && rest.len() > REST_LEN_MAX {
            source.rate.end(now);
            self.part(id, now);
        }
    }

    fn judged(&mut self, from: SourceId, judged: Judged) {
        self.needs_work |= matches!(judged, Judged::Wrong { .. }) || self.pieces.is_whole();
        match judged {
            Judged::Right { range, liars } => {
                self.store.verified(range);
                self.was_useful(from, range.len());
                self.confirmed(self.pieces.at(range.start), from);
                self.end_comparison(from);
                for liar in liars {
                    self.drop_source(liar, Why::WrongBytes);
                }
                self.release_losers();
            }
            Judged::Taken { range, root } => {
                self.store.note(Record::Taken { range, root });
                self.was_useful(from, range.len());
                self.release_losers();
            }
            Judged::Wrong { piece, senders, root } => {
                self.contradicted(piece, &senders, root);
            }
        }
    }

    fn was_useful(&mut self, id: SourceId, len: u64) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        let is_first = source.useful_len == 0;
        source.useful_len = source.useful_len.saturating_add(len);
        (source.failures, source.has_queue) = (0, false);
        if is_first {
            self.note_source(id);
            self.choose_name();
        }
    }

    /// Sources that are at nothing any more, because another one was first, are let go.
    fn release_losers(&mut self) {
        let at_work = self.sources.values().filter_map(|source| match source.phase {
            Phase::Receiving { range, at, .. } => Some((source.id, ByteRange::new(at, range.end))),
            _ => None,
        });
        let losers = at_work.filter(|(id, rest)| {
            rest.len() > REST_LEN_MAX && self.pieces.expected(*id, *rest).next().is_none()
        });
        let losers: Vec<SourceId> = losers.map(|(id, _)| id).collect();
        for id in losers {
            self.part(id, Time::ZERO);
        }
    }
}
