//! The Gnutella network, without sockets or clocks.
//!
//! - [`wire`]: values <-> bytes, one message a file
//! - [`link`]: one connection, from its first byte to its frames
//! - [`router`]: flooding, duplicates, reverse paths
//! - [`pinging`]: pings, pongs, signs of life
//! - [`query_routing`]: query tables, both ways
//! - [`dynamic_query`]: queries that go out step by step
//! - [`flow`]: queues with priorities, fair shares
//! - [`announced`]: what neighbours can do, as they say after the handshake
//! - [`push_proxy`]: who takes pushes for whom
//! - [`bootstrap`]: which host caches and web caches to ask, and when
//! - [`connect_back`]: whether we can be reached, and helping others to learn it
//! - [`out_of_band`]: hits by UDP, both ways
//! - [`guess`]: queries by UDP, which need a key
//! - [`hit_spam`]: hits that are made for whoever searches
//! - [`holder`]: whoever has files, as its hits say it
//! - [`http`]: the heads and bodies of file transfers
//! - [`servent`]: the wing's face, which puts these together
//! - [`word_hash`]: which slot of a query table a word belongs to

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod announced;
pub mod bootstrap;
pub mod connect_back;
pub mod dynamic_query;
pub mod flow;
pub mod guess;
pub mod hit_spam;
pub mod holder;
pub mod http;
pub mod link;
pub mod out_of_band;
pub mod pinging;
pub mod push_proxy;
pub mod query_routing;
pub mod router;
pub mod servent;
pub mod wire;
pub mod word_hash;
