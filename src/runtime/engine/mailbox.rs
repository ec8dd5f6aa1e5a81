use std::future::poll_fn;
use std::mem;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::counters::Counters;
use crate::base::error::Fault;
use crate::fasttrack;
use crate::gnutella::link::Decision;
use crate::gnutella::wire::Frame;

/// Batches of one link that may wait for the owner of the node before the link reads on. With two,
/// one is read while the other is worked on.
const BATCHES_MAX: u8 = 2;

/// Bytes of messages in a mailbox from which the node keeps further ones for itself, where the best
/// goes first.
pub(super) const MAIL_LEN_MAX: usize = 16 * 1024;

/// What the owner of the node has for one link, and how far that link is. Both sides lock it for
/// moments only.
#[derive(Debug)]
pub(super) struct Mailbox<F = Frame, O = Order> {
    mail: Mutex<Mail<F, O>>,
    /// What has gone over the connection, as the network carries it.
    pub(super) counters: Counters,
    /// It is TLS.
    pub(super) is_secret: AtomicBool,
}

/// The mailbox of a session of FastTrack.
pub(super) type SessionMailbox = Mailbox<fasttrack::wire::Frame, SessionOrder>;

#[derive(Debug)]
struct Mail<F, O> {
    orders: Vec<O>,
    frames: Vec<F>,
    /// Bytes of these frames.
    len_bytes: usize,
    /// The node has more than is here.
    has_more: bool,
    /// Batches of this link that the owner has not gone through.
    batches: u8,
    /// The link waits for this.
    waker: Option<Waker>,
}

/// What the node wants of a link, besides sending messages.
#[derive(Debug)]
pub(super) enum Order {
    Decide(Box<Decision>),
    Bye { code: u16, reason: String },
}

/// The same of a session of FastTrack.
#[derive(Debug)]
pub(super) enum SessionOrder {
    Pause,
    Resume,
    Ping,
    Blame(Fault),
    Leave,
}

/// Messages that a link finds in its mailbox.
#[derive(Debug)]
pub(super) struct Delivery<F = Frame> {
    pub(super) frames: Vec<F>,
    /// The node has more.
    pub(super) has_more: bool,
}

impl<F, O> Default for Mailbox<F, O> {
    fn default() -> Self {
        let mail = Mail {
            orders: Vec::new(),
            frames: Vec::new(),
            len_bytes: 0,
            has_more: false,
            batches: 0,
            waker: None,
        };
        Self {
            mail: Mutex::new(mail),
            counters: Counters::default(),
            is_secret: AtomicBool::default(),
        }
    }
}

impl<F, O> Mailbox<F, O> {
    /// Hands over an order.
    pub(super) fn order(&self, order: O) {
        let mut mail = self.lock();
        mail.orders.push(order);
        wake(mail);
    }

    /// Hands over messages, each with its length, until the mailbox is full or there are no more. True if it
    /// got full, so that the link asks for more once it is empty.
    pub(super) fn fill(&self, mut next: impl FnMut() -> Option<(F, usize)>) -> bool {
        let mut mail = self.lock();
        mail.has_more = true;
        while mail.len_bytes < MAIL_LEN_MAX {
            let Some((frame, len)) = next() else {
                mail.has_more = false;
                break;
            };
            mail.len_bytes = mail.len_bytes.saturating_add(len);
            mail.frames.push(frame);
        }
        let is_full = mail.has_more;
        wake(mail);
        is_full
    }

    /// The owner has gone through a batch.
    pub(super) fn batch_done(&self) {
        let mut mail = self.lock();
        let was_waiting = mail.batches >= BATCHES_MAX;
        mail.batches = mail.batches.saturating_sub(1);
        if was_waiting {
            wake(mail);
        }
    }

    /// The link has sent a batch to the owner.
    pub(super) fn batch_sent(&self) {
        let mut mail = self.lock();
        mail.batches = mail.batches.saturating_add(1);
    }

    /// Takes the orders, and tells whether the link may read on; of what comes later, the link is woken.
    pub(super) fn take_orders(&self, cx: &Context<'_>) -> (Vec<O>, bool) {
        let mut mail = self.lock();
        match &mut mail.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => mail.waker = Some(cx.waker().clone()),
        }
        (mem::take(&mut mail.orders), mail.batches < BATCHES_MAX)
    }

    /// Takes the messages. A link that has some already leaves them here: what is sent to somebody who
    /// does not read stays where its bytes are bounded.
    pub(super) fn take_frames(&self) -> Delivery<F> {
        let mut mail = self.lock();
        mail.len_bytes = 0;
        Delivery { frames: mem::take(&mut mail.frames), has_more: mail.has_more }
    }

    /// Waits for an order, and leaves it where it is.
    pub(super) async fn ordered(&self) {
        poll_fn(|cx| {
            let mut mail = self.lock();
            if !mail.orders.is_empty() {
                return Poll::Ready(());
            }
            mail.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Bytes that wait here.
    pub(super) fn waiting_len_bytes(&self) -> usize {
        self.lock().len_bytes
    }

    fn lock(&self) -> MutexGuard<'_, Mail<F, O>> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the link once the lock is gone.
fn wake<F, O>(mut mail: MutexGuard<'_, Mail<F, O>>) {
    let waker = mail.waker.take();
    drop(mail);
    if let Some(waker) = waker {
        waker.wake();
    }
}
