use std::collections::BTreeMap;

use serde::Serialize;

use super::Ratio;
use crate::base::limits::{
    ALIVE_LEAF_S, ALIVE_MISSES_MAX, ALIVE_ULTRAPEER_S, ALIVE_WAIT_AS_LEAF_S,
};
use crate::base::time::Time;
use crate::simulate::searches::{Search, Ways};

/// How many were dropped, by the cause.
pub type Dropped = BTreeMap<&'static str, u64>;

/// Where everything has gone that was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Flow {
    pub sent: u64,
    pub delivered: u64,
    pub dropped: Dropped,
    /// On its way when the run ended.
    pub in_flight: u64,
}

/// What searches cost, and what they brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchFigures {
    pub count: u64,
    /// What was searched for was there.
    pub answerable: u64,
    pub answered: u64,
    /// Until the first hit.
    pub first_hit_ms_p50: Option<u64>,
    pub first_hit_ms_p95: Option<u64>,
    /// Links that a hit crossed, in mean.
    pub hit_hops: Option<Ratio>,
    /// Copies of the queries that were followed, and what part of them came too late.
    pub messages: u64,
    pub duplicates: Option<Ratio>,
    /// How many nodes were reached first over how many links, as parts of all that were reached; the
    /// first number is for one link.
    pub hops: Vec<Ratio>,
    /// Hits that do not answer what was searched for.
    pub strange_hits: u64,
}

/// Who shares nothing, and who gives most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sharing {
    /// The part of the hosts that shares nothing.
    pub free_riders: Ratio,
    /// The part of the hosts that gives most of the answers, and the part of all that were found
    /// which it gave.
    pub givers: Ratio,
    pub given: Ratio,
}

/// How many nodes are what, and how many changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Roles {
    pub ultrapeers: u32,
    pub leaves: u32,
    pub leaves_without_ultrapeer: u32,
    pub off: u32,
    pub promotions: u64,
    pub demotions: u64,
    /// Of the promotions, those of nodes that were ultrapeers before.
    pub promotions_again: u64,
    /// The same in an hour of an ultrapeer.
    pub again_per_hour: Ratio,
    /// What the nodes say why, and how often.
    pub why: BTreeMap<String, u64>,
}

/// How long leaves waited for an ultrapeer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Joining {
    pub count: u64,
    pub ms_p50: Option<u64>,
    pub ms_p99: Option<u64>,
    /// Beyond the time that it takes to find out.
    pub longest: Option<Wait>,
}

/// How a partition ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Healing {
    /// Into how many pieces the overlay had fallen.
    pub pieces: u32,
    /// How long it took until all ultrapeers were connected again; none where that never happened.
    pub ms: Option<u64>,
    /// What part of the ultrapeers searches reached before it, and from a minute after it on.
    pub coverage_before: Option<Ratio>,
    pub coverage_after: Option<Ratio>,
    /// What part of the copies they found.
    pub recall_before: Option<Ratio>,
    pub recall_after: Option<Ratio>,
}

impl Healing {
    /// What searches reach and find again, the lesser of the two, as a part of what it was before;
    /// none where nobody searched.
    pub fn reach_again(&self) -> Option<Ratio> {
        let covers = self.coverage_after?.beside(self.coverage_before?);
        Some(covers.min(self.recall_after?.beside(self.recall_before?)))
    }
}

/// What lines can send, in bytes a second, in mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Capacity {
    pub all: u64,
    pub ultrapeers: u64,
    pub ratio: Ratio,
}

/// What liars about their capacity have gained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Liars {
    /// How many of them are ultrapeers at the end.
    pub elected: u64,
    /// Their part of the time in which elected nodes were ultrapeers, beside their part of all nodes.
    pub ratio: Ratio,
}

/// The time in which one leaf was without an ultrapeer that lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Wait {
    pub ms: u64,
    pub host: u32,
    /// When it began, by the clock of the world.
    pub since_ms: u64,
    /// How much of it the leaf may take to find out (PING-07): nothing where it was told.
    pub finding_out_ms: u64,
}

impl Wait {
    /// That of a leaf which believed that so many ultrapeers lived that did not.
    pub(crate) fn new(host: u32, since: Time, now: Time, dead: u32) -> Self {
        let ms = u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
        let finding_out_ms = finding_out_s(dead).saturating_mul(1_000);
        Self { ms, host, since_ms: since.as_micros() / 1_000, finding_out_ms }
    }

    /// What is left of it once the leaf has found out.
    pub const fn known_ms(&self) -> u64 {
        self.ms.saturating_sub(self.finding_out_ms)
    }
}

/// In how many seconds a leaf that has so many ultrapeers, all dead, finds out about the last one:
/// the silence before the first ping, and the answers that do not come. What was on its way when
/// they died arrives for a second more.
fn finding_out_s(dead: u32) -> u64 {
    if dead == 0 {
        return 0;
    }
    let silence_s = ALIVE_ULTRAPEER_S.saturating_mul(dead).min(ALIVE_LEAF_S);
    let pings_s = ALIVE_WAIT_AS_LEAF_S.saturating_mul(ALIVE_MISSES_MAX.into());
    u64::from(silence_s.saturating_add(pings_s).saturating_add(1))
}

impl Joining {
    /// Of waits that are sorted.
    pub(crate) fn new(waits: &[Wait]) -> Self {
        let waits_ms: Vec<u64> = waits.iter().map(|wait| wait.ms).collect();
        Self {
            count: waits.len() as u64,
            ms_p50: percentile(&waits_ms, 50),
            ms_p99: percentile(&waits_ms, 99),
            longest: waits.iter().copied().max_by_key(Wait::known_ms),
        }
    }
}

impl SearchFigures {
    pub(crate) fn new(searches: &[Search], ways: &Ways) -> Self {
        let count =
            |of: fn(&Search) -> bool| searches.iter().filter(|search| of(search)).count() as u64;
        let mut firsts: Vec<u64> =
            searches.iter().filter_map(|search| search.first_hit_ms).collect();
        firsts.sort_unstable();
        let sum =
            |of: fn(&Search) -> u32| searches.iter().map(|one| u64::from(of(one))).sum::<u64>();
        let strange = sum(|search| search.strange_hits);
        let hits = sum(|search| search.hits).saturating_sub(strange);
        let reached = ways.hops.iter().sum::<u64>();
        let last = ways.hops.iter().rposition(|count| *count > 0).unwrap_or(0);
        let hops = ways.hops.iter().take(last.saturating_add(1)).skip(1);
        Self {
            count: searches.len() as u64,
            answerable: count(|search| search.available > 0),
            answered: count(|search| search.available > 0 && !search.found.is_empty()),
            first_hit_ms_p50: percentile(&firsts, 50),
            first_hit_ms_p95: percentile(&firsts, 95),
            hit_hops: (hits > 0).then(|| Ratio::of(sum(|search| search.hit_hops), hits)),
            messages: ways.messages,
            duplicates: (ways.messages > 0).then(|| Ratio::of(ways.duplicates, ways.messages)),
            hops: hops.map(|count| Ratio::of(*count, reached)).collect(),
            strange_hits: strange,
        }
    }
}

/// The least number than which so many in a hundred are not greater.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let place = sorted.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_numbers_of_the_list() {
        let list: Vec<u64> = (1..=200).collect();
        assert_eq!(percentile(&list, 50), Some(100));
        assert_eq!(percentile(&list, 99), Some(198));
        assert_eq!(percentile(&[7], 99), Some(7));
        assert_eq!(percentile(&[], 50), None);
    }
}
