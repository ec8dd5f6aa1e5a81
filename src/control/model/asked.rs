//! What is sent to the API, and what it answers when there is not much to say.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectTo {
    /// An address or a name, and a port.
    #[schema(example = "203.0.113.7:6346")]
    pub address: String,
}

/// Hosts that may be worth a try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddHosts {
    #[schema(value_type = Vec<String>, example = json!(["203.0.113.7:6346"]))]
    pub addresses: Vec<SocketAddr>,
}

/// What to search for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartSearch {
    #[schema(example = "creative commons")]
    pub words: String,
}

/// What is logged, as `--log` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogFilter {
    #[schema(example = "info,filbert::runtime=debug")]
    pub filter: String,
}

/// What reading the configuration again has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Changed {
    /// Names of settings.
    pub changed: Vec<String>,
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
