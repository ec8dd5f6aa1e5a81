use std::time::Duration;

use super::capacity::Meter;
use super::history::History;
use super::host::{Host, percent};
use super::observation::{Protocol, Role};
use super::reachability::Reachability;
use super::thresholds::{Claims, Thresholds, UptimeRule};
use crate::base::addresses::is_public;
use crate::base::time::Time;

/// Something that a supernode has to be or to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Test {
    /// The present run is long enough.
    Uptime,
    /// So are runs on average.
    AverageUptime,
    /// The address does not change all the time.
    AddressLife,
    /// The address is one that strangers can have.
    PublicAddress,
    /// Others reach us.
    Tcp,
    /// Others reach us by datagrams.
    Udp,
    /// The line carries what a supernode sends.
    Upload,
    /// No upload of a file has stalled.
    Stalls,
    /// Files and sockets suffice.
    Descriptors,
    /// Memory suffices.
    Memory,
    /// Memory, or room for network buffers, has not run short.
    Shortage,
    /// The processors have something left.
    Processor,
    /// The user is not searching.
    Idle,
    /// Transfers leave the line alone.
    IdleLine,
}

/// How one test came out. It says so in a phrase: "uptime 41 of 60 min".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    pub test: Test,
    pub passed: bool,
    /// What there is, in the unit of the test.
    pub(super) have: u64,
    /// What there should be, in the same unit.
    pub(super) want: u64,
    /// What the phrase has to say besides.
    pub(super) note: Note,
    /// When the test comes out otherwise, if nothing but time passes.
    pub(super) turns_at: Option<Time>,
}

/// What a phrase says besides its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    None,
    /// It never was so.
    Never,
    /// A promise is on trial.
    Trial,
    /// There was more to send, and no more was possible.
    Ceiling,
}

/// Everything that tests look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) thresholds: &'a Thresholds,
    pub(super) role: Role,
    pub(super) upload: &'a Meter,
    pub(super) download_proven: u64,
    /// Bytes a second upwards that were promised.
    pub(super) claim: Option<u64>,
    /// Measurement has refuted the promise.
    pub(super) claim_refuted: bool,
    pub(super) history: &'a History,
    pub(super) reach: &'a Reachability,
    pub(super) host: &'a Host,
    pub(super) now: Time,
}

/// The tests in the order in which their outcome is told. One that a profile does not ask for has no
/// outcome.
const TESTS: [fn(&Facts<'_>) -> Option<Finding>; 14] = [
    tcp,
    udp,
    public_address,
    uptime,
    average_uptime,
    address_life,
    upload,
    stalls,
    descriptors,
    memory,
    shortage,
    processor,
    idle,
    idle_line,
];

/// How each test that is asked for comes out.
pub(super) fn findings<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = Finding> + 'a {
    TESTS.iter().filter_map(move |test| test(facts))
}

impl Test {
    /// Whether a supernode that fails it is of no use at all, or in danger.
    pub(super) const fn is_urgent(self) -> bool {
        matches!(self, Self::Tcp | Self::Shortage)
    }
}

impl Finding {
    const fn new(test: Test, passed: bool, have: u64, want: u64) -> Self {
        Self { test, passed, have, want, note: Note::None, turns_at: None }
    }

    const fn is(test: Test, passed: bool) -> Self {
        Self::new(test, passed, 0, 0)
    }

    const fn with(mut self, note: Note) -> Self {
        self.note = note;
        self
    }

    const fn turning(mut self, at: Option<Time>) -> Self {
        self.turns_at = at;
        self
    }
}

fn uptime(facts: &Facts<'_>) -> Option<Finding> {
    let thresholds = &facts.thresholds.uptime;
    let run = facts.history.run(facts.now);
    let average = facts.history.average(thresholds.averaging, facts.now);
    let by_average = match thresholds.rule {
        UptimeRule::Both => None,
        UptimeRule::Either { run_min_if_average } => Some(run_min_if_average),
    };
    let passed = run >= thresholds.run_min
        || average >= thresholds.average_min && by_average.is_some_and(|least| run >= least);
    let by_average = by_average.map(|least| {
        let run_is = facts.history.when_run_is(least);
        run_is.max(facts.history.when_average_is(thresholds))
    });
    let turns = facts.history.when_run_is(thresholds.run_min);
    let turns = by_average.map_or(turns, |at| at.min(turns));
    let finding = Finding::new(Test::Uptime, passed, micros(run), micros(thresholds.run_min));
    Some(finding.turning((!passed).then_some(turns)))
}

fn average_uptime(facts: &Facts<'_>) -> Option<Finding> {
    let thresholds = &facts.thresholds.uptime;
    if thresholds.rule != UptimeRule::Both {
        return None;
    }
    let average = facts.history.average(thresholds.averaging, facts.now);
    let wanted = thresholds.average_min;
    let passed = average >= wanted;
    let turns = (!passed).then(|| facts.history.when_average_is(thresholds));
    let finding = Finding::new(Test::AverageUptime, passed, micros(average), micros(wanted));
    Some(finding.turning(turns))
}

fn address_life(facts: &Facts<'_>) -> Option<Finding> {
    let wanted = facts.thresholds.uptime.address_average_min;
    if wanted.is_zero() {
        return None;
    }
    let average = facts.history.address_average(facts.now);
    let passed = average >= wanted;
    let turns = facts.history.when_address_average_is(wanted).filter(|_| !passed);
    let finding = Finding::new(Test::AddressLife, passed, micros(average), micros(wanted));
    Some(finding.turning(turns))
}

