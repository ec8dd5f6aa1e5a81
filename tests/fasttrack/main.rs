//! FastTrack without sockets: its messages as bytes, and what its rooms say and do.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

/// The part of what tests share that needs FastTrack alone.
#[allow(dead_code)]
#[path = "../support"]
mod support {
    pub mod files;
    pub mod properties;
    pub mod vectors;
}

mod neighbours;
mod ordinary_node;
mod peer;
mod supernode;
mod wire;
