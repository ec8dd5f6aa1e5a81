//! The node over real sockets, on loopback.

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

mod bootstrap;
mod browsing;
mod called;
mod crowd;
mod downloads;
mod ends;
mod engine;
mod fetching;
mod hostile;
mod kazaa;
mod kazaa_manners;
#[path = "../support/killing.rs"]
mod killing;
mod peers;
#[cfg(feature = "port-mapping")]
mod port_mapping;
mod running;
mod secret;
mod state;
mod strangers;
