use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::Bytes;

use crate::base::error::Fault;
use crate::base::slots::Slot;
use crate::fasttrack::ordinary_node::{Answer, Outcome};
use crate::fasttrack::sought::SearchId;
use crate::fasttrack::wire::{Found, Node};

/// What a [`Peer`](super::Peer) wants done, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Messages wait for this session: take them with [`Peer::transmit`](super::Peer::transmit).
    Ready(Slot),
    /// Read nothing more of this session for now: it has used up what it may ask for (FTSAFE-07). What was
    /// read already may still be handed in.
    Pause(Slot),
    /// Read on.
    Resume(Slot),
    /// Send what waits for this session, and end it. It is open until the caller closes it.
    Close { slot: Slot, why: &'static str },
    /// Send this datagram.
    Datagram { to: SocketAddrV4, bytes: Bytes },
    /// Open a session with this supernode: [`Peer::open`](super::Peer::open) or
    /// [`Peer::not_opened`](super::Peer::not_opened) says what became of it.
    Dial { to: SocketAddrV4 },
    /// Supernodes are wanted, about so many: [`Peer::give_hosts`](super::Peer::give_hosts).
    WantsHosts { count: usize },
    /// A node list is to go to this session: [`Peer::give_nodes`](super::Peer::give_nodes). A child hears
    /// nothing before (FTSUPER-02).
    WantsNodes { slot: Slot },
    /// Somebody told of these supernodes.
    Learnt { from: SocketAddrV4, nodes: Vec<Node> },
    /// A supernode that we asked by UDP has answered.
    Answered { from: SocketAddrV4, answer: Answer },
    /// A supernode was tried as ours.
    Tried { supernode: SocketAddrV4, outcome: Outcome },
    /// Connect there, say nothing that means anything, and close: a child wants to know whether it can be
    /// called (FTSUPER-22).
    Try { to: SocketAddrV4 },
    /// Under which address a supernode sees us.
    Seen { by: Ipv4Addr, ip: Ipv4Addr },
    /// What a session is, now that its first message has come.
    Became { slot: Slot, kin: Kin },
    /// We have no supernode any more. Another one is sought.
    Orphaned,
    /// Somebody broke a rule.
    Fault { slot: Slot, fault: Fault },
    /// Results of a search of ours, of the index of one supernode.
    Hits { search: SearchId, supernode: SocketAddrV4, results: Vec<Found> },
    /// A search of ours is over: nothing more comes. So many results did.
    SearchEnded { search: SearchId, results: u32 },
    /// Somebody wants us to call it: connect to it, and say GIVE with this number (FTNODE-12).
    /// [`Peer::called_back`](super::Peer::called_back) says what became of it.
    Pushed { to: SocketAddrV4, number: u32 },
}

/// What a session is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kin {
    /// It has not said yet.
    Newcomer,
    /// An ordinary node whose supernode we are.
    Child,
    /// A supernode, as we are.
    Neighbour,
    /// Our supernode.
    Parent,
    /// A supernode that we look at, and leave again.
    Candidate,
}

/// How large the network is, as far as we know (FTSUPER-21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub users: u32,
    pub files: u64,
    /// MiB of their contents.
    pub mib: u64,
}

/// What a [`Peer`](super::Peer) waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A supernode of ours is to be found, or to be heard of.
    Parent,
    /// A child has to hear something, or may ask again.
    Children,
    /// A table is due, or an answer is overdue.
    Neighbours,
    /// A newcomer has said nothing, or somebody does not read.
    Sessions,
}
