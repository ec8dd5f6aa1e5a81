//! How often each cache is asked.

use std::cmp::Reverse;
use std::fmt::Display;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::Asked;
use crate::base::limits::{
    HOST_CACHE_INTERVAL_MS, HOST_CACHE_NAMED_LIFE_MS, HOST_CACHE_TRIES, HOST_CACHE_WAIT_MAX_MS,
    WEB_CACHE_INTERVAL_MS, WEB_CACHE_WAIT_MAX_MS,
};
use crate::base::time::Time;

/// How often caches of one kind are asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    interval_ms: u64,
    wait_max_ms: u64,
    /// Failures in a row with which one is forgotten that others have named; the wait for others
    /// doubles with each further one.
    tries: u8,
}

impl Pace {
    /// BOOT-04
    pub(super) const UDP: Self = Self {
        interval_ms: HOST_CACHE_INTERVAL_MS,
        wait_max_ms: HOST_CACHE_WAIT_MAX_MS,
        tries: HOST_CACHE_TRIES,
    };

    /// BOOT-12
    pub(super) const WEB: Self =
        Self { interval_ms: WEB_CACHE_INTERVAL_MS, wait_max_ms: WEB_CACHE_WAIT_MAX_MS, tries: 1 };

    fn wait_ms(self, failures: u8) -> u64 {
        let doublings = failures.saturating_sub(self.tries);
        let factor = 1_u64.checked_shl(doublings.into()).unwrap_or(u64::MAX);
        self.interval_ms.saturating_mul(factor).min(self.wait_max_ms)
    }
}

/// Caches of one kind.
#[derive(Debug)]
pub(super) struct Caches<K> {
    pace: Pace,
    all: Vec<Cache<K>>,
    /// Such as were forgotten, and when they were asked: named again, they have to wait all the same.
    forgotten: Vec<(String, Time)>,
}

#[derive(Debug)]
struct Cache<K> {
    name: K,
    /// Others have named it.
    is_learnt: bool,
    asked: Option<Time>,
    /// When it was asked before: it counts again should it turn out that it was not asked.
    asked_before: Option<Time>,
    /// Until when an answer may come.
    waits_until: Option<Time>,
    failures: u8,
    /// When it has answered last.
    answered: Option<Time>,
}

impl<K: Clone + Eq + Display> Caches<K> {
    /// In an order that is as good as any other.
    pub(super) fn new(names: &[K], pace: Pace, rng: &mut ChaCha8Rng) -> Self {
        let mut caches = Self { pace, all: Vec::new(), forgotten: Vec::new() };
        for name in names {
            caches.add(name.clone(), false, None);
        }
        for len in (2..=caches.all.len()).rev() {
            caches.all.swap(len.saturating_sub(1), rng.random_range(0..len));
        }
        caches
    }

    /// Others name a cache; it was perhaps asked by an earlier run. It is kept while fewer than so many
    /// are that others have named.
    pub(super) fn learn(&mut self, name: K, asked: Option<Time>, learnt_max: usize) {
        let learnt = self.all.iter().filter(|cache| cache.is_learnt).count();
        if learnt < learnt_max {
            self.add(name, true, asked);
        } else if let Some(at) = asked {
            self.forgotten.push((name.to_string(), at));
        }
    }

