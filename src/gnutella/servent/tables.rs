//! Query tables, to and from neighbours.

use super::Servent;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::flow::Class;
use crate::gnutella::wire::{Frame, Function, QueryTable};

impl Servent {
    /// A piece of a neighbour's table.
    pub(super) fn receive_table(&mut self, slot: Slot, frame: &Frame, now: Time) {
        let received = QueryTable::decode(&frame.payload)
            .map_err(Into::into)
            .and_then(|table| self.query_tables.receive(slot, &table, now));
        if let Err(fault) = received {
            self.blame(slot, fault);
        }
    }

    /// Sends the pieces of our own table that are due.
    pub(super) fn send_tables(&mut self, now: Time) {
        let table = self.query_tables.merged(now);
        self.table_senders.offer(&table);
        let mut pieces = Vec::new();
        let Self { table_senders, queues, .. } = self;
        table_senders.timeout(now, |slot| queues.has_room_for_table(slot), &mut pieces);
        for (slot, payload) in pieces {
            let (guid, function) = (self.fresh_guid(), Function::QUERY_TABLE);
            let frame = Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload };
            self.push(slot, Class::Table, frame, None, now);
        }
    }
}
