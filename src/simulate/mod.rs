//! Thousands of nodes under one virtual clock, with faults.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod fixed;
mod graph;
mod queue;
mod random;
mod scale;
mod topology;

pub use graph::{Graph, GraphStatistics};
pub use scale::Thousandths;
pub use topology::Topology;
