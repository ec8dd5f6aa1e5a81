//! What is sent to the API, and what it answers when there is not much to say.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Network;

/// The port that is meant where a host is named without one.
pub const GNUTELLA_PORT: u16 = 6346;

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectTo {
    /// An address or a name, and a port; without one it is 6346.
    #[schema(example = "203.0.113.7:6346")]
    pub address: String,
    /// As what it is called: FastTrack takes a supernode.
    #[serde(default)]
    pub network: Network,
}

/// Whom to ask what it shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BrowseHost {
    /// An address or a name, and a port; without one it is 6346.
    #[schema(example = "203.0.113.7:6346")]
    pub address: String,
}

/// Hosts that may be worth a try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddHosts {
    #[schema(value_type = Vec<String>, example = json!(["203.0.113.7:6346"]))]
    pub addresses: Vec<SocketAddr>,
    /// In which network they may be.
    #[serde(default)]
    pub network: Network,
}

/// What to search for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartSearch {
    /// Words, a URN among them, or a magnet link.
    #[schema(example = "creative commons")]
    pub words: String,
    /// Where alone to look; all networks that the node has part in are asked without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
}

impl StartSearch {
    /// In all networks.
    pub const fn everywhere(words: String) -> Self {
        Self { words, network: None }
    }
}

/// What is logged, as `--log` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogFilter {
    #[schema(example = "info,filbert::runtime=debug")]
    pub filter: String,
}

/// What reading the configuration again has changed: names of settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Changed {
    /// Those that are in force from now on.
    pub changed: Vec<String>,
    /// Those that wait until the node is started again.
    pub at_next_start: Vec<String>,
}

/// That the API answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    pub ok: bool,
}

/// Something that the API can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Route {
    #[schema(example = "GET")]
    pub method: String,
    #[schema(example = "/api/v1/status")]
    pub path: String,
    pub summary: String,
}
