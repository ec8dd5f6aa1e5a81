use std::collections::VecDeque;
use std::mem;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::mailbox::Mailbox;
use crate::gnutella::link::Output as Said;
use crate::node::{Direction, LinkId};

/// Datagrams that wait for the owner of the node at most; further ones are lost, as on the way.
const DATAGRAMS_MAX: usize = 4096;

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
    /// A connection has ended before it became a link.
    Gone { link: LinkId },
    /// Datagrams that have arrived.
    Datagrams(Vec<(SocketAddr, Bytes)>),
}

/// Where all of this waits for the owner of the node. What links put here is bounded by what each of
/// them may have unanswered.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    news: Mutex<VecDeque<News>>,
    datagrams: AtomicUsize,
    notify: Notify,
}

impl Inbox {
    /// Puts something in.
    pub(super) fn put(&self, news: News) {
        let mut waiting = self.lock();
        waiting.push_back(news);
        let is_first = waiting.len() == 1;
        drop(waiting);
        if is_first {
            self.notify.notify_one();
        }
    }

    /// Puts datagrams in, as many as there is room for. How many were lost.
    pub(super) fn put_datagrams(&self, mut datagrams: Vec<(SocketAddr, Bytes)>) -> usize {
        let waiting = self.datagrams.load(Ordering::Relaxed);
        let lost = datagrams.len().saturating_sub(DATAGRAMS_MAX.saturating_sub(waiting));
        datagrams.truncate(datagrams.len().saturating_sub(lost));
        if !datagrams.is_empty() {
            self.datagrams.fetch_add(datagrams.len(), Ordering::Relaxed);
            self.put(News::Datagrams(datagrams));
        }
        lost
    }

    /// Takes everything out, in the order in which it came. `spare` is empty and takes its place.
    pub(super) fn take(&self, spare: VecDeque<News>) -> VecDeque<News> {
        self.datagrams.store(0, Ordering::Relaxed);
        mem::replace(&mut *self.lock(), spare)
    }

    /// Waits until there is something.
    pub(super) async fn filled(&self) {
        self.notify.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<News>> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
