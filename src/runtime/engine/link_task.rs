use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::hall::Hall;
use super::inbox::News;
use super::line::AGAIN_MS;
use super::mailbox::{Delivery, Mailbox, Order};
use super::stream::Stream;
use crate::base::time::Time;
use crate::gnutella::link::{Ending, Input, Link, Output as Said, Queue};
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
    stream: Stream,
    direction: Direction,
    /// Messages that the link had no room for.
    unsent: VecDeque<Frame>,
    /// Bytes that the network had no room for.
    unwritten: Bytes,
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
    /// The line is full by the user's will; then it is tried again.
    line_due: Option<Time>,
}

/// The timer of a link, if it waits for something.
#[derive(Default)]
struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    at: Option<Time>,
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
            stream,
            direction,
            unsent: VecDeque::new(),
            unwritten: Bytes::new(),
            node_has_more: false,
            has_asked_for_more: false,
            tls_begins: None,
            ends_writing: false,
            has_ended_writing: false,
            is_read: false,
            is_closed: false,
            alarm: Alarm::default(),
            line_due: None,
        }
    }

    /// Does all that can be done now.
    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..ROUNDS_MAX {
            let may_read = self.open_mail(cx);
            if let Err(error) = self.write(cx) {
                self.lose(&error);
            }
            if self.is_closed {
                return Poll::Ready(());
            }
            let has_read = may_read && self.read(cx);
            let is_late = self.watch_time(cx);
            if !has_read && !is_late {
                return if self.is_closed { Poll::Ready(()) } else { Poll::Pending };
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Takes what the node wants. Whether the link may read on.
    fn open_mail(&mut self, cx: &Context<'_>) -> bool {
        let Delivery { orders, frames, has_more, may_read } = self.mailbox.take(cx);
        if !frames.is_empty() || !has_more {
            self.has_asked_for_more = false;
        }
        self.node_has_more = has_more;
        if self.unsent.is_empty() {
            self.unsent = frames.into();
        } else {
            self.unsent.extend(frames);
        }
        for order in orders {
            self.obey(order);
        }
        may_read
    }

    fn obey(&mut self, order: Order) {
        let now = self.hall.clock.now();
        match order {
            Order::Decide(decision) => self.link.handle(Input::Decided(*decision), now),
            Order::Bye { code, reason } => {
                // What was handed over before goes before; it is no more than a mailbox holds.
                for frame in std::mem::take(&mut self.unsent) {
                    self.link.send(&frame, now);
                }
                self.link.handle(Input::Bye { code, reason: &reason }, now);
            }
        }
        self.collect();
    }

    /// Writes until all is written, or the network has no room.
    fn write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
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

    fn turn_to_tls(&mut self) {
        let Some(unread) = self.tls_begins.take() else { return };
        match &self.hall.securer {
            Some(securer) => {
                let is_client = self.direction == Direction::Outgoing;
                self.stream.secure(&**securer, unread, is_client);
            }
            None => self.end(),
        }
    }

    /// Reads once. Whether there may be more.
    fn read(&mut self, cx: &mut Context<'_>) -> bool {
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

    fn go_on_with_tls(&mut self, cx: &mut Context<'_>) -> bool {
        match self.stream.poll_secured(cx) {
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

    /// The connection is broken.
    fn lose(&mut self, error: &io::Error) {
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

    /// Sees to the timer. Whether it has gone off.
    fn watch_time(&mut self, cx: &mut Context<'_>) -> bool {
        let now = self.hall.clock.now();
        let due = self.link.next_timeout().map(|(due, _)| due);
        if due.is_some_and(|due| due <= now) {
            self.link.handle(Input::Timeout, now);
            self.collect();
            return true;
        }
        if self.line_due.is_some_and(|due| due <= now) {
            self.line_due = None;
            return true;
        }
        let first = due.into_iter().chain(self.line_due).min();
        let Some(first) = first else {
            self.alarm = Alarm::default();
            return false;
        };
        self.alarm.set(first, &self.hall, cx)
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

impl Alarm {
    /// Wakes the task at `due`, or sooner. Whether that is now.
    fn set(&mut self, due: Time, hall: &Hall, cx: &mut Context<'_>) -> bool {
        // One that goes off too soon costs less than moving it each time something is sent.
        if self.at.is_none_or(|at| due < at) {
            let Some(instant) = hall.clock.instant(due) else { return false };
            self.sleep = Some(Box::pin(tokio::time::sleep_until(instant.into())));
            self.at = Some(due);
        }
        let Some(sleep) = &mut self.sleep else { return false };
        let has_gone_off = sleep.as_mut().poll(cx).is_ready();
        if has_gone_off {
            *self = Self::default();
        }
        has_gone_off
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

impl From<TcpStream> for Stream {
    fn from(stream: TcpStream) -> Self {
        Self::Plain(stream)
    }
}
