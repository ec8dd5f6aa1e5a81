mod reading;
mod securing;
mod timing;
mod writing;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::alarm::Alarm;
use super::hall::Hall;
use super::inbox::News;
use super::mailbox::{Delivery, Mailbox, Order};
use super::pipe::Pipe;
use super::stream::Stream;
use crate::base::time::Time;
use crate::gnutella::link::{Ending, Input, Link, Output as Said};
use crate::gnutella::wire::Frame;
use crate::node::{Direction, LinkId};

/// Rounds of reading and writing before others have their turn.
const ROUNDS_MAX: u32 = 4;

/// One connection: its bytes to and from its [`Link`], and what that has to say to the owner of the node.
pub(super) struct LinkTask {
    id: LinkId,
    hall: Arc<Hall>,
    mailbox: Arc<Mailbox>,
    link: Link,
    pipe: Pipe,
    direction: Direction,
    /// Messages that the link had no room for.
    unsent: VecDeque<Frame>,
    /// The node has more messages than were in the mailbox, and knows that we want them.
    node_has_more: bool,
    has_asked_for_more: bool,
    /// TLS begins once all is written; these bytes of it have come already.
    tls_begins: Option<Bytes>,
    ends_writing: bool,
    has_ended_writing: bool,
    /// Nothing more can be read.
    is_read: bool,
    is_closed: bool,
    alarm: Alarm,
}

/// What makes a [`LinkTask`].
pub(super) struct Connection {
    pub(super) id: LinkId,
    pub(super) hall: Arc<Hall>,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) stream: Stream,
}

impl LinkTask {
    /// We have connected to `peer`.
    pub(super) fn connect(connection: Connection, peer: IpAddr) -> Self {
        let link = Link::connect(connection.hall.profile(), peer, connection.hall.clock.now());
        Self::new(connection, link, Direction::Outgoing)
    }

    /// `peer` has connected to us and sent these bytes, which are those of Gnutella.
    pub(super) fn accept(connection: Connection, peer: IpAddr, opened: Time, first: &[u8]) -> Self {
        let now = connection.hall.clock.now();
        let mut profile = connection.hall.profile();
        if matches!(connection.stream, Stream::Secret(_)) {
            // Nobody changes from TLS to TLS.
            Arc::make_mut(&mut profile).upgrades_to_tls = false;
        }
        let mut link = Link::accept(profile, peer, opened);
        link.handle(Input::Received(first), now);
        let mut task = Self::new(connection, link, Direction::Incoming);
        task.collect();
        task
    }

    fn new(connection: Connection, link: Link, direction: Direction) -> Self {
        let Connection { id, hall, mailbox, stream } = connection;
        Self {
            id,
            hall,
            mailbox,
            link,
            pipe: Pipe::new(stream),
            direction,
            unsent: VecDeque::new(),
            node_has_more: false,
            has_asked_for_more: false,
            tls_begins: None,
            ends_writing: false,
            has_ended_writing: false,
            is_read: false,
            is_closed: false,
            alarm: Alarm::default(),
        }
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
                self.pipe.stream.say_end(cx);
                return Poll::Ready(());
            }
            if !has_read && !is_late {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Takes what the node wants. Whether the link may read on.
    fn open_mail(&mut self, cx: &Context<'_>) -> bool {
        let (orders, may_read) = self.mailbox.take_orders(cx);
        for order in orders {
            self.obey(order);
        }
        may_read
    }

    /// Takes the messages that are in the mailbox, beside those that were taken before.
    fn take_frames(&mut self) {
        let Delivery { frames, has_more } = self.mailbox.take_frames();
        if !frames.is_empty() || !has_more {
            self.has_asked_for_more = false;
        }
        self.node_has_more = has_more;
        if self.unsent.is_empty() {
            self.unsent = frames.into();
        } else {
            self.unsent.extend(frames);
        }
    }

    fn obey(&mut self, order: Order) {
        let now = self.hall.clock.now();
        match order {
            Order::Decide(decision) => self.link.handle(Input::Decided(*decision), now),
            Order::Bye { code, reason } => {
                // What was handed over before goes before; it is no more than two mailboxes hold.
                self.take_frames();
                for frame in std::mem::take(&mut self.unsent) {
                    self.link.send(&frame, now);
                }
                self.link.handle(Input::Bye { code, reason: &reason }, now);
            }
        }
        self.collect();
    }

    /// Takes what the link has to say, and passes on what the node has to know.
    fn collect(&mut self) {
        let mut said = Vec::new();
        while let Some(output) = self.link.poll() {
            match output {
                Said::StartTls { unread } => self.tls_begins = Some(unread),
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
            self.hall.inbox.put(News::Said { link: self.id, said });
        }
    }
}

impl Future for LinkTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.turn(cx)
    }
}

impl Drop for LinkTask {
    /// Whatever ended the task, the node learns that the connection is gone.
    fn drop(&mut self) {
        if !self.is_closed {
            let said = vec![Said::Closed(Ending::Closed)];
            self.hall.inbox.put(News::Said { link: self.id, said });
        }
        self.hall.connection_ends();
    }
}
