//! Follows the query tables that real programs sent each other.

use std::collections::{BTreeMap, BTreeSet};

use filbert::base::error::Fault;
use filbert::gnutella::wire::query_table::Receiver;
use filbert::gnutella::wire::{Message, QueryTable};
use filbert::gnutella::word_hash::word_hash;

use super::frames;

/// What one side announced at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub slots: u32,
    /// The slots with a word.
    pub present: BTreeSet<u32>,
}

impl Table {
    /// Whether there is a word in the slot of this one.
    pub fn has(&self, word: &str) -> bool {
        self.present.contains(&word_hash(word, self.slots.trailing_zeros()))
    }
}

/// Query table messages by capture, sender and receiver, in the order in which they were sent.
pub fn exchanges() -> BTreeMap<String, Vec<QueryTable>> {
    let mut exchanges: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for real in frames::all() {
        if let Message::QueryTable(message) = real.message() {
            let name = format!("{} {}>{}", real.capture, real.source, real.destination);
            exchanges.entry(name).or_default().push(message);
        }
    }
    exchanges
}

/// The table after each patch that is complete.
pub fn follow(messages: &[QueryTable]) -> Result<Vec<Table>, Fault> {
    let (mut receiver, mut present, mut tables) = (Receiver::new(), BTreeSet::new(), Vec::new());
    for message in messages {
        if matches!(message, QueryTable::Reset(_)) {
            present.clear();
        }
        let is_whole = receiver.receive(message, |slot, change| {
            let is_there = change.applied(present.contains(&slot));
            if is_there {
                present.insert(slot)
            } else {
                present.remove(&slot)
            };
        })?;
        if is_whole {
            let slots = receiver.slots().expect("a whole table has a size");
            tables.push(Table { slots, present: present.clone() });
        }
    }
    Ok(tables)
}
