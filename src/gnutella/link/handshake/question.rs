use std::net::SocketAddr;

use crate::gnutella::link::{Capabilities, Refusal, Role};

/// What a handshake asks the node before it goes on: shall there be a link?
///
/// Nothing is reserved by being asked. The peer waits until the answer comes, or the deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What we said that we are.
    pub role: Role,
    /// What the other side says that it is; none for a crawler.
    pub peer_role: Option<Role>,
    /// What an ultrapeer that answered would rather have us be (HAND-24).
    pub guidance: Option<Role>,
    /// It only wants to know our neighbours (HAND-54).
    pub is_crawler: bool,
    /// All that its head says.
    pub peer: Capabilities,
}

/// The node's answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Accept {
        /// What we are on this link: what we said that we are, or what guidance asks for.
        role: Role,
        /// For the answer of an ultrapeer: whether it has room for ultrapeers. `Some(false)` asks
        /// the other side to be a leaf (HAND-24). gtk-gnutella follows only where our head says
        /// X-Live-Since, an earlier time than its own start (HAND-55).
        ultrapeer_needed: Option<bool>,
        /// For an answer: other ultrapeers worth trying.
        try_ultrapeers: Vec<SocketAddr>,
    },
    /// Say why not, and close.
    Refuse(Refusal),
    /// Name our neighbours, and close: the answer to a crawler (HAND-54), which is itself left out.
    Crawl { peers: Vec<SocketAddr>, leaves: Vec<SocketAddr> },
}

impl Decision {
    /// Go on in this role, with nothing to add.
    pub const fn accept(role: Role) -> Self {
        Self::Accept { role, ultrapeer_needed: None, try_ultrapeers: Vec::new() }
    }
}
