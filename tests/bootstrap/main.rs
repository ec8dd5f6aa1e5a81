//! Which caches are asked for hosts, and when; and what they answer.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

mod desk;
mod multicast;
mod names;
mod pace;
mod replies;
mod updates;
mod when;