    /// An earlier run has asked it.
    pub(super) fn was_asked(&mut self, name: &str, at: Time) -> bool {
        let Some(cache) = self.all.iter_mut().find(|cache| cache.name.to_string() == name) else {
            return false;
        };
        cache.asked = Some(at);
        true
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many of them may still answer.
    pub(super) fn waiting(&self) -> usize {
        self.all.iter().filter(|cache| cache.waits_until.is_some()).count()
    }

    /// Whom to ask now, if anybody may be asked: those that the user named before others, those that
    /// failed least before others, those that were asked last at last.
    pub(super) fn next(&self, now: Time) -> Option<K> {
        let ready = self.all.iter().filter(|cache| cache.is_ready(self.pace, now));
        let first = ready.min_by_key(|cache| (cache.is_learnt, cache.failures, cache.asked))?;
        Some(first.name.clone())
    }

    /// Another one than this that has answered.
    pub(super) fn one_that_works(&self, except: &K) -> Option<&K> {
        let others = self.all.iter().filter(|cache| cache.name != *except);
        others
            .filter(|cache| cache.answered.is_some() && cache.failures == 0)
            .map(|cache| &cache.name)
            .next()
    }

    /// Those that have answered a while ago at most and have not failed since: such as the user named first,
    /// and then those that have answered last.
    pub(super) fn working(&self, now: Time) -> Vec<&K> {
        let is_fresh = |at: Time| now < at.after_ms(HOST_CACHE_NAMED_LIFE_MS);
        let works = |cache: &&Cache<K>| cache.failures == 0 && cache.answered.is_some_and(is_fresh);
        let mut working: Vec<_> = self.all.iter().filter(works).collect();
        working.sort_by_key(|cache| (cache.is_learnt, Reverse(cache.answered)));
        working.into_iter().map(|cache| &cache.name).collect()
    }

    /// It is asked now, and may answer for so long.
    pub(super) fn ask(&mut self, name: &K, timeout_ms: u64, now: Time) {
        let Some(cache) = self.find(name) else { return };
        cache.asked_before = cache.asked;
        cache.asked = Some(now);
        cache.waits_until = Some(now.after_ms(timeout_ms));
    }

    /// It has answered.
    pub(super) fn answered(&mut self, name: &K, now: Time) {
        let Some(cache) = self.find(name) else { return };
        (cache.waits_until, cache.failures, cache.answered) = (None, 0, Some(now));
    }

    /// It was asked in vain.
    pub(super) fn failed(&mut self, name: &K) {
        let Some(cache) = self.find(name) else { return };
        cache.waits_until = None;
        cache.failures = cache.failures.saturating_add(1);
        let tries = self.pace.tries;
        let is_given_up = |cache: &mut Cache<K>| cache.is_learnt && cache.failures >= tries;
        let given_up = self.all.extract_if(.., is_given_up);
        let asked = given_up.filter_map(|cache| Some((cache.name.to_string(), cache.asked?)));
        self.forgotten.extend(asked);
    }

    /// Those that were forgotten since the last call, and when they were asked.
    pub(super) fn take_forgotten(&mut self) -> Vec<(String, Time)> {
        std::mem::take(&mut self.forgotten)
    }

    /// It was not asked after all.
    pub(super) fn was_not_asked(&mut self, name: &K) {
        let Some(cache) = self.find(name) else { return };
        (cache.waits_until, cache.asked) = (None, cache.asked_before);
        // The others come first: perhaps it is this name.
        if let Some(index) = self.all.iter().position(|cache| cache.name == *name) {
            let cache = self.all.remove(index);
            self.all.push(cache);
        }
    }

    /// Those that have not answered in time have failed: which these are.
    pub(super) fn give_up_late_ones(&mut self, now: Time) -> Vec<K> {
        let is_late = |cache: &&Cache<K>| cache.waits_until.is_some_and(|until| until <= now);
        let late: Vec<K> =
            self.all.iter().filter(is_late).map(|cache| cache.name.clone()).collect();
        late.iter().for_each(|name| self.failed(name));
        late
    }

    /// When the first of those that may answer is late.
    pub(super) fn late_at(&self) -> Option<Time> {
        self.all.iter().filter_map(|cache| cache.waits_until).min()
    }

    /// When the next one may be asked that may not be asked now.
    pub(super) fn ready_at(&self, now: Time) -> Option<Time> {
        let idle = self.all.iter().filter(|cache| cache.waits_until.is_none());
        idle.filter_map(|cache| cache.ready_at(self.pace)).filter(|at| *at > now).min()
    }

    /// Which were asked, and how long ago.
    pub(super) fn asked(&self, now: Time) -> impl Iterator<Item = Asked> {
        self.all.iter().filter_map(move |cache| {
            let ago: Duration = now.since(cache.asked?);
            Some(Asked { name: cache.name.to_string(), ago })
        })
    }

    fn add(&mut self, name: K, is_learnt: bool, asked: Option<Time>) {
        if self.find(&name).is_some() {
            return;
        }
        self.all.push(Cache {
            name,
            is_learnt,
            asked,
            asked_before: None,
            waits_until: None,
            failures: 0,
            answered: None,
        });
    }

    fn find(&mut self, name: &K) -> Option<&mut Cache<K>> {
        self.all.iter_mut().find(|cache| cache.name == *name)
    }
}

impl<K> Cache<K> {
    fn is_ready(&self, pace: Pace, now: Time) -> bool {
        self.waits_until.is_none() && self.ready_at(pace).is_none_or(|at| at <= now)
    }

    /// When it may be asked again; none where it never was.
    fn ready_at(&self, pace: Pace) -> Option<Time> {
        Some(self.asked?.after_ms(pace.wait_ms(self.failures)))
    }
}
