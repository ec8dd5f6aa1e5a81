//! Recordings of traffic, taken apart.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod by_hand;
mod captures;
mod datagrams;
mod decode_command;
mod limits;
mod made_packets;
mod packets;
mod streams;
mod transfers;
