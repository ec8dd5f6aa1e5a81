//! Pings, pongs and the cache of pongs.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod alive;
mod answers;
mod datagrams;
mod desk;
mod memory;
mod pongs;
