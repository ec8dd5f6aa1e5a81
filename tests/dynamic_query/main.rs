//! Searches that ask a few neighbours at a time.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

mod any;
mod cost;
mod desk;
mod ends;
mod fairness;
mod guidance;
mod hits;
mod overlay;
mod reach;
mod reports;
mod steps;
