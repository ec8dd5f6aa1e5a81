//! Whole overlays under a virtual clock.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod flood;
mod indexed;
mod machine;
mod rules;
mod topology;
