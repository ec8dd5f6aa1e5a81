//! Queries of others: evaluated here, shown to leaves by their tables, and sent on.

use super::outgoing::kept;
use super::{Mode, Servent};
use crate::base::limits::QUERY_FORWARDED_LEN_MAX;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::flow::Class;
use crate::gnutella::query_routing::QueryWords;
use crate::gnutella::router::{Onward, Verdict};
use crate::gnutella::wire::{Frame, Query};

impl Servent {
    /// A query of a neighbour.
    pub(super) fn receive_query(&mut self, slot: Slot, frame: &Frame, now: Time) {
        match self.router.broadcast(&frame.header(), slot, now) {
            Verdict::New { onward } => self.take_query(slot, frame, onward, now),
            Verdict::Again { onward } => self.forward_again(slot, frame, onward, now),
            Verdict::Drop { fault, .. } => self.drop_frame(slot, fault),
        }
    }

    /// A query that is seen for the first time.
    fn take_query(&mut self, slot: Slot, frame: &Frame, onward: Option<Onward>, now: Time) {
        let query = match Query::decode(&frame.payload) {
            Ok(query) => query,
            Err(fault) => return self.blame_maker(slot, frame, fault),
        };
        let Some(neighbour) = self.neighbours.get(slot) else { return };
        let (is_leaf, routes_for_it) = (neighbour.is_leaf(), neighbour.role.is_ultrapeer());
        // Whoever asks the same over and over gets nothing more (DQ-19).
        if is_leaf && !self.service.enter().requeries.may_ask(slot, &query, now) {
            return self.drop_frame(slot, None);
        }
        let is_for_new = query.is_for_new();
        if is_for_new && !self.hears_newest(slot, frame.hops, now) {
            return self.drop_frame(slot, None);
        }
        self.answer(slot, frame, &query, now);
        if self.settings.mode == Mode::Flood {
            return self.flood(slot, frame, onward, now);
        }
        if !routes_for_it && !mutant!(RoutesAsLeaf) {
            return;
        }
        if is_for_new && frame.payload.len() <= QUERY_FORWARDED_LEN_MAX {
            return self.spread_newest(slot, frame, onward, now);
        }
        let (words, mut frame) = (QueryWords::of(&query), kept(frame));
        if mutant!(StripsExtensions) {
            frame.payload.truncate(query.text.len().saturating_add(3));
        }
        let frame = &frame;
        let last = frame.forwarded(1, frame.hops.saturating_add(1));
        self.show_to_leaves(Some(slot), &last, &words, now);
        if frame.payload.len() > QUERY_FORWARDED_LEN_MAX && !mutant!(ForwardsLongQueries) {
            return;
        }
        if is_leaf && !mutant!(FloodsQueriesOfLeaves) {
            self.search_for_leaf(slot, frame, &query, now);
        } else if let Some(onward) = onward {
            self.forward(slot, frame, onward, Some(&words), now);
        }
        // The search that it is for runs by now: these results count for it too (DQ-21).
        self.answer_for_leaves(Some(slot), frame, &query, now);
    }

    /// A query that comes again with more TTL: ultrapeers that it has not reached see it, leaves have
    /// seen it (TTL-12).
    fn forward_again(&mut self, slot: Slot, frame: &Frame, onward: Onward, now: Time) {
        let Some(neighbour) = self.neighbours.get(slot) else { return };
        if self.settings.mode == Mode::Flood {
            return self.flood(slot, frame, Some(onward), now);
        }
        // What a leaf wants is asked step by step, whatever TTL it wishes for.
        if neighbour.is_leaf() || frame.payload.len() > QUERY_FORWARDED_LEN_MAX {
            return;
        }
        // Whoever sends something else with the same GUID finds that it goes no further either.
        let query = match Query::decode(&frame.payload) {
            Ok(query) => query,
            Err(fault) => return self.blame_maker(slot, frame, fault),
        };
        // QUERY-31
        if query.is_for_new() {
            return;
        }
        let words = (onward.ttl <= 1).then(|| QueryWords::of(&query));
        self.forward(slot, &kept(frame), onward, words.as_ref(), now);
    }

    /// Sends a query of one ultrapeer to the others. One that ends there goes only where the table has
    /// its words, or where none was ever sent (QRP-31).
    fn forward(
        &mut self,
        from: Slot,
        frame: &Frame,
        onward: Onward,
        words: Option<&QueryWords>,
        now: Time,
    ) {
        let frame = frame.forwarded(onward.ttl, onward.hops);
        let words = words.filter(|_| onward.ttl <= 1);
        let mut targets = std::mem::take(&mut self.targets);
        targets.extend(self.neighbours.iter().filter_map(|(slot, neighbour)| {
            let wants = (slot != from || mutant!(EchoesQueries))
                && neighbour.is_ultrapeer()
                && !neighbour.is_leaving
                && self.announced.wants_query(slot, frame.hops)
                && words.is_none_or(|words| {
                    self.query_tables.ultrapeer_matches(slot, words).unwrap_or(true)
                });
            wants.then_some(slot)
        }));
        for target in targets.drain(..) {
            self.push(target, Class::Query, frame.clone(), Some(from), now);
        }
        self.targets = targets;
    }

    /// Shows a query to the leaves whose tables have its words; those with tables that have
    /// everything come last and from a budget of their own (QRP-31).
    pub(super) fn show_to_leaves(
        &mut self,
        from: Option<Slot>,
        frame: &Frame,
        words: &QueryWords,
        now: Time,
    ) {
        let class = if from.is_none() { Class::OwnQuery } else { Class::Query };
        self.show_to_leaves_as(from, class, frame, words, now);
    }

    /// The same with this weight.
    pub(super) fn show_to_leaves_as(
        &mut self,
        from: Option<Slot>,
        class: Class,
        frame: &Frame,
        words: &QueryWords,
        now: Time,
    ) {
        let mut targets = std::mem::take(&mut self.targets);
        // Mostly there are none.
        let mut saturated = Vec::new();
        self.query_tables.leaves_matching(words, now, &mut targets, &mut saturated);
        targets.append(&mut saturated);
        if mutant!(ShowsLeavesEverything) {
            let leaves = self.neighbours.iter().filter(|(_, other)| other.is_leaf());
            targets = leaves.map(|(slot, _)| slot).collect();
        }
        for target in targets.drain(..) {
            let wants = Some(target) != from
                && self.announced.wants_query(target, frame.hops)
                && !self.answers_for(target);
            if wants {
                self.push(target, class, frame.clone(), from, now);
            }
        }
        self.targets = targets;
    }

    /// The laboratory's way: to everybody but the one it came from.
    pub(super) fn flood(&mut self, from: Slot, frame: &Frame, onward: Option<Onward>, now: Time) {
        let Some(onward) = onward else { return };
        let frame = frame.forwarded(onward.ttl, onward.hops);
        let class = Class::of(&frame, false);
        let mut targets = std::mem::take(&mut self.targets);
        let others =
            self.neighbours.iter().filter(|(slot, other)| *slot != from && !other.is_leaving);
        targets.extend(others.map(|(slot, _)| slot));
        for target in targets.drain(..) {
            self.push(target, class, frame.clone(), Some(from), now);
        }
        self.targets = targets;
    }
}
