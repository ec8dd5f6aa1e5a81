//! Pings, pongs and signs of life: what answers which ping, when to ping, who has fallen silent.
//!
//! | ping | answer |
//! |---|---|
//! | TTL 0, hops 0 | none: it is a sign of life (PING-11) |
//! | TTL 1, hops 0 | our own pong, ahead of everything (PING-06) |
//! | TTL 2, hops 0 | our own pong, and one for each ultrapeer that we are connected to (PING-08) |
//! | any other | our own pong where we have room, and cached ones (PING-09), seldom (PING-10) |
//!
//! Nobody's ping is passed on: an ultrapeer asks some neighbours every few seconds and keeps what
//! they say for as long. In a laboratory of the old kind ([`Rules::flood`]) pings are answered with
//! our own pong only, and whoever calls broadcasts them.
//!
//! Any message is a sign of life. On a link that is silent to one of its sides a ping with TTL 1
//! goes out; after some without any sign the neighbour is given up (PING-07).
//!
//! - [`Pinging`]: all neighbours of one node
//! - [`Own`]: what our pong says; [`PongHost`]: what a pong of others says
//! - [`DatagramPings`]: the same by UDP, where senders are forged

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod alive;
mod answering;
mod asking;
mod cache;
mod datagrams;
mod debts;
mod machine;
mod neighbour;
mod own;
mod packed;
mod pong_host;

pub use datagrams::{DatagramPings, Wanted};
pub use machine::Pinging;
pub use neighbour::Peer;
pub use own::{Own, ping_for_hosts};
pub use pong_host::{FreeSlots, NamedHost, PongHost, RoomFor};

use crate::base::error::Misbehaved;
use crate::base::slots::Slot;
use crate::gnutella::wire::Frame;

/// How a node handles pings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Each ping is broadcast, and answered by everybody it reaches with one pong. For
    /// laboratories.
    pub flood: bool,
    /// Ask neighbours for pongs. Without it only signs of life are exchanged.
    pub refill: bool,
    /// TTL of the pings with which we ask for pongs.
    pub own_ttl: u8,
    /// Keep and pass on pongs about private addresses too. For laboratories.
    pub allow_private: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { flood: false, refill: true, own_ttl: 4, allow_private: false }
    }
}

/// What was made of a ping of a neighbour; the answers were handed out beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinged {
    /// It asked whether we live. The pong goes out ahead of other traffic.
    Alive,
    /// It asked for hosts.
    Answered,
    /// It asked again too soon, and gets nothing (PING-10).
    Throttled,
    /// It was a sign of life, and wants no answer (PING-11).
    Sign,
}

/// What has come due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask this neighbour whether it lives, ahead of other traffic. Its pong is for us.
    Alive { to: Slot, ping: Frame },
    /// Ask this neighbour for pongs. They are for us. Where pings are flooded, several steps carry
    /// the same one.
    Refill { to: Slot, ping: Frame },
    /// Give this neighbour up: it has shown no sign of life for too long.
    Silent { slot: Slot, fault: Misbehaved },
}
