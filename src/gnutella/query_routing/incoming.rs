use crate::base::error::Fault;
use crate::gnutella::wire::QueryTable;
use crate::gnutella::wire::query_table::{Change, Receiver};

/// Follows the messages of one neighbour.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    receiver: Receiver,
}

impl Incoming {
    pub(super) const fn new() -> Self {
        Self { receiver: Receiver::new() }
    }

    pub(super) fn receive(
        &mut self,
        message: &QueryTable,
        change: impl FnMut(u32, Change),
    ) -> Result<bool, Fault> {
        self.receiver.receive(message, change)
    }
}
