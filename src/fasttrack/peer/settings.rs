use std::net::SocketAddrV4;

use crate::fasttrack::wire::Bandwidth;

/// What a [`Peer`](super::Peer) is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where others can call us, by TCP and by UDP; none where they cannot.
    pub listen: Option<SocketAddrV4>,
    /// What we are called (FTWIRE-11).
    pub user: Box<str>,
    /// How fast our line is upwards.
    pub bandwidth: Bandwidth,
    /// Hosts in private networks are as good as others. For laboratories.
    pub allow_private: bool,
    /// Datagrams can be sent and received.
    pub udp: bool,
    /// How much is searched for others: units a second, of which one is about a microsecond.
    pub work_per_second: u32,
}

/// How many sessions there may be, as promotion measures it. Those that are there stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Children of a supernode; further ones are declined with a list of nodes (FTSUPER-07).
    pub children: u32,
    /// Supernodes beside a supernode; further ones are declined in the same way (FTPEER-03).
    pub neighbours: u32,
}
