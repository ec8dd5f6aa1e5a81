//! FastTrack without sockets: its messages and sessions, and what its rooms say and do.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod link;
mod neighbours;
mod ordinary_node;
mod peer;
mod supernode;
mod wire;
