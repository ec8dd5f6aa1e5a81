use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a node is, and how it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The version of the program.
    pub version: String,
    pub role: Role,
    /// `auto`, `leaf` or `ultrapeer`, as configured.
    pub role_wanted: String,
    /// Seconds since it started.
    pub uptime_s: u64,
    /// Our servent GUID, in hex.
    pub servent_id: String,
    /// Where it takes connections and datagrams.
    #[schema(value_type = Vec<String>)]
    pub listen: Vec<SocketAddr>,
    /// Where others are told to call, if that is known.
    #[schema(value_type = Option<String>)]
    pub advertised: Option<SocketAddr>,
    /// Whether somebody has reached us by TCP, without having been called.
    pub reachable_tcp: Option<bool>,
    /// The same by UDP.
    pub reachable_udp: Option<bool>,
    pub links: Links,
    /// The part that the node has in FastTrack, if it has one. What stands beside it is of Gnutella.
    #[serde(default)]
    pub fasttrack: Option<FastTrackStatus>,
    pub promotion: Promotion,
    /// Hosts of the host cache.
    pub hosts: u64,
    /// Searches of our own that run.
    pub searches: u64,
    pub totals: Totals,
    /// What each table of the node holds, and what it may.
    pub holdings: Vec<Holding>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Leaf,
    Ultrapeer,
    /// A leaf of FastTrack.
    Ordinary,
    /// What FastTrack has in place of ultrapeers.
    Supernode,
}

impl Role {
    /// The word for it in the API, in tables and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Ultrapeer => "ultrapeer",
            Self::Ordinary => "ordinary",
            Self::Supernode => "supernode",
        }
    }
}

/// What a node is in FastTrack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FastTrackStatus {
    pub role: Role,
    /// Ordinary nodes whose supernode we are.
    pub children: u32,
    /// Supernodes with which we have a session.
    pub supernodes: u32,
    /// Sessions whose hellos are under way, or that have not said what they are.
    pub greeting: u32,
    /// Supernodes that we know of.
    pub hosts: u64,
    /// How large the network is, as far as we know.
    pub users: u64,
    pub files: u64,
}

/// Open links. Those in a handshake do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Links {
    pub leaves: u32,
    pub ultrapeers: u32,
    pub total: u32,
    /// Handshakes that run.
    pub greeting: u32,
}

/// Whether the node might be an ultrapeer: by what was measured, or as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Promotion {
    pub eligible: bool,
    /// Why it is what it is, in one sentence.
    pub reason: String,
}

/// Counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Totals {
    pub received_bytes: u64,
    pub sent_bytes: u64,
    pub received_messages: u64,
    pub sent_messages: u64,
    /// Messages that were not worked on, or led nowhere.
    pub dropped_messages: u64,
    /// Messages that found no room in a queue.
    pub shed_messages: u64,
    pub received_datagrams: u64,
    pub sent_datagrams: u64,
    /// Datagrams that found no room, or were longer than any message.
    pub dropped_datagrams: u64,
    /// Connections that others opened to us.
    pub accepted: u64,
    /// Calls of ours.
    pub called: u64,
    /// Calls of ours that led to no connection.
    pub call_failures: u64,
    /// Breaches of rules by neighbours.
    pub strikes: u64,
    /// Addresses that were banned for a while.
    pub bans: u64,
    /// Connections of others that were turned away for a ban, or for haste.
    pub turned_away: u64,
    /// Queries of others that we answered.
    pub answered: u64,
}

/// A table of the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Holding {
    pub what: String,
    pub count: u64,
    pub count_max: u64,
}
