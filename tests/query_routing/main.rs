//! Tables of words: taken, kept, merged, sent.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod attacks;
mod matching;
mod receiving;
mod sending;
mod unfinished;
