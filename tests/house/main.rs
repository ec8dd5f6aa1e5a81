//! The house itself: walls, specification, limits, and what the README promises.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod limits;
mod readme;
mod rust_source;
mod rust_tokens;
mod spec_command;
mod specification;
mod walls;
