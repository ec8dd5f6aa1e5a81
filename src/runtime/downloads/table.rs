//! All files, those that are over among them.

use std::collections::BTreeMap;

use rand::rngs::ChaCha8Rng;
use tokio::sync::{mpsc, watch};

use super::task::Order;
use crate::base::limits::DOWNLOADS_MAX;
use crate::control::model;
use crate::transfer::download::KnownBy;

pub(super) struct Table {
    pub(super) rng: ChaCha8Rng,
    pub(super) last: u64,
    pub(super) files: BTreeMap<u64, Handle>,
}

/// One file, as the table knows it.
pub(super) struct Handle {
    pub(super) known_by: KnownBy,
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) view: watch::Receiver<model::Download>,
}

impl Table {
    /// What is on its way of this content.
    pub(super) fn running(&self, known_by: &KnownBy) -> Option<&Handle> {
        let mut same = self.files.values().filter(|handle| handle.known_by.may_be(known_by));
        same.find(|handle| !handle.view.borrow().is_over())
    }

    /// Whether there is room for another one. What is over goes for it, the oldest first.
    pub(super) fn make_room(&mut self) -> bool {
        if self.files.len() < DOWNLOADS_MAX {
            return true;
        }
        let over = self.files.iter().find(|(_, handle)| handle.view.borrow().is_over());
        let over = over.map(|(id, _)| *id);
        over.and_then(|id| self.files.remove(&id)).is_some()
    }
}
