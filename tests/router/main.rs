//! Floods, routes back, duplicates and quotas.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod floods;
mod memory;
mod model;
mod passing_on;
mod quotas;
mod reference;
mod routers;
mod routes;
mod ttl;
