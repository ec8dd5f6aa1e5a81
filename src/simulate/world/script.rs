use std::net::SocketAddr;
use std::time::Duration;

use super::World;
use super::connection::Stage;
use super::event::{Event, Script};
use super::host::{Host, host_at};
use super::population::FILE_LEN;
use crate::base::time::Time;
use crate::fasttrack::wire::{Found, Tag};
use crate::gnutella::wire::QueryHit;
use crate::node::{Command, Input, SearchId};
use crate::promotion::Observation;
use crate::simulate::files;
use crate::simulate::machine::Machine;
use crate::simulate::scenario::PromotionProfile;
use crate::simulate::searches::Search;

/// How often lines are measured, and where everything goes fast.
const MEASURED_EVERY_S: u64 = 10;
const MEASURED_EVERY_FAST_S: u64 = 2;

/// How often conservation is checked, and queries that are over are forgotten.
const AUDIT_S: u64 = 5;

/// With more events waiting than this they are not counted through before the end.
const AUDITED_EVENTS_MAX: usize = 100_000;

/// Who comes with a crowd searches within so long.
const CROWD_SEARCH_S: u64 = 30;

/// Hosts that are tried to find one that searches.
const SEARCHER_TRIES: u32 = 16;

impl<M: Machine> World<'_, M> {
    pub(super) fn play(&mut self, script: Script) {
        match script {
            Script::Start { host } => self.start(host),
            Script::Leave { host, start } => self.leave(host, start),
            Script::Off { host, start } => {
                if self.host(host).is_some_and(|there| there.is_on() && there.start == start) {
                    self.stop(host);
                }
            }
            Script::Come { host } => self.come(host),
            Script::FirstSearch => self.plan_search(),
            Script::Search => self.somebody_searches(),
            Script::CrowdSearch { host } => self.crowd_searches(host),
            Script::Measure => self.measure(),
            Script::Fault { plan } => self.strike(plan),
            Script::FaultEnds { plan } => self.end_fault(plan),
            Script::Healed { plan } => self.check_healed(plan),
            Script::Audit => self.audit_all(),
        }
    }

    /// The moment from which things happen to the nodes.
    pub(super) fn warm(&self) -> Time {
        Time::ZERO.after(Duration::from_secs(u64::from(self.scenario.warm_up_s)))
    }

    pub(super) fn plan(&mut self, after: Duration, script: Script) {
        let at = self.now.after(after);
        if at <= self.end {
            self.queue.push(at, Event::Script(script));
        }
    }

    /// One of a crowd comes, and looks for what all look for.
    fn come(&mut self, host: u32) {
        self.start(host);
        let searches = self.scenario.crowd.as_ref().is_some_and(|crowd| crowd.title.is_some());
        if searches {
            let wait = self.lots.searches.below(CROWD_SEARCH_S.saturating_mul(1_000));
            self.plan(Duration::from_millis(wait), Script::CrowdSearch { host });
        }
    }

    fn crowd_searches(&mut self, host: u32) {
        let title = self.scenario.crowd.as_ref().and_then(|crowd| crowd.title);
        if let Some(title) = title.filter(|_| self.can_search(host)) {
            self.search(host, title);
        }
    }

    pub(super) fn plan_search(&mut self) {
        let Some(searches) = &self.scenario.searches else { return };
        let an_hour = Duration::from_secs(3_600);
        let in_an_hour = searches.per_node_hour.times(u64::from(self.len()).saturating_mul(1_000));
        let thousandths = u32::try_from(in_an_hour).unwrap_or(u32::MAX);
        // Searches of all nodes in an hour are in thousandths here.
        let mean = an_hour.saturating_mul(1_000).checked_div(thousandths);
        let Some(mean) = mean else { return };
        let wait = self.lots.searches.wait(mean);
        let last = Duration::from_secs(u64::from(searches.stop_s));
        if self.now.after(wait).after(last) <= self.end {
            self.plan(wait, Script::Search);
        }
    }

    fn somebody_searches(&mut self) {
        self.plan_search();
        for _ in 0..SEARCHER_TRIES {
            let host = self.lots.searches.index(self.hosts.len());
            let host = u32::try_from(host).unwrap_or(u32::MAX);
            if self.can_search(host) {
                if let Some(title) = self.taste.draw(&mut self.lots.searches) {
                    self.search(host, title);
                }
                return;
            }
        }
    }

    /// Whoever is connected to anybody, and honest.
    fn can_search(&self, host: u32) -> bool {
        let is_open = |end: &super::event::EndName| {
            self.connections.end(*end).is_some_and(|own| own.stage == Stage::Open)
        };
        let has_links = self.host(host).is_some_and(|there| there.ends.iter().any(is_open));
        has_links && !self.is_attacker(host)
    }

    /// Somebody looks for a title.
    fn search(&mut self, host: u32, title: u32) {
        let is_on = |host: u32| self.host(host).is_some_and(Host::is_on);
        let holders = self.shelves.holders(title).iter();
        let available = holders.filter(|holder| **holder != host && is_on(**holder)).count();
        let ultrapeers =
            self.hosts.iter().filter(|there| there.is_on() && there.role.is_ultrapeer());
        let ultrapeers = u32::try_from(ultrapeers.count()).unwrap_or(u32::MAX);
        let is_one = self.host(host).is_some_and(|there| there.role.is_ultrapeer());
        let search = self.searches.begin(Search {
            at: self.now,
            host,
            title,
            available: u32::try_from(available).unwrap_or(u32::MAX),
            found: Vec::new(),
            first_hit_ms: None,
            hits: 0,
            hit_hops: 0,
            strange_hits: 0,
            reached: None,
            ultrapeers: ultrapeers.saturating_sub(u32::from(is_one)),
            walk: self.walk(host),
        });
        if let Some(there) = self.host_mut(host) {
            there.searching.push_back(search);
        }
        let (network, search) = (self.scenario.node.network.into(), SearchId(search.into()));
        let command = Command::SearchIn { network, search, words: files::words(title) };
        self.step(host, Input::Command(command));
    }

    /// How many nodes a walk in breadth reaches from here, where the overlay is given and flat.
    fn walk(&self, host: u32) -> Option<u32> {
        let (scenario, nodes) = (self.scenario, self.len());
        let is_given = !scenario.topology.is_open() && scenario.topology.ultrapeers(nodes) == nodes;
        let is_still = scenario.fault.is_empty() && scenario.churn.is_none();
        (is_given && is_still).then(|| {
            let reach = self.graph.reach(host, u32::from(scenario.node.ttl));
            reach.iter().skip(1).sum()
        })
    }

    /// A machine tells of a hit.
    pub(super) fn hear_hit(&mut self, search: SearchId, hops: u8, hit: &QueryHit) {
        let from = SocketAddr::new(hit.address.into(), hit.port);
        let titles: Vec<_> = hit.records.iter().map(|record| files::title(&record.name)).collect();
        self.hear_found(search, hops, from, &titles);
    }

    /// A machine tells of results of FastTrack.
    pub(super) fn hear_results(&mut self, search: SearchId, results: &[Found]) {
        for found in results {
            let name = found.tags.text(Tag::FILE_NAME);
            let title = name.and_then(|name| files::title(name.as_bytes()));
            self.hear_found(search, 0, found.address.into(), &[title]);
        }
    }

    /// Somebody has files with these titles.
    fn hear_found(&mut self, search: SearchId, hops: u8, from: SocketAddr, titles: &[Option<u32>]) {
        let now = self.now;
        let Some(search) = u32::try_from(search.0).ok().and_then(|id| self.searches.get_mut(id))
        else {
            return;
        };
        search.hits = search.hits.saturating_add(1);
        let names = |title: Option<u32>| titles.contains(&title);
        let from = host_at(from);
        let Some(from) = from.filter(|_| names(Some(search.title))) else {
            search.strange_hits = search.strange_hits.saturating_add(1);
            return;
        };
        let is_first = search.found.is_empty();
        search.hit_hops = search.hit_hops.saturating_add(u32::from(hops));
        if !search.found.contains(&from) {
            search.found.push(from);
        }
        let wait = u64::try_from(now.since(search.at).as_millis()).unwrap_or(u64::MAX);
        search.first_hit_ms.get_or_insert(wait);
        // Whoever answers first is the one from whom the file is taken.
        if let Some(there) = self.host_mut(from).filter(|there| is_first && there.is_on()) {
            there.upload(FILE_LEN, now);
        }
    }

    /// Tells each machine what its lines have carried.
    fn measure(&mut self) {
        let (now, every) = (self.now, self.measured_every());
        let micros = u64::try_from(every.as_micros()).unwrap_or(u64::MAX);
        self.plan(every, Script::Measure);
        for (host, there) in (0_u32..).zip(&mut self.hosts) {
            let (sent, received) = (there.sent, there.received);
            (there.sent, there.received) = (0, 0);
            if there.is_on() {
                let sent = sent.saturating_add(there.uploaded(now, micros));
                let congested = !there.ends.is_empty()
                    && there.turns.len().saturating_mul(2) >= there.ends.len();
                let traffic = Observation::Traffic { sent, received, congested };
                self.inbox.push_back((host, Input::Observed(traffic)));
            }
        }
    }

    fn measured_every(&self) -> Duration {
        let is_fast = self.scenario.node.promotion == Some(PromotionProfile::Laboratory);
        Duration::from_secs(if is_fast { MEASURED_EVERY_FAST_S } else { MEASURED_EVERY_S })
    }

    fn audit_all(&mut self) {
        self.plan(Duration::from_secs(AUDIT_S), Script::Audit);
        if self.queue.len() <= AUDITED_EVENTS_MAX {
            self.check_conservation();
        }
        self.forget_floods(self.now);
    }
}
