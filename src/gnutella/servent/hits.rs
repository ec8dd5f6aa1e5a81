//! Hits: to whoever asked, by the way that the query came.

use super::outgoing::kept;
use super::{Mode, Neighbour, Output, Servent};
use crate::base::limits::QUERY_HIT_FORWARDED_LEN_MAX;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::dynamic_query::{HitSize, HitVerdict};
use crate::gnutella::flow::Class;
use crate::gnutella::router::{Answer, Onward};
use crate::gnutella::wire::{Frame, Guid, QueryHit};

impl Servent {
    /// A hit of a neighbour.
    pub(super) fn receive_hit(&mut self, slot: Slot, frame: &Frame, now: Time) {
        if self.pass_guessed_hit(slot, frame, now) {
            return;
        }
        let answer = self.router.answer(&frame.header(), slot, now);
        if let Answer::Drop { fault, .. } = answer {
            if mutant!(FloodsStrayHits) {
                let onward = Onward { ttl: frame.ttl, hops: frame.hops };
                return self.flood(slot, frame, Some(onward), now);
            }
            return self.drop_frame(slot, fault);
        }
        let hit = match QueryHit::decode(&frame.payload) {
            Ok(hit) => hit,
            Err(fault) => return self.blame_maker(slot, frame, fault),
        };
        self.router.learn_servent(hit.servent, slot, now);
        let results = u8::try_from(hit.records.len()).unwrap_or(u8::MAX);
        let size = HitSize { results, len: frame.wire_len() };
        match answer {
            // An ultrapeer that asks for us with a GUID of its own may bring us our own answer (HIT-35).
            Answer::Own if hit.servent == self.guid => {}
            Answer::Own => self.take_hit(slot, frame, hit, size, now),
            // SIZE-05
            Answer::To { .. }
                if frame.payload.len() > QUERY_HIT_FORWARDED_LEN_MAX
                    && !mutant!(ForwardsLongHits) =>
            {
                self.drop_frame(slot, None);
            }
            Answer::To { slot: to, onward } => {
                if self.carries(slot, frame, size, to, now) {
                    self.count_for_search(slot, frame.guid, size, now);
                    let frame = kept(frame).forwarded(onward.ttl, onward.hops);
                    self.push(to, Class::Hit, frame, Some(slot), now);
                }
            }
            Answer::Drop { .. } => {}
        }
    }

    /// Popular files must not fill the links that carry the answers to all others (DQ-20).
    pub(super) fn carries(
        &mut self,
        from: Slot,
        hit: &Frame,
        size: HitSize,
        to: Slot,
        now: Time,
    ) -> bool {
        if self.settings.mode == Mode::Flood || mutant!(CarriesEveryHit) {
            return true;
        }
        let is_congested = self.queues.is_congested(to);
        let policy = &mut self.service.enter().hit_policy;
        let verdict = policy.carry(hit.guid, from, size, is_congested, now);
        matches!(verdict, HitVerdict::Carry { .. })
    }

    /// Whatever search it answers knows that there is more.
    pub(super) fn count_for_search(&mut self, from: Slot, guid: Guid, size: HitSize, now: Time) {
        let is_leaf = self.neighbours.get(from).is_some_and(Neighbour::is_leaf);
        let from = (!is_leaf).then_some(from);
        if let Some(service) = self.service.peek_mut() {
            service.dynamic_queries.hit(guid, from, u32::from(size.results), now);
        }
    }

    pub(super) fn take_hit(
        &mut self,
        from: Slot,
        frame: &Frame,
        hit: QueryHit,
        size: HitSize,
        now: Time,
    ) {
        let Some(taken) = self.count_results(from, frame.guid, size, now) else { return };
        self.count_for_search(from, taken.guid, size, now);
        let hops = frame.hops.saturating_add(1);
        self.tell_of_hit(taken.search, hops, hit);
    }

    /// Tells of a hit, with what speaks against it (HIT-41).
    pub(super) fn tell_of_hit(&mut self, search: Guid, hops: u8, hit: QueryHit) {
        let doubts = self.spam.peek_mut().map(|spam| spam.judge(search, &hit));
        let doubts = doubts.unwrap_or_default().into();
        self.out.push_back(Output::Hit { search, hops, hit: Box::new(hit), doubts });
    }
}
