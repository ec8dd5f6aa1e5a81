//! The program as a service: real processes on loopback, steered as people and systems steer them.

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

mod alternates;
mod bandwidth;
mod demo;
mod descriptors;
mod disk;
mod events;
mod exits;
mod fasttrack;
mod fetching;
mod harmed;
mod hits;
mod home;
#[path = "../support/hostile_requests.rs"]
mod hostile_requests;
mod judged;
mod kazaa;
mod killed;
mod log;
mod node;
mod numbers;
mod parts;
mod peer;
#[path = "../support/programs.rs"]
mod programs;
mod pushed;
mod reload;
mod sharing;
mod signals;
mod socket;
mod starting;
mod steering;
mod strangers;
mod supernodes;
mod systemd;
mod uploads;
