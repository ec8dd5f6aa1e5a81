//! The shared folders: what is found in them, how it is hashed, kept and offered.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

mod catalogue;
mod changes;
mod folder;
mod hashes;
mod kazaa_hashes;
mod killed;
#[path = "../support/killing.rs"]
mod killing;
mod large;
mod made_up;
mod names;
mod read_file;
mod scan;
mod sharing;
mod unreadable;
