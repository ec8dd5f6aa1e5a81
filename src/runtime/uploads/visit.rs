//! The task of one connection over which somebody asks for files.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::opening::{NOTHING, Opened, Unopened, open_one};
use super::sending::{self, Tally};
use super::shared::Shared;
use crate::base::time::Time;
use crate::index::files::FileId;
use crate::runtime::engine::{Arrival, Wire};
use crate::transfer::upload::{Body, Conversation, Input, Output, VisitId};

/// A connection, as long as its task runs.
pub(super) struct Visit {
    id: VisitId,
    address: IpAddr,
    wire: Wire,
    conversation: Conversation,
    shared: Arc<Shared>,
    take_back: CancellationToken,
    /// Whoever has opened the connection wants to know whether something is asked for over it.
    has_asked: Option<oneshot::Sender<bool>>,
    /// The file of the last answer: who takes one in many pieces has it opened once.
    open: Option<(FileId, Arc<Opened>)>,
}

impl Visit {
    /// Somebody has come; its connection again where there is no room.
    pub(super) fn new(
        id: VisitId,
        arrival: Arrival,
        shared: Arc<Shared>,
    ) -> Result<Self, Box<Wire>> {
        let Arrival { address, first, wire, .. } = arrival;
        let Some(take_back) = shared.desk().book.enter(id, address) else {
            return Err(Box::new(wire));
        };
        let now = wire.now();
        let conversation = Conversation::new(id, address, now);
        let (address, has_asked, open) = (address.ip(), None, None);
        let mut visit =
            Self { id, address, wire, conversation, shared, take_back, has_asked, open };
        visit.tell(Input::Received(&first));
        Ok(visit)
    }

    /// Answers until it goes, or has to.
    pub(super) async fn run(
        mut self,
        has_asked: Option<oneshot::Sender<bool>>,
        end: CancellationToken,
    ) {
        self.has_asked = has_asked;
        let take_back = self.take_back.clone();
        tokio::select! {
            () = end.cancelled() => return,
            () = take_back.cancelled() => {}
            // That a connection breaks is no matter of ours.
            _ = self.converse() => {}
        }
        self.tell_caller(false);
    }

    fn tell_caller(&mut self, has_asked: bool) {
        if let Some(caller) = self.has_asked.take() {
            let _ = caller.send(has_asked);
        }
    }

    async fn converse(&mut self) -> io::Result<()> {
        loop {
            while let Some(output) = self.conversation.poll() {
                match output {
                    Output::Close => return self.wire.shut_down().await,
                    output => self.follow(output).await?,
                }
            }
            self.listen().await?;
        }
    }

    async fn follow(&mut self, output: Output) -> io::Result<()> {
        match output {
            Output::Open(file) => {
                let outcome = self.open(file).await;
                self.tell(outcome);
            }
            Output::ReadTree(file) => {
                let files = self.shared.files();
                let rows = spawn_blocking(move || files.tree(file)).await;
                self.tell(Input::Tree(rows.unwrap_or_default()));
            }
            Output::Answer { head, body } => {
                self.send_in_time(&head, body).await?;
                self.tell(Input::Written);
            }
            Output::Push { request, to } => {
                let ends = (self.address, to);
                let outcome = self.shared.pass_on(request, ends).await;
                self.tell(Input::Pushed(outcome));
            }
            Output::Close => {}
        }
        Ok(())
    }

    fn tell(&mut self, input: Input<'_>) {
        let now = self.wire.now();
        self.shared.with_world(now, |world| self.conversation.handle(input, world, now));
        if self.conversation.has_asked() {
            self.tell_caller(true);
        }
    }

    /// Waits for its next bytes, or for the end of its time.
    async fn listen(&mut self) -> io::Result<()> {
        let deadline = self.conversation.next_timeout();
        let until = deadline.and_then(|deadline| self.wire.instant(deadline));
        let heard = tokio::select! {
            heard = self.wire.read(Bytes::copy_from_slice) => heard?,
            () = wait(until) => {
                self.tell(Input::Timeout);
                return Ok(());
            }
        };
        if heard.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // What they mean depends on when they came, which may be long after the wait began.
        self.tell(Input::Received(&heard));
        Ok(())
    }

    /// The file is open, and what it was. It may be so already.
    async fn open(&mut self, file: FileId) -> Input<'static> {
        if let Some((known, opened)) = &self.open
            && *known == file
            && opened.check(NOTHING).is_ok()
        {
            return Input::Opened(true);
        }
        self.open = None;
        let files = self.shared.files();
        match spawn_blocking(move || open_one(&*files, file)).await {
            Ok(Ok(opened)) => {
                self.open = Some((file, Arc::new(opened)));
                Input::Opened(true)
            }
            Ok(Err(Unopened::Gone)) => Input::Opened(false),
            Ok(Err(_)) | Err(_) => Input::NotNow,
        }
    }

    async fn send_in_time(&mut self, head: &Bytes, body: Body) -> io::Result<()> {
        let until = self.conversation.next_timeout();
        let until = until.and_then(|deadline| self.wire.instant(deadline));
        tokio::select! {
            outcome = send(&mut self.wire, (&self.shared, self.id, &mut self.conversation), self.open.as_ref(), head, body) => outcome,
            () = wait(until) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.shared.gone(self.id, self.wire.now());
    }
}

async fn wait(until: Option<std::time::Instant>) {
    match until {
        Some(until) => sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}

async fn send(
    wire: &mut Wire,
    (shared, visit, conversation): (&Arc<Shared>, VisitId, &mut Conversation),
    open: Option<&(FileId, Arc<Opened>)>,
    head: &Bytes,
    body: Body,
) -> io::Result<()> {
    match body {
        Body::Nothing => wire.write_all(head).await,
        Body::Bytes(bytes) => {
            wire.write_all(head).await?;
            wire.write_all(&bytes).await
        }
        Body::File { file, range } => {
            let open = open.filter(|(known, _)| *known == file);
            let (_, opened) = open.ok_or(io::ErrorKind::NotFound)?;
            shared.begins(visit, (file, range.start), wire.now());
            sending::send_head(wire, head, true).await?;
            let mut told = Telling { shared, visit, conversation, now: wire.now() };
            sending::send_file(wire, opened, range, &mut told).await
        }
    }
}

/// Tells counter and book how it goes.
struct Telling<'a> {
    shared: &'a Shared,
    visit: VisitId,
    conversation: &'a mut Conversation,
    now: Time,
}

impl Tally for Telling<'_> {
    fn sent(&mut self, len: u64) {
        self.shared.sent(self.visit, len, self.now);
    }

    fn ending(&mut self) {
        let (conversation, now) = (&mut *self.conversation, self.now);
        self.shared.with_world(now, |world| conversation.handle(Input::Ending, world, now));
    }

    fn held(&mut self, since: Time, now: Time) {
        self.now = now;
        self.shared.held(self.visit, since, now);
    }
}
