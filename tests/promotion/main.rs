//! Who becomes an ultrapeer, and who stays one.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod beside;
mod capacity;
mod desk;
mod eligibility;
mod explain;
mod house;
mod population;
mod random;
mod scarcity;
mod slots;
mod switch;
mod world;
