use serde::Deserialize;

use crate::node::Network;
use crate::simulate::scale::Thousandths;

/// Of which network the nodes of a world are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkPlan {
    #[default]
    Gnutella,
    Fasttrack,
}

impl From<NetworkPlan> for Network {
    fn from(plan: NetworkPlan) -> Self {
        match plan {
            NetworkPlan::Gnutella => Self::Gnutella,
            NetworkPlan::Fasttrack => Self::FastTrack,
        }
    }
}

/// How many children a supernode of FastTrack takes: at the least as soon as it is one, and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Children {
    pub least: u32,
    pub most: u32,
}

/// What kind of nodes there are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodePlan {
    /// `gnutella` or `fasttrack`. In FastTrack an ultrapeer is a supernode, and a leaf an ordinary node.
    pub network: NetworkPlan,
    /// In FastTrack, instead of what the line bears.
    pub children: Option<Children>,
    /// Queries and pings are flooded, as in 2000, instead of being sent step by step and answered
    /// from caches.
    pub floods: bool,
    /// The TTL with which own messages start, and which no message exceeds.
    pub ttl: u8,
    /// A copy with a higher TTL than the first one is sent on. In 2000 every later copy was dropped.
    pub repeats: bool,
    /// Leaves tell their ultrapeers which files they have, as those of FastTrack do, and are not asked
    /// for them any more.
    pub announces: bool,
    /// Links are compressed. It costs time where bytes are carried, and nothing else.
    pub deflate: bool,
    /// Leaves may become ultrapeers, by these thresholds: `filbert`, `gtk_gnutella`, `limewire` or
    /// `laboratory`. Without it everybody stays what it is.
    pub promotion: Option<PromotionProfile>,
}

/// By whose thresholds a leaf becomes an ultrapeer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionProfile {
    Filbert,
    GtkGnutella,
    Limewire,
    Laboratory,
}

impl Default for NodePlan {
    fn default() -> Self {
        Self {
            network: NetworkPlan::default(),
            children: None,
            floods: false,
            ttl: 4,
            repeats: true,
            announces: false,
            deflate: true,
            promotion: None,
        }
    }
}

/// What the connections are like.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    /// Each message may take so much longer than the way is; it never overtakes another one.
    pub jitter_ms: u32,
    /// Bytes that may be on the way on one connection.
    pub window_bytes: u32,
    /// Of all datagrams, so many are lost.
    pub datagram_loss: Thousandths,
    /// A connection breaks at any moment as likely, after so long in mean.
    pub break_min: Option<u32>,
    /// Of those that break, so many do so for one side only: the other one is told nothing.
    pub half_open: Thousandths,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            jitter_ms: 0,
            window_bytes: 65_536,
            datagram_loss: Thousandths::default(),
            break_min: None,
            half_open: Thousandths::default(),
        }
    }
}

/// Who searches how often.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Searches {
    /// Searches of each node in an hour, in mean.
    pub per_node_hour: Thousandths,
    /// The last search starts so long before the end, so that its answers can come.
    #[serde(default = "until_s")]
    pub stop_s: u32,
    /// Of all searches, one in so many is followed hop by hop; the rules are checked on those.
    #[serde(default = "all")]
    pub watch_one_in: u32,
}

const fn until_s() -> u32 {
    30
}

const fn all() -> u32 {
    1
}

/// How nodes come and go.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Churn {
    /// How long a node stays, in mean.
    pub session_min: u32,
    /// How long it is away, in mean.
    pub absence_min: u32,
    /// Of those that go, so many do so without a word.
    #[serde(default)]
    pub crashes: Thousandths,
}

/// Many come at once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crowd {
    /// The first one comes so long after the warm-up.
    pub at_s: u32,
    /// All come within so long.
    pub over_s: u32,
    /// What part of all nodes stays away before.
    pub share: Thousandths,
    /// What each of them looks for once it has come: a title, the most popular one being 0.
    pub title: Option<u32>,
}

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultPlan {
    /// A part of the nodes is cut off from all others; what is on the way waits, as TCP would repeat
    /// it.
    Partition { at_s: u32, for_s: u32, share: Thousandths },
    /// Nodes stop at once.
    Crash {
        at_s: u32,
        share: Thousandths,
        /// Only ultrapeers.
        #[serde(default)]
        ultrapeers: bool,
        /// Their machines stop too, so that nobody is told that the connection is gone.
        #[serde(default)]
        silent: bool,
        /// They are back after so long.
        restart_after_s: Option<u32>,
    },
    /// Nodes take no bytes.
    SlowReaders { at_s: u32, for_s: u32, share: Thousandths },
    /// A part of all connections is gone for one side, and the other one is told nothing.
    HalfOpen { at_s: u32, share: Thousandths },
    /// A part of all connections breaks.
    Resets { at_s: u32, share: Thousandths },
}

/// Nodes that mean harm.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AttackerPlan {
    /// They send queries, so many a second to each neighbour.
    QueryFlood { share: Thousandths, per_second: u32 },
    /// They send queries with this TTL, so many a second to each neighbour.
    InflatedTtl { share: Thousandths, per_second: u32, ttl: u8 },
    /// They send each query back to where it came from, twice and with the highest TTL.
    Echoes { share: Thousandths },
    /// They answer pings with addresses that lead nowhere, and with those of one another.
    PoisonedPongs { share: Thousandths, per_ping: u32 },
    /// They answer every query with hits that nobody asked for, and queries never seen.
    ForgedHits { share: Thousandths, per_second: u32 },
    /// Ordinary nodes with the weakest line that there is, which claim so many times what it carries.
    /// Nobody else claims anything.
    CapacityLiars { share: Thousandths, times: u32 },
}

/// What has to come out. Where it does not, the run has failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectations {
    /// The part of the ultrapeers that a search reaches, in mean.
    pub coverage_min: Option<Thousandths>,
    /// What a search reaches, beside what a walk in breadth over the connections says that it can.
    pub of_walk_min: Option<Thousandths>,
    pub of_walk_max: Option<Thousandths>,
    /// The part of the copies that are there which a search finds, in mean.
    pub recall_min: Option<Thousandths>,
    /// How long a leaf is without an ultrapeer at most, once it had one; from when on it must have
    /// found out where nobody told it.
    pub orphan_s_max: Option<u32>,
    /// How long it takes at most after a partition until all ultrapeers are connected again.
    pub heal_s_max: Option<u32>,
    /// What searches reach and find from a minute after a partition on, beside what they did before.
    pub reach_again_min: Option<Thousandths>,
    /// The mean capacity of the ultrapeers, beside that of all.
    pub capacity_min: Option<Thousandths>,
    /// How often an ultrapeer of former times becomes one again, in an hour of an ultrapeer.
    pub again_max: Option<Thousandths>,
    /// The liars' part of the ultrapeers' time, beside their part of all.
    pub liars_max: Option<Thousandths>,
    /// The part of the hosts known to honest nodes that attackers made up.
    pub poison_max: Option<Thousandths>,
    /// The attackers' part of the connections of honest nodes, beside their part of all nodes.
    pub grip_max: Option<Thousandths>,
}
