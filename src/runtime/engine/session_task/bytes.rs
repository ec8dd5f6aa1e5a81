use std::collections::VecDeque;
use std::io;
use std::task::{Context, Poll};

use super::SessionTask;
use crate::fasttrack::link::Input;
use crate::runtime::engine::inbox::News;

impl SessionTask {
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
            self.link.send(&frame);
        }
        if self.unsent.is_empty() {
            self.unsent = VecDeque::new();
        }
        match self.link.transmit(now) {
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

    /// Reads once. Whether there may be more.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> bool {
        // A link knows of no time but by what it is told: what is overdue comes first.
        self.catch_up();
        if self.is_read || self.is_closed || !self.link.wants_bytes() {
            return false;
        }
        let link = &mut self.link;
        let taken = self.pipe.read(cx, &self.hall, &self.mailbox.counters, |bytes, now| {
            if !bytes.is_empty() {
                link.handle(Input::Received(bytes), now);
            }
        });
        match taken {
            Poll::Pending => return false,
            Poll::Ready(Ok(0)) => self.end(),
            Poll::Ready(Ok(_)) => self.collect(),
            Poll::Ready(Err(error)) => self.lose(&error),
        }
        true
    }

    /// The connection is broken.
    pub(super) fn lose(&mut self, error: &io::Error) {
        tracing::debug!(link = self.id.0, %error, "connection lost");
        self.end();
    }

    /// The other side will send no more.
    fn end(&mut self) {
        if !self.is_read {
            self.is_read = true;
            self.link.handle(Input::Ended, self.hall.clock.now());
            self.collect();
        }
    }
}
