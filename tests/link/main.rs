//! One connection: handshakes, frames, deflate, deadlines, and conversations of real programs.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod agreement_rows;
mod any_stream;
mod arbitrary;
mod captures;
mod connections;
mod deadlines;
mod deflate;
mod deflate_memory;
mod framing;
mod handshakes;
mod live;
mod memory;
mod pairs;
mod refusals;
mod replay;
mod sayings;
mod sending;
mod splits;
mod streams;
mod terms;
mod trace;
