use serde::Serialize;

use super::{Capabilities, Role, Version};
use crate::base::error::{Fault, Incompatible, Misbehaved, Rule};

/// Which side of a connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// We connected and sent the request.
    Connecting,
    /// The other side connected to us.
    Accepting,
}

/// What both sides of a link have agreed on, seen from ours.
///
/// All of it stands in the heads, so that both sides come to the same agreement without another
/// word. What only the other side says of itself is in [`peer`](Self::peer).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// What we are on this link.
    pub role: Role,
    /// What the other side is on this link.
    pub peer_role: Role,
    /// All that we send is one zlib stream (HAND-38).
    pub sends_deflate: bool,
    /// All that we receive is one.
    pub receives_deflate: bool,
    /// Both switch to TLS before the first message (HAND-49).
    pub tls: bool,
    /// The version of query tables that both speak (HAND-25).
    pub query_routing: Option<Version>,
    /// The same between ultrapeers (HAND-26).
    pub ultrapeer_query_routing: Option<Version>,
    /// Both do dynamic querying (HAND-27).
    pub dynamic_querying: bool,
    /// Both understand a query that is repeated with a higher TTL (HAND-28).
    pub ext_probes: bool,
    /// Both understand GGEP (HAND-33).
    pub ggep: bool,
    /// Both understand vendor messages (HAND-32).
    pub vendor_messages: bool,
    /// Both cache pongs and broadcast no pings (HAND-34).
    pub pong_caching: bool,
    /// Both understand a Bye (HAND-35).
    pub bye: bool,
    /// The other side compresses without having been asked to; it is read all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Misbehaved>,
    /// What the other side says of itself, both its heads together (HAND-68).
    pub peer: Capabilities,
}

impl Agreement {
    /// What follows from the heads of both sides, each side's merged into one.
    pub fn between(side: Side, ours: &Capabilities, peer: Capabilities) -> Result<Self, Fault> {
        let (role, peer_role) = (role_of(ours)?, role_of(&peer)?);
        if role.is_leaf() && peer_role.is_leaf() {
            return Err(TWO_LEAVES.into());
        }
        let both = |capability: fn(&Capabilities) -> Option<Version>| {
            Some(capability(ours)?.min(capability(&peer)?))
        };
        let is_unasked = peer.content_deflate && !ours.accept_deflate;
        let are_ultrapeers = role.is_ultrapeer() && peer_role.is_ultrapeer();
        let ultrapeer_query_routing = both(|said| said.ultrapeer_query_routing);
        Ok(Self {
            role,
            peer_role,
            sends_deflate: ours.content_deflate,
            receives_deflate: peer.content_deflate,
            tls: match side {
                Side::Connecting => switch_to_tls(ours, &peer)?,
                Side::Accepting => switch_to_tls(&peer, ours)?,
            },
            query_routing: both(|said| said.query_routing),
            ultrapeer_query_routing: ultrapeer_query_routing.filter(|_| are_ultrapeers),
            dynamic_querying: both(|said| said.dynamic_querying).is_some(),
            ext_probes: both(|said| said.ext_probes).is_some(),
            ggep: both(|said| said.ggep).is_some(),
            vendor_messages: both(|said| said.vendor_message).is_some(),
            pong_caching: both(|said| said.pong_caching).is_some(),
            bye: both(|said| said.bye_packet).is_some(),
            fault: is_unasked.then_some(UNASKED),
            peer,
        })
    }
}

const TWO_LEAVES: Incompatible =
    Incompatible { rule: Rule::new("HAND-67"), what: "both sides are leaves" };
const NO_MODE: Incompatible =
    Incompatible { rule: Rule::new("HAND-23"), what: "neither leaf nor ultrapeer" };
const UNASKED: Misbehaved = Misbehaved {
    rule: Rule::new("HAND-38"),
    what: "compression is announced to a side that did not offer to inflate",
};
const NO_UPGRADE: Misbehaved = Misbehaved {
    rule: Rule::new("HAND-49"),
    what: "Connection: Upgrade without the header Upgrade",
};

fn role_of(said: &Capabilities) -> Result<Role, Fault> {
    Ok(said.ultrapeer.map(Role::from_ultrapeer).ok_or(NO_MODE)?)
}

fn switch_to_tls(connecting: &Capabilities, accepting: &Capabilities) -> Result<bool, Fault> {
    if accepting.connection_upgrade && !accepting.upgrade_tls {
        return Err(NO_UPGRADE.into());
    }
    let is_offered = connecting.upgrade_tls;
    let is_taken = accepting.upgrade_tls && accepting.connection_upgrade;
    Ok(is_offered && is_taken && connecting.connection_upgrade)
}
