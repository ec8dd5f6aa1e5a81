//! Searches of ours.

use bytes::{Bytes, BytesMut};

use super::dynamic::query_frame;
use super::own_searches::{OwnHit, Report, Searches, Taken};
use super::sought::Sought;
use super::{Mode, Output, Servent};
use crate::base::limits::QUERY_FORWARDED_LEN_MAX;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::announced::Abilities;
use crate::gnutella::dynamic_query::{Guidance, HitSize, Origin, Search, results_wanted};
use crate::gnutella::query_routing::QueryWords;
use crate::gnutella::wire::vendor::{Body, MessageId, QueryStatus};
use crate::gnutella::wire::{Function, Guid, Query, QueryFlags, Vendor};

/// GGEP SO, which asks for hits by UDP with a token (QUERY-27).
const SECURE: &[u8] = b"\xc3\x82SO\x40";

/// Bytes of a query beside its text and what follows it: two of flags, and a NUL.
const AROUND_TEXT: usize = 3;

impl Servent {
    /// Looks for files. The GUID names the search from now on.
    ///
    /// None where as many searches run as may.
    pub fn search(&mut self, words: &str, now: Time) -> Option<Guid> {
        if self.searches.peek().is_some_and(Searches::is_full) {
            self.end_one_that_waits(now);
        }
        if self.searches.peek().is_some_and(Searches::is_full) {
            return None;
        }
        let search = self.fresh_query_guid();
        self.searches.enter().start(search, words, now);
        if self.role.is_ultrapeer() && self.settings.mode == Mode::Overlay {
            self.ask_step_by_step(search, now);
        } else {
            let all: Vec<Slot> = self.neighbours.iter().map(|(slot, _)| slot).collect();
            for slot in all {
                self.ask_one(search, slot, now);
            }
        }
        Some(search)
    }

    /// No more hits are wanted.
    pub fn end_search(&mut self, search: Guid, now: Time) {
        let Some(guid) = self.searches.peek().and_then(|searches| searches.latest_guid(search))
        else {
            return;
        };
        let report = self.forget_search(search);
        self.tell(report, now);
        let mut steps = Vec::new();
        if let Some(service) = self.service.peek_mut() {
            service.dynamic_queries.stop(guid, &mut steps);
        }
        self.take_steps(steps, now);
    }

    /// A search that has only newcomers to hope for makes room for one that has not asked yet.
    fn end_one_that_waits(&mut self, now: Time) {
        let Some(service) = self.service.peek_mut() else { return };
        let mut steps = Vec::new();
        service.dynamic_queries.end_one_that_waits(&mut steps);
        self.take_steps(steps, now);
    }

    /// A neighbour has come: what we are looking for is asked of it too (DQ-24).
    pub(super) fn ask_newcomer(&mut self, slot: Slot, now: Time) {
        let Some(neighbour) = self.neighbours.get(slot) else { return };
        let (is_ultrapeer, role) = (neighbour.is_ultrapeer(), neighbour.role);
        if self.settings.mode == Mode::Flood || !is_ultrapeer {
            return;
        }
        let Some(searches) = self.searches.peek() else { return };
        for search in searches.wanting() {
            if role.is_leaf() {
                self.ask_one(search, slot, now);
            } else {
                self.ask_step_by_step(search, now);
            }
        }
    }

    /// As a leaf we leave searches to others: those that we had begun to do by ourselves end here, and
    /// the ultrapeers that come next do them for us (DQ-24).
    pub(super) fn hand_over_searches(&mut self) {
        let Some(searches) = self.searches.peek_mut() else { return };
        let begun = searches.hand_over();
        let Some(service) = self.service.peek_mut() else { return };
        for guid in begun {
            // The search goes on, so that nobody is told of an end.
            service.dynamic_queries.stop(guid, &mut Vec::new());
        }
    }

    /// Asks the ultrapeers one after another.
    fn ask_step_by_step(&mut self, search: Guid, now: Time) {
        let Some((guid, payload)) = self.next_query(search, now) else { return };
        self.searches.enter().take_up(search);
        let frame = query_frame(guid, 1, 0, payload.clone());
        let query = Query::decode(&payload).ok();
        if let Some(query) = &query {
            self.show_to_leaves(None, &frame, &QueryWords::of(query), now);
        }
        let origin = Origin::Own;
        let wanted = results_wanted(origin, false);
        let guidance = Guidance::None;
        let search = Search { guid, payload, origin, wanted, guidance, hits_pass_here: true };
        let mut steps = Vec::new();
        self.service.enter().dynamic_queries.start(search, now, &mut steps);
        self.take_steps(steps, now);
        // It runs by now: these results count for it too (DQ-21).
        if let Some(query) = &query {
            self.answer_for_leaves(None, &frame, query, now);
        }
    }

