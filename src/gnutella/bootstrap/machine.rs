use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use rand::rngs::ChaCha8Rng;

use super::pace::{Caches, Pace};
use super::{
    Asked, HostCacheName, Input, Output, Reply, Rules, Standing, Unresolved, Useless, WebCacheUrl,
    announcement, request,
};
use crate::base::addresses::is_public;
use crate::base::limits::{
    BOOT_HOSTS_ENOUGH, BOOT_PATIENCE_MS, BOOT_UNRESOLVED_MAX_MS, BOOT_UNRESOLVED_MS,
    BOOT_WEB_AFTER_MS, CACHES_ASKED_MAX, CACHES_BY_NEIGHBOURS_MAX, CACHES_LEARNT_MAX,
    CACHES_OF_ANSWER_MAX, DATAGRAM_PING_TIMEOUT_MS, HOST_CACHES_ASKED_MAX, HOST_CACHES_NAMED_MAX,
    WEB_ANNOUNCE_EVERY_MS, WEB_CACHE_TIMEOUT_MS, WEB_CACHE_WAIT_MAX_MS,
};
use crate::base::time::Time;

/// Which caches to ask for hosts, and when.
#[derive(Debug)]
pub struct Bootstrap {
    rules: Rules,
    udp: Caches<HostCacheName>,
    web: Caches<WebCacheUrl>,
    /// When earlier runs asked caches that nobody has named in this one yet.
    earlier: BTreeMap<String, Time>,
    standing: Standing,
    /// Since when there is no ultrapeer.
    alone_since: Option<Time>,
    /// Since when caches are asked.
    asking_since: Option<Time>,
    /// Until then the hosts of the last answer are tried.
    calm_until: Time,
    /// Until then no name is looked up, and how often in a row none was found.
    offline_until: Time,
    unresolved: u8,
    /// Since when there is something to announce, or when it was announced last.
    announced: Option<Time>,
    due: Option<Time>,
    out: VecDeque<Output>,
}

/// The times in here are so much later than those that are handed in, so that there are some before the
/// start: those of earlier runs.
const BEFORE_START_MS: u64 = WEB_CACHE_WAIT_MAX_MS;

/// What a web request may take, with the look-up of its name.
const WEB_PATIENCE_MS: u64 = 2 * WEB_CACHE_TIMEOUT_MS;

impl Bootstrap {
    /// Nobody is asked before the first [`Input::Standing`]. `asked` is what
    /// [`asked`](Self::asked) said in an earlier run.
    pub fn new(rules: Rules, asked: &[Asked], rng: &mut ChaCha8Rng, now: Time) -> Self {
        let now = now.after_ms(BEFORE_START_MS);
        let mut bootstrap = Self {
            udp: Caches::new(&rules.names.udp, Pace::UDP, rng),
            web: Caches::new(&rules.names.web, Pace::WEB, rng),
            rules,
            earlier: BTreeMap::new(),
            standing: Standing::default(),
            alone_since: None,
            asking_since: None,
            calm_until: now,
            offline_until: now,
            unresolved: 0,
            announced: None,
            due: None,
            out: VecDeque::new(),
        };
        for Asked { name, ago } in asked.iter().take(CACHES_ASKED_MAX) {
            let ago = u64::try_from(ago.as_micros()).unwrap_or(u64::MAX);
            let at = Time::from_micros(now.as_micros().saturating_sub(ago));
            if !bootstrap.udp.was_asked(name, at) && !bootstrap.web.was_asked(name, at) {
                bootstrap.earlier.insert(name.clone(), at);
            }
        }
        bootstrap
    }

    /// Lets something happen. All outputs of the input before must have been taken.
    pub fn handle(&mut self, input: Input, now: Time) {
        debug_assert!(self.out.is_empty(), "outputs are left: poll until there are none");
        let now = now.after_ms(BEFORE_START_MS);
        match input {
            Input::Standing(standing) => self.stand(standing, now),
            Input::Answered { cache, hosts, caches } => self.answered(&cache, hosts, &caches, now),
            Input::Named { caches } => self.learn(&caches, CACHES_BY_NEIGHBOURS_MAX),
            Input::Fetched { cache, answer } => self.fetched(&cache, answer, now),
            Input::Unresolved(cache) => self.unresolved(&cache, now),
            Input::Timeout => {}
        }
        for cache in self.udp.give_up_late_ones(now) {
            self.out.push_back(Output::Silent { cache });
        }
        self.web.give_up_late_ones(now);
        self.remember_forgotten();
        self.decide(now);
    }

