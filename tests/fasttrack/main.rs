//! FastTrack without sockets: what its rooms say and do.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

mod neighbours;
mod ordinary_node;
mod supernode;
