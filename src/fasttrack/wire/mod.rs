//! Values <-> bytes. Every message of a session is a [`Frame`]: a type word and a payload.
//!
//! No function in this room panics, whatever the bytes, and none allocates more than the length of
//! its input plus 64 KiB.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod frame;
mod kind;

pub use frame::Frame;
pub use kind::Kind;
