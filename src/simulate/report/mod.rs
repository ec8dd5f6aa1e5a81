//! What a run has found out, for people and for programs.

mod expectations;
mod figures;
mod ratio;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;

pub use figures::{
    Capacity, Dropped, Flow, Healing, Joining, Liars, Roles, SearchFigures, Sharing, Wait,
};
pub use ratio::Ratio;

use super::tally::{Count, Load};
use super::watch::{Invariant, Violation};
use crate::base::time::Time;

/// Everything that was found out in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub scenario: String,
    pub nodes: u32,
    pub seed: u64,
    /// For how long the world ran, by its own clock.
    pub virtual_s: u64,
    /// Two runs in which every machine was told the same at the same moments have the same.
    pub trace_hash: String,
    pub events: u64,
    /// By kind.
    pub messages: BTreeMap<&'static str, Count>,
    pub frames: Flow,
    pub datagrams: Flow,
    /// What part of the ultrapeers a search reaches.
    pub coverage: Option<Ratio>,
    /// What it reaches beside what a walk in breadth does, where the overlay is given.
    pub of_walk: Option<Ratio>,
    /// What part of the copies that are there a search finds.
    pub recall: Option<Ratio>,
    pub searches: SearchFigures,
    /// Who shares how much, where there are files.
    pub sharing: Option<Sharing>,
    /// What the nodes of each role carry.
    pub leaf: Load,
    pub ultrapeer: Load,
    pub roles: Roles,
    /// How long leaves were without an ultrapeer that had one before: those that were told that the
    /// last one was gone, and those that had to find out; and until they had the first.
    pub orphans: Joining,
    pub orphans_in_silence: Joining,
    pub joins: Joining,
    /// For each partition that is over, how it ended.
    pub healed: Vec<Healing>,
    /// Of those who became ultrapeers.
    pub capacity: Option<Capacity>,
    pub liars: Option<Liars>,
    /// Of the hosts that honest nodes know, what part somebody made up, where somebody does.
    pub poison: Option<Ratio>,
    /// Where the nodes find each other: the attackers' part of the connections of honest nodes, beside
    /// their part of all nodes.
    pub grip: Option<Ratio>,
    /// The same beside their part of the ultrapeers, which is what honest nodes that drew their
    /// neighbours by lot would have as 1: whoever says that it is an ultrapeer is taken for one.
    pub grip_of_ultrapeers: Option<Ratio>,
    /// Rules that neighbours were struck for, by the machines themselves.
    pub strikes: BTreeMap<&'static str, u64>,
    pub bans: u64,
    pub dials: u64,
    pub dials_failed: u64,
    /// What must not be, the first hundred.
    pub violations: Vec<Violation>,
    pub violations_count: u64,
}

impl Report {
    /// True when something came out that must not be.
    pub const fn has_failed(&self) -> bool {
        self.violations_count > 0
    }

    /// Adds that the trace is another one than it has to be, which shows only from outside of the world.
    pub fn differ(&mut self, what: String) {
        self.violations_count = self.violations_count.saturating_add(1);
        let (at_us, invariant) = (Time::ZERO, Invariant::SameTrace);
        self.violations.push(Violation { at_us, host: None, invariant, what });
    }
}
