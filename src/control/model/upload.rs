use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Files on their way to others, and those who wait for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Uploads {
    /// How many may have a file at the same time.
    pub slots: u64,
    /// How many have one.
    pub slots_taken: u64,
    /// How many wait.
    pub waiting: u64,
    pub totals: UploadTotals,
    pub uploads: Vec<Upload>,
}

/// A file that somebody takes, in one answer or in many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    pub id: u64,
    /// Who takes it.
    #[schema(value_type = String, example = "203.0.113.7:49152")]
    pub address: SocketAddr,
    pub name: String,
    /// Bytes of the file.
    pub size: u64,
    /// In base32, as magnet links have it.
    pub sha1: Option<String>,
    /// Bytes of it that have gone to this one. It may have others from elsewhere.
    pub sent_bytes: u64,
    /// In the last second.
    pub bytes_per_s: u64,
    /// Seconds since it has begun.
    pub for_s: u64,
}

/// What has happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadTotals {
    /// Files that somebody has begun to take.
    pub started: u64,
    /// Files of which somebody has taken all.
    pub finished: u64,
    /// Bytes of files that have gone.
    pub sent_bytes: u64,
    /// Slots that were taken back from those who took a file too slowly.
    pub too_slow: u64,
    /// Slots that were taken back, for others waited.
    pub turns_over: u64,
}