    /// What the driver has to do next, until there is nothing more.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to hand in [`Input::Timeout`].
    pub fn next_timeout(&self) -> Option<Time> {
        let micros = self.due?.as_micros().saturating_sub(BEFORE_START_MS.saturating_mul(1_000));
        Some(Time::from_micros(micros))
    }

    /// Which caches were asked and how long ago, for the next run: as far as it matters to it.
    pub fn asked(&self, now: Time) -> Vec<Asked> {
        let now = now.after_ms(BEFORE_START_MS);
        let earlier = self.earlier.iter();
        let earlier = earlier.map(|(name, at)| Asked { name: name.clone(), ago: now.since(*at) });
        let mut asked: Vec<Asked> =
            self.udp.asked(now).chain(self.web.asked(now)).chain(earlier).collect();
        asked.retain(|asked| asked.ago.as_millis() < u128::from(WEB_CACHE_WAIT_MAX_MS));
        asked.sort_by_key(|asked| asked.ago);
        asked.truncate(CACHES_ASKED_MAX);
        asked
    }

    /// The UDP host caches to name to others (BOOT-21): those that work, such as others have named last.
    pub fn working(&self, now: Time) -> Vec<HostCacheName> {
        let now = now.after_ms(BEFORE_START_MS);
        let fit = self.udp.working(now).into_iter().filter(|name| name.is_fit_for_hearsay());
        fit.take(HOST_CACHES_NAMED_MAX).cloned().collect()
    }

    /// A cache that is named again after it was given up is not asked at once for that (BOOT-04, BOOT-12).
    fn remember_forgotten(&mut self) {
        self.earlier.extend(self.udp.take_forgotten());
        self.earlier.extend(self.web.take_forgotten());
        while self.earlier.len() > CACHES_ASKED_MAX {
            let oldest = self.earlier.iter().min_by_key(|(_, at)| **at);
            let Some(name) = oldest.map(|(name, _)| name.clone()) else { return };
            self.earlier.remove(&name);
        }
    }

    fn stand(&mut self, standing: Standing, now: Time) {
        self.standing = standing;
        let is_alone = standing.ultrapeers == 0;
        self.alone_since = is_alone.then(|| self.alone_since.unwrap_or(now));
        let address = standing.reachable_at.filter(|address| {
            self.rules.announces && (self.rules.allow_private || is_public((*address.ip()).into()))
        });
        self.standing.reachable_at = address;
        self.announced = address.map(|_| self.announced.unwrap_or(now));
    }

    fn answered(&mut self, cache: &HostCacheName, hosts: usize, caches: &[String], now: Time) {
        self.udp.answered(cache, now);
        self.unresolved = 0;
        self.hear(hosts, now);
        self.learn(caches, CACHES_LEARNT_MAX);
    }

    /// Others name UDP host caches; they are kept while fewer than so many are (BOOT-05).
    fn learn(&mut self, caches: &[String], learnt_max: usize) {
        let named = caches.iter().take(CACHES_OF_ANSWER_MAX);
        let named = named.filter_map(|line| line.parse().ok());
        for name in named.filter(HostCacheName::is_fit_for_hearsay) {
            let asked = self.earlier.remove(&name.to_string());
            self.udp.learn(name, asked, learnt_max);
        }
    }

    fn fetched(&mut self, cache: &WebCacheUrl, answer: Option<(u16, Bytes)>, now: Time) {
        let reply = answer.ok_or(Useless::Silent);
        let reply = reply.and_then(|(status, body)| Reply::read(status, &body));
        let reply = match reply {
            Ok(reply) if reply.is_taken != Some(false) => reply,
            refused => {
                self.web.failed(cache);
                let why = refused.err().unwrap_or(Useless::Refused);
                return self.out.push_back(Output::Useless { cache: cache.clone(), why });
            }
        };
        self.web.answered(cache, now);
        self.unresolved = 0;
        self.hear(reply.hosts.len(), now);
        for name in reply.caches {
            let asked = self.earlier.remove(&name.to_string());
            self.web.learn(name, asked, CACHES_LEARNT_MAX);
        }
        if !reply.hosts.is_empty() {
            self.out.push_back(Output::Learnt { cache: cache.clone(), hosts: reply.hosts });
        }
    }

