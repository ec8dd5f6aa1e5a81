//! The Gnutella network, without sockets or clocks.
//!
//! - [`wire`]: values <-> bytes, one message a file
//! - [`link`]: one connection, from its first byte to its frames
//! - [`word_hash`]: which slot of a query table a word belongs to

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod link;
pub mod wire;
pub mod word_hash;