    /// As a leaf, or in the laboratory: whoever is next to us does the rest.
    fn ask_one(&mut self, search: Guid, slot: Slot, now: Time) {
        let Some(neighbour) = self.neighbours.get(slot) else { return };
        if neighbour.is_leaving || !self.announced.wants_query(slot, 0) {
            return;
        }
        let ttl = self.settings.ttl.own_ttl.min(neighbour.max_ttl).max(1);
        let Some((guid, payload)) = self.next_query(search, now) else { return };
        if let Some(searches) = self.searches.peek_mut().filter(|_| self.role.is_leaf()) {
            searches.note_asked(search, slot, guid);
        }
        self.send(slot, query_frame(guid, ttl, 0, payload), now);
    }

    /// What is sent for a search now, and with which GUID.
    fn next_query(&mut self, search: Guid, now: Time) -> Option<(Guid, Bytes)> {
        let fresh = self.fresh_query_guid();
        let guid = self.searches.peek_mut()?.guid_to_ask_with(search, fresh, now)?;
        self.router.originate(Function::QUERY, guid, now);
        Some((guid, self.query_for(guid, self.searches.peek()?.words(search))))
    }

    fn query_for(&self, guid: Guid, words: &str) -> Bytes {
        let mut flags = QueryFlags::marked();
        if self.role.is_leaf() && self.settings.speaks_vendor {
            flags = flags.with_leaf_guidance();
        }
        if !self.is_reachable() {
            flags = flags.with_firewalled();
        }
        let sought = Sought::parse(words);
        let (text, secure) = (sought.text(), sought.extensions(SECURE));
        // Nobody would pass on what gets too long by it.
        let len = text.len().saturating_add(secure.as_bytes().len()).saturating_add(AROUND_TEXT);
        let takes_hits = len <= QUERY_FORWARDED_LEN_MAX && self.takes_hits_for(guid);
        let extensions = if takes_hits { secure } else { sought.extensions(&[]) };
        if takes_hits {
            flags = flags.with_out_of_band();
        }
        let mut payload = BytesMut::new();
        Query { flags, text, extensions }.encode(&mut payload);
        payload.freeze()
    }

    /// Results for a search of ours. None where they are not to be told of.
    pub(super) fn count_results(
        &mut self,
        from: Slot,
        guid: Guid,
        size: HitSize,
        now: Time,
    ) -> Option<Taken> {
        let is_only_one = self.neighbours.len() <= 1;
        let is_exempt = self.settings.mode == Mode::Flood;
        let hit = OwnHit { from, size, is_only_one, is_exempt };
        let mut taken = self.searches.peek_mut()?.take(guid, hit, now)?;
        self.tell(taken.report.take(), now);
        Some(taken)
    }

    /// The same for results that came by UDP.
    pub(super) fn count_results_by_datagram(
        &mut self,
        guid: Guid,
        results: u8,
        now: Time,
    ) -> Option<Taken> {
        let mut taken = self.searches.peek_mut()?.take_by_datagram(guid, results)?;
        self.tell(taken.report.take(), now);
        Some(taken)
    }

    /// An ultrapeer asks how many hits we kept of what it does for us (VMSG-52).
    pub(super) fn tell_status(&mut self, slot: Slot, guid: Guid, now: Time) {
        let searches = self.searches.peek();
        let status = searches.map_or(QueryStatus::STOP, |searches| searches.status(guid));
        let answer = Vendor::new(MessageId::QUERY_STATUS, Body::QueryStatus(status));
        self.send(slot, answer.into_frame(guid), now);
    }

    /// Tells the ultrapeers that search for us how we fare.
    fn tell(&mut self, report: Option<Report>, now: Time) {
        let Some(Report { status, to }) = report else { return };
        for (slot, guid) in to {
            if self.announced.abilities(slot).contain(Abilities::QUERY_STATUS) {
                let news = Vendor::new(MessageId::QUERY_STATUS, Body::QueryStatus(status));
                self.send(slot, news.into_frame(guid), now);
            }
        }
    }

    /// Nobody is asked any more about a search of ours, which has queries with this GUID.
    pub(super) fn mark_ended(&mut self, guid: Guid, why: &'static str) {
        let Some(searches) = self.searches.peek_mut() else { return };
        let Some(search) = searches.search_of(guid) else { return };
        let Some((results, forgotten)) = searches.end(search) else { return };
        self.out.push_back(Output::SearchEnded { search, results, why });
        let forgotten = forgotten.map(|search| Output::SearchForgotten { search });
        self.out.extend(forgotten);
    }

    /// No hits are told of any more: what ultrapeers are to be told.
    fn forget_search(&mut self, search: Guid) -> Option<Report> {
        let searches = self.searches.peek_mut()?;
        let report = searches.forget(search);
        if searches.is_empty() {
            self.searches.leave();
        }
        report
    }

    /// Those who search for us end by themselves, and are not told: what they found may be on its way.
    pub(super) fn end_old_searches(&mut self, now: Time) {
        let Some(searches) = self.searches.peek() else { return };
        let (ended, forgotten) = searches.over(now);
        for search in ended {
            self.mark_ended(search, "its time is over");
        }
        for search in forgotten {
            self.forget_search(search);
            self.out.push_back(Output::SearchForgotten { search });
        }
    }
}
