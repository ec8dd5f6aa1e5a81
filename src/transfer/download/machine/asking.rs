use std::net::SocketAddr;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::Download;
use super::room::{Host, host_of};
use crate::base::addresses::is_public;
use crate::base::limits::{
    ALTERNATES_TOLD_MAX, FIRST_REQUEST_LEN, PIECE_LEN_MIN, REQUEST_LEN_MAX, REQUEST_TIME_MS,
    SOURCE_CALL_TIMEOUT_MS, SOURCE_PUSH_TIMEOUT_MS, SOURCE_SEARCH_WAIT_MS, SOURCE_SILENCE_MAX_MS,
    SOURCES_WANTED,
};
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::transfer::download::contract::{Ask, Finding, Output, Path, SourceId, State, Wanted};
use crate::transfer::download::pieces::Wish;
use crate::transfer::download::source::{Phase, Source};

impl Download {
    /// Whoever has nothing to do gets something to do.
    pub(super) fn work(&mut self, now: Time, rng: &mut ChaCha8Rng) {
        self.settle_size(now);
        if self.state != State::Fetching {
            return;
        }
        self.disbelieve_if_alone();
        for id in self.whom_to_ask_for_tree() {
            self.ask(id, Wanted::Tree, now);
        }
        if !self.waits_for_tree() {
            self.choose_who_is_alone(now);
            for id in self.ready_sources() {
                self.give_work(id, now, rng);
            }
        }
        self.call_more(now);
        self.search_more(now);
        self.tell_if_size_is_denied(now);
    }

    /// Those over whose connections nothing is asked, the fastest first. One that had nothing for us may have what
    /// another one does not bring after all.
    fn ready_sources(&self) -> Vec<SourceId> {
        let is_idle = |phase: &Phase| matches!(phase, Phase::Ready { .. } | Phase::Resting { .. });
        let ready = self.sources.values().filter(|source| is_idle(&source.phase));
        let ready = ready.filter(|source| !source.is_shelved());
        let ready = ready.filter(|source| self.alone.is_none_or(|alone| alone == source.id));
        let rate = |source: &Source| std::cmp::Reverse(source.rate.get().unwrap_or_default());
        let mut ready: Vec<_> =
            ready.map(|source| (source.is_resting(), rate(source), source.id)).collect();
        ready.sort();
        ready.into_iter().map(|(.., id)| id).collect()
    }

    fn give_work(&mut self, id: SourceId, now: Time, rng: &mut ChaCha8Rng) {
        let Some(source) = self.sources.get(&id) else { return };
        let is_partial = source.has.is_some() && !source.is_resting();
        if self.size.is_none() || source.must_say_size {
            // Somebody has to say how long it is.
            // A node of FastTrack refuses what ends behind the file (FTHTTP-05).
            let len = if source.finding.kazaa().is_some() { 1 } else { PIECE_LEN_MIN };
            return self.ask(id, Wanted::Bytes(ByteRange::new(0, len)), now);
        }
        if source.checks.is_some() {
            if let Some(range) = self.take_to_compare(id) {
                self.ask(id, Wanted::Bytes(range), now);
            }
            return;
        }
        let wish = Wish {
            source: id,
            has: source.offers(),
            len: self.wish_len(source),
            from: self.where_to_look(rng),
        };
        let chosen = self.pieces.choose(wish, |piece| self.rarity(piece));
        let chosen = chosen.or_else(|| self.take_from_others(id, now));
        match chosen {
            Some(range) => {
                self.pieces.ask(id, range);
                self.ask(id, Wanted::Bytes(range), now);
            }
            // It may have more of the file later.
            None if is_partial => self.rest(id, now),
            None => {}
        }
    }

    /// About so many bytes take a quarter of a minute; towards the end everybody gets less, so that nobody
    /// is waited for.
    fn wish_len(&self, source: &Source) -> u64 {
        // Whoever ends each connection is asked for more at once (FTHTTP-13).
        let closes = source.finding.kazaa().is_some();
        let active = u64::try_from(self.busy_count()).unwrap_or(u64::MAX).max(1);
        let missing = self.pieces.size().saturating_sub(self.pieces.len());
        if closes && source.finding.is_firewalled {
            // Each connection costs a push, of which there are few (FTNODE-13).
            let share = missing.checked_div(active).unwrap_or_default();
            return share.min(REQUEST_LEN_MAX).max(self.pieces.piece_len());
        }
        let time_ms = if closes { 4 * REQUEST_TIME_MS } else { REQUEST_TIME_MS };
        let by_rate = source.rate.get().map_or(FIRST_REQUEST_LEN, |rate| {
            rate.saturating_mul(time_ms).checked_div(1_000).unwrap_or_default()
        });
        // Nobody else could take what is left, and each connection costs.
        let shares = if closes { active } else { active.saturating_mul(2) };
        let share = missing.checked_div(shares).unwrap_or_default();
        by_rate.min(REQUEST_LEN_MAX).min(share).max(self.pieces.piece_len())
    }

    /// Alone with whole sources, from the first byte on, so that the beginning can be used soon. Where
    /// others fetch the file too, anywhere: else all of them have the same pieces.
    fn where_to_look(&self, rng: &mut ChaCha8Rng) -> u64 {
        let all = ByteRange::new(0, self.pieces.size());
        let is_whole = |source: &Source| source.has.as_ref().is_none_or(|has| has.contains(all));
        let is_shared = self.sources.values().any(|source| source.is_busy() && !is_whole(source));
        if is_shared { rng.random_range(0..self.pieces.count().max(1)) } else { 0 }
    }

