use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Entry, Owner};
use crate::base::time::Time;
use crate::gnutella::link::{Ending, Output as Said};
use crate::node::{Direction, Input, LinkId, fasttrack};
use crate::runtime::engine::inbox::News;
use crate::runtime::engine::peers::Details;
use crate::runtime::engine::pressure::MUCH_LEN;

/// Bytes of messages that are worked on before what follows from them is handed to the links: enough
/// that a link is seldom woken for one message, and little enough that no queue gets long.
const WORK_LEN_MAX: usize = 48 * 1024;

/// How often it is looked for more before that.
const ROUNDS_MAX: u32 = 8;

/// How long the owner works before other tasks have their turn.
const TURN: Duration = Duration::from_millis(2);

impl Owner {
    /// Goes through what has come, and lets links read on. What they bring meanwhile is worked on too before
    /// anything is handed out: who gets many messages is woken for all of them.
    pub(super) async fn read_news(&mut self, mut spare: VecDeque<News>) -> VecDeque<News> {
        for _ in 0..ROUNDS_MAX {
            spare = self.work_on(self.hall.inbox.take(spare)).await;
            let is_enough = self.worked_len == 0 || self.worked_len >= WORK_LEN_MAX;
            if is_enough || self.pressure.is_any() {
                break;
            }
            self.let_read(self.hall.clock.now());
            tokio::task::yield_now().await;
            if self.hall.inbox.is_empty() {
                break;
            }
        }
        spare
    }

    /// Works on one batch of one link after the other.
    async fn work_on(&mut self, mut news: VecDeque<News>) -> VecDeque<News> {
        let mut since = Instant::now();
        while let Some(one) = news.pop_front() {
            self.hear(one, self.hall.clock.now());
            if self.worked_len >= WORK_LEN_MAX {
                self.flush();
            }
            if since.elapsed() >= TURN {
                self.flush();
                self.time_out_if_due();
                tokio::task::yield_now().await;
                since = Instant::now();
            }
        }
        news
    }

    fn hear(&mut self, news: News, now: Time) {
        match news {
            News::Connected { link, address, direction, mailbox } => {
                let entry = Entry { mailbox, details: None, is_full: false, heard_len: 0 };
                self.links.insert(link, entry);
                self.front.count_connection(direction);
                self.handle(Input::Connected { link, address, direction }, now);
            }
            News::DialFailed { address, why } => {
                self.front.tell_call_failed(address, &why);
                self.handle(Input::DialFailed { address }, now);
            }
            News::Said { link, said } => {
                let before = self.worked_len;
                for one in said {
                    self.hear_link(link, one, now);
                }
                self.count_batch(link, self.worked_len.saturating_sub(before));
            }
            News::Room { link } => {
                if let Some(entry) = self.links.get_mut(&link) {
                    entry.is_full = false;
                    self.pressure.emptied(link, now);
                    self.ready.push(link);
                } else {
                    self.session_has_room(link);
                }
            }
            News::Greeted { link, mailbox } => self.greet(link, mailbox, now),
            News::SessionConnected { link, address, mailbox } => {
                self.front.count_connection(Direction::Outgoing);
                self.begin_session(link, mailbox);
                self.handle_session(fasttrack::Input::Connected { link, address }, now);
            }
            News::SessionFailed { address, why } => {
                self.front.tell_call_failed(address.into(), &why);
                self.handle_session(fasttrack::Input::DialFailed { address }, now);
            }
            News::SaidInSession { link, said } => self.hear_session(link, said, now),
            News::HandedOn { link } => {
                self.forget(link);
                self.handle(Input::HandedOn { link }, now);
            }
            News::Gone { link } => {
                self.forget(link);
                self.handle(Input::Closed { link, ending: Ending::Closed }, now);
            }
            News::Datagrams(datagrams) => {
                for (from, bytes) in datagrams {
                    self.receive_datagram(from, bytes, now);
                }
            }
            News::Browsed { search, address, hit, permit } => {
                self.take_browsed(search, address, &hit, now);
                drop(permit);
            }
            News::BrowseEnded { search, why } => self.end_browsing(search, why, now),
        }
    }

    /// A batch of so many bytes is worked off. Whoever sends little reads on, whatever others do.
    fn count_batch(&mut self, link: LinkId, len: usize) {
        let Some(entry) = self.links.get_mut(&link) else { return };
        entry.heard_len = entry.heard_len.saturating_add(len);
        if entry.heard_len < MUCH_LEN {
            entry.mailbox.batch_done();
        } else {
            self.pressure.waiting.push(Arc::clone(&entry.mailbox));
        }
    }

    fn hear_link(&mut self, link: LinkId, said: Said, now: Time) {
        let input = match said {
            Said::Frame(frame) => {
                self.front.count_message_received();
                self.worked_len = self.worked_len.saturating_add(frame.wire_len());
                Input::Frame { link, frame }
            }
            Said::Dropped { header, fault } => {
                self.front.count_message_received();
                Input::Dropped { link, header, fault: fault.into() }
            }
            Said::Asked(question) => Input::Asked { link, question },
            Said::Answered(question) => Input::Answered { link, question },
            Said::Opened(agreement) => {
                if let Some(entry) = self.links.get_mut(&link) {
                    entry.details = Some(Box::new(Details::of(&agreement)));
                }
                Input::Opened { link, agreement }
            }
            Said::Closed(ending) => {
                self.handle(Input::Closed { link, ending }, now);
                return self.forget(link);
            }
            // The task of the link sees to these.
            Said::StartTls { .. } | Said::EndWriting => return,
        };
        self.handle(input, now);
    }

    fn receive_datagram(&mut self, from: SocketAddr, bytes: Bytes, now: Time) {
        self.front.count_datagram_received(bytes.len());
        self.handle(Input::Datagram { from, bytes }, now);
    }
}
