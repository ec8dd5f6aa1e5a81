//! The three heads that open a connection (HAND-01), as states that lead to one another. No bytes:
//! heads come in and go out.
//!
//! ```text
//! connecting                                accepting
//!   Asking    ── request ──────────────────►  Listening
//!      │      ◄─────────────────── answer ──  Asked      the node decides
//!   Answered  ── last head ────────────────►  Granted
//!      │  the node decides                       │
//!   Agreement                                 Agreement
//! ```
//!
//! A state is used up by its step, so that no head can be taken for another one.

mod accepting;
mod connecting;
mod failure;
mod question;

pub(super) use accepting::{Asked, Granted, Listening, requested};
pub(super) use connecting::{Answered, Asking, accepted};
pub use failure::Declined;
pub(super) use failure::Failure;
pub use question::{Decision, Question};

use std::net::IpAddr;
use std::sync::Arc;

use super::Profile;

/// We, on one connection: what we say of ourselves, and to whom.
#[derive(Debug)]
pub(super) struct Us {
    pub(super) profile: Arc<Profile>,
    pub(super) peer: IpAddr,
}
