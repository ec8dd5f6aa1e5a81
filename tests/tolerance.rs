//! What real programs send and every node has to bear, as far as bytes can show it: each with the
//! bytes of a real program, or with such bytes changed in one place.
//!
//! What only a node can show is not here: that a query which comes again with a higher TTL is
//! forwarded but not evaluated, and who is answered with what.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

#[path = "tolerance/heads.rs"]
mod heads;
#[path = "tolerance/messages.rs"]
mod messages;
#[path = "tolerance/query_tables.rs"]
mod query_tables;
