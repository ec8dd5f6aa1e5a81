//! Who becomes a supernode, and who stops being one.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod allowance;
mod capacity;
mod decide;
mod eligibility;
mod explain;
mod history;
mod host;
mod need;
mod network;
mod observation;
mod profiles;
mod reachability;
pub mod slots;
mod switch;
mod thresholds;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

pub use eligibility::{Finding, Test};
pub use history::Record;
pub use observation::{Observation, Protocol, Role, Room};
pub use thresholds::{
    Averaging, BandwidthThresholds, Claims, GuidanceThresholds, HostThresholds, NeedThresholds,
    ReachThresholds, SlotThresholds, SwitchThresholds, Thresholds, UptimeRule, UptimeThresholds,
};

use crate::base::time::Time;
use allowance::Allowance;
use capacity::Meter;
use eligibility::Facts;
use history::History;
use host::{Host, percent};
use need::Need;
use reachability::Reachability;
use switch::{Cause, Switch};

/// The policy of one node.
#[derive(Clone, Debug)]
pub struct Promotion {
    thresholds: Arc<Thresholds>,
    upload: Meter,
    /// Only where it may make up for the other direction.
    download: Option<Box<Meter>>,
    /// Bytes a second upwards that were promised.
    claim: Option<u64>,
    claim_refuted: bool,
    history: History,
    reach: Reachability,
    host: Host,
    need: Need,
    switch: Switch,
    allowance: Allowance,
    leaves: u32,
    supernodes: u32,
}

/// What the node has just become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Promote,
    Demote,
}

/// A supernode that was called says that it would rather have the caller as a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guide {
    pub host: IpAddr,
    /// For how long it has been running, where it says so.
    pub running_for: Option<Duration>,
    /// It has what others demand of a supernode: [`slots::Offer::is_good`].
    pub is_good: bool,
}

impl Promotion {
    /// A leaf that has just started.
    pub fn new(thresholds: Arc<Thresholds>, now: Time) -> Self {
        Self {
            upload: Meter::default(),
            download: thresholds.bandwidth.download_min.map(|_| Box::default()),
            claim: None,
            claim_refuted: false,
            history: History::starting(now),
            reach: Reachability::default(),
            host: Host::default(),
            need: Need::default(),
            switch: Switch::starting(now),
            allowance: Allowance::default(),
            leaves: 0,
            supernodes: 0,
            thresholds,
        }
    }

    /// Takes note of something. It may be the moment to [`decide`](Self::decide).
    pub fn observe(&mut self, observation: Observation, now: Time) {
        let thresholds = &*self.thresholds;
        match observation {
            Observation::Traffic { sent, received, congested } => {
                self.count(sent, received, congested, now);
            }
            Observation::Claimed { upload } => self.claim = Some(upload),
            Observation::UploadStalled => self.host.stalled(now),
            Observation::Searched => self.host.searched(now),
            Observation::Processor { busy_permille } => {
                self.host.worked(busy_permille, &thresholds.host, now);
            }
            Observation::Descriptors { limit, others } => self.host.set_descriptors(limit, others),
            Observation::Memory { physical } => self.host.set_memory(physical),
            Observation::Shortage(is_short) => self.host.set_short(is_short),
            Observation::Reached { protocol, from } => {
                self.reach.reached(protocol, from, &thresholds.reach, now);
            }
            Observation::Missed(protocol) => self.reach.missed(protocol),
            Observation::Address { ip, told_by } => self.history.hear_address(ip, told_by, now),
            Observation::Neighbours { leaves, supernodes } => {
                (self.leaves, self.supernodes) = (leaves, supernodes);
                self.switch.neighbours(leaves, supernodes, now);
            }
            Observation::Room { host, told_by, news } => {
                self.need.hear(host, told_by, news, &thresholds.need, now);
            }
        }
    }

    /// Takes the role that somebody else has decided on, a user or a test. `why` completes "leaf
    /// because ...".
    pub fn appoint(&mut self, role: Role, why: &'static str, now: Time) {
        if role != self.switch.role {
            self.turn(role, Cause::Appointed(why), now);
        }
    }

    /// The figures by which it is decided.
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// What the node is.
    pub const fn role(&self) -> Role {
        self.switch.role
    }

    /// How many leaves the node may take now: for [`slots::SlotPolicy::set_leaf_slots`].
    pub fn leaf_slots(&self) -> u32 {
        if self.switch.role == Role::Leaf {
            return 0;
        }
        let Thresholds { host, slots, .. } = &*self.thresholds;
        self.allowance.granted().min(slots.leaves_max).min(self.host.leaves_max(host, slots))
    }

