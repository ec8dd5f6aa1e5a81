use std::net::SocketAddrV4;

use super::numbers::Totals;
use super::searches::Running;
use crate::base::time::Time;
use crate::fasttrack::wire::{Bandwidth, NodeInfo, harmless_user};

/// An ordinary node whose supernode we are.
#[derive(Debug)]
pub(super) struct Child {
    /// Where its connection comes from: that is who it is (FTSUPER-16).
    pub(super) from: SocketAddrV4,
    /// Where it stands in results.
    pub(super) shown: SocketAddrV4,
    pub(super) user: Box<str>,
    pub(super) bandwidth: Bandwidth,
    pub(super) stage: Stage,
    pub(super) totals: Totals,
    /// Its searches that were forwarded.
    pub(super) running: Vec<Running>,
    /// How often it has heard of the network, and when it does again.
    pub(super) rounds: u8,
    pub(super) next_round: Option<Time>,
}

/// How far a child has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It hears nothing before there is a node list.
    Waiting,
    Greeted,
    /// There was no room for it.
    Declined,
}

impl Child {
    pub(super) fn new(from: SocketAddrV4) -> Self {
        Self {
            from,
            shown: from,
            user: Box::default(),
            bandwidth: Bandwidth(0),
            stage: Stage::Waiting,
            totals: Totals::default(),
            running: Vec::new(),
            rounds: 0,
            next_round: None,
        }
    }

    /// What it said of itself before counts no more (FTSAFE-08).
    pub(super) fn introduce(&mut self, info: &NodeInfo, shown: SocketAddrV4) {
        self.shown = shown;
        self.user = harmless_user(&info.user).into();
        self.bandwidth = info.bandwidth;
    }
}
