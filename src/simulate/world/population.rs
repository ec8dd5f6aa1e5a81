use std::net::SocketAddr;
use std::time::Duration;

use super::connection::{Cut, NEVER};
use super::event::{Event, Script};
use super::host::address;
use super::{Birth, World};
use crate::base::time::Time;
use crate::gnutella::servent::Offer;
use crate::index::files::{File, Files};
use crate::node::{Command, Input, SharedFile, fasttrack};
use crate::promotion::Observation;
use crate::simulate::attackers::Actor;
use crate::simulate::files;
use crate::simulate::machine::Machine;
use crate::simulate::scenario::{AttackerPlan, NetworkPlan};

/// How long a program that shuts down is given to say goodbye.
const GOODBYE_MS: u64 = 2_000;

/// Hosts that are looked at to find an ultrapeer that can be called.
const BOOTSTRAP_TRIES: u32 = 64;

/// What a file holds, in bytes.
pub(super) const FILE_LEN: u64 = 4_000_000;

/// What every computer has, in bytes and in open files.
const MEMORY_LEN: u64 = 1 << 32;
const DESCRIPTORS: u64 = 20_000;

impl<M: Machine> World<'_, M> {
    /// A host starts.
    pub(super) fn start(&mut self, host: u32) {
        let (seed, now) = (self.lots.nodes.next(), self.now);
        let Some(there) = self.host(host).filter(|there| !there.is_on()) else { return };
        let birth = Birth {
            host,
            seed,
            address: address(host),
            is_ultrapeer: host < self.scenario.topology.ultrapeers(self.len()),
            is_behind_nat: there.drawn.is_behind_nat,
            claims: self.claims(host),
        };
        let actor = match self.malice(host, seed) {
            Some(script) => Actor::Attacker(Box::new(script)),
            None => Actor::Honest((self.maker)(&birth, now)),
        };
        let Some(there) = self.hosts.get_mut(host as usize) else { return };
        there.start = there.start.saturating_add(1);
        there.has_vanished = false;
        there.role = actor.role();
        there.role_since = now;
        there.was_ultrapeer = there.role.is_ultrapeer();
        there.was_promoted = false;
        there.had_parent = false;
        there.parents = 0;
        there.orphan_since = there.role.is_leaf().then_some(now);
        there.wakes_at = NEVER;
        there.actor = Some(Box::new(actor));
        self.introduce(host, birth.claims);
        self.plan_leave(host);
    }

    /// Tells a machine that has just started what it shares, what it has, and whom it may call.
    fn introduce(&mut self, host: u32, claims: Option<u64>) {
        let titles = self.shelves.of(host);
        if !titles.is_empty() {
            let command = match self.scenario.node.network {
                NetworkPlan::Gnutella => Command::Share(self.files_of(host)),
                NetworkPlan::Fasttrack => Command::Offer(Box::new(Offer::of(self.offer_of(host)))),
            };
            self.inbox.push_back((host, Input::Command(command)));
        }
        if self.scenario.node.promotion.is_some() {
            let claimed = claims.map(|upload| Observation::Claimed { upload });
            let has = [
                Observation::Memory { physical: MEMORY_LEN },
                Observation::Descriptors { limit: DESCRIPTORS, others: 0 },
            ];
            let observed = has.into_iter().chain(claimed);
            self.inbox.extend(observed.map(|observation| (host, Input::Observed(observation))));
        }
        if let Some(count) = self.scenario.topology.known() {
            let hosts = self.introducers(host, count);
            let command = match self.scenario.node.network {
                NetworkPlan::Gnutella => Command::Know(hosts),
                NetworkPlan::Fasttrack => {
                    Command::FastTrack(fasttrack::Command::Know(Self::of_ipv4(hosts)))
                }
            };
            self.inbox.push_back((host, Input::Command(command)));
        }
        // Even where it is told nothing, it may want to be woken.
        self.drain(host);
    }

    /// What a host shares.
    pub(super) fn files_of(&self, host: u32) -> Vec<SharedFile> {
        // Where nobody needs them, digests would only make hits longer.
        let sha1 = |title: u32| self.scenario.node.announces.then(|| files::digest(title));
        let share = |title: &u32| SharedFile {
            name: files::name(*title),
            size: FILE_LEN,
            sha1: sha1(*title),
        };
        self.shelves.of(host).iter().map(share).collect()
    }

    /// The same as FastTrack has it.
    fn offer_of(&self, host: u32) -> Files {
        let file = |title: &u32| File {
            name: files::name(*title).into(),
            size: FILE_LEN,
            kzhash: Some(files::kzhash(*title)),
            ..File::default()
        };
        let mut files = Files::new();
        files.extend(self.shelves.of(host).iter().map(file));
        files
    }

    /// Hosts that a newcomer is told of, as a list on the web would have them: ultrapeers if it finds
    /// any.
    fn introducers(&mut self, host: u32, count: u32) -> Vec<SocketAddr> {
        let mut found: Vec<u32> = Vec::new();
        let mut others: Vec<u32> = Vec::new();
        let wanted = count as usize;
        for _ in 0..BOOTSTRAP_TRIES.saturating_mul(count) {
            if found.len() >= wanted {
                break;
            }
            let other = self.lots.bootstrap.index(self.hosts.len());
            let Some(there) = self.hosts.get(other) else { break };
            let other = u32::try_from(other).unwrap_or(u32::MAX);
            let is_known = found.contains(&other) || others.contains(&other);
            let is_open = there.is_on() && !there.drawn.is_behind_nat && other != host;
            if is_known || !is_open || self.are_apart(host, other) {
                continue;
            }
            match there.role.is_ultrapeer() {
                true => found.push(other),
                false => others.push(other),
            }
        }
        if found.is_empty() {
            found.extend(self.any_ultrapeer(host));
        }
        found.extend(others);
        found.truncate(wanted);
        found.into_iter().map(address).collect()
    }

    /// An ultrapeer that can be called, where there are so few that none was found by lot.
    fn any_ultrapeer(&mut self, host: u32) -> Option<u32> {
        let start = self.lots.bootstrap.index(self.hosts.len());
        let hosts = (0_u32..).zip(&self.hosts);
        let around = hosts.clone().skip(start).chain(hosts);
        let fits = |(other, there): &(u32, &super::Host<M>)| {
            let is_open = there.is_on() && !there.drawn.is_behind_nat && *other != host;
            is_open && there.role.is_ultrapeer() && !self.are_apart(host, *other)
        };
        around.take(self.hosts.len()).find(fits).map(|(other, _)| other)
    }

    /// What a liar says that its line can send in a second, in bytes.
    fn claims(&self, host: u32) -> Option<u64> {
        let there = self.host(host)?;
        let times = self.scenario.attacker.iter().enumerate().find_map(|(plan, attack)| {
            let AttackerPlan::CapacityLiars { times, .. } = attack else { return None };
            self.attackers_of(plan).contains(&host).then_some(u64::from(*times))
        });
        // The honest claim nothing: what they have is found out.
        Some(there.up.bytes_s?.saturating_mul(times?))
    }

    /// Where hosts come and go, this one goes after a while.
    fn plan_leave(&mut self, host: u32) {
        let Some(churn) = &self.scenario.churn else { return };
        if self.is_attacker(host) {
            return;
        }
        let Some(there) = self.hosts.get(host as usize) else { return };
        let class = self.scenario.class.get(usize::from(there.drawn.class));
        let minutes = class.and_then(|class| class.session_min).unwrap_or(churn.session_min);
        let mean = Duration::from_secs(u64::from(minutes).saturating_mul(60));
        let wait = self.lots.sessions.wait(mean);
        let start = there.start;
        let at = self.now.max(self.warm()).after(wait);
        self.queue.push(at, Event::Script(Script::Leave { host, start }));
    }

    /// A host that came by itself goes again, with a word or without, and comes back later.
    pub(super) fn leave(&mut self, host: u32, start: u32) {
        let Some(churn) = &self.scenario.churn else { return };
        if !self.host(host).is_some_and(|there| there.is_on() && there.start == start) {
            return;
        }
        let mean = Duration::from_secs(u64::from(churn.absence_min).saturating_mul(60));
        let absence = self.lots.sessions.wait(mean);
        let crashes = self.lots.sessions.chance(churn.crashes.per_million());
        self.queue.push(self.now.after(absence), Event::Script(Script::Start { host }));
        if crashes {
            let is_silent = self.lots.sessions.chance(500_000);
            return if is_silent { self.vanish(host) } else { self.stop(host) };
        }
        self.count_wait(host);
        if let Some(there) = self.host_mut(host) {
            // Whoever goes by itself looks for nobody.
            there.had_parent = false;
        }
        self.step(host, Input::Command(Command::ShutDown));
        let at = self.now.after_ms(GOODBYE_MS);
        self.queue.push(at, Event::Script(Script::Off { host, start }));
    }

    /// A program ends. Its computer closes its connections.
    pub(super) fn stop(&mut self, host: u32) {
        for end in self.ends_of(host) {
            self.send_end(end);
        }
        self.switch_off(host);
    }

    /// A computer stops. Nobody closes anything.
    pub(super) fn vanish(&mut self, host: u32) {
        for end in self.ends_of(host) {
            if let Some(connection) = self.connections.get_mut(end) {
                connection.cut = Cut::UntilBack;
            }
        }
        self.switch_off(host);
        if let Some(there) = self.host_mut(host) {
            there.has_vanished = true;
        }
    }

    fn ends_of(&self, host: u32) -> Vec<super::event::EndName> {
        self.host(host).map_or(Vec::new(), |there| there.ends.clone())
    }

    fn switch_off(&mut self, host: u32) {
        self.count_role_time(host);
        if self.host(host).is_some_and(|there| there.had_parent) {
            self.count_wait(host);
        }
        for end in self.ends_of(host) {
            self.let_go(end);
        }
        let Some(there) = self.host_mut(host) else { return };
        there.actor = None;
        there.orphan_since = None;
        there.turns.clear();
        there.up.is_watched = false;
        there.contacts.clear();
        there.searching.clear();
        there.is_deaf = false;
        there.uploads_until = Time::ZERO;
        // What was planned for this machine is not for the next one.
        there.start = there.start.saturating_add(1);
        self.inbox.retain(|(told, _)| *told != host);
    }

    /// How many hosts there are, switched on or not.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.hosts.len()).unwrap_or(u32::MAX)
    }
}
