use std::collections::BTreeMap;

use crate::base::limits::{
    HOP_WAIT_MS, OWN_RESULTS_TOLD_MAX, OWN_RESULTS_WANTED, OWN_SEARCHES_ENDED_MAX,
    OWN_SEARCHES_MAX, ROUTE_LIFE_SECONDS, SEARCH_GUIDS_MAX, SEARCH_LIFE_MS,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::dynamic_query::{
    HitLimits, HitPolicy, HitSize, HitVerdict, SearchReports, results_of_one,
};
use crate::gnutella::wire::Guid;
use crate::gnutella::wire::vendor::QueryStatus;

/// What we look for ourselves.
///
/// A search has a name, which is the GUID of its first queries. Queries to ultrapeers that come later
/// have another GUID (DQ-24); what is said of either is said of the search.
///
/// A search that has ended is kept for as long as hits may come for it: the last ones asked have not
/// answered yet (DQ-23).
#[derive(Debug)]
pub(super) struct Searches {
    known: BTreeMap<Guid, Known>,
    /// The GUIDs of queries beside the first, and the searches that they are for.
    further: BTreeMap<Guid, Guid>,
    reports: SearchReports,
    /// What was told to whoever searches.
    told: HitPolicy,
}

#[derive(Debug)]
struct Known {
    results: u32,
    /// Empty once nobody is asked any more.
    words: Box<str>,
    begun: Time,
    stage: Stage,
    /// The GUID of its latest queries.
    guid: Guid,
    /// Until when others are asked with the same GUID; none before the first was.
    shared_until: Option<Time>,
    guids_count: u8,
    /// Results that came by UDP.
    by_datagram: u16,
    /// The ultrapeers that ask for us, and by which GUID they know it.
    asked: Vec<(Slot, Guid)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// This node asks one ultrapeer after another.
    Asking,
    /// Others do it for us, or will when there are any.
    AskedByOthers,
    /// Nobody is asked any more.
    Ended,
}

/// A hit for us.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnHit {
    pub(super) from: Slot,
    pub(super) size: HitSize,
    /// We have no other neighbour.
    pub(super) is_only_one: bool,
    /// All are told of, as in the laboratory.
    pub(super) is_exempt: bool,
}

/// What follows from a hit that is told of.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) search: Guid,
    /// The GUID of the latest queries.
    pub(super) guid: Guid,
    pub(super) report: Option<Report>,
}

/// What ultrapeers that search for us are to be told, each by the GUID that it knows.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) status: QueryStatus,
    pub(super) to: Vec<(Slot, Guid)>,
}

impl Default for Searches {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            further: BTreeMap::new(),
            reports: SearchReports::new(),
            told: HitPolicy::with_limits(HitLimits::OWN),
        }
    }
}

