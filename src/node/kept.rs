//! What a node leaves to the next run, and what it takes over from the last one.

use std::time::Duration;

use super::Node;
use crate::base::time::Time;
use crate::node::host_cache::SavedHost;
use crate::promotion::Record;

/// What earlier runs have left behind about a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    pub record: Record,
    /// How long ago the last run ended.
    pub away: Duration,
}

impl Node {
    /// The hosts that are worth keeping for the next run, the best first.
    pub fn export_hosts(&self, now: Time) -> Vec<SavedHost> {
        self.hosts.export(now)
    }

    /// What the next run should know of this one. None of a node that was a leaf all the time because
    /// the user wants it so: what earlier runs have left then stays as it is.
    pub fn record(&self, now: Time) -> Option<Record> {
        Some(self.career.as_deref()?.promotion.export(now))
    }

    /// Hosts of an earlier run.
    pub(super) fn remember(&mut self, hosts: &[SavedHost], now: Time) {
        self.hosts.import(hosts, &self.filter, now);
        self.wake_to_dial(now);
    }
}
