use std::time::Duration;

use super::host::Host;
use super::{Healed, World};
use crate::base::time::Time;
use crate::simulate::attackers::{Actor, is_made_up};
use crate::simulate::machine::Machine;
use crate::simulate::report::{
    Capacity, Dropped, Flow, Healing, Joining, Liars, Ratio, Report, Roles, SearchFigures, Sharing,
};
use crate::simulate::scenario::AttackerPlan;
use crate::simulate::searches::Search;
use crate::simulate::watch::Invariant;

/// So long after a partition everybody is to be found again.
const HEALED_AFTER_MS: u64 = 60_000;

impl<M: Machine> World<'_, M> {
    /// Closes all accounts.
    pub(super) fn finish(&mut self) {
        for host in 0..self.len() {
            self.count_role_time(host);
            if self.host(host).is_some_and(|there| there.had_parent) {
                self.count_wait(host);
            }
        }
        self.forget_floods(Time::from_micros(u64::MAX));
        self.course.orphaned.sort_unstable();
        self.course.orphaned_in_silence.sort_unstable();
        self.course.joined.sort_unstable();
        self.hold_against_expectations();
    }

    /// Takes over what is known of queries that are over.
    pub(super) fn forget_floods(&mut self, now: Time) {
        let (searches, ways) = (&mut self.searches, &mut self.ways);
        self.book.forget(now, |flood| {
            let Some(search) = flood.search.and_then(|search| searches.get_mut(search)) else {
                return;
            };
            search.reached = Some(flood.ultrapeers);
            ways.messages = ways.messages.saturating_add(flood.messages);
            ways.duplicates = ways.duplicates.saturating_add(flood.duplicates);
            for (sum, count) in ways.hops.iter_mut().zip(flood.hops) {
                *sum = sum.saturating_add(u64::from(count));
            }
        });
    }

    /// Everything that was found out.
    pub fn report(&self) -> Report {
        let (scenario, course, tally) = (self.scenario, &self.course, &self.tally);
        let sum = |counts: &Dropped| counts.values().sum::<u64>();
        let in_flight = |sent: u64, delivered: u64, dropped: &Dropped| {
            sent.saturating_sub(delivered).saturating_sub(sum(dropped))
        };
        Report {
            scenario: scenario.title.clone(),
            nodes: self.len(),
            seed: self.seed,
            virtual_s: self.now.as_micros() / 1_000_000,
            trace_hash: format!("{:016x}", self.trace.value()),
            events: self.events,
            messages: tally.kinds(),
            frames: Flow {
                sent: tally.frames_sent,
                delivered: tally.frames_delivered,
                dropped: tally.frames_dropped.clone(),
                in_flight: in_flight(
                    tally.frames_sent,
                    tally.frames_delivered,
                    &tally.frames_dropped,
                ),
            },
            datagrams: Flow {
                sent: tally.datagrams_sent,
                delivered: tally.datagrams_delivered,
                dropped: tally.datagrams_dropped.clone(),
                in_flight: in_flight(
                    tally.datagrams_sent,
                    tally.datagrams_delivered,
                    &tally.datagrams_dropped,
                ),
            },
            coverage: Ratio::mean(self.searches.all().iter().filter_map(coverage)),
            of_walk: Ratio::mean(self.searches.all().iter().filter_map(of_walk)),
            recall: Ratio::mean(self.searches.all().iter().filter_map(recall)),
            searches: SearchFigures::new(self.searches.all(), &self.ways),
            sharing: scenario.files.as_ref().map(|_| self.sharing()),
            leaf: tally.leaves,
            ultrapeer: tally.ultrapeers,
            roles: self.roles(),
            orphans: Joining::new(&course.orphaned),
            orphans_in_silence: Joining::new(&course.orphaned_in_silence),
            joins: Joining::new(&course.joined),
            healed: course.healed.iter().map(|healed| self.healing(healed)).collect(),
            capacity: self.capacity(),
            liars: self.liars(),
            poison: self.poison(),
            grip: self.grip().map(|(of_all, _)| of_all),
            grip_of_ultrapeers: self.grip().map(|(_, of_ultrapeers)| of_ultrapeers),
            strikes: course.strikes.clone(),
            bans: course.bans,
            dials: course.dials,
            dials_failed: course.dials_failed,
            violations: self.violations.kept.clone(),
            violations_count: self.violations.count,
        }
    }

    /// The honest machines that are on, for tests that look closer.
    pub fn machines(&self) -> impl Iterator<Item = &M> {
        self.hosts.iter().filter_map(|there| match there.actor.as_deref()? {
            Actor::Honest(machine) => Some(machine),
            Actor::Attacker(_) => None,
        })
    }

    /// Every search, for tests that look closer.
    pub fn searches(&self) -> &[Search] {
        self.searches.all()
    }

    /// What searches reached before a partition, and what they reach a minute after it.
    fn healing(&self, healed: &Healed) -> Healing {
        let warm = self.warm();
        let again = healed.ended.after_ms(HEALED_AFTER_MS);
        let searches = self.searches.all().iter();
        let before = searches.clone().filter(|one| one.at >= warm && one.at < healed.began);
        let after = searches.filter(|one| one.at >= again);
        Healing {
            pieces: healed.pieces,
            ms: healed.ms,
            coverage_before: Ratio::mean(before.clone().filter_map(coverage)),
            coverage_after: Ratio::mean(after.clone().filter_map(coverage)),
            recall_before: Ratio::mean(before.filter_map(recall)),
            recall_after: Ratio::mean(after.filter_map(recall)),
        }
    }

    fn sharing(&self) -> Sharing {
        let idle = (0..self.len()).filter(|host| self.shelves.of(*host).is_empty()).count();
        let givers = self.shelves.givers();
        let found = || self.searches.all().iter().flat_map(|search| &search.found);
        let given = found().filter(|host| givers.contains(host)).count();
        let all = u64::from(self.len());
        Sharing {
            free_riders: Ratio::of(idle as u64, all),
            givers: Ratio::of(givers.len() as u64, all),
            given: Ratio::of(given as u64, found().count() as u64),
        }
    }

    fn roles(&self) -> Roles {
        let on = || self.hosts.iter().filter(|there| there.is_on());
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let ultrapeers = on().filter(|there| there.role.is_ultrapeer()).count();
        let orphans = on().filter(|there| there.role.is_leaf() && there.parents == 0).count();
        let course = &self.course;
        Roles {
            ultrapeers: count(ultrapeers),
            leaves: count(on().count().saturating_sub(ultrapeers)),
            leaves_without_ultrapeer: count(orphans),
            off: count(self.hosts.len().saturating_sub(on().count())),
            promotions: course.promotions,
            demotions: course.demotions,
            promotions_again: course.again,
            again_per_hour: Ratio::of(
                course.again.saturating_mul(3_600_000),
                self.tally.ultrapeers.node_ms,
            ),
            why: course.why.clone(),
        }
    }

    /// What those can send who became ultrapeers, beside what all can; none where lines have no end.
    fn capacity(&self) -> Option<Capacity> {
        let on = || self.hosts.iter().filter(|there| there.is_on());
        let all: Vec<u64> = on().filter_map(|there| there.up.bytes_s).collect();
        // Whoever was one from the start was not elected.
        let elected = on().filter(|there| there.role.is_ultrapeer() && there.was_promoted);
        let elected: Vec<u64> = elected.filter_map(|there| there.up.bytes_s).collect();
        let mean = |list: &[u64]| list.iter().sum::<u64>().checked_div(list.len() as u64);
        let (all, elected) = (mean(&all)?, mean(&elected)?);
        Some(Capacity { all, ultrapeers: elected, ratio: Ratio::of(elected, all) })
    }

    fn liars(&self) -> Option<Liars> {
        let plans = self.scenario.attacker.iter().enumerate();
        let mut plans =
            plans.filter(|(_, plan)| matches!(plan, AttackerPlan::CapacityLiars { .. }));
        let liars = self.attackers_of(plans.next()?.0);
        let is_elected = |host: &&u32| {
            self.host(**host).is_some_and(|there| there.is_on() && there.role.is_ultrapeer())
        };
        let elected = liars.iter().filter(is_elected).count() as u64;
        let served = |hosts: &mut dyn Iterator<Item = &Host<M>>| {
            hosts.map(|there| there.elected_ms).fold(0_u64, u64::saturating_add)
        };
        let by_liars = served(&mut liars.iter().filter_map(|host| self.host(*host)));
        let share = Ratio::of(by_liars, served(&mut self.hosts.iter()));
        let fair = Ratio::of(liars.len() as u64, u64::from(self.len()));
        Some(Liars { elected, ratio: share.beside(fair) })
    }

    /// What part of all that honest machines know of hosts somebody made up.
    fn poison(&self) -> Option<Ratio> {
        let is_poison = |plan: &AttackerPlan| matches!(plan, AttackerPlan::PoisonedPongs { .. });
        self.scenario.attacker.iter().find(|plan| is_poison(plan))?;
        let honest = self.machines().map(M::known_hosts);
        let (mut known, mut made_up) = (0_u64, 0_u64);
        for address in honest.flatten() {
            known = known.saturating_add(1);
            made_up = made_up.saturating_add(u64::from(is_made_up(address)));
        }
        Some(Ratio::of(made_up, known))
    }

    /// The attackers' part of those that are meant.
    fn attackers_among(&self, is_meant: impl Fn(&Host<M>) -> bool) -> Ratio {
        let meant = (0..self.len()).filter(|host| self.host(*host).is_some_and(&is_meant));
        let (all, attackers) = meant.fold((0_u64, 0_u64), |(all, attackers), host| {
            let is_one = u64::from(self.is_attacker(host));
            (all.saturating_add(1), attackers.saturating_add(is_one))
        });
        Ratio::of(attackers, all)
    }

    /// What part of the connections that honest machines have leads to attackers, beside the
    /// attackers' part of all that are on, and beside their part of the ultrapeers.
    fn grip(&self) -> Option<(Ratio, Ratio)> {
        let of_all = self.attackers_among(Host::is_on);
        let of_ultrapeers =
            self.attackers_among(|there| there.is_on() && there.role.is_ultrapeer());
        if of_all == Ratio::default() || !self.scenario.topology.is_open() {
            return None;
        }
        let (mut all, mut gripped) = (0_u64, 0_u64);
        for (one, other) in self.overlay().edges() {
            let honest = [one, other].map(|host| u64::from(!self.is_attacker(host)));
            let [one, other] = honest;
            all = all.saturating_add(one).saturating_add(other);
            gripped = gripped.saturating_add(one ^ other);
        }
        let grip = Ratio::of(gripped, all);
        Some((grip.beside(of_all), grip.beside(of_ultrapeers)))
    }

    /// What the scenario expects has to have come out.
    fn hold_against_expectations(&mut self) {
        let report = self.report();
        for what in report.misses(&self.scenario.expect) {
            self.violate(None, Invariant::Expected, what);
        }
    }

    /// For how long the world was to run.
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.end.as_micros())
    }
}

/// What part of the ultrapeers a query reached.
fn coverage(search: &Search) -> Option<Ratio> {
    // Others may have become ultrapeers while it was under way.
    let reached = search.reached?.min(search.ultrapeers);
    (search.ultrapeers > 0).then(|| Ratio::of(reached.into(), search.ultrapeers.into()))
}

/// What a query reached, beside what a walk in breadth reaches.
fn of_walk(search: &Search) -> Option<Ratio> {
    let (reached, walk) = (search.reached?, search.walk?);
    (walk > 0).then(|| Ratio::of(reached.into(), walk.into()))
}

/// What part of what was there a search has found.
fn recall(search: &Search) -> Option<Ratio> {
    let available = u64::from(search.available);
    (available > 0).then(|| Ratio::of(available.min(search.found.len() as u64), available))
}
