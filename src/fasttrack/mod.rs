//! The FastTrack network, which Kazaa made known, without sockets or clocks.
//!
//! - [`wire`]: values <-> bytes, one message a file
//! - [`sought`]: what is looked for, whoever looks for it
//! - [`ordinary_node`]: finds a supernode, shares with it, searches through it
//! - [`supernode`]: a supernode and its children
//! - [`peer`]: the wing's face, which puts these together

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod ordinary_node;
pub mod peer;
pub mod sought;
pub mod supernode;
pub mod wire;
