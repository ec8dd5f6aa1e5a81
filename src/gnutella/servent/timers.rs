//! What a servent waits for.

use super::datagrams::Datagrams;
use super::own_searches::Searches;
use super::{Mode, Reason, Servent};
use crate::base::time::Time;

impl Servent {
    /// When [`timeout`](Self::timeout) is to be called, and what for.
    pub fn next_timeout(&self) -> Option<(Time, Reason)> {
        let tables = match self.settings.mode {
            Mode::Overlay => {
                earlier(self.query_tables.next_timeout(), self.table_senders.next_timeout())
            }
            Mode::Flood => None,
        };
        let service = self.service.peek();
        let searches = service.and_then(|service| service.dynamic_queries.next_timeout());
        let counters = service.and_then(|service| service.hit_policy.next_timeout());
        let searches = earlier(searches, self.searches.peek().and_then(Searches::next_timeout));
        let datagrams = self.datagrams.peek().and_then(Datagrams::next_timeout);
        [
            (self.pinging.next_timeout(), Reason::Alive),
            (tables, Reason::Tables),
            (searches, Reason::Searches),
            (self.queues.next_timeout(), Reason::Queues),
            (self.reachability.next_timeout(), Reason::Reachability),
            (datagrams, Reason::Datagrams),
            (earlier(self.router.next_timeout(), counters), Reason::Forget),
        ]
        .into_iter()
        .filter_map(|(at, reason)| Some((at?, reason)))
        .min()
    }

    /// Does all that is due.
    pub fn timeout(&mut self, now: Time) {
        while let Some((at, reason)) = self.next_timeout()
            && at <= now
        {
            match reason {
                Reason::Alive => self.ping_neighbours(now),
                Reason::Tables => self.send_tables(now),
                Reason::Searches => self.step_searches(now),
                Reason::Queues => self.give_up_slow_ones(now),
                Reason::Reachability => self.ask_for_connect_backs(now),
                Reason::Datagrams => self.go_on_by_datagram(now),
                Reason::Forget => {
                    self.router.timeout(now);
                    if let Some(service) = self.service.peek_mut() {
                        service.hit_policy.timeout(now);
                    }
                }
            }
            // A room that wants the same moment again has nothing to do in it.
            if self.next_timeout() == Some((at, reason)) {
                break;
            }
        }
    }

    fn give_up_slow_ones(&mut self, now: Time) {
        let mut slow = Vec::new();
        self.queues.timeout(now, &mut slow);
        for (slot, fault) in slow {
            self.blame(slot, fault.into());
        }
    }
}

fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    one.into_iter().chain(other).min()
}
