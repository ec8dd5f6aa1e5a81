use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Role;

/// A link, as the API calls it: a number that no other link of this run has.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct PeerId(pub u64);

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An overlay that a node has part in.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    #[default]
    Gnutella,
    /// That of Kazaa.
    FastTrack,
}

impl Network {
    pub const ALL: [Self; 2] = [Self::Gnutella, Self::FastTrack];

    /// The word for it in the API, in tables and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gnutella => "gnutella",
            Self::FastTrack => "fasttrack",
        }
    }
}

/// Somebody with whom we have an open link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Peer {
    pub id: PeerId,
    #[serde(default)]
    pub network: Network,
    #[schema(value_type = String, example = "203.0.113.7:6346")]
    pub address: SocketAddr,
    /// Where it takes connections, as far as it says.
    #[schema(value_type = Option<String>)]
    pub listen: Option<SocketAddr>,
    pub direction: Direction,
    /// What the other side is on this link.
    pub role: Role,
    /// The program, as it calls itself.
    pub vendor: Option<String>,
    /// The version of Gnutella that was agreed on: `0.6`. Nothing for FastTrack, which has none.
    pub version: String,
    pub servent_id: Option<String>,
    /// Seconds since the link was opened.
    pub uptime_s: u64,
    pub tls: bool,
    /// What it sends is compressed.
    pub deflate_in: bool,
    /// What we send is.
    pub deflate_out: bool,
    /// Bytes of the connection, as the network carries them.
    pub received_bytes: u64,
    pub sent_bytes: u64,
    pub received_messages: u64,
    pub sent_messages: u64,
    pub dropped_messages: u64,
    pub queue: Queue,
    /// What it has told us of its words, if it has.
    pub query_table: Option<QueryTable>,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Incoming,
    Outgoing,
}

/// What waits to be sent over a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Queue {
    pub bytes: u64,
}

/// A query table, as its owner has sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueryTable {
    pub slots: u64,
    /// Of these, such as have something in them.
    pub filled: u64,
    /// The same in thousandths.
    pub fill_permille: u16,
}
