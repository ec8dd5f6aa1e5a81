//! The FastTrack network, which Kazaa made known, without sockets or clocks.
//!
//! - [`wire`]: values <-> bytes, one message a file

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod wire;