    /// How many of those that are there have this piece.
    fn rarity(&self, piece: u64) -> usize {
        let range = self.pieces.range(piece);
        let busy = self.sources.values().filter(|source| source.is_busy());
        busy.filter(|source| source.has.as_ref().is_none_or(|has| has.contains(range))).count()
    }

    pub(super) fn ask(&mut self, id: SourceId, what: Wanted, now: Time) {
        let (alternates, pushed) = (self.alternates_for(id), self.pushed_for(id));
        let available = self.shared();
        let Some(source) = self.sources.get_mut(&id) else { return };
        source.phase = Phase::Asked { what, until: now.after_ms(SOURCE_SILENCE_MAX_MS) };
        let ask = Ask {
            what,
            path: source.finding.path.clone(),
            alternates,
            pushed,
            bad_alternates: self.bad_alternates.iter().copied().collect(),
            ticket: source.ticket.clone(),
            available: (!available.is_empty()).then_some(available),
        };
        self.outputs.push_back(Output::Ask { source: id, ask });
    }

    /// Others that have been of use, and give the file to whoever names its content (DOWN-41).
    fn alternates_for(&self, id: SourceId) -> Vec<SocketAddr> {
        let others = self.sources.values().filter(|source| {
            source.id != id
                && source.useful_len > 0
                && !source.is_dropped()
                && !source.finding.is_firewalled
                && matches!(source.finding.path, Path::ByUrn | Path::ByIndex { .. })
        });
        let addresses = others.map(|source| source.finding.address);
        let public =
            addresses.filter(|address| self.rules.allow_private || is_public(address.ip()));
        public.take(ALTERNATES_TOLD_MAX).collect()
    }

    /// Calls those that may be called, as long as there is room.
    fn call_more(&mut self, now: Time) {
        if self.is_more_wanted() {
            self.make_way(now);
        }
        let mut room = self.rules.connected_max.saturating_sub(self.busy_count());
        if room == 0 || !self.is_more_wanted() {
            return;
        }
        let mut hosts: Vec<Host> =
            self.sources.values().filter(|source| source.is_busy()).map(host_of).collect();
        for id in self.callable(now) {
            let Some(source) = self.sources.get_mut(&id) else { continue };
            let host = host_of(source);
            // One host has one connection (DOWN-14).
            if hosts.contains(&host) {
                continue;
            }
            hosts.push(host);
            let output = call_of(id, &source.finding);
            let is_call = matches!(output, Output::Connect { .. });
            let wait = if is_call { SOURCE_CALL_TIMEOUT_MS } else { SOURCE_PUSH_TIMEOUT_MS };
            source.phase = Phase::Calling { until: now.after_ms(wait) };
            self.outputs.push_back(output);
            room = room.saturating_sub(1);
            if room == 0 {
                return;
            }
        }
    }

    /// Those that may be called now: first whoever was of use, then whom the user named, then the rest. Those
    /// that have had us wait come after all of them (DOWN-24).
    pub(super) fn callable(&self, now: Time) -> Vec<SourceId> {
        let away = self.sources.values().filter(|source| {
            matches!(source.phase, Phase::Away { again } if again <= now) && !source.is_shelved()
        });
        let away = away.filter(|source| self.alone.is_none_or(|alone| alone == source.id));
        let mut away: Vec<_> = away
            .map(|source| {
                let rate = source.rate.get().unwrap_or_default();
                let merit = std::cmp::Reverse((source.useful_len > 0, rate));
                let is_worse = (source.has_queue, source.rate.is_poor());
                (is_worse, merit, source.failures, source.finding.origin, source.id)
            })
            .collect();
        away.sort();
        away.into_iter().map(|(.., id)| id).collect()
    }

    /// Whether another source would have something to do.
    fn is_more_wanted(&self) -> bool {
        let is_at_something =
            |source: &&Source| matches!(source.phase, Phase::Ready { .. } | Phase::Calling { .. });
        // Of whom hardly anything comes nobody expects the rest.
        let waiting = self.sources.values().filter(|source| !source.rate.is_poor());
        let waiting = waiting.filter(is_at_something).count();
        match self.size {
            None => waiting < SOURCES_WANTED,
            // When all of it has come nobody has anything to do.
            Some(size) => self.pieces.has_free() || (waiting == 0 && self.pieces.len() < size),
        }
    }

    fn search_more(&mut self, now: Time) {
        let is_hopeful = |source: &&Source| {
            let has_failed = source.failures > 0 || source.has_no_line;
            !source.is_dropped() && !has_failed && !source.is_shelved()
        };
        let hopeful = self.sources.values().filter(is_hopeful);
        if hopeful.count() >= SOURCES_WANTED {
            self.search_at = None;
        } else if self.search_at.is_none_or(|at| at <= now) {
            self.search_at = Some(now.after_ms(SOURCE_SEARCH_WAIT_MS));
            self.outputs.push_back(Output::Search);
        }
    }
}

/// How it is reached.
fn call_of(source: SourceId, finding: &Finding) -> Output {
    let Finding { address, push, is_firewalled, .. } = finding;
    match (push, finding.kazaa()) {
        (Some(way), _) if *is_firewalled => Output::Push { source, way: way.clone() },
        (None, Some(host)) if *is_firewalled => {
            Output::PushKazaa { source, address: *address, host: host.clone() }
        }
        _ => Output::Connect { source, address: *address },
    }
}
