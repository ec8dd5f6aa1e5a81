//! The API: what it answers, whom it refuses, and what it puts up with.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod described;
mod doors;
mod ends;
mod happenings;
mod hostile;
mod http;
mod metrics;
mod patience;
mod refusals;
mod resources;
mod search_streams;
mod token_file;
