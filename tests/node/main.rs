//! The node as a whole, driven by inputs and looked at by its outputs.

#![allow(
    clippy::arithmetic_side_effects,
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

mod address_filter;
mod answers;
mod arbitrary;
mod attacks;
mod bans;
mod conduct;
mod dialling;
mod handshakes;
mod haste;
mod holders;
mod host_cache;
mod kept;
mod leaf_files;
mod limits;
mod links;
mod memory;
mod need;
mod own_searches;
mod parts;
mod passing_on;
mod peers;
mod promoted;
mod pushing;
mod records;
mod relaying;
mod rift;
mod search;
mod sessions;
mod udp;
mod whereabouts;
