//! Queries that go out step by step, ours and those of our leaves.

use bytes::Bytes;

use super::Servent;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::announced::Abilities;
use crate::gnutella::dynamic_query::{
    Candidate, Guidance, Origin, Search, Step, Why, results_wanted,
};
use crate::gnutella::flow::Class;
use crate::gnutella::query_routing::QueryWords;
use crate::gnutella::wire::vendor::{Body, MessageId};
use crate::gnutella::wire::{Frame, Function, Guid, Query, Vendor};

impl Servent {
    /// What a leaf wants to know is asked for it, step by step.
    pub(super) fn search_for_leaf(&mut self, slot: Slot, frame: &Frame, query: &Query, now: Time) {
        let origin = Origin::Leaf(slot);
        let guidance = self.guidance_of(slot, query);
        let by_hash = query.extensions.urns().any(|urn| urn.sha1().is_some());
        let search = Search {
            guid: frame.guid,
            payload: frame.payload.clone(),
            origin,
            wanted: results_wanted(origin, by_hash),
            guidance,
            hits_pass_here: !query.flags.out_of_band(),
        };
        let mut steps = Vec::new();
        self.service.enter().dynamic_queries.start(search, now, &mut steps);
        self.take_steps(steps, now);
    }

    /// How this leaf counts what it kept (DQ-12, DQ-13), if it can be asked: its query says so, or, with
    /// LimeWire, its list of messages.
    fn guidance_of(&self, slot: Slot, query: &Query) -> Guidance {
        let Some(neighbour) = self.neighbours.get(slot) else { return Guidance::None };
        let abilities = self.announced.abilities(slot);
        if !query.flags.leaf_guided() && !abilities.contain(Abilities::QUERY_STATUS_REQUEST) {
            return Guidance::None;
        }
        if neighbour.divides_status { Guidance::Share } else { Guidance::Total }
    }

    /// Lets the queries that run take the steps that are due.
    pub(super) fn step_searches(&mut self, now: Time) {
        let mut steps = Vec::new();
        let (tables, queues, announced) = (&self.query_tables, &self.queues, &self.announced);
        let neighbours = &self.neighbours;
        let mut candidates = |payload: &Bytes, out: &mut Vec<Candidate>| {
            let words = Query::decode(payload).ok().map(|query| QueryWords::of(&query));
            let ultrapeers = neighbours.iter().filter(|(slot, other)| {
                // Where we are its leaf it asks for us.
                let is_equal = other.is_ultrapeer() && other.role.is_ultrapeer();
                is_equal && !other.is_leaving && announced.wants_query(*slot, 1)
            });
            out.extend(ultrapeers.map(|(slot, other)| Candidate {
                slot,
                degree: other.degree,
                max_ttl: other.max_ttl,
                ext_probes: other.ext_probes,
                table: words.as_ref().and_then(|words| tables.ultrapeer_matches(slot, words)),
                congested: queues.is_congested(slot),
            }));
        };
        if let Some(service) = self.service.peek_mut() {
            service.dynamic_queries.set_more_come(self.wants_ultrapeers);
            service.dynamic_queries.timeout(now, &mut candidates, &mut steps);
        }
        self.take_steps(steps, now);
        self.end_old_searches(now);
    }

    pub(super) fn take_steps(&mut self, steps: Vec<Step>, now: Time) {
        for step in steps {
            match step {
                Step::Send { guid, payload, to, ttl, hops } => {
                    let query = query_frame(guid, ttl, hops, payload);
                    self.push(to, Class::OwnQuery, query, None, now);
                }
                Step::AskStatus { guid, leaf } => {
                    let body = Body::QueryStatusRequest;
                    let request = Vendor::new(MessageId::QUERY_STATUS_REQUEST, body);
                    self.send(leaf, request.into_frame(guid), now);
                }
                Step::Finished { guid, origin: Origin::Own, why, .. } => {
                    self.mark_ended(guid, why.text());
                }
                Step::Finished { guid, why: Why::Stopped, .. } => {
                    self.service.enter().hit_policy.close(guid, now);
                }
                Step::Finished { .. } => {}
            }
        }
    }
}

pub(super) fn query_frame(guid: Guid, ttl: u8, hops: u8, payload: Bytes) -> Frame {
    Frame { guid, function: Function::QUERY, ttl, hops, size_flags: None, payload }
}
