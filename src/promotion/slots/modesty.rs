//! A leaf that takes no more than it needs while slots are scarce.

use super::SlotPolicy;
use crate::base::limits::{CONTENT_MS, REBUFFS_MIN};
use crate::base::time::Time;
use crate::promotion::Role;

/// How hard it was for a leaf to find a supernode.
#[derive(Clone, Debug, Default)]
pub(super) struct Modesty {
    /// So many supernodes in a row had no slot.
    rebuffs: u8,
    content_until: Option<Time>,
}

impl Modesty {
    /// A supernode has taken the leaf.
    pub(super) fn taken(&mut self, now: Time) {
        if std::mem::take(&mut self.rebuffs) >= REBUFFS_MIN {
            self.content_until = Some(now.after_ms(CONTENT_MS));
        }
    }
}

impl SlotPolicy {
    /// A supernode that we called had no slot for a leaf (UP-18).
    pub const fn rebuffed(&mut self) {
        self.modesty.rebuffs = self.modesty.rebuffs.saturating_add(1);
    }

    /// A leaf that has a supernode leaves the slots of others to those who have none.
    pub(super) fn is_content(&self, now: Time) -> bool {
        self.role == Role::Leaf
            && self.supernodes > 0
            && self.modesty.content_until.is_some_and(|until| now < until)
    }
}