fn public_address(facts: &Facts<'_>) -> Option<Finding> {
    if !facts.thresholds.reach.public_needed {
        return None;
    }
    let address = facts.history.address();
    let finding = Finding::is(Test::PublicAddress, address.is_some_and(is_public));
    Some(if address.is_none() { finding.with(Note::Never) } else { finding })
}

fn tcp(facts: &Facts<'_>) -> Option<Finding> {
    Some(reached(facts, Protocol::Tcp, Test::Tcp))
}

fn udp(facts: &Facts<'_>) -> Option<Finding> {
    facts.thresholds.reach.udp_needed.then(|| reached(facts, Protocol::Udp, Test::Udp))
}

fn reached(facts: &Facts<'_>, protocol: Protocol, test: Test) -> Finding {
    let thresholds = &facts.thresholds.reach;
    let passed = facts.reach.is_proven(protocol, thresholds, facts.now);
    let Some(last) = facts.reach.last(protocol) else {
        return Finding::is(test, passed).with(Note::Never);
    };
    let turns = facts.reach.expiry(protocol, thresholds).filter(|_| passed);
    Finding::new(test, passed, micros(facts.now.since(last)), 0).turning(turns)
}

/// A leaf must have shown, or may promise, what the line carries. A supernode only has to give way
/// where there was more to send and the line did not take it.
fn upload(facts: &Facts<'_>) -> Option<Finding> {
    let thresholds = &facts.thresholds.bandwidth;
    let want = thresholds.upload_min;
    let find = |passed, have| Finding::new(Test::Upload, passed, have, want);
    if thresholds.claims == Claims::Believed {
        let claim = facts.claim.unwrap_or(u64::MAX);
        return Some(find(claim >= want, claim));
    }
    let proven = facts.upload.proven(thresholds, facts.now);
    if facts.role == Role::Supernode {
        let ceiling = facts.upload.ceiling(thresholds);
        let keep = percent(want, thresholds.keep_percent);
        let fails = ceiling.is_some_and(|ceiling| ceiling < keep);
        let finding = find(!fails, ceiling.filter(|_| fails).unwrap_or(proven));
        return Some(if fails { finding.with(Note::Ceiling) } else { finding });
    }
    let want = want.saturating_mul(facts.host.parts());
    let find = |passed, have| Finding::new(Test::Upload, passed, have, want);
    let turns = facts.upload.next_halving(thresholds, facts.now);
    if proven >= want {
        return Some(find(true, proven).turning(turns));
    }
    if thresholds.download_min.is_some_and(|least| facts.download_proven >= least) {
        return Some(find(true, proven));
    }
    let on_trial = thresholds.claims == Claims::Trial && !facts.claim_refuted;
    let claim = facts.claim.filter(|&claim| on_trial && claim >= want);
    Some(claim.map_or(find(false, proven), |claim| find(true, claim).with(Note::Trial)))
}

fn stalls(facts: &Facts<'_>) -> Option<Finding> {
    let thresholds = &facts.thresholds.bandwidth;
    // A supernode whose line is measured need not be judged by its uploads.
    let is_judged = facts.role == Role::Leaf || thresholds.claims == Claims::Believed;
    if thresholds.stall_life.is_zero() || !is_judged {
        return None;
    }
    let until = facts.host.stalled_until(thresholds.stall_life);
    let until = until.filter(|&until| facts.now < until);
    let left = until.map_or(Duration::ZERO, |until| until.since(facts.now));
    let ago = thresholds.stall_life.saturating_sub(left);
    let finding = Finding::new(Test::Stalls, until.is_none(), micros(ago), 0);
    Some(finding.turning(until))
}

fn descriptors(facts: &Facts<'_>) -> Option<Finding> {
    let Thresholds { host, slots, .. } = facts.thresholds;
    let (have, want) = facts.host.descriptors(slots.leaves_least, host, slots)?;
    Some(Finding::new(Test::Descriptors, want < have, have, want))
}

fn memory(facts: &Facts<'_>) -> Option<Finding> {
    let Thresholds { host, slots, .. } = facts.thresholds;
    let (have, want) = facts.host.memory(slots.leaves_least, host, slots)?;
    Some(Finding::new(Test::Memory, want < have, have, want))
}

fn shortage(facts: &Facts<'_>) -> Option<Finding> {
    Some(Finding::is(Test::Shortage, !facts.host.is_short()))
}

/// What a supernode may come to is another matter: it is overloaded only after a while.
fn processor(facts: &Facts<'_>) -> Option<Finding> {
    let (busy, allowed) = (facts.host.busy(), facts.thresholds.host.busy_permille_max);
    let finding = Finding::new(Test::Processor, busy <= allowed, busy.into(), allowed.into());
    (facts.role == Role::Leaf).then_some(finding)
}

fn idle(facts: &Facts<'_>) -> Option<Finding> {
    let idle_min = facts.thresholds.switch.idle_min;
    if idle_min.is_zero() || facts.role == Role::Supernode {
        return None;
    }
    let until = facts.host.searching_until(idle_min).filter(|&until| facts.now < until);
    let left = until.map_or(Duration::ZERO, |until| until.since(facts.now));
    let ago = micros(idle_min.saturating_sub(left));
    Some(Finding::new(Test::Idle, until.is_none(), ago, micros(idle_min)).turning(until))
}

fn idle_line(facts: &Facts<'_>) -> Option<Finding> {
    let most = facts.thresholds.switch.idle_upload_max?;
    let rate = facts.upload.latest();
    (facts.role == Role::Leaf).then(|| Finding::new(Test::IdleLine, rate < most, rate, most))
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