impl Searches {
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        let running = self.known.values().filter(|one| one.stage != Stage::Ended);
        running.count() >= OWN_SEARCHES_MAX
    }

    /// The search that has queries with this GUID.
    pub(super) fn search_of(&self, guid: Guid) -> Option<Guid> {
        let search = self.further.get(&guid).copied().unwrap_or(guid);
        self.known.contains_key(&search).then_some(search)
    }

    pub(super) fn start(&mut self, search: Guid, words: &str, now: Time) {
        let known = Known {
            results: 0,
            words: words.into(),
            begun: now,
            stage: Stage::AskedByOthers,
            guid: search,
            shared_until: None,
            guids_count: 1,
            by_datagram: 0,
            asked: Vec::new(),
        };
        self.known.insert(search, known);
        self.reports.start(search);
    }

    /// What is looked for; empty once nobody is asked any more.
    pub(super) fn words(&self, search: Guid) -> &str {
        self.known.get(&search).map_or("", |known| &known.words)
    }

    /// The GUID of the latest queries of a search.
    pub(super) fn latest_guid(&self, search: Guid) -> Option<Guid> {
        self.known.get(&search).map(|known| known.guid)
    }

    /// The searches that others do for us, or would if there were any.
    pub(super) fn wanting(&self) -> Vec<Guid> {
        let wanting = self.known.iter().filter(|(_, one)| one.stage == Stage::AskedByOthers);
        wanting.map(|(search, _)| *search).collect()
    }

    /// The GUID of a query that is sent now. None where there were as many as there may be.
    ///
    /// Ultrapeers that come one after the other may have seen the query with the GUID before, and would
    /// take it for a copy. Those that are asked at the same time know it by the same GUID, so that nobody
    /// answers it twice.
    pub(super) fn guid_to_ask_with(
        &mut self,
        search: Guid,
        fresh: Guid,
        now: Time,
    ) -> Option<Guid> {
        let known = self.known.get_mut(&search)?;
        if known.shared_until.is_some_and(|until| now >= until) {
            if known.guids_count >= SEARCH_GUIDS_MAX {
                return None;
            }
            (known.guid, known.shared_until) = (fresh, None);
            known.guids_count = known.guids_count.saturating_add(1);
            self.further.insert(known.guid, search);
        }
        known.shared_until.get_or_insert(now.after_ms(HOP_WAIT_MS));
        Some(known.guid)
    }

    /// This ultrapeer asks for us from now on, and knows the search by this GUID.
    pub(super) fn note_asked(&mut self, search: Guid, slot: Slot, guid: Guid) {
        if let Some(known) = self.known.get_mut(&search) {
            known.asked.push((slot, guid));
        }
    }

    /// A neighbour is gone. What it was asked may be known to whoever comes now.
    pub(super) fn close(&mut self, slot: Slot) {
        for known in self.known.values_mut() {
            if known.asked.contains(&(slot, known.guid)) {
                known.shared_until = Some(Time::ZERO);
            }
            known.asked.retain(|(asked, _)| *asked != slot);
        }
        self.told.close_neighbour(slot);
    }

    /// This node asks by itself from now on.
    pub(super) fn take_up(&mut self, search: Guid) {
        if let Some(known) = self.known.get_mut(&search) {
            known.stage = Stage::Asking;
        }
    }

    /// Others are to ask from now on: the GUIDs of what this node has asked so far.
    pub(super) fn hand_over(&mut self) -> Vec<Guid> {
        let asking = self.known.values_mut().filter(|one| one.stage == Stage::Asking);
        let handed_over = asking.map(|one| {
            (one.stage, one.shared_until) = (Stage::AskedByOthers, Some(Time::ZERO));
            one.guid
        });
        handed_over.collect()
    }

    /// How many results there are, as an ultrapeer that searches for us wants to know.
    pub(super) fn status(&self, guid: Guid) -> QueryStatus {
        let search = self.search_of(guid);
        search.map_or(QueryStatus::STOP, |search| self.reports.asked(search))
    }

    /// A hit has come. None where it is not to be told of.
    pub(super) fn take(&mut self, guid: Guid, hit: OwnHit, now: Time) -> Option<Taken> {
        let search = self.search_of(guid)?;
        let known = self.known.get_mut(&search)?;
        let results = u32::from(hit.size.results);
        let counted = if hit.is_exempt {
            results
        } else {
            let verdict = self.told.carry(search, hit.from, hit.size, false, now);
            let HitVerdict::Carry { of_neighbour, .. } = verdict else { return None };
            counted(u32::from(of_neighbour), results, hit.is_only_one)
        };
        known.results = known.results.saturating_add(results);
        let status = self.reports.kept(search, counted);
        let report = status.map(|status| Report { status, to: known.asked.clone() });
        Some(Taken { search, guid: known.guid, report })
    }

    /// Whether hits that come by UDP are told of: those of hosts that nobody knows may use up half of what
    /// is told, and no more (DQ-23).
    pub(super) fn wants_by_datagram(&self, guid: Guid) -> bool {
        let known = self.search_of(guid).and_then(|search| self.known.get(&search));
        known.is_some_and(|known| known.by_datagram < OWN_RESULTS_TOLD_MAX / 2)
    }

    /// A hit has come by UDP. None where it is not to be told of.
    pub(super) fn take_by_datagram(&mut self, guid: Guid, results: u8) -> Option<Taken> {
        let search = self.search_of(guid).filter(|_| self.wants_by_datagram(guid))?;
        let known = self.known.get_mut(&search)?;
        known.by_datagram = known.by_datagram.saturating_add(results.into());
        known.results = known.results.saturating_add(results.into());
        let counted = counted(0, results.into(), false);
        let status = self.reports.kept(search, counted);
        let report = status.map(|status| Report { status, to: known.asked.clone() });
        Some(Taken { search, guid: known.guid, report })
    }

    /// Nobody is asked any more: how many results there were, and which other search, that ended long
    /// ago, is forgotten for it.
    pub(super) fn end(&mut self, search: Guid) -> Option<(u32, Option<Guid>)> {
        let known = self.known.get_mut(&search).filter(|known| known.stage != Stage::Ended)?;
        (known.stage, known.words) = (Stage::Ended, Box::default());
        let results = known.results;
        let ended = || self.known.iter().filter(|(_, one)| one.stage == Stage::Ended);
        let is_full = ended().count() > OWN_SEARCHES_ENDED_MAX;
        let oldest = ended().min_by_key(|(_, one)| one.begun).filter(|_| is_full);
        let oldest = oldest.map(|(guid, _)| *guid);
        if let Some(oldest) = oldest {
            self.forget(oldest);
        }
        Some((results, oldest))
    }

    /// No hit is wanted any more, or none can come.
    pub(super) fn forget(&mut self, search: Guid) -> Option<Report> {
        let known = self.known.remove(&search)?;
        self.further.retain(|_, of| *of != search);
        self.told.forget(search);
        Some(Report { status: self.reports.end(search)?, to: known.asked })
    }

    /// When one ends that others do for us, or the way home of one is forgotten.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.known.values().filter_map(Known::due).min()
    }

    /// The searches that have had their time: those that end, and those to be forgotten.
    pub(super) fn over(&self, now: Time) -> (Vec<Guid>, Vec<Guid>) {
        let over = self.known.iter().filter(|(_, one)| one.due().is_some_and(|due| due <= now));
        let (forgotten, ended): (Vec<_>, Vec<_>) =
            over.partition(|(_, one)| one.stage == Stage::Ended);
        let guids = |some: Vec<(&Guid, &Known)>| some.into_iter().map(|(guid, _)| *guid).collect();
        (guids(ended), guids(forgotten))
    }
}

impl Known {
    fn due(&self) -> Option<Time> {
        match self.stage {
            Stage::Asking => None,
            Stage::AskedByOthers => Some(self.begun.after_ms(SEARCH_LIFE_MS)),
            Stage::Ended => {
                let life_ms = u64::from(ROUTE_LIFE_SECONDS).saturating_mul(1_000);
                Some(self.begun.after_ms(life_ms))
            }
        }
    }
}

/// How many of these results count towards what is wanted: one ultrapeer of several does not end the
/// work of all (DQ-21).
fn counted(before: u32, results: u32, is_only_one: bool) -> u32 {
    let max = if is_only_one { u32::MAX } else { results_of_one(OWN_RESULTS_WANTED) };
    results.min(max.saturating_sub(before))
}

#[cfg(test)]
mod tests;
