use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use crate::base::error::Fault;
use crate::base::slots::Slot;
use crate::gnutella::hit_spam::Suspicion;
use crate::gnutella::pinging::{PongHost, Wanted};
use crate::gnutella::wire::{Guid, Push, QueryHit};

/// What a [`Servent`](super::Servent) wants done, or tells.
#[derive(Clone, Debug)]
pub enum Output {
    /// Messages wait for this neighbour: take them with [`Servent::transmit`](super::Servent::transmit).
    Ready(Slot),
    /// End the connection with a Bye. The neighbour is still open until it is closed by the caller.
    Close { slot: Slot, code: u16, reason: String },
    /// Send this datagram.
    Datagram { to: SocketAddr, bytes: Bytes },
    /// Connect to this host, write two line feeds, close.
    ConnectBack { to: SocketAddr },
    /// A neighbour told of this host, and perhaps of others.
    Learnt { from: Slot, host: Box<PongHost> },
    /// A host that we asked by UDP has answered.
    LearntByDatagram { from: SocketAddr, host: Box<PongHost> },
    /// Somebody wants us to connect to it, and to offer a file.
    Pushed(Box<Push>),
    /// A host asked by UDP, and wants to be told of others (GGEP-55).
    Asked { wanted: Wanted, from: SocketAddr },
    /// A neighbour broke a rule.
    Fault { slot: Slot, fault: Fault },
    /// Somebody whom we had not called has reached us.
    Reached { protocol: Protocol, from: IpAddr },
    /// Those who were asked to reach us did not come.
    Missed { protocol: Protocol },
    /// An answer to a search of ours, and what speaks against each of its records.
    Hit { search: Guid, hops: u8, hit: Box<QueryHit>, doubts: Box<[Option<Suspicion>]> },
    /// A search of ours is over: nobody is asked any more. Hits may still come.
    SearchEnded { search: Guid, results: u32, why: &'static str },
    /// No more hits come for a search of ours that has ended.
    SearchForgotten { search: Guid },
    /// A query was answered from our files.
    Answered { guid: Guid, results: u32 },
}

/// By which protocol a host was shown to be reachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    Tcp,
    Udp,
}

/// What a [`Servent`](super::Servent) waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A neighbour has to hear from us, or we from it; or more pongs are wanted.
    Alive,
    /// A piece of a query table is due.
    Tables,
    /// A search takes its next step.
    Searches,
    /// A queue has been full for long.
    Queues,
    /// Neighbours are to be asked whether we can be reached.
    Reachability,
    /// Something goes by UDP, or does not come that way any more.
    Datagrams,
    /// What is old is forgotten, and its memory given back.
    Forget,
}
