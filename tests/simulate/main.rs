//! Whole overlays under a virtual clock.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod attacks;
mod command;
mod determinism;
mod election;
mod flood;
mod healing;
mod indexed;
mod kazaa;
mod machine;
mod orphans;
mod rules;
mod topology;
