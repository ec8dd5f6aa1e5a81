use std::io;
use std::task::{Context, Poll};

use super::LinkTask;
use crate::gnutella::link::Input;
use crate::runtime::engine::stream::Stream;

impl LinkTask {
    /// Reads once. Whether there may be more.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> bool {
        if self.is_read || self.tls_begins.is_some() {
            return false;
        }
        if matches!(self.pipe.stream, Stream::Securing(_)) {
            return self.go_on_with_tls(cx);
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
    pub(super) fn end(&mut self) {
        if !self.is_read {
            self.is_read = true;
            self.link.handle(Input::Ended, self.hall.clock.now());
            self.collect();
        }
    }
}
