use std::collections::BTreeMap;

use bytes::Bytes;

use crate::base::limits::{
    OWN_RESULTS_WANTED, OWN_SEARCHES_ENDED_MAX, OWN_SEARCHES_MAX, ROUTE_LIFE_SECONDS,
    SEARCH_LIFE_MS,
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
/// A search that has ended is kept for as long as hits may come for it: the last ones asked have not
/// answered yet (DQ-23).
#[derive(Debug)]
pub(super) struct Searches {
    known: BTreeMap<Guid, Known>,
    reports: SearchReports,
    /// What was told to whoever searches.
    told: HitPolicy,
}

#[derive(Debug)]
struct Known {
    results: u32,
    /// Empty once nobody is asked any more.
    payload: Bytes,
    begun: Time,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// This node asks one ultrapeer after another.
    Asking,
    /// Others do it for us.
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

impl Default for Searches {
    fn default() -> Self {
        let told = HitPolicy::with_limits(HitLimits::OWN);
        Self { known: BTreeMap::new(), reports: SearchReports::new(), told }
    }
}

impl Searches {
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn knows(&self, guid: Guid) -> bool {
        self.known.contains_key(&guid)
    }

    pub(super) fn is_full(&self) -> bool {
        self.running().count() >= OWN_SEARCHES_MAX
    }

    /// Those for which somebody is still asked, and what.
    pub(super) fn running(&self) -> impl Iterator<Item = (Guid, &Bytes)> {
        let running = self.known.iter().filter(|(_, one)| one.stage != Stage::Ended);
        running.map(|(guid, one)| (*guid, &one.payload))
    }

    pub(super) fn start(&mut self, guid: Guid, payload: Bytes, does_it_itself: bool, now: Time) {
        let stage = if does_it_itself { Stage::Asking } else { Stage::AskedByOthers };
        self.known.insert(guid, Known { results: 0, payload, begun: now, stage });
    }

    /// What ultrapeers ask about it is answered from now on.
    pub(super) fn report(&mut self, guid: Guid) {
        self.reports.start(guid);
    }

    /// How many results there are, as an ultrapeer that searches for us wants to know.
    pub(super) fn status(&mut self, guid: Guid) -> QueryStatus {
        self.reports.asked(guid)
    }

    /// A hit has come. None where it is not to be told of; else what ultrapeers are to be told, if
    /// anything.
    pub(super) fn take(
        &mut self,
        guid: Guid,
        hit: OwnHit,
        now: Time,
    ) -> Option<Option<QueryStatus>> {
        let known = self.known.get_mut(&guid)?;
        let results = u32::from(hit.size.results);
        let counted = if hit.is_exempt {
            results
        } else {
            let verdict = self.told.carry(guid, hit.from, hit.size, false, now);
            let HitVerdict::Carry { of_neighbour, .. } = verdict else { return None };
            counted(u32::from(of_neighbour), results, hit.is_only_one)
        };
        known.results = known.results.saturating_add(results);
        Some(self.reports.kept(guid, counted))
    }

    /// Nobody is asked any more: how many results there were, and which other search, that ended long
    /// ago, is forgotten for it.
    pub(super) fn end(&mut self, guid: Guid) -> Option<(u32, Option<Guid>)> {
        let known = self.known.get_mut(&guid).filter(|known| known.stage != Stage::Ended)?;
        (known.stage, known.payload) = (Stage::Ended, Bytes::new());
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

    /// No hit is wanted any more, or none can come: what ultrapeers are to be told.
    pub(super) fn forget(&mut self, guid: Guid) -> Option<QueryStatus> {
        self.known.remove(&guid)?;
        self.told.forget(guid);
        self.reports.end(guid)
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
mod tests {
    use super::*;
    use crate::base::slots::Slots;

    fn guid(number: usize) -> Guid {
        Guid([u8::try_from(number).unwrap(); 16])
    }

    fn hit(from: Slot, results: u8, is_only_one: bool) -> OwnHit {
        let size = HitSize { results, len: 100 };
        OwnHit { from, size, is_only_one, is_exempt: false }
    }

    /// DQ-23
    #[test]
    fn so_many_that_have_ended_are_kept_and_not_one_more() {
        let mut searches = Searches::default();
        let from = Slots::new().insert(());
        for number in 0..=OWN_SEARCHES_ENDED_MAX {
            let now = Time::from_millis(u64::try_from(number).unwrap());
            searches.start(guid(number), Bytes::new(), true, now);
            let forgotten = (number == OWN_SEARCHES_ENDED_MAX).then(|| guid(0));
            assert_eq!(searches.end(guid(number)), Some((0, forgotten)));
            assert_eq!(searches.end(guid(number)), None, "it ends once");
        }
        let mut takes = |number| {
            let now = Time::from_millis(1_000);
            searches.take(guid(number), hit(from, 1, false), now).is_some()
        };
        assert_eq!([takes(0), takes(1), takes(OWN_SEARCHES_ENDED_MAX)], [false, true, true]);
    }

    /// DQ-23: those that have ended take no place of those that run.
    #[test]
    fn so_many_run_whether_others_have_ended_or_not() {
        let mut searches = Searches::default();
        for number in 0..OWN_SEARCHES_MAX + 3 {
            assert!(!searches.is_full());
            searches.start(guid(number), Bytes::new(), true, Time::ZERO);
            if number < 3 {
                searches.end(guid(number));
            }
        }
        assert!(searches.is_full());
    }

    /// DQ-21, VMSG-52
    #[test]
    fn one_ultrapeer_of_several_does_not_make_a_leaf_tell_all_to_stop() {
        let mut slots = Slots::new();
        let [one, other] = [slots.insert(()), slots.insert(())];
        for (is_only_one, second, stops) in
            [(false, one, false), (false, other, true), (true, one, true)]
        {
            let mut searches = Searches::default();
            searches.start(guid(1), Bytes::new(), false, Time::ZERO);
            searches.report(guid(1));
            for (from, results) in [(one, 150), (second, 75)] {
                assert!(
                    searches.take(guid(1), hit(from, results, is_only_one), Time::ZERO).is_some()
                );
            }
            assert_eq!(searches.status(guid(1)) == QueryStatus::STOP, stops);
            let told = searches.end(guid(1));
            assert_eq!(told, Some((225, None)), "all are told of");
        }
    }
}
