use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use super::LinkTask;
use crate::gnutella::link::Input;
use crate::node::Direction;

impl LinkTask {
    /// Begins to speak TLS, if the link wants it and all before it is written.
    pub(super) fn turn_to_tls(&mut self) {
        let Some(unread) = self.tls_begins.take() else { return };
        match &self.hall.securer {
            Some(securer) => {
                let is_client = self.direction == Direction::Outgoing;
                self.pipe.stream.secure(&**securer, unread, is_client);
            }
            None => self.end(),
        }
    }

    /// Goes on with it. Whether there may be something to read.
    pub(super) fn go_on_with_tls(&mut self, cx: &mut Context<'_>) -> bool {
        match self.pipe.stream.poll_secured(cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(())) => {
                self.mailbox.is_secret.store(true, Ordering::Relaxed);
                self.link.handle(Input::Encrypted, self.hall.clock.now());
                self.collect();
            }
            Poll::Ready(Err(error)) => self.lose(&error),
        }
        true
    }
}
