//! Searches of ours, and those that we do for leaves.

use bytes::{Bytes, BytesMut};

use super::own_searches::{OwnHit, Searches};
use super::{Mode, Output, Servent};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::announced::Abilities;
use crate::gnutella::dynamic_query::{
    Candidate, Guidance, HitSize, Origin, Search, Step, Why, results_wanted,
};
use crate::gnutella::flow::Class;
use crate::gnutella::query_routing::QueryWords;
use crate::gnutella::wire::ggep::Place;
use crate::gnutella::wire::vendor::{Body, MessageId, QueryStatus};
use crate::gnutella::wire::{ExtensionArea, Frame, Function, Guid, Query, QueryFlags, Vendor};

impl Servent {
    /// Looks for files. The GUID names the search from now on.
    ///
    /// None where as many searches run as may.
    pub fn search(&mut self, words: &str, now: Time) -> Option<Guid> {
        if self.searches.peek().is_some_and(Searches::is_full) {
            return None;
        }
        let guid = self.fresh_guid();
        let payload = self.query_for(words);
        self.router.originate(Function::QUERY, guid, now);
        let does_it_itself = self.role.is_ultrapeer() && self.settings.mode == Mode::Overlay;
        let searches = self.searches.enter();
        searches.start(guid, payload.clone(), does_it_itself, now);
        if self.role.is_leaf() {
            searches.report(guid);
        }
        if does_it_itself {
            self.search_as_ultrapeer(guid, payload, now);
        } else {
            self.ask_everybody(guid, &payload, now);
        }
        Some(guid)
    }

    /// No more hits are wanted.
    pub fn end_search(&mut self, guid: Guid, now: Time) {
        if !self.searches.peek().is_some_and(|ours| ours.knows(guid)) {
            return;
        }
        let status = self.forget_search(guid);
        self.report(guid, status, now);
        let mut steps = Vec::new();
        if let Some(service) = self.service.peek_mut() {
            service.dynamic_queries.stop(guid, &mut steps);
        }
        self.take_steps(steps, now);
    }

    fn query_for(&self, words: &str) -> Bytes {
        let mut flags = QueryFlags::marked();
        if self.role.is_leaf() && self.settings.speaks_vendor {
            flags = flags.with_leaf_guidance();
        }
        if !self.is_reachable() {
            flags = flags.with_firewalled();
        }
        let text = Bytes::copy_from_slice(words.replace('\0', " ").as_bytes());
        let extensions = ExtensionArea::new(Bytes::new(), Place::Query);
        let mut payload = BytesMut::new();
        Query { flags, text, extensions }.encode(&mut payload);
        payload.freeze()
    }

    fn search_as_ultrapeer(&mut self, guid: Guid, payload: Bytes, now: Time) {
        let frame = query_frame(guid, 1, 0, payload.clone());
        if let Ok(query) = Query::decode(&payload) {
            self.show_to_leaves(None, &frame, &QueryWords::of(&query), now);
        }
        let origin = Origin::Own;
        let wanted = results_wanted(origin, false);
        let guidance = Guidance::None;
        let search = Search { guid, payload, origin, wanted, guidance, hits_pass_here: true };
        let mut steps = Vec::new();
        self.service.enter().dynamic_queries.start(search, now, &mut steps);
        self.take_steps(steps, now);
    }

    /// As a leaf, or in the laboratory: everybody next to us gets it.
    fn ask_everybody(&mut self, guid: Guid, payload: &Bytes, now: Time) {
        let own_ttl = self.settings.ttl.own_ttl;
        let targets: Vec<(Slot, u8)> = self
            .neighbours
            .iter()
            .filter(|(slot, other)| !other.is_leaving && self.announced.wants_query(*slot, 0))
            .map(|(slot, other)| (slot, own_ttl.min(other.max_ttl).max(1)))
            .collect();
        for (slot, ttl) in targets {
            self.send(slot, query_frame(guid, ttl, 0, payload.clone()), now);
        }
    }

    /// A neighbour has come: as a leaf, what we are looking for is asked of it too.
    pub(super) fn ask_newcomer(&mut self, slot: Slot, now: Time) {
        let Some(neighbour) = self.neighbours.get(slot) else { return };
        if self.settings.mode == Mode::Flood || neighbour.role.is_ultrapeer() {
            return;
        }
        let ttl = self.settings.ttl.own_ttl.min(neighbour.max_ttl).max(1);
        let Some(searches) = self.searches.peek() else { return };
        let running = searches.running();
        let running: Vec<_> = running.map(|(guid, payload)| (guid, payload.clone())).collect();
        for (guid, payload) in running {
            self.send(slot, query_frame(guid, ttl, 0, payload), now);
        }
    }

