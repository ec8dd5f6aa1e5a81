//! The task of one session of FastTrack. What it shares with that of a link of Gnutella: the pipe, the alarm, the
//! mailbox.

mod bytes;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::alarm::Alarm;
use super::hall::Hall;
use super::inbox::News;
use super::mailbox::{Delivery, SessionMailbox, SessionOrder};
use super::pipe::Pipe;
use super::stream::Stream;
use crate::fasttrack::link::{Ending, Input, Link, Output as Said};
use crate::fasttrack::wire::Frame;
use crate::node::LinkId;

/// Rounds of reading and writing before others have their turn.
const ROUNDS_MAX: u32 = 4;

/// One session: its bytes to and from its [`Link`], and what that has to say to the owner of the node.
pub(super) struct SessionTask {
    id: LinkId,
    hall: Arc<Hall>,
    mailbox: Arc<SessionMailbox>,
    link: Link,
    pipe: Pipe,
    /// Messages that the link had no room for.
    unsent: VecDeque<Frame>,
    /// The node has more messages than were in the mailbox, and knows that we want them.
    node_has_more: bool,
    has_asked_for_more: bool,
    /// The node wants nothing read for now.
    is_paused: bool,
    ends_writing: bool,
    has_ended_writing: bool,
    /// Nothing more can be read.
    is_read: bool,
    is_closed: bool,
    alarm: Alarm,
}

impl SessionTask {
    /// With the first bytes of the other side, where those have come already.
    pub(super) fn new(
        id: LinkId,
        (hall, mailbox): (Arc<Hall>, Arc<SessionMailbox>),
        (link, stream): (Link, Stream),
        first: &[u8],
    ) -> Self {
        let mut task = Self {
            id,
            hall,
            mailbox,
            link,
            pipe: Pipe::new(stream),
            unsent: VecDeque::new(),
            node_has_more: false,
            has_asked_for_more: false,
            is_paused: false,
            ends_writing: false,
            has_ended_writing: false,
            is_read: false,
            is_closed: false,
            alarm: Alarm::default(),
        };
        if !first.is_empty() {
            let now = task.hall.clock.now();
            task.link.handle(Input::Received(first), now);
            task.collect();
        }
        task
    }

    /// Does all that can be done now.
    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..ROUNDS_MAX {
            let may_read = self.open_mail(cx);
            if let Err(error) = self.write(cx) {
                self.lose(&error);
            }
            let has_read = !self.is_closed && may_read && self.read(cx);
            let is_late = !self.is_closed && self.watch_time(cx);
            if self.is_closed {
                return Poll::Ready(());
            }
            if !has_read && !is_late {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Takes what the node wants. Whether the session may read on.
    fn open_mail(&mut self, cx: &Context<'_>) -> bool {
        let (orders, may_read) = self.mailbox.take_orders(cx);
        for order in orders {
            self.obey(&order);
        }
        may_read && !self.is_paused
    }

    /// Takes the messages that are in the mailbox, beside those that were taken before.
    fn take_frames(&mut self) {
        let Delivery { frames, has_more } = self.mailbox.take_frames();
        if !frames.is_empty() || !has_more {
            self.has_asked_for_more = false;
        }
        self.node_has_more = has_more;
        self.unsent.extend(frames);
    }

    fn obey(&mut self, order: &SessionOrder) {
        let now = self.hall.clock.now();
        match order {
            SessionOrder::Pause => self.is_paused = true,
            SessionOrder::Resume => self.is_paused = false,
            SessionOrder::Ping => self.link.handle(Input::Ping, now),
            SessionOrder::Blame(fault) => self.link.handle(Input::Blame(*fault), now),
            SessionOrder::Leave => {
                // What was handed over before goes before; it is no more than two mailboxes hold.
                self.take_frames();
                for frame in std::mem::take(&mut self.unsent) {
                    self.link.send(&frame);
                }
                // What the other side still says is read, so that it is not lost in a reset.
                self.is_paused = false;
                self.link.handle(Input::Leave, now);
            }
        }
        self.collect();
    }

    /// Takes what the link has to say, and passes on what the node has to know.
    fn collect(&mut self) {
        let mut said = Vec::new();
        while let Some(output) = self.link.poll() {
            match output {
                Said::EndWriting => self.ends_writing = true,
                Said::Closed(_) => {
                    self.is_closed = true;
                    said.push(output);
                }
                _ => said.push(output),
            }
        }
        if !said.is_empty() {
            self.mailbox.batch_sent();
            self.hall.inbox.put(News::SaidInSession { link: self.id, said });
        }
    }

    /// Sees to the timer. Whether it has gone off.
    fn watch_time(&mut self, cx: &mut Context<'_>) -> bool {
        let now = self.hall.clock.now();
        if self.catch_up() || self.pipe.is_due(now) {
            return true;
        }
        let due = self.link.next_timeout().map(|(due, _)| due);
        let Some(first) = due.into_iter().chain(self.pipe.due()).min() else {
            self.alarm = Alarm::default();
            return false;
        };
        self.alarm.set(first, &self.hall, cx)
    }

    /// Does what is due. Whether anything was.
    fn catch_up(&mut self) -> bool {
        let now = self.hall.clock.now();
        let is_due = self.link.next_timeout().is_some_and(|(due, _)| due <= now);
        if is_due {
            self.link.handle(Input::Timeout, now);
            self.collect();
        }
        is_due
    }
}

impl Future for SessionTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.turn(cx)
    }
}

impl Drop for SessionTask {
    /// Whatever ended the task, the node learns that the session is gone.
    fn drop(&mut self) {
        if !self.is_closed {
            let said = vec![Said::Closed(Ending::Closed)];
            self.hall.inbox.put(News::SaidInSession { link: self.id, said });
        }
        self.hall.connection_ends();
    }
}
