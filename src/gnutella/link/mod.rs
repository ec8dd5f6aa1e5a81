//! One connection. So far: the heads of its handshake.
//!
//! ```text
//! bytes ─► Head (first line and headers) ─► StartLine, Capabilities: what they mean
//! ```
//!
//! Decoding is as tolerant as in [`wire`](super::wire): it fails where there is no head, and what
//! else is wrong is told by [`Head::inspect`].

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod capabilities;
mod head;
mod head_reader;
mod start_line;

pub use capabilities::{Capabilities, Feature};
pub use head::Head;
pub use head_reader::HeadReader;
pub use start_line::{StartLine, Version};
