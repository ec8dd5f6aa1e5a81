//! Queries for what is new: they have no words by which they could be guided, so that they go to all
//! neighbours, and not far (QUERY-31).

use super::outgoing::kept;
use super::{Mode, Servent};
use crate::base::limits::{NEWEST_ALL_MAX, NEWEST_EVERY_MS, NEWEST_RELAYED_MAX};
use crate::base::mutant::mutant;
use crate::base::seldom::{Done, Seldom};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::announced::Abilities;
use crate::gnutella::flow::Class;
use crate::gnutella::router::Onward;
use crate::gnutella::wire::Frame;

/// Links that such a query crosses between ultrapeers.
pub(super) const NEWEST_TTL: u8 = 2;

/// Those that a neighbour asks itself.
const OWN: Seldom = Seldom { times: 1, every_ms: NEWEST_EVERY_MS, total: NEWEST_ALL_MAX };

/// Those that an ultrapeer brings.
const RELAYED: Seldom = Seldom { times: NEWEST_RELAYED_MAX, ..OWN };

/// Which neighbours have asked lately what is new, or have brought such queries.
#[derive(Debug, Default)]
pub(super) struct NewestQueries {
    own: Done<Slot>,
    relayed: Done<Slot>,
}

impl NewestQueries {
    /// Whether a query of this neighbour, which has come so many hops, is heard; if so, it counts.
    fn allow(&mut self, from: Slot, hops: u8, now: Time) -> bool {
        if mutant!(AnswersWhatsNewAlways) {
            true
        } else if hops == 0 {
            self.own.allow(OWN, from, now)
        } else {
            self.relayed.allow(RELAYED, from, now)
        }
    }
}

impl Servent {
    /// Whether a query for what is new is heard, as far as the neighbour that brings it is concerned.
    pub(super) fn hears_newest(&mut self, from: Slot, hops: u8, now: Time) -> bool {
        self.settings.mode == Mode::Flood || self.service.enter().newest.allow(from, hops, now)
    }

    /// Shows a query for what is new to the leaves that answer such queries, and to the ultrapeers as
    /// long as it has not come far.
    pub(super) fn spread_newest(
        &mut self,
        from: Slot,
        frame: &Frame,
        onward: Option<Onward>,
        now: Time,
    ) {
        let is_of_leaf = self.neighbours.get(from).is_some_and(super::Neighbour::is_leaf);
        let hops = frame.hops.saturating_add(1);
        let onward = if is_of_leaf {
            Some(Onward { ttl: NEWEST_TTL, hops })
        } else {
            // Of those that a leaf has asked, the first link does not count.
            onward.filter(|_| frame.hops < NEWEST_TTL).map(|onward| Onward {
                ttl: onward.ttl.min(NEWEST_TTL.saturating_sub(1)),
                ..onward
            })
        };
        let frame = &kept(frame);
        for (target, frame) in self.newest_targets(Some(from), frame, hops, onward) {
            self.push(target, Class::Query, frame, Some(from), now);
        }
    }

    /// To whom a query for what is new goes, and with which TTL.
    pub(super) fn newest_targets(
        &self,
        from: Option<Slot>,
        frame: &Frame,
        hops: u8,
        onward: Option<Onward>,
    ) -> Vec<(Slot, Frame)> {
        let to_leaf = frame.forwarded(1, hops);
        let to_ultrapeer = onward.map(|onward| frame.forwarded(onward.ttl, onward.hops));
        let others = self.neighbours.iter().filter(|(slot, other)| {
            Some(*slot) != from && !other.is_leaving && self.announced.wants_query(*slot, hops)
        });
        let targets = others.filter_map(|(slot, other)| {
            if other.is_ultrapeer() {
                return Some((slot, to_ultrapeer.clone()?));
            }
            let answers = self.announced.abilities(slot).contain(Abilities::WHATS_NEW);
            answers.then(|| (slot, to_leaf.clone()))
        });
        targets.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::slots::Slots;

    const NOW: Time = Time::ZERO;

    fn slots(count: usize) -> Vec<Slot> {
        let mut slots = Slots::new();
        (0..count).map(|number| slots.insert(number)).collect()
    }

    /// QUERY-31
    #[test]
    fn a_neighbour_asks_once_in_a_while_and_brings_some_of_others() {
        let (mut queries, slots) = (NewestQueries::default(), slots(2));
        assert!(queries.allow(slots[0], 0, NOW) && !queries.allow(slots[0], 0, NOW));
        assert!(queries.allow(slots[1], 0, NOW));
        let just_before = Time::from_micros(NEWEST_EVERY_MS * 1_000 - 1);
        assert!(!queries.allow(slots[0], 0, just_before));
        assert!(queries.allow(slots[0], 0, Time::from_millis(NEWEST_EVERY_MS)));
        let brought = (0..1_000).filter(|_| queries.allow(slots[0], 1, NOW)).count();
        assert_eq!(brought, usize::from(NEWEST_RELAYED_MAX));
        assert!(queries.allow(slots[1], 2, NOW));
    }

    /// QUERY-31
    #[test]
    fn all_neighbours_together_have_a_limit() {
        let (mut queries, slots) = (NewestQueries::default(), slots(NEWEST_ALL_MAX + 1));
        let heard = slots.iter().filter(|slot| queries.allow(**slot, 0, NOW)).count();
        assert_eq!(heard, NEWEST_ALL_MAX);
    }
}
