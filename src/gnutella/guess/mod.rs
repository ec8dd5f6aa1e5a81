//! Queries by UDP (GUESS), as an ultrapeer answers them.
//!
//! ```text
//! ► ping with QK          where is the key?
//! ◄ pong with QK          here, for this address
//! ► query with QK         TTL 1, hops 0
//! ◄ pong                  the same GUID: it was taken
//! ◄ hits                  the same GUID: of our files, and of our leaves as they come
//! ```
//!
//! A query without the right key gets nothing, or a pong with a new key that is no longer than the query
//! was; so nobody can have us send hits to somebody else (GUESS-02).

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod desk;
mod shown;

pub use desk::{GuessDesk, Judged};
pub use shown::shown_to_leaves;
