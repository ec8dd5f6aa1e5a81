//! Words, bit tables, and the files behind them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod bit_table;
mod bit_tables;
mod files;
mod leaf_index;
