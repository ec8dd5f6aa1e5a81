//! Who becomes a supernode, and who stops being one.
//!
//! A two-tier overlay lives on the few nodes that serve the many, and nobody appoints them. This room
//! is the whole policy of one node, without any protocol: what it looks at, by which figures it
//! decides, and how it says why. Gnutella calls a supernode an ultrapeer, FastTrack calls a leaf an
//! ordinary node. The requirements that others can see are UP-01 to UP-15 of `protocol-spec`.
//!
//! - [`Promotion`]: the role. [`observe`](Promotion::observe), then [`decide`](Promotion::decide),
//!   then [`next_timeout`](Promotion::next_timeout); [`explain`](Promotion::explain) at any time
//! - [`slots::SlotPolicy`]: the neighbours. Whom to take, to guide, to refuse, to drop
//! - [`Thresholds`]: all figures, in four sets that go together
//!
//! # The policy in ten sentences
//!
//! 1. A node starts as a leaf and is promoted when it *can* be a supernode and one *is needed*.
//! 2. It can when it passes every [`Test`]: reached from outside, up for long enough, a line that
//!    carries it, descriptors, memory, processors.
//! 3. Everything is measured or has happened; the one promise that counts, of bandwidth, buys a
//!    trial.
//! 4. One is needed when most of the supernodes that were heard of have no room, or none is found.
//! 5. Who is strong is needed earlier, waits less, and stays longer than who is weak; so the strong
//!    replace the weak, and nobody has to say how strong he is.
//! 6. Whoever waits gives up when the need is over, so that not all who could come do.
//! 7. A supernode takes as many leaves as its line has shown to bear, and gives leaf slots back when
//!    the line is full.
//! 8. It goes when it fails a test, is overloaded, has no leaves, or is weak while others have room.
//! 9. It stays what it is for a minimum, and after each demotion twice as long as before.
//! 10. Slots go to those who are useful, never to those who promise; two to one network. Where all are
//!     taken and somebody is of little use, one newcomer at a time is tried.
//!
//! # What it looks at
//!
//! | input | how it is known | what it is good for |
//! |---|---|---|
//! | bytes sent and received | counted by the driver, all traffic | what the line carries |
//! | congestion | queues of half of the neighbours wait | what the line does *not* carry |
//! | a promise of bandwidth | the user's word | one trial |
//! | uptime, and that of earlier runs | the clock; [`Record`] | how long it is likely to stay |
//! | reachability by TCP and by UDP | somebody reached us, within half an hour | whether it can serve |
//! | own address | told by two from different networks | whether it is public, how long it stays |
//! | descriptors, memory, processors | measured; what nobody has measured is not held against it | how many leaves |
//! | neighbours | counted | whether it is of use |
//! | room of others | refusals, handshakes, pongs | whether one more is needed |
//!
//! The line is measured in windows of a minute. A rate is *proven* when three of the last eight
//! windows reached it: a burst fills one window, a promise none. A quiet line proves nothing against
//! what was proven before, and a week makes half of it. But what went over in three windows *in
//! which more was waiting* is a ceiling, and cuts the proof down to it.
//!
//! # The score
//!
//! *Strength* ([`Promotion::strength`]) is what the node can give, weighed by how long it is likely to
//! stay: half of the proven rate, times `t / (t + 1 h)`, where `t` is the longer of the present and
//! the average run. It decides how long a node waits. *Doublings* say how often the demanded rate
//! can be doubled before it is more than was proven; they decide how soon a node is needed and when it
//! is one too many. Both are only known to the node itself, so nobody gains by overstating them.
//!
//! Of the supernodes that were heard of in the last ten minutes (sixteen at most, one voice for each
//! network, five from one teller; an own refusal or acceptance weighs four), the share that is full
//! is compared with:
//!
//! | doublings (proven rate) | needed from | goes on until below | one too many at most |
//! |---|---|---|---|
//! | 0 (20 KB/s) | 70 % | 49 % | 30 % |
//! | 2 (80 KB/s) | 46 % | 32 % | 20 % |
//! | 4 (320 KB/s) | 22 % | 15 % | 10 %, with fewer than 5 leaves |
//! | 5 (640 KB/s) and more | 10 % | 7 % | 5 %, 0 %, with fewer than 5 leaves |
//!
//! At least three must be full for a need, and those that were heard of must have room for twice its
//! leaves before a supernode is one too many. What is between the columns changes nothing: that is
//! the first hysteresis.
//!
//! Once capable and needed, a node waits 20 min divided by its strength relative to one that just
//! passes (at least 30 s; 40 min on trial), and adds up to as much, or up to 2 min, at random.
//!
//! # How long a role lasts
//!
//! A supernode stays one for 5 min: long enough for three windows to find out a liar, short enough
//! to be rid of him in ten. In that time it sheds leaf slots rather than its role. A demoted node
//! stays a leaf for 30 min, 1 h, 2 h, up to 17 h, over restarts; a day of service wipes that
//! out. A trouble must last for a minute. Long times get a random quarter on top, so that two nodes
//! that did the same do not do it again together.
//!
//! # What a liar gains
//!
//! A promise passes the test of bandwidth, puts its owner behind all who are measured, and gives him
//! ten leaf slots. If the line does not bear them, three windows show it; the promise is void from then
//! on, after a restart too, until a measurement says otherwise. In the population of
//! `tests/promotion/population.rs` (1,000 nodes, 20 % with 1 KB/s, 45 % 10, 30 % 100, 4.9 % 1,000,
//! 0.1 % 10,000; one in ten promises a thousandfold; everybody promises something), over four seeds,
//! the shares of the first four hours and the rest after eight:
//!
//! | profile | lines known from | liars' share of service | longest overload | mean capacity, times the population's | supernodes | come back, an hour |
//! |---|---|---|---|---|---|---|
//! | Filbert | earlier runs | 5 to 10 % | none | 11 to 14 | 24 to 30 | 0 |
//! | Filbert | transfers, in time | 4 to 11 % | none | 7 to 10 | 28 to 43 | 0 |
//! | Filbert | nothing | 10 to 18 % | 6 min | 1 to 5 | 11 to 12 | 0 |
//! | gtk-gnutella | any | 22 to 25 % | for ever | 2 | 310 to 337 | 0.05 |
//! | LimeWire, without its guidance | earlier runs | 10 % | none | 1.2 | 800 | 0 |
//!
//! Where nothing was ever measured, nobody is known to be strong, and the few that are left after a
//! while are drawn from all whose line bears three hundred leaves, liars or not.
//!
//! Where nobody but liars promises anything, and nobody stays for long enough to be measured, nobody
//! else is tried: with sessions of half an hour (`capacity-liars` with churn) up to all of the few
//! that were elected were liars, each with its ten leaves.
//!
//! A program that fakes its own meter is not stopped here: it is a supernode to whoever takes it for
//! one. Against that stand the slots of the others: no promise gets one, two go to a network, and a
//! leaf that is served slowly leaves after five minutes.
//!
//! # How a decision is explained
//!
//! Every outcome is a value ([`Finding`], or the cause of a change) that prints as a phrase, and one
//! sentence names the one that decided: "not promoted: uptime 41 of 60 min", "not promoted: no
//! supernode is needed, 2 of 9 are full", "demoted: upload 3.0 of 20.0 KB/s, and more did not go".
//! [`Promotion::findings`] has all of them.
//!
//! # The figures
//!
//! | figure | [gtk-gnutella](Thresholds::gtk_gnutella) | [LimeWire](Thresholds::limewire) | [Filbert](Thresholds::filbert) | [laboratory](Thresholds::laboratory) | why ours |
//! |---|---|---|---|---|---|
//! | present run | > 60 min `NODE_MIN_UPTIME` | 2 h `MIN_INITIAL_UPTIME`, or average | 60 min, or 10 min and average | 60 s, 10 s | the median session of 2002 was 60 min (Saroiu); who passes it stays |
//! | average run | 3 h `NODE_MIN_AVG_UPTIME`, decaying | 1 h `MIN_AVG_UPTIME`, mean of all | 3 h, decaying | 3 min | as gtk-gnutella |
//! | address stays | 3 h on average | no matter | no matter | no matter | what it would tell, reachability does |
//! | reached by TCP and UDP | within 30 min `FW_INCOMING_WINDOW` | ever | within 30 min, 3 misses | within 30 min, 3 misses | as gtk-gnutella |
//! | public address | yes | yes | yes | no | |
//! | upload | 16,000 B/s configured, or no limit (`bsched.c`: 50 x 128 + 300 x 32) | 10 KB/s, best 10 s ever, or 20 KB/s down | 20,000 B/s proven, or a trial | as Filbert | 32 links and 28 leaves at our costs, from half of the line |
//! | a link, a leaf cost | 128, 32 B/s `BW_OUT_GNET_MIN`, `_LEAF_MIN` | | 256, 64 B/s | as Filbert | those are least values |
//! | stalled upload counts | 6 h `BW_UL_STALL_TIM` | no | 30 min, for leaves | 30 s | |
//! | descriptors | leaves + links + 10 | no | least leaves + links + 64 | as Filbert | slots follow what there is |
//! | memory a leaf, a queue | 256, 96 KiB of 3/4 | no | 32, 96 KiB of 1/2 | as Filbert | our tables are smaller |
//! | processors | no | by system | 70 %; overloaded above 90 % for 5 min | 15 s | |
//! | user idle | no | 5 min, < 1 KB/s | no | no | flow control does that |
//! | need | none | by guidance | the table above | as Filbert, in seconds | |
//! | stay as supernode | 30 min `NODE_AUTO_SWITCH_MIN`, none if unreached | none | 5 min | 15 s | see above |
//! | stay as leaf | 1 h, doubling to 17 h `_MAX` | 3 h `UP_RETRY_TIME` | 30 min, doubling to 17 h | 30 s to 17 min | as gtk-gnutella |
//! | without leaves | 1 h `NODE_UP_NO_LEAF_MAX` | for ever | 1 to 4 h, by strength | 1 to 4 min | the strong wait for the weak to go |
//! | one too many | | | 30 min to 2 h, by strength, and as much at random | 30 s to 2 min | |
//! | follows guidance | no leaf, younger | no neighbour, 4 x tries let pass | no leaf, younger, three say so | as Filbert | one voice is not enough |
//! | leaves | 300 `max_leaves` | 40 `MAX_LEAVES` | 10 to 300, by the line | as Filbert | UP-10; ultrapeers of 2005 had 30 to 45 (Stutzbach), KaZaA's supernodes 100 to 160 (Liang) |
//! | links: sought, at most | 42, 50 | 27, 32 | 32, 40, of which 24 incoming | as Filbert | degree 30 of the 2005 overlay (Stutzbach) |
//! | supernodes of a leaf | 4, 4 | 3, 5 | 3, 4 | as Filbert | two may fail |
//! | for true leaves only | | last 10 % | last 10 % | as Filbert | as LimeWire |
//! | from one /24 or /48 | | | 2 supernodes, 15 leaves | as Filbert | an eclipse needs many networks |
//! | dropped for another after | 5, 10 min `NODE_USELESS_GRACE` | never | 5 min | 5 s | |
//!
//! The names are those in gtk-gnutella's `nodes.c`, `bsched.c`, `inet.c` and `gnet_props.ag`, and in
//! LimeWire's `UltrapeerSettings`, `NodeAssignerImpl`, `BandwidthCollectorImpl` and
//! `ConnectionManagerImpl`. Not copied: gtk-gnutella's age of the version and its switch for OOB
//! proxying, LimeWire's slots by vendor and language, and its DHT.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

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

    /// In so many other networks the node is a supernode too. Line and machine are divided among them: to
    /// become one takes as many times what it takes in one, and there are as many times fewer slots.
    pub const fn set_beside(&mut self, others: u8) {
        self.host.set_beside(others);
    }

    /// The figures by which it is decided.
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// What the node is.
    pub const fn role(&self) -> Role {
        self.switch.role
    }

    /// How many leaves the node may take now: for [`slots::SlotPolicy::set_role`].
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
            let (upload, host) = (&self.upload, &self.host);
            self.allowance = Allowance::beginning(upload, host, &self.thresholds, now);
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
