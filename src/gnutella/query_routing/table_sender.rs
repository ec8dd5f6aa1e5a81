use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use flate2::{Compression, write::ZlibEncoder};

use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::QueryTable;
use crate::gnutella::wire::query_table::{Patch, Reset};
use crate::index::bit_table::BitTable;

/// Brings our table to the neighbours that want it, and what changes of it later.
#[derive(Debug, Default)]
pub struct TableSenders {
    senders: BTreeMap<Slot, TableSender>,
    table: Option<Arc<BitTable>>,
}

#[derive(Debug, Default)]
struct TableSender {
    sent: Option<Arc<BitTable>>,
}

impl TableSenders {
    /// Nobody wants it.
    pub const fn new() -> Self {
        Self { senders: BTreeMap::new(), table: None }
    }

    /// This neighbour wants our table: an ultrapeer, or one that exchanges tables with us (QRP-34).
    pub fn open(&mut self, slot: Slot) {
        self.senders.insert(slot, TableSender::default());
    }

    /// A neighbour is gone.
    pub fn close(&mut self, slot: Slot) {
        self.senders.remove(&slot);
    }

    /// This is our table from now on.
    pub fn offer(&mut self, table: &Arc<BitTable>) {
        self.table = Some(Arc::clone(table));
    }

    /// When something is to be sent.
    pub fn next_timeout(&self) -> Option<Time> {
        let table = self.table.as_ref()?;
        let is_due = |sender: &TableSender| {
            !sender.sent.as_ref().is_some_and(|sent| Arc::ptr_eq(sent, table))
        };
        self.senders.values().any(is_due).then_some(Time::ZERO)
    }

    /// Appends the payloads that are due, each with whom it goes to, in their order.
    pub fn timeout(&mut self, now: Time, out: &mut Vec<(Slot, Bytes)>) {
        let _ = now;
        let Some(table) = &self.table else { return };
        for (slot, sender) in &mut self.senders {
            if sender.sent.as_ref().is_some_and(|sent| Arc::ptr_eq(sent, table)) {
                continue;
            }
            let reset = Reset { slots: table.slots(), infinity: 7, rest: Bytes::new() };
            let mut entries = vec![0_u8; (table.slots() / 2) as usize];
            for slot in table.iter() {
                if let Some(entry) = entries.get_mut((slot / 2) as usize) {
                    *entry |= if slot % 2 == 0 { 0xa0 } else { 0x0a };
                }
            }
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(1));
            let _ = encoder.write_all(&entries);
            let data = Bytes::from(encoder.finish().unwrap_or_default());
            let patch = Patch { sequence: 1, sequence_size: 1, compressor: 1, entry_bits: 4, data };
            for message in [QueryTable::Reset(reset), QueryTable::Patch(patch)] {
                let mut payload = BytesMut::new();
                message.encode(&mut payload);
                out.push((*slot, payload.freeze()));
            }
            sender.sent = Some(Arc::clone(table));
        }
    }
}
