//! The FastTrack network, which Kazaa made known, without sockets or clocks.
//!
//! - [`http`]: what heads of transfers say besides what all HTTP does
//! - [`wire`]: values <-> bytes, one message a file

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod http;
pub mod wire;
