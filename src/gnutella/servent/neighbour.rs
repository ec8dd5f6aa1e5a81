use std::net::SocketAddr;

use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::link::{Agreement, Role};
use crate::gnutella::wire::Guid;

/// Connections that an ultrapeer has which does not say how many (HAND-29): as gtk-gnutella and
/// LimeWire assume of old ones.
const DEGREE_UNSAID: u16 = 6;

/// Somebody with whom we have an open link, as the rules see it.
#[derive(Debug)]
pub struct Neighbour {
    /// How the caller of the servent calls the link.
    pub link: u64,
    /// Where the connection comes from or leads to.
    pub address: SocketAddr,
    /// Where it takes connections: 0 if it has not said.
    listen_port: u16,
    /// What we are on this link.
    pub role: Role,
    /// What it is on this link.
    pub peer_role: Role,
    /// We called it, so that its address can surely be called.
    pub is_outgoing: bool,
    pub opened: Time,
    /// Its servent GUID, if it has told it.
    pub servent: Option<Guid>,
    /// Its connections to ultrapeers.
    pub degree: u16,
    /// The TTL with which it takes queries (HAND-30).
    pub max_ttl: u8,
    /// It takes a query again with a higher TTL (HAND-28).
    pub ext_probes: bool,
    /// It tells an ultrapeer its part of the hits that it kept, as LimeWire does (DQ-13).
    pub(super) divides_status: bool,
    /// It does dynamic querying (HAND-27).
    pub dynamic_querying: bool,
    pub vendor_messages: bool,
    pub ggep: bool,
    /// Query tables go from us to it (QRP-34).
    pub(super) takes_tables: bool,
    /// Counted for whoever asks what this link is good for.
    pub traffic: Traffic,
    /// It has to go, and only waits for its Bye to be sent.
    pub(super) is_leaving: bool,
}

/// What has gone over a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub received: u64,
    pub received_bytes: u64,
    pub sent: u64,
    pub sent_bytes: u64,
    /// Of those received, such as were not worked on or led nowhere.
    pub dropped: u64,
}

impl Traffic {
    pub(super) fn count_received(&mut self, wire_len: usize) {
        self.received = self.received.saturating_add(1);
        let len = u64::try_from(wire_len).unwrap_or(u64::MAX);
        self.received_bytes = self.received_bytes.saturating_add(len);
    }

    pub(super) fn count_sent(&mut self, wire_len: usize) {
        self.sent = self.sent.saturating_add(1);
        let len = u64::try_from(wire_len).unwrap_or(u64::MAX);
        self.sent_bytes = self.sent_bytes.saturating_add(len);
    }
}

impl Neighbour {
    pub(super) fn new(
        link: u64,
        agreement: &Agreement,
        address: SocketAddr,
        is_outgoing: bool,
        own_ttl: u8,
        now: Time,
    ) -> Self {
        let Agreement { role, peer_role, peer, .. } = agreement;
        let takes_tables = match (role, peer_role) {
            (Role::Leaf, Role::Ultrapeer) => agreement.query_routing.is_some(),
            (Role::Ultrapeer, Role::Ultrapeer) => {
                agreement.ultrapeer_query_routing.is_some() || mutant!(SendsTablesToAll)
            }
            _ => false,
        };
        let said = peer.listen.map_or(0, |listen| listen.port());
        Self {
            link,
            address,
            listen_port: if is_outgoing { address.port() } else { said },
            role: *role,
            peer_role: *peer_role,
            is_outgoing,
            opened: now,
            servent: peer.guid,
            degree: peer.degree.unwrap_or(DEGREE_UNSAID),
            max_ttl: peer.max_ttl.unwrap_or(own_ttl),
            ext_probes: agreement.ext_probes,
            divides_status: peer.user_agent.as_deref().is_some_and(is_limewire),
            dynamic_querying: agreement.dynamic_querying,
            vendor_messages: agreement.vendor_messages,
            ggep: agreement.ggep,
            takes_tables,
            traffic: Traffic::default(),
            is_leaving: false,
        }
    }

    /// Where it takes connections, as far as it has said: on the address from which it speaks, for
    /// nobody can be asked to call somebody else.
    pub fn listen(&self) -> Option<SocketAddr> {
        let port = self.listen_port;
        (port != 0).then(|| SocketAddr::new(self.address.ip(), port))
    }

    /// It routes for us, or we for each other.
    pub const fn is_ultrapeer(&self) -> bool {
        self.peer_role.is_ultrapeer()
    }

    /// We route for it.
    pub const fn is_leaf(&self) -> bool {
        self.peer_role.is_leaf()
    }
}

/// Programs of the family of LimeWire.
fn is_limewire(user_agent: &str) -> bool {
    ["limewire", "frostwire"].iter().any(|name| {
        user_agent.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
    })
}
