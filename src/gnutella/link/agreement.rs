use serde::Serialize;

use super::{Capabilities, Role, Version};
use crate::base::error::{Fault, Incompatible, Misbehaved, Rule};
use crate::base::mutant::mutant;

/// Which side of a connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
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

/// What the three heads of a handshake say, in the order in which they were sent.
#[derive(Clone, Debug)]
pub(super) struct Heads {
    pub(super) request: Capabilities,
    pub(super) answer: Capabilities,
    pub(super) last: Capabilities,
}

impl Agreement {
    /// What we agree on with somebody who speaks all that we do, without compression: for whoever drives
    /// nodes without links and heads.
    pub const fn plain(role: Role, peer_role: Role, peer: Capabilities) -> Self {
        let version = Some(Version(0, 1));
        Self {
            role,
            peer_role,
            sends_deflate: false,
            receives_deflate: false,
            tls: false,
            query_routing: version,
            ultrapeer_query_routing: version,
            dynamic_querying: true,
            ext_probes: true,
            ggep: true,
            vendor_messages: true,
            pong_caching: true,
            bye: true,
            fault: None,
            peer,
        }
    }

    /// What follows from the heads for one side.
    pub(super) fn of(heads: Heads, side: Side) -> Result<Self, Fault> {
        let fault = heads.unasked_by(side.other()).then_some(UNASKED);
        let tls = heads.switch_to_tls();
        let (ours, peer) = heads.sides(side);
        let (role, peer_role) = (role_of(&ours)?, role_of(&peer)?);
        if role.is_leaf() && peer_role.is_leaf() {
            return Err(TWO_LEAVES.into());
        }
        let both = |capability: fn(&Capabilities) -> Option<Version>| {
            Some(capability(&ours)?.min(capability(&peer)?))
        };
        let are_ultrapeers = role.is_ultrapeer() && peer_role.is_ultrapeer();
        let ultrapeer_query_routing = both(|said| said.ultrapeer_query_routing);
        Ok(Self {
            role,
            peer_role,
            sends_deflate: ours.content_deflate && !mutant!(AnnouncesDeflateInVain),
            receives_deflate: peer.content_deflate && !mutant!(ReadsDeflatedAsPlain),
            tls,
            query_routing: both(|said| said.query_routing),
            ultrapeer_query_routing: ultrapeer_query_routing.filter(|_| are_ultrapeers),
            dynamic_querying: both(|said| said.dynamic_querying).is_some(),
            ext_probes: both(|said| said.ext_probes).is_some(),
            ggep: both(|said| said.ggep).is_some(),
            vendor_messages: both(|said| said.vendor_message).is_some(),
            pong_caching: both(|said| said.pong_caching).is_some(),
            bye: both(|said| said.bye_packet).is_some(),
            fault,
            peer,
        })
    }
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::Connecting => Self::Accepting,
            Self::Accepting => Self::Connecting,
        }
    }
}

impl Heads {
    /// What one side says, and what the other one does.
    fn sides(self, side: Side) -> (Capabilities, Capabilities) {
        let connecting = self.request.confirmed_by(self.last);
        match side {
            Side::Connecting => (connecting, self.answer),
            Side::Accepting => (self.answer, connecting),
        }
    }

    /// True where this side announces compression and the other side's head before did not offer to
    /// read it.
    const fn unasked_by(&self, side: Side) -> bool {
        match side {
            Side::Connecting => {
                self.request.content_deflate
                    || self.last.content_deflate && !self.answer.accept_deflate
            }
            Side::Accepting => self.answer.content_deflate && !self.request.accept_deflate,
        }
    }

    /// True where all three heads play along (HAND-49).
    const fn switch_to_tls(&self) -> bool {
        let is_taken = self.answer.upgrade_tls && self.answer.connection_upgrade;
        self.request.upgrade_tls && is_taken && self.last.connection_upgrade
    }
}

pub(super) const TWO_LEAVES: Incompatible =
    Incompatible { rule: Rule::new("HAND-67"), what: "both sides are leaves" };
pub(super) const NO_MODE: Incompatible =
    Incompatible { rule: Rule::new("HAND-23"), what: "neither leaf nor ultrapeer" };
const UNASKED: Misbehaved = Misbehaved {
    rule: Rule::new("HAND-38"),
    what: "compression is announced to a side that did not offer to inflate",
};
fn role_of(said: &Capabilities) -> Result<Role, Fault> {
    Ok(said.ultrapeer.map(Role::from_ultrapeer).ok_or(NO_MODE)?)
}
