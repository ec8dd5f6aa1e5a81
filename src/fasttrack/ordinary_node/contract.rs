use std::net::{Ipv4Addr, SocketAddrV4};

use crate::base::slots::Slot;
use crate::fasttrack::sought::SearchId;
use crate::fasttrack::wire::{Bandwidth, Datagram, Found, Message, Node};

/// What an ordinary node is told once.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Nodes in private networks may be called, too. For laboratories.
    pub allow_private: bool,
    /// What its user is called; what others could not read is left out (FTWIRE-11).
    pub user: String,
    pub bandwidth: Bandwidth,
    /// By which it is known, as far as it knows itself. The port is 0 where it takes no connections.
    pub address: SocketAddrV4,
}

/// What an [`OrdinaryNode`](super::OrdinaryNode) wants done, or tells.
#[derive(Clone, Debug)]
pub enum Output {
    /// Name supernodes, up to so many: few are left that were not asked.
    WantsHosts { count: usize },
    /// Send this datagram.
    Datagram { to: SocketAddrV4, datagram: Datagram },
    /// Open a session with this supernode, and tell what has become of it.
    Dial { to: SocketAddrV4 },
    /// Send this message.
    Send { slot: Slot, message: Message },
    /// End this session. Nothing that comes from it any more is heard.
    Close { slot: Slot, why: &'static str },
    /// This is the supernode of this node from now on.
    BecameChildOf { slot: Slot, supernode: SocketAddrV4 },
    /// The supernode is gone.
    Orphaned,
    /// A node that was asked by UDP has answered.
    Answered { from: SocketAddrV4, answer: Answer },
    /// A supernode was tried.
    Tried { supernode: SocketAddrV4, outcome: Outcome },
    /// A supernode tells of others.
    Learnt { from: SocketAddrV4, nodes: Vec<Node> },
    /// A supernode says by which address it sees this node.
    SeenAs { from: SocketAddrV4, address: Ipv4Addr },
    /// What others have of what is searched for. Names and tags are as they came: they are to be made
    /// harmless before they are shown (FTSAFE-13).
    Hits { search: SearchId, supernode: SocketAddrV4, results: Vec<Found> },
    /// A search is over: nothing comes for it any more.
    SearchEnded { search: SearchId, results: u32, why: &'static str },
    /// Connect to this address, say `GIVE` with this number, and wait for a request (FTNODE-12). What has
    /// become of it is to be told.
    Pushed { to: SocketAddrV4, number: u32 },
}

/// What a node says of itself by UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It takes children (FTUDP-03). Its load is in per cent.
    HasRoom { users: u32, load: u8 },
    /// It takes none (FTUDP-04), and may name a supernode that does.
    Full { elsewhere: Option<SocketAddrV4> },
}

/// What became of a supernode that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It takes this node.
    Accepted,
    /// It has no room, or has nothing to say.
    Declined,
    /// Nobody is there.
    Absent,
}
