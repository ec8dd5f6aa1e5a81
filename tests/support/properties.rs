//! How properties are tried out.

use proptest::test_runner::Config;

/// So many cases. Failures are kept as tests of their own, not as files.
pub fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
