//! What a peer waits for.

use super::{Peer, Reason};
use crate::base::limits::FASTTRACK_NEWCOMER_MS;
use crate::base::time::Time;

impl Peer {
    /// When [`timeout`](Self::timeout) is to be called, and what for.
    pub fn next_timeout(&self) -> Option<(Time, Reason)> {
        let children = self.supernode.as_ref().and_then(|it| it.next_timeout());
        let neighbours = self.neighbours.as_ref().map(|it| it.next_timeout());
        let newcomer = self.newcomers.first();
        let newcomer = newcomer.map(|(opened, _)| opened.after_ms(FASTTRACK_NEWCOMER_MS));
        [
            (self.ordinary.next_timeout(), Reason::Parent),
            (children, Reason::Children),
            (self.desk.next_timeout(), Reason::Children),
            (neighbours.filter(|at| *at < Time::NEVER), Reason::Neighbours),
            (self.count_due, Reason::Neighbours),
            (self.queues.next_timeout(), Reason::Sessions),
            (newcomer, Reason::Sessions),
        ]
        .into_iter()
        .filter_map(|(at, reason)| Some((at?, reason)))
        .min()
    }

    /// Does all that is due.
    pub fn timeout(&mut self, now: Time) {
        if self.ordinary.next_timeout().is_some_and(|at| at <= now) {
            self.ordinary.timeout(now);
            self.settle(now);
        }
        if let Some(neighbours) = self.neighbours.as_mut().filter(|it| it.next_timeout() <= now) {
            neighbours.timeout(now);
            self.settle(now);
        }
        if self.count_due.is_some_and(|at| at <= now) {
            self.count(now);
        }
        if let Some(supernode) = &mut self.supernode {
            supernode.timeout(now);
        }
        if self.desk.next_timeout().is_some_and(|at| at <= now) {
            self.work(now);
        }
        self.give_up_stalled(now);
        self.give_up_newcomers(now);
        self.settle(now);
    }
}
