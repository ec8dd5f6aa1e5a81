//! One connection, from its first byte to its frames.
//!
//! ```text
//! first bytes ─► opening: which protocol?
//! bytes ─► Head ─► handshake (typestate) ─► Agreement        what both sides have agreed on
//! bytes ─► Inflater ─► framing ─► frames                     what each breach costs
//! frames ─► Deflater ─► bytes
//! ```
//!
//! [`Link`] is the machine that puts these together; a driver turns it. It knows no socket and no
//! clock: time is handed in, and so are the answers of the node, which alone decides who gets a slot.
//! [`Profile`] is what we say of ourselves.
//!
//! Decoding is as tolerant as in [`wire`](super::wire): a head fails where there is none, and what
//! else is wrong is told by [`Head::inspect`].

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod agreement;
mod capabilities;
mod contract;
mod cost;
mod deflater;
mod ending;
mod framing;
mod greeting;
mod handshake;
mod head;
mod head_reader;
mod incoming;
mod inflater;
mod machine;
mod objection;
mod open;
mod outgoing;
mod overheard;
mod profile;
mod refusal;
mod role;
mod sniff;
mod start_line;

pub use agreement::Agreement;
pub use capabilities::{Capabilities, Feature};
pub use contract::{Input, Output, Reason};
pub use cost::Cost;
pub use deflater::Deflater;
pub use ending::Ending;
pub use handshake::{Decision, Declined, Question};
pub use head::Head;
pub use head_reader::HeadReader;
pub use inflater::Inflater;
pub use machine::Link;
pub use outgoing::Queue;
pub use profile::Profile;
pub use refusal::Refusal;
pub use role::Role;
pub use sniff::{Method, Opening, Sniffer, opening};
pub use start_line::{StartLine, Version};
