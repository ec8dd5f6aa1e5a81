use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file on its way to us or from us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Transfer {
    pub id: u64,
    pub name: String,
    /// Bytes of the file.
    pub size: u64,
    /// Bytes of it that are over.
    pub done_bytes: u64,
    /// In base32, as magnet links have it.
    pub sha1: Option<String>,
    /// Who is at the other end. Several may send us one file.
    #[schema(value_type = Vec<String>)]
    pub peers: Vec<SocketAddr>,
}
