//! Hits that look like spam: made for whoever searches, not found among files.
//!
//! Nothing is dropped for that: a hit comes with what speaks against it, and whoever searches decides.
//!
//! - [`HitSpam`]: judges the hits of our own searches
//! - [`Suspicion`]: what speaks against one
//!
//! Most of it comes from comparing searches with each other. Whoever answers everything has few files and
//! calls them as one likes to hear: the same content, or a content of the same size, has another name in
//! every search. So what was found is remembered for some searches, with nothing but hashes of words.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod judge;
mod memory;
mod sought;

pub use judge::{HitSpam, Suspicion};
