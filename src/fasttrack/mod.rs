//! The FastTrack network, which Kazaa made known, without sockets or clocks.
//!
//! - [`http`]: what heads of transfers say besides what all HTTP does
//! - [`link`]: one session: hello, cipher, names, pings, messages in their rolling order
//! - [`wire`]: values <-> bytes, one message a file
//! - [`sought`]: what is looked for, whoever looks for it
//! - [`strangers`]: where somebody is called because a stranger says so
//! - [`ordinary_node`]: finds a supernode, shares with it, searches through it
//! - [`supernode`]: a supernode and its children
//! - [`neighbours`]: supernodes among themselves: tables, messages across, searches that are forwarded
//! - [`peer`]: the wing's face, which puts these together

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod http;
pub mod link;
pub mod neighbours;
pub mod ordinary_node;
pub mod peer;
pub mod sought;
pub mod strangers;
pub mod supernode;
pub mod wire;
