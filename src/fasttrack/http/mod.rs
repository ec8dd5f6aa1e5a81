//! What heads of FastTrack's transfers say besides what all HTTP does, and the line of a push. The rest of HTTP is as
//! everywhere.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod give;
mod header;
mod sender;

pub use give::Give;
pub use header::{Header, TagHeader, TagSays};
pub use sender::Sender;

/// By what a program says its name, in one word (FTHTTP-03).
pub const USER_AGENT: &str = "UserAgent";
