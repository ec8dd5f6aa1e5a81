//! The FastTrack network, which Kazaa made known, without sockets or clocks.
//!
//! - [`wire`]: values <-> bytes, one message a file
//! - [`neighbours`]: supernodes among themselves: tables, messages across, searches that are forwarded

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod neighbours;
pub mod wire;
