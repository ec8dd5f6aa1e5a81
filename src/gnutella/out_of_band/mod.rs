//! Hits by UDP, "out of band", both ways.
//!
//! ```text
//! query, by TCP from far        GUID: where its maker gets datagrams; flag or SO
//!     ◄ LIME/12 (33 bytes)      so many hits are here
//!     ► LIME/11                 so many are wanted; in version 3 with a token
//!     ◄ ping (23 bytes)         unless it has just shown that it gets what is sent to it
//!     ► pong                    the GUID of the ping
//!     ◄ hits                    the same GUID; in version 3 with the token
//! ```
//!
//! - [`Offers`]: hits of ours that others were told of, until they ask for them
//! - [`Proofs`]: who has shown that it gets what is sent to it, as has to be before hits go there
//! - [`Deliveries`]: hits that others asked for, sent to each of them one after the other
//! - [`Claims`]: hits of others that we have asked for

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod claims;
mod deliveries;
mod offers;
mod proofs;

pub use claims::Claims;
pub use deliveries::Deliveries;
pub use offers::{INDICATION_LEN, Offered, Offers};
pub use proofs::{Proofs, v4_of};

/// How an out-of-band query wants its hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// To whoever has its GUID (LIME/11v2, LIME/12v2).
    Plain,
    /// To whoever has given a token (LIME/11v3, LIME/12v3).
    Secure,
}
