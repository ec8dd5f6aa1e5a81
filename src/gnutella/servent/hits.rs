//! Hits: to whoever asked, by the way that the query came.

use super::{Mode, Output, Servent};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::dynamic_query::HitVerdict;
use crate::gnutella::flow::Class;
use crate::gnutella::router::Answer;
use crate::gnutella::wire::{Frame, QueryHit};

impl Servent {
    /// A hit of a neighbour.
    pub(super) fn receive_hit(&mut self, slot: Slot, frame: &Frame, now: Time) {
        let answer = self.router.answer(&frame.header(), slot, now);
        if let Answer::Drop { fault, .. } = answer {
            return self.drop_frame(slot, fault);
        }
        let hit = match QueryHit::decode(&frame.payload) {
            Ok(hit) => hit,
            Err(fault) => return self.blame_maker(slot, frame, fault),
        };
        self.router.learn_servent(hit.servent, slot, now);
        let results = u32::try_from(hit.records.len()).unwrap_or(u32::MAX);
        match answer {
            Answer::Own => self.take_hit(frame, hit, results, now),
            Answer::To { slot: to, onward } => {
                self.count_for_search(frame, results, now);
                if self.carries(frame, results, to, now) {
                    let frame = frame.forwarded(onward.ttl, onward.hops);
                    self.push(to, Class::Hit, frame, Some(slot), now);
                }
            }
            Answer::Drop { .. } => {}
        }
    }

    /// Popular files must not fill the links that carry the answers to all others (DQ-20).
    fn carries(&mut self, frame: &Frame, results: u32, to: Slot, now: Time) -> bool {
        if self.settings.mode == Mode::Flood {
            return true;
        }
        let results = u8::try_from(results).unwrap_or(u8::MAX);
        let is_congested = self.queues.is_congested(to);
        let len = frame.wire_len();
        let verdict =
            self.service.enter().hit_policy.carry(frame.guid, results, len, is_congested, now);
        matches!(verdict, HitVerdict::Carry { .. })
    }

    /// Whatever search it answers knows that there is more.
    fn count_for_search(&mut self, hit: &Frame, results: u32, now: Time) {
        if let Some(service) = self.service.peek_mut() {
            service.dynamic_queries.hit(hit.guid, results, now);
        }
    }

    fn take_hit(&mut self, frame: &Frame, hit: QueryHit, results: u32, now: Time) {
        self.count_for_search(frame, results, now);
        if self.count_results(frame.guid, results, now) {
            let hops = frame.hops.saturating_add(1);
            self.out.push_back(Output::Hit { search: frame.guid, hops, hit: Box::new(hit) });
        }
    }
}
