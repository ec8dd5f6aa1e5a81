use std::io;
use std::task::{Context, Poll};

use super::LinkTask;
use crate::gnutella::link::Input;
use crate::runtime::engine::line::AGAIN_MS;
use crate::runtime::engine::stream::Stream;

impl LinkTask {
    /// Reads once. Whether there may be more.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> bool {
        if self.is_read || self.tls_begins.is_some() {
            return false;
        }
        if matches!(self.stream, Stream::Securing(_)) {
            return self.go_on_with_tls(cx);
        }
        let now = self.hall.clock.now();
        if self.hall.line.receiving.allow(1, now) == 0 {
            self.line_due = Some(now.after_ms(AGAIN_MS));
            return false;
        }
        let link = &mut self.link;
        let taken = self.stream.poll_read(cx, |bytes| {
            if !bytes.is_empty() {
                link.handle(Input::Received(bytes), now);
            }
            bytes.len()
        });
        match taken {
            Poll::Pending => return false,
            Poll::Ready(Ok(0)) => self.end(),
            Poll::Ready(Ok(len)) => {
                self.hall.line.receiving.spend(len, now);
                self.mailbox.counters.count_received(len);
                self.hall.totals.count_received(len);
                self.collect();
            }
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
    pub(super) fn end(&mut self) {
        if !self.is_read {
            self.is_read = true;
            self.link.handle(Input::Ended, self.hall.clock.now());
            self.collect();
        }
    }
}
