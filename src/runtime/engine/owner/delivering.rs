use super::Owner;
use crate::base::time::Time;
use crate::node::LinkId;

impl Owner {
    /// Hands the links what waits for them.
    pub(super) fn flush(&mut self) {
        let now = self.hall.clock.now();
        self.worked_len = 0;
        let mut ready = std::mem::take(&mut self.ready);
        for link in ready.drain(..) {
            self.deliver(link, now);
        }
        self.ready = ready;
        self.let_read(now);
    }

    /// Lets those read on whose batches are worked off, unless more comes in than goes out.
    pub(super) fn let_read(&mut self, now: Time) {
        if self.pressure.is_high(self.links.len(), now) {
            return;
        }
        for mailbox in self.pressure.waiting.drain(..) {
            mailbox.batch_done();
        }
    }

    /// A connection is gone.
    pub(super) fn forget(&mut self, link: LinkId) {
        self.links.remove(&link);
        self.pressure.gone(link);
    }

    pub(super) fn deliver(&mut self, link: LinkId, now: Time) {
        let Some(entry) = self.links.get_mut(&link) else {
            return self.deliver_in_session(link, now);
        };
        if !entry.is_full {
            let (node, front) = (&mut self.node, &mut self.front);
            entry.is_full = entry.mailbox.fill(|| {
                let frame = node.transmit(link, now)?;
                front.count_message_sent();
                let len = frame.wire_len();
                Some((frame, len))
            });
            if entry.is_full {
                self.pressure.filled(link, now);
            }
        }
    }
}
