use std::collections::VecDeque;
use std::mem;
use std::net::{SocketAddr, SocketAddrV4};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::mailbox::{Mailbox, SessionMailbox};
use crate::base::limits::{DATAGRAMS_WAITING_LEN_MAX, DATAGRAMS_WAITING_MAX};
use crate::control::model::SearchId;
use crate::fasttrack::link::Output as SaidInSession;
use crate::gnutella::link::Output as Said;
use crate::gnutella::wire::QueryHit;
use crate::node::{Direction, LinkId};

/// What links, listeners and calls tell the owner of the node.
#[derive(Debug)]
pub(super) enum News {
    /// A connection stands.
    Connected { link: LinkId, address: SocketAddr, direction: Direction, mailbox: Arc<Mailbox> },
    /// A call has led to none.
    DialFailed { address: SocketAddr, why: std::io::Error },
    /// What a link has to say.
    Said { link: LinkId, said: Vec<Said> },
    /// A link has emptied its mailbox, and the node had more.
    Room { link: LinkId },
    /// A connection begins as a session of FastTrack does, and is none of Gnutella's.
    Greeted { link: LinkId, mailbox: Arc<SessionMailbox> },
    /// A call of FastTrack has come about.
    SessionConnected { link: LinkId, address: SocketAddrV4, mailbox: Arc<SessionMailbox> },
    /// It has not.
    SessionFailed { address: SocketAddrV4, why: std::io::Error },
    /// What a session has to say.
    SaidInSession { link: LinkId, said: Vec<SaidInSession> },
    /// A connection is no link, and another room has it.
    HandedOn { link: LinkId },
    /// A connection has ended before it became a link.
    Gone { link: LinkId },
    /// Datagrams that have arrived.
    Datagrams(Vec<(SocketAddr, Bytes)>),
    /// Some of what a host shares that was asked for its list. The next ones come as these are worked off.
    Browsed {
        search: SearchId,
        address: SocketAddr,
        hit: Box<QueryHit>,
        permit: OwnedSemaphorePermit,
    },
    /// A list has ended.
    BrowseEnded { search: SearchId, why: String },
}

/// Where all of this waits for the owner of the node. What links put here is bounded by what each of
/// them may have unanswered; datagrams beyond their limits are lost, as on the way.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    /// Datagrams that were lost here.
    lost: AtomicU64,
    notify: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    news: VecDeque<News>,
    /// How many datagrams are among them, and their bytes.
    datagrams: usize,
    datagrams_len: usize,
}

impl Waiting {
    /// Whether there is room for one more datagram of so many bytes, which is taken then.
    fn reserve(&mut self, len: usize) -> bool {
        let datagrams_len = self.datagrams_len.saturating_add(len);
        if self.datagrams >= DATAGRAMS_WAITING_MAX || datagrams_len > DATAGRAMS_WAITING_LEN_MAX {
            return false;
        }
        self.datagrams = self.datagrams.saturating_add(1);
        self.datagrams_len = datagrams_len;
        true
    }
}

impl Inbox {
    /// Puts something in.
    pub(super) fn put(&self, news: News) {
        self.put_into(self.lock(), news);
    }

    /// Puts datagrams in, as many as there is room for.
    pub(super) fn put_datagrams(&self, mut datagrams: Vec<(SocketAddr, Bytes)>) {
        let mut waiting = self.lock();
        let arrived = datagrams.len();
        datagrams.retain(|(_, bytes)| waiting.reserve(bytes.len()));
        self.lose(arrived.saturating_sub(datagrams.len()));
        if !datagrams.is_empty() {
            self.put_into(waiting, News::Datagrams(datagrams));
        }
    }

    /// So many datagrams have arrived and were lost.
    pub(super) fn lose(&self, datagrams: usize) {
        self.lost.fetch_add(datagrams as u64, Ordering::Relaxed);
    }

    /// How many datagrams were lost since the start.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Takes everything out, in the order in which it came. `spare` is empty and takes its place.
    pub(super) fn take(&self, spare: VecDeque<News>) -> VecDeque<News> {
        let waiting = Waiting { news: spare, ..Waiting::default() };
        mem::replace(&mut *self.lock(), waiting).news
    }

    /// Nothing has come.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().news.is_empty()
    }

    /// Waits until there is something.
    pub(super) async fn filled(&self) {
        self.notify.notified().await;
    }

    fn put_into(&self, mut waiting: MutexGuard<'_, Waiting>, news: News) {
        waiting.news.push_back(news);
        let is_first = waiting.news.len() == 1;
        drop(waiting);
        if is_first {
            self.notify.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagrams(count: usize, len: usize) -> Vec<(SocketAddr, Bytes)> {
        let from = "203.0.113.7:6346".parse().unwrap();
        vec![(from, Bytes::from(vec![0; len])); count]
    }

    /// How many datagrams wait.
    fn waiting(inbox: &Inbox) -> usize {
        let news = inbox.take(VecDeque::new());
        let counts = news.iter().map(|news| match news {
            News::Datagrams(datagrams) => datagrams.len(),
            other => panic!("{other:?}"),
        });
        counts.sum()
    }

    #[test]
    fn so_many_datagrams_wait_and_what_is_lost_is_counted() {
        let inbox = Inbox::default();
        inbox.put_datagrams(datagrams(DATAGRAMS_WAITING_MAX, 23));
        assert_eq!(inbox.lost(), 0);
        inbox.put_datagrams(datagrams(3, 23));
        assert_eq!((inbox.lost(), waiting(&inbox)), (3, DATAGRAMS_WAITING_MAX));
        // There is room again.
        inbox.put_datagrams(datagrams(2, 23));
        assert_eq!((inbox.lost(), waiting(&inbox)), (3, 2));
    }

    #[test]
    fn so_many_bytes_of_datagrams_wait_and_not_one_more() {
        let (inbox, half) = (Inbox::default(), DATAGRAMS_WAITING_LEN_MAX / 2);
        inbox.put_datagrams(datagrams(2, half));
        assert_eq!(inbox.lost(), 0, "at the limit");
        inbox.put_datagrams(datagrams(1, 1));
        assert_eq!((inbox.lost(), waiting(&inbox)), (1, 2), "one past it");
        // A short one may find room where a long one has found none.
        let mut mixed = datagrams(1, half);
        mixed.extend(datagrams(1, half + 1));
        mixed.extend(datagrams(1, half));
        inbox.put_datagrams(mixed);
        assert_eq!((inbox.lost(), waiting(&inbox)), (2, 2));
    }
}
