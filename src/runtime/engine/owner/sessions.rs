//! Sessions of FastTrack: what they tell goes in, what follows goes out.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Owner;
use crate::base::time::Time;
use crate::fasttrack::link::Output as Said;
use crate::node::fasttrack::{Input, Output};
use crate::node::{self, LinkId};
use crate::runtime::engine::dial;
use crate::runtime::engine::mailbox::{SessionMailbox, SessionOrder};

/// Bytes of a message beside its payload.
const HEAD_LEN: usize = 5;

/// A session, as its owner knows it.
#[derive(Debug)]
pub(in crate::runtime::engine) struct SessionEntry {
    pub(in crate::runtime::engine) mailbox: Arc<SessionMailbox>,
    /// Its mailbox is full: it asks for more once it has room.
    is_full: bool,
}

impl Owner {
    /// An incoming connection is a session.
    pub(super) fn greet(&mut self, link: LinkId, mailbox: Arc<SessionMailbox>, now: Time) {
        if let Some(entry) = self.links.get(&link) {
            let is_secret = entry.mailbox.is_secret.load(Ordering::Relaxed);
            mailbox.is_secret.store(is_secret, Ordering::Relaxed);
        }
        self.forget(link);
        self.begin_session(link, mailbox);
        self.handle_session(Input::Greeted { link }, now);
    }

    pub(super) fn begin_session(&mut self, link: LinkId, mailbox: Arc<SessionMailbox>) {
        self.sessions.insert(link, SessionEntry { mailbox, is_full: false });
    }

    pub(in crate::runtime::engine) fn handle_session(&mut self, input: Input, now: Time) {
        self.handle(node::Input::FastTrack(input), now);
    }

    /// Works on one batch of a session.
    pub(super) fn hear_session(&mut self, link: LinkId, said: Vec<Said>, now: Time) {
        for one in said {
            let input = match one {
                Said::Frame(frame) => {
                    self.front.count_message_received();
                    let len = frame.payload.len().saturating_add(HEAD_LEN);
                    self.worked_len = self.worked_len.saturating_add(len);
                    Input::Frame { link, frame }
                }
                Said::Opened(session) => Input::Opened { link, session },
                Said::Closed(ending) => {
                    self.handle_session(Input::Closed { link, ending }, now);
                    self.sessions.remove(&link);
                    return;
                }
                Said::Pong { round_trip } => Input::Pong { link, round_trip },
                // The task of the session sees to it.
                Said::EndWriting => continue,
            };
            self.handle_session(input, now);
        }
        if let Some(entry) = self.sessions.get(&link) {
            entry.mailbox.batch_done();
        }
    }

    /// Does what the node wants.
    pub(super) fn follow_session(&mut self, output: Output, now: Time) {
        match output {
            Output::Dial { address } => {
                self.front.count_call();
                let hall = Arc::clone(&self.hall);
                tokio::spawn(dial::call_supernode(address, self.from, hall));
            }
            Output::Datagram { to, bytes } => {
                let sent = self.fasttrack_datagrams.send(&bytes, to.into());
                self.count_datagram(to.into(), sent);
            }
            Output::Ready { link } => self.ready.push(link),
            Output::Pause { link } => self.order_session(link, SessionOrder::Pause),
            Output::Resume { link } => self.order_session(link, SessionOrder::Resume),
            Output::Ping { link } => self.order_session(link, SessionOrder::Ping),
            Output::Blame { link, fault } => self.order_session(link, SessionOrder::Blame(fault)),
            Output::Close { link, why } => {
                tracing::debug!(link = link.0, why, "leaves a session");
                self.deliver_in_session(link, now);
                self.order_session(link, SessionOrder::Leave);
            }
        }
    }

    /// Hands a session what waits for it.
    pub(super) fn deliver_in_session(&mut self, link: LinkId, now: Time) {
        let Some(entry) = self.sessions.get_mut(&link).filter(|entry| !entry.is_full) else {
            return;
        };
        let (node, front) = (&mut self.node, &mut self.front);
        entry.is_full = entry.mailbox.fill(|| {
            let frame = node.transmit_fasttrack(link, now)?;
            front.count_message_sent();
            let len = frame.payload.len().saturating_add(HEAD_LEN);
            Some((frame, len))
        });
    }

    /// A session has emptied its mailbox, and the node had more.
    pub(super) fn session_has_room(&mut self, link: LinkId) {
        if let Some(entry) = self.sessions.get_mut(&link) {
            entry.is_full = false;
            self.ready.push(link);
        }
    }

    /// What a session has to do with the network.
    pub(in crate::runtime::engine) fn session_mailbox(
        &self,
        link: LinkId,
    ) -> Option<&SessionMailbox> {
        Some(&self.sessions.get(&link)?.mailbox)
    }

    pub(in crate::runtime::engine) fn sessions_len(&self) -> usize {
        self.sessions.len()
    }

    fn order_session(&self, link: LinkId, order: SessionOrder) {
        if let Some(entry) = self.sessions.get(&link) {
            entry.mailbox.order(order);
        }
    }
}
