//! FastTrack without sockets: what its rooms say and do.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may stop at the first surprise"
)]

mod neighbours;
mod ordinary_node;
mod peer;
mod supernode;

/// So many cases of a property. Failures are kept as tests of their own, not as files.
fn cases(cases: u32) -> proptest::test_runner::Config {
    use proptest::test_runner::Config;
    Config { cases, failure_persistence: None, ..Config::default() }
}
