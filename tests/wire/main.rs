//! Messages as bytes: vectors, recorded frames, and what other decoders say of ours.

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

mod allocation;
mod ndpi;
mod qrp_tables;
mod real_datagrams;
mod real_extensions;
mod real_frames;
mod real_heads;
mod regressions;
mod tolerance;
mod tshark;
mod vectors;
