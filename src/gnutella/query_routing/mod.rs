//! Query tables, both ways: who may have answers to a query, and what we may have answers to.
//!
//! ```text
//! messages of neighbours ─► QueryTables ─► which leaves, and which ultrapeers at the last hop
//! our files' words ────────►     │
//!                                ▼ merged
//!                          TableSenders ─► messages to ultrapeers
//! ```
//!
//! - [`QueryWords`]: what a query asks of a table
//! - [`OwnWords`]: by which words our own files are found
//! - [`QueryTables`]: what neighbours sent, and the table that we send
//! - [`TableSenders`]: brings our table to the neighbours, whole at first, then what changes

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod incoming;
mod leaves;
mod neighbour;
mod own_table;
mod own_words;
mod query_tables;
mod query_words;
mod table_senders;
mod update;

pub use own_words::OwnWords;
pub use query_tables::QueryTables;
pub use query_words::QueryWords;
pub use table_senders::TableSenders;
