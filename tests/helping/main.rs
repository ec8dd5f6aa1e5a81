//! What nodes do for each other: features announced, connect-back, push proxies, hits and queries by UDP.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod announced;
mod askers;
mod connect_back;
mod guess;
mod hit_spam;
mod out_of_band;
mod proofs;
mod proxy_round;
mod push_proxy;
mod source_calls;
