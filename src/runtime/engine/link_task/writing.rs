use std::collections::VecDeque;
use std::io;
use std::task::{Context, Poll};

use bytes::Buf;

use super::LinkTask;
use crate::gnutella::link::Queue;
use crate::runtime::engine::inbox::News;
use crate::runtime::engine::line::AGAIN_MS;

impl LinkTask {
    /// Writes until all is written, or the network has no room.
    pub(super) fn write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        loop {
            while !self.unwritten.is_empty() {
                let now = self.hall.clock.now();
                let line = &self.hall.line.sending;
                let allowed = line.reserve(self.unwritten.len(), now);
                let Some(bytes) = self.unwritten.get(..allowed).filter(|bytes| !bytes.is_empty())
                else {
                    self.line_due = Some(now.after_ms(AGAIN_MS));
                    return Ok(());
                };
                let written = self.stream.poll_write(cx, bytes);
                let len = match &written {
                    Poll::Ready(Ok(len)) => *len,
                    Poll::Ready(Err(_)) | Poll::Pending => 0,
                };
                line.give_back(allowed.saturating_sub(len));
                if written?.is_pending() {
                    return Ok(());
                }
                if len == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                self.unwritten.advance(len);
                self.mailbox.counters.count_sent(len);
                self.hall.totals.count_sent(len);
            }
            if !self.fill() {
                break;
            }
        }
        if self.stream.poll_flush(cx)?.is_pending() {
            return Ok(());
        }
        self.ask_for_more();
        self.turn_to_tls();
        if self.ends_writing && !self.has_ended_writing {
            self.has_ended_writing = self.stream.poll_shutdown(cx)?.is_ready();
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
            Some(bytes) => self.unwritten = bytes,
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