    /// Results for a search of ours. False where they are not to be told of.
    pub(super) fn count_results(
        &mut self,
        from: Slot,
        guid: Guid,
        size: HitSize,
        now: Time,
    ) -> bool {
        let is_only_one = self.neighbours.len() <= 1;
        let is_exempt = self.settings.mode == Mode::Flood;
        let Some(searches) = self.searches.peek_mut() else { return false };
        let hit = OwnHit { from, size, is_only_one, is_exempt };
        let Some(status) = searches.take(guid, hit, now) else { return false };
        self.report(guid, status, now);
        true
    }

    /// An ultrapeer asks how many hits we kept of what it does for us (VMSG-52).
    pub(super) fn tell_status(&mut self, slot: Slot, guid: Guid, now: Time) {
        let status = match self.searches.peek_mut() {
            Some(searches) => searches.status(guid),
            None => QueryStatus::STOP,
        };
        let status = Body::QueryStatus(status);
        self.send(slot, vendor_frame(guid, MessageId::QUERY_STATUS, status), now);
    }

    /// Tells all ultrapeers that search for us how we fare.
    fn report(&mut self, guid: Guid, status: Option<QueryStatus>, now: Time) {
        let Some(status) = status else { return };
        let frame = vendor_frame(guid, MessageId::QUERY_STATUS, Body::QueryStatus(status));
        let announced = &self.announced;
        let understands = |slot| announced.abilities(slot).contain(Abilities::QUERY_STATUS);
        let ultrapeers = self.neighbours.iter().filter(|(_, other)| other.is_ultrapeer());
        let targets: Vec<Slot> =
            ultrapeers.map(|(slot, _)| slot).filter(|slot| understands(*slot)).collect();
        self.send_all(targets.into_iter().map(|slot| (slot, frame.clone())), now);
    }

    /// How this leaf counts what it kept (DQ-12, DQ-13), if it can be asked: its query says so, or, with
    /// LimeWire, its list of messages.
    pub(super) fn guidance_of(&self, slot: Slot, query: &Query) -> Guidance {
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
                let wants = announced.wants_query(*slot, 1);
                other.is_ultrapeer() && !other.is_leaving && wants
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
            service.dynamic_queries.timeout(now, &mut candidates, &mut steps);
        }
        self.take_steps(steps, now);
        self.end_old_searches(now);
    }

    pub(super) fn take_steps(&mut self, steps: Vec<Step>, now: Time) {
        for step in steps {
            match step {
                Step::Send { guid, payload, to, ttl, hops } => {
                    self.push(
                        to,
                        Class::OwnQuery,
                        query_frame(guid, ttl, hops, payload),
                        None,
                        now,
                    );
                }
                Step::AskStatus { guid, leaf } => {
                    let request = MessageId::QUERY_STATUS_REQUEST;
                    self.send(leaf, vendor_frame(guid, request, Body::QueryStatusRequest), now);
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

    /// Nobody is asked any more about a search of ours.
    fn mark_ended(&mut self, guid: Guid, why: &'static str) {
        let Some(searches) = self.searches.peek_mut() else { return };
        let Some((results, forgotten)) = searches.end(guid) else { return };
        self.out.push_back(Output::SearchEnded { search: guid, results, why });
        let forgotten = forgotten.map(|search| Output::SearchForgotten { search });
        self.out.extend(forgotten);
    }

    /// No hits are told of any more: what ultrapeers are to be told.
    fn forget_search(&mut self, guid: Guid) -> Option<QueryStatus> {
        let searches = self.searches.peek_mut()?;
        let status = searches.forget(guid);
        if searches.is_empty() {
            self.searches.leave();
        }
        status
    }

    /// Those who search for us end by themselves, and are not told: what they found may be on its way.
    fn end_old_searches(&mut self, now: Time) {
        let Some(searches) = self.searches.peek() else { return };
        let (ended, forgotten) = searches.over(now);
        for guid in ended {
            self.mark_ended(guid, "its time is over");
        }
        for search in forgotten {
            self.forget_search(search);
            self.out.push_back(Output::SearchForgotten { search });
        }
    }
}

pub(super) fn query_frame(guid: Guid, ttl: u8, hops: u8, payload: Bytes) -> Frame {
    Frame { guid, function: Function::QUERY, ttl, hops, size_flags: None, payload }
}

fn vendor_frame(guid: Guid, id: MessageId, body: Body) -> Frame {
    let mut payload = BytesMut::new();
    Vendor::new(id, body).encode(&mut payload);
    let payload = payload.freeze();
    Frame { guid, function: Function::VENDOR, ttl: 1, hops: 0, size_flags: None, payload }
}