    fn unresolved(&mut self, cache: &Unresolved, now: Time) {
        match cache {
            Unresolved::Udp(name) => self.udp.was_not_asked(name),
            Unresolved::Web(url) => self.web.was_not_asked(url),
        }
        if now < self.offline_until {
            // One of several that were looked up at the same time.
            return;
        }
        let factor = 1_u64.checked_shl(self.unresolved.into()).unwrap_or(u64::MAX);
        let wait_ms = BOOT_UNRESOLVED_MS.saturating_mul(factor).min(BOOT_UNRESOLVED_MAX_MS);
        self.unresolved = self.unresolved.saturating_add(1);
        self.offline_until = now.after_ms(wait_ms);
    }

    /// Somebody has named hosts: they are tried first.
    fn hear(&mut self, hosts: usize, now: Time) {
        if hosts > 0 {
            self.calm_until = now.after_ms(BOOT_PATIENCE_MS);
        }
    }

    fn decide(&mut self, now: Time) {
        let hosts_from = self.hosts_wanted_from();
        let is_wanted = hosts_from.is_some_and(|from| from <= now);
        self.asking_since = is_wanted.then(|| self.asking_since.unwrap_or(now));
        let udp_from = hosts_from.map(|from| from.max(self.offline_until));
        let web_from = self.web_wanted_from(hosts_from);
        if udp_from.is_some_and(|from| from <= now) {
            self.ask_udp(now);
        }
        self.ask_web(web_from.is_some_and(|from| from <= now), now);
        self.announce(now);
        self.due = self.next_due(udp_from, web_from, now);
    }

    /// From when on hosts are wanted, unless something happens before (BOOT-01).
    fn hosts_wanted_from(&self) -> Option<Time> {
        let has_enough = self.standing.hosts >= BOOT_HOSTS_ENOUGH;
        let patience_ms = if has_enough { BOOT_PATIENCE_MS } else { 0 };
        Some(self.alone_since?.after_ms(patience_ms).max(self.calm_until))
    }

    /// From when on web caches may be asked (BOOT-01).
    fn web_wanted_from(&self, hosts_from: Option<Time>) -> Option<Time> {
        let wait_ms = if self.udp.is_empty() { 0 } else { BOOT_WEB_AFTER_MS };
        let from = self.asking_since.or(hosts_from)?.after_ms(wait_ms);
        Some(from.max(self.offline_until))
    }

    fn ask_udp(&mut self, now: Time) {
        while self.udp.waiting() < HOST_CACHES_ASKED_MAX
            && let Some(cache) = self.udp.next(now)
        {
            self.udp.ask(&cache, DATAGRAM_PING_TIMEOUT_MS, now);
            self.out.push_back(Output::AskUdp { cache });
        }
    }

    fn ask_web(&mut self, is_wanted: bool, now: Time) {
        if is_wanted
            && self.web.waiting() == 0
            && let Some(cache) = self.web.next(now)
        {
            self.fetch(request(&cache), cache, now);
        }
    }

    /// BOOT-13
    fn announce(&mut self, now: Time) {
        if self.web.waiting() == 0
            && self.announcement_due().is_some_and(|due| due <= now)
            && let Some(address) = self.standing.reachable_at
            && let Some(cache) = self.web.next(now)
        {
            self.announced = Some(now);
            let url = announcement(&cache, address, self.web.one_that_works(&cache));
            self.fetch(url, cache, now);
        }
    }

    fn fetch(&mut self, url: String, cache: WebCacheUrl, now: Time) {
        self.web.ask(&cache, WEB_PATIENCE_MS, now);
        self.out.push_back(Output::AskWeb { cache, url });
    }

    fn announcement_due(&self) -> Option<Time> {
        Some(self.announced?.after_ms(WEB_ANNOUNCE_EVERY_MS).max(self.offline_until))
    }

    fn next_due(&self, udp_from: Option<Time>, web_from: Option<Time>, now: Time) -> Option<Time> {
        let announcement = self.announcement_due();
        let udp_ready = udp_from.and_then(|from| Some(self.udp.ready_at(now)?.max(from)));
        let web_ready = [web_from, announcement].into_iter().flatten().min();
        let web_ready = web_ready.and_then(|from| Some(self.web.ready_at(now)?.max(from)));
        let moments = [
            self.udp.late_at(),
            self.web.late_at(),
            udp_from,
            web_from,
            announcement,
            udp_ready,
            web_ready,
        ];
        moments.into_iter().flatten().filter(|at| *at > now).min()
    }
}
