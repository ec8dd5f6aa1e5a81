//! Files on their way to others and to us.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

mod browse;
mod download;
#[path = "../support/hostile_requests.rs"]
mod hostile_requests;
mod real_trees;
mod recorded;
mod upload;
