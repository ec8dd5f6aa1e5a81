//! The judge: does a servent do what `protocol-spec` says?
//!
//! ```text
//! cases/*.toml ─► Catalogue ─► Case ─► Play ─► Outcome
//!                                       ▲ │
//!                       subject: events │ ▼ actions
//! ```
//!
//! - [`Catalogue`]: all cases. A case is a few lines of text ([`script`]) that cite requirements
//! - [`Play`]: one case under way, without sockets and clocks
//! - [`memory_subject`], [`tcp_subject`]: who is judged: our own node in memory, or any program
//! - [`Selection`], [`report`]: which cases are played, and what came out
//! - [`Verdict`]: how it went

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod case;
mod catalogue;
mod claims;
mod expected;
pub mod memory_subject;
mod message;
#[cfg(test)]
mod mutants;
mod needs;
mod play;
mod probe;
pub mod report;
pub mod script;
mod selection;
mod shared_file;
pub mod tcp_subject;
mod verdict;

pub use case::{Case, SubjectRole};
pub use catalogue::{BadCase, Catalogue, read};
pub use claims::Claims;
pub use expected::{BadExpected, Expected};
pub use needs::Needs;
pub use play::{Action, Direction, Event, Exchange, Outcome, Play, ProbeId, Settings, Transcript};
pub use script::Wish;
pub use selection::Selection;
pub use shared_file::shared_file;
pub use verdict::Verdict;