    /// How each test that the profile asks for comes out now.
    pub fn findings(&self, now: Time) -> Vec<Finding> {
        eligibility::findings(&self.facts(now)).collect()
    }

    /// Bytes a second upwards that were held in enough windows, and are not forgotten.
    pub fn upload_proven(&self, now: Time) -> u64 {
        self.upload.proven(&self.thresholds.bandwidth, now)
    }

    /// Bytes a second upwards in the best window of this run.
    pub fn upload_peak(&self) -> u64 {
        self.upload.peak()
    }

    /// What the node could give to the overlay, weighed by how long it is likely to stay: bytes a
    /// second. The stronger of two goes first.
    pub fn strength(&self, now: Time) -> u64 {
        let Thresholds { bandwidth, uptime, .. } = &*self.thresholds;
        let given = percent(self.upload_proven(now), bandwidth.share_percent);
        let stay = self.history.run(now).max(self.history.average(uptime.averaging, now));
        // Half for one who has been there as long as is demanded, nearly all for one of many times that.
        let whole = stay.saturating_add(uptime.run_min).as_micros();
        let weighed = u128::from(given).saturating_mul(stay.as_micros()).checked_div(whole);
        weighed.and_then(|strength| u64::try_from(strength).ok()).unwrap_or(given)
    }

    /// What the next run should know of this one.
    pub fn export(&self, now: Time) -> Record {
        let bandwidth = &self.thresholds.bandwidth;
        Record {
            upload_proven: self.upload.proven(bandwidth, now),
            download_proven: self.download_proven(now),
            claim_refuted: self.claim_refuted,
            demotions: self.switch.demotions,
            stay: self.switch.leaf_until.since(now),
            ..self.history.export(now)
        }
    }

    /// What earlier runs have left behind, `away` ago. To be called right after
    /// [`new`](Self::new).
    pub fn import(&mut self, record: &Record, away: Duration, now: Time) {
        self.history.import(record, now);
        let halvings = away.as_micros();
        let life = self.thresholds.bandwidth.proof_half_life.as_micros();
        let halvings = u32::try_from(halvings.checked_div(life).unwrap_or(0)).unwrap_or(u32::MAX);
        let aged = |rate: u64| rate.checked_shr(halvings).unwrap_or(0);
        self.upload.remember(aged(record.upload_proven), now);
        if let Some(download) = &mut self.download {
            download.remember(aged(record.download_proven), now);
        }
        self.claim_refuted = record.claim_refuted;
        self.switch.demotions = record.demotions;
        self.switch.leaf_until = now.after(record.stay.saturating_sub(away));
    }

    fn download_proven(&self, now: Time) -> u64 {
        let bandwidth = &self.thresholds.bandwidth;
        self.download.as_ref().map_or(0, |download| download.proven(bandwidth, now))
    }

    fn count(&mut self, sent: u64, received: u64, congested: bool, now: Time) {
        let bandwidth = &self.thresholds.bandwidth;
        // Only what we send can be held up by our own line.
        if let Some(download) = &mut self.download {
            download.count(received, false, bandwidth, now);
        }
        let Some(closed) = self.upload.count(sent, congested, bandwidth, now) else { return };
        let ceiling = self.upload.ceiling(bandwidth);
        let keep = percent(bandwidth.upload_min, bandwidth.keep_percent);
        if ceiling.is_some_and(|ceiling| ceiling < keep) {
            self.claim_refuted = true;
        } else if self.upload.proven(bandwidth, now) >= bandwidth.upload_min {
            self.claim_refuted = false;
        }
        if self.switch.role == Role::Supernode {
            let slots = &self.thresholds.slots;
            self.allowance.window_closed(closed, ceiling.is_some(), self.leaves, slots);
        }
    }

    fn turn(&mut self, role: Role, cause: Cause, now: Time) {
        self.switch.turn(role, cause, &self.thresholds.switch, now);
        self.upload.forget_congestion();
        if role == Role::Supernode {
            self.allowance = Allowance::beginning(&self.upload, &self.thresholds, now);
        }
    }

    fn facts(&self, now: Time) -> Facts<'_> {
        Facts {
            thresholds: &self.thresholds,
            role: self.switch.role,
            upload: &self.upload,
            download_proven: self.download_proven(now),
            claim: self.claim,
            claim_refuted: self.claim_refuted,
            history: &self.history,
            reach: &self.reach,
            host: &self.host,
            now,
        }
    }
}
