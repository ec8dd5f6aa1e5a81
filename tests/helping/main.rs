//! What neighbours do for each other: features announced, connect-back, push proxies.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod announced;
mod connect_back;
mod push_proxy;
