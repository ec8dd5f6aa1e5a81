use std::collections::VecDeque;
use std::io;
use std::task::Context;

use super::LinkTask;
use crate::gnutella::link::Queue;
use crate::runtime::engine::inbox::News;

impl LinkTask {
    /// Writes until all is written, or the network has no room.
    pub(super) fn write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        loop {
            if !self.pipe.write(cx, &self.hall, &self.mailbox.counters)? {
                return Ok(());
            }
            if !self.fill() {
                break;
            }
        }
        if self.pipe.stream.poll_flush(cx)?.is_pending() {
            return Ok(());
        }
        self.ask_for_more();
        self.turn_to_tls();
        if self.ends_writing && !self.has_ended_writing {
            self.has_ended_writing = self.pipe.stream.poll_shutdown(cx)?.is_ready();
        }
        Ok(())
    }

    /// Turns messages into bytes. False if there are none.
    fn fill(&mut self) -> bool {
        let now = self.hall.clock.now();
        if self.unsent.is_empty() {
            self.take_frames();
        }
        while self.link.wants_frames()
            && let Some(frame) = self.unsent.pop_front()
        {
            self.link.send(&frame, now);
        }
        if self.unsent.is_empty() {
            self.unsent = VecDeque::new();
        }
        let is_dry = self.unsent.is_empty() && !self.node_has_more;
        let queue = if is_dry { Queue::Dry } else { Queue::More };
        match self.link.transmit(queue, now) {
            Some(bytes) => self.pipe.put(bytes),
            None => return false,
        }
        true
    }

    /// All is written, and the node has more.
    fn ask_for_more(&mut self) {
        if self.node_has_more && !self.has_asked_for_more {
            self.has_asked_for_more = true;
            self.hall.inbox.put(News::Room { link: self.id });
        }
    }
}
