//! What lives in a world: a node, or whatever can be driven like one.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::base::time::Time;
use crate::fasttrack;
use crate::gnutella::link::{Profile, Role};
use crate::gnutella::wire::Frame;
use crate::node::{Input, LinkId, Output};

/// A machine without sockets and clocks, with the two crank handles of a [`Node`](crate::node::Node).
///
/// After each [`handle`](Self::handle) the world takes everything out of [`poll`](Self::poll), and
/// then what waits for links that have room out of [`transmit`](Self::transmit).
pub trait Machine {
    fn handle(&mut self, input: Input, now: Time);

    fn poll(&mut self) -> Option<Output>;

    /// The next message for a link.
    fn transmit(&mut self, link: LinkId, now: Time) -> Option<Frame>;

    /// The next message for a session of FastTrack; nothing where it has no part in that.
    fn transmit_session(&mut self, _link: LinkId, _now: Time) -> Option<fasttrack::wire::Frame> {
        None
    }

    /// When [`Input::Timeout`] is due.
    fn next_timeout(&self) -> Option<Time>;

    /// What it says of itself in the handshake of a new connection.
    fn profile(&self) -> Arc<Profile>;

    /// What it says in the hello of a new session of FastTrack, if it has part in that.
    fn session_profile(&self) -> Option<fasttrack::link::Profile> {
        None
    }

    fn role(&self) -> Role;

    /// What is wrong inside, if anything is: a table over its cap.
    fn audit(&self) -> Result<(), String>;

    /// The hosts that it would call, or tell others of.
    fn known_hosts(&self) -> Vec<SocketAddr>;
}

/// What is known of a host before it starts.
#[derive(Clone, Copy, Debug)]
pub struct Birth {
    /// The number of the host.
    pub host: u32,
    /// From which everything is drawn that this machine draws; another one for each start.
    pub seed: u64,
    /// Where it can be called.
    pub address: SocketAddr,
    /// It is an ultrapeer from the start.
    pub is_ultrapeer: bool,
    /// Nobody can call it.
    pub is_behind_nat: bool,
    /// What it claims that its line can send in a second, in bytes, where that has an end.
    pub claims: Option<u64>,
}
