use std::sync::Arc;

use bytes::Bytes;

use super::update::Update;
use crate::base::limits::{QUERY_TABLE_PIECE_EVERY_MS, QUERY_TABLE_UPDATE_BYTES_PER_MINUTE};
use crate::base::mutant::mutant;
use crate::base::slots::{Slot, give_back_room, make_room};
use crate::base::time::Time;
use crate::gnutella::wire::HEADER_LEN;
use crate::index::bit_table::BitTable;

const MINUTE_MS: u64 = 60_000;

/// Brings our table to the neighbours that want it, and what changes of it later (QRP-34).
///
/// A neighbour gets the whole table at first, and then only changes, of which it gets so many bytes
/// a minute (QRP-41). Pieces are paced, and a change that comes meanwhile waits until the last
/// piece is out. A table of another size is a whole one again: its pieces come one right after the
/// other, and what follows waits for all of it.
#[derive(Debug, Default)]
pub struct TableSenders {
    senders: Vec<Sender>,
    table: Option<Arc<BitTable>>,
    /// Ways to the present table, each made once for all neighbours that go it.
    updates: Vec<(Option<Arc<BitTable>>, Arc<Update>)>,
    due: Option<Time>,
}

#[derive(Debug)]
struct Sender {
    slot: Slot,
    /// The table that it has, once all is out.
    has: Option<Arc<BitTable>>,
    sending: Option<Box<Sending>>,
    /// When the next piece may follow the last one.
    next: Time,
}

/// An update of which some pieces are out.
#[derive(Debug)]
struct Sending {
    update: Arc<Update>,
    sent: u8,
    /// It is the first table that the neighbour gets.
    is_first: bool,
    /// It begins with a RESET: the neighbour has no table of ours before the last piece.
    is_whole: bool,
    /// For how many milliseconds the bytes have to do for which nothing has waited yet.
    owed_ms: u64,
}

impl TableSenders {
    /// Nobody wants it.
    pub const fn new() -> Self {
        Self { senders: Vec::new(), table: None, updates: Vec::new(), due: None }
    }

    /// This neighbour wants our table: an ultrapeer, or one that exchanges tables with us (QRP-34).
    pub fn open(&mut self, slot: Slot) {
        make_room(&mut self.senders);
        self.senders.push(Sender { slot, has: None, sending: None, next: Time::ZERO });
        self.schedule();
    }

    /// A neighbour is gone.
    pub fn close(&mut self, slot: Slot) {
        self.senders.retain(|sender| sender.slot != slot);
        give_back_room(&mut self.senders);
        self.schedule();
    }

    /// This is our table from now on.
    pub fn offer(&mut self, table: &Arc<BitTable>) {
        if !is_same(self.table.as_ref(), Some(table)) {
            self.table = Some(Arc::clone(table));
            self.updates = Vec::new();
            self.schedule();
        }
    }

    /// When something is to be sent. A neighbour that has nothing yet is due at once, also before
    /// there is a table.
    pub const fn next_timeout(&self) -> Option<Time> {
        self.due
    }

    /// Appends the payloads that are due, each with whom it goes to, in their order. What a
    /// neighbour has no room for waits.
    pub fn timeout(
        &mut self,
        now: Time,
        has_room: impl Fn(Slot) -> bool,
        out: &mut Vec<(Slot, Bytes)>,
    ) {
        let Self { senders, table: Some(table), updates, .. } = self else { return };
        for sender in senders {
            if sender.due(Some(table)).is_none_or(|due| due > now) {
                continue;
            }
            let wait_ms = if has_room(sender.slot) { sender.send(table, updates, out) } else { 0 };
            sender.next = now.after_ms(wait_ms.max(QUERY_TABLE_PIECE_EVERY_MS));
        }
        self.schedule();
    }

    fn schedule(&mut self) {
        self.due = self.senders.iter().filter_map(|sender| sender.due(self.table.as_ref())).min();
        if self.due.is_none() {
            self.updates = Vec::new();
        }
    }
}

impl Sender {
    /// When it wants to be sent something.
    fn due(&self, table: Option<&Arc<BitTable>>) -> Option<Time> {
        let lacks = self.has.is_none() || !is_same(self.has.as_ref(), table);
        (lacks || self.sending.is_some()).then_some(self.next)
    }

    /// Sends the next piece, and says for how many milliseconds its bytes have to do.
    fn send(
        &mut self,
        table: &Arc<BitTable>,
        updates: &mut Vec<(Option<Arc<BitTable>>, Arc<Update>)>,
        out: &mut Vec<(Slot, Bytes)>,
    ) -> u64 {
        let before = out.len();
        let mut sending = self.sending.take().unwrap_or_else(|| {
            let update = update_from(self.has.as_ref(), table, updates);
            let reset = update.reset();
            let is_whole = reset.is_some();
            let reset = reset.filter(|_| !mutant!(SendsNoReset));
            out.extend(reset.map(|reset| (self.slot, reset)));
            let is_first = self.has.replace(Arc::clone(table)).is_none();
            Box::new(Sending { update, sent: 0, is_first, is_whole, owed_ms: 0 })
        });
        sending.sent = sending.sent.saturating_add(1);
        out.push((self.slot, sending.update.piece(sending.sent)));
        if !sending.is_first {
            let of_these = wait_ms(out.iter().skip(before));
            sending.owed_ms = sending.owed_ms.saturating_add(of_these);
        }
        let is_over = sending.sent >= sending.update.pieces();
        // Who has but a part of a whole table asks us nothing at the last hop: only what follows waits.
        let waits = is_over || !sending.is_whole;
        let wait_ms = if waits { std::mem::take(&mut sending.owed_ms) } else { 0 };
        self.sending = (!is_over).then_some(sending);
        wait_ms
    }
}

/// How long it takes until so many bytes may be sent, rounded up.
fn wait_ms<'a>(payloads: impl Iterator<Item = &'a (Slot, Bytes)>) -> u64 {
    let lens = payloads.map(|(_, payload)| payload.len().saturating_add(HEADER_LEN));
    let len = u64::try_from(lens.fold(0, usize::saturating_add)).unwrap_or(u64::MAX);
    len.saturating_mul(MINUTE_MS).div_ceil(QUERY_TABLE_UPDATE_BYTES_PER_MINUTE)
}

/// What brings somebody from one table to another.
fn update_from(
    from: Option<&Arc<BitTable>>,
    to: &Arc<BitTable>,
    updates: &mut Vec<(Option<Arc<BitTable>>, Arc<Update>)>,
) -> Arc<Update> {
    let known = updates.iter().find(|(known, _)| is_same(known.as_ref(), from));
    if let Some((_, update)) = known {
        return Arc::clone(update);
    }
    let update = Arc::new(Update::new(from.map(|from| &**from), to));
    updates.push((from.cloned(), Arc::clone(&update)));
    update
}

/// True when both are the same value, or none.
fn is_same(one: Option<&Arc<BitTable>>, other: Option<&Arc<BitTable>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}
