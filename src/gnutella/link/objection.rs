use super::handshake::Failure;
use super::{Capabilities, Refusal, Role};
use crate::base::error::{Incompatible, Rule};

const OTHER_NETWORK: Incompatible =
    Incompatible { rule: Rule::new("HAND-52"), what: "no Gnutella messages are accepted there" };
const CLOSED_NETWORK: Incompatible =
    Incompatible { rule: Rule::new("HAND-53"), what: "it belongs to a network with a password" };
const NO_MODE: Incompatible =
    Incompatible { rule: Rule::new("HAND-23"), what: "neither leaf nor ultrapeer" };
const TWO_LEAVES: Incompatible =
    Incompatible { rule: Rule::new("HAND-64"), what: "both sides are leaves" };

/// What stands against a link with such a peer, whatever the node thinks: none of these could ever
/// carry a message.
pub(super) fn objection(role: Role, peer: &Capabilities) -> Option<Failure> {
    let (code, fault) = match peer.ultrapeer {
        _ if peer.is_of_another_network() => (Refusal::NOT_ACCEPTABLE, OTHER_NETWORK),
        _ if peer.challenge => (Refusal::FORBIDDEN, CLOSED_NETWORK),
        None => (Refusal::FORBIDDEN, NO_MODE),
        Some(false) if role.is_leaf() => (Refusal::SHIELDED_LEAF, TWO_LEAVES),
        Some(_) => return None,
    };
    Some(Failure::blame(code, fault))
}
