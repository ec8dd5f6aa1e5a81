//! Queries for what is new: they have no words by which they could be guided, so that they go to all
//! neighbours, and not far (QUERY-31).

use super::outgoing::kept;
use super::{Mode, Servent};
use crate::base::limits::{NEWEST_ALL_MAX, NEWEST_EVERY_MS, NEWEST_RELAYED_MAX};
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
        if hops == 0 {
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
            onward.filter(|_| hops < NEWEST_TTL).map(|onward| Onward {
                ttl: onward.ttl.min(NEWEST_TTL.saturating_sub(hops)),
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
