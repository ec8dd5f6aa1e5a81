//! The FastTrack network, which Kazaa made known, without sockets or clocks.
//!
//! - [`wire`]: values <-> bytes, one message a file
//! - [`ordinary_node`]: finds a supernode, shares with it, searches through it

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod ordinary_node;
pub mod wire;
