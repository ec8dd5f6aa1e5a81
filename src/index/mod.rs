//! Words -> files and words -> neighbours, shared by both networks.
//!
//! - [`words`]: what a word is
//! - [`files`]: our own files, by words
//! - [`leaf_index`]: the files that leaves announce, by words
//! - [`bit_table`]: which words one neighbour has, as a set of slots
//! - [`bit_tables`]: which of many neighbours have the words of a query

#![deny(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

pub mod bit_table;
pub mod bit_tables;
pub mod files;
pub mod leaf_index;
mod unicode_blocks;
pub mod words;
