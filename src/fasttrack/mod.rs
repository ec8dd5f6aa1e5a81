//! The FastTrack network, which Kazaa made known, without sockets or clocks.
//!
//! - [`link`]: one session: hello, cipher, names, pings, messages in their rolling order
//! - [`wire`]: values <-> bytes, one message a file

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod link;
pub mod wire;
