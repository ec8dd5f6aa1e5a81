//! Which bytes from whom, which slot to whom: transfers without sockets, files or clocks.
//!
//! | module | what it is |
//! |---|---|
//! | [`browse`] | what somebody else shares |
//! | [`download`] | files on their way to us |
//! | [`upload`] | files on their way to others |

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

pub mod browse;
pub mod download;
pub mod upload;
