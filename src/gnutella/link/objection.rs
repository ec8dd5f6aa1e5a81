use super::agreement::{NO_MODE, TWO_LEAVES};
use super::handshake::Failure;
use super::{Capabilities, Refusal, Role};
use crate::base::error::{Incompatible, Misbehaved, Rule};
use crate::base::mutant::mutant;

const OTHER_NETWORK: Incompatible =
    Incompatible { rule: Rule::new("HAND-52"), what: "no Gnutella messages are accepted there" };
const CLOSED_NETWORK: Incompatible =
    Incompatible { rule: Rule::new("HAND-53"), what: "it belongs to a network with a password" };

const NO_UPGRADE: Misbehaved = Misbehaved {
    rule: Rule::new("HAND-49"),
    what: "Connection: Upgrade without the header Upgrade",
};

/// What stands against a link with who sent such an answer.
pub(super) fn objection_to_answer(role: Role, answer: &Capabilities) -> Option<Failure> {
    if answer.connection_upgrade && !answer.upgrade_tls {
        return Some(Failure::blame(Refusal::BAD_HEAD, NO_UPGRADE));
    }
    objection(role, answer)
}

/// What stands against a link with such a peer, whatever the node thinks: none of these could ever
/// carry a message (HAND-76).
pub(super) fn objection(role: Role, peer: &Capabilities) -> Option<Failure> {
    let to_messages = || objection_to_messages(role, peer);
    objection_to_network(peer).or_else(to_messages)
}

/// What stands against any answer: a crawler is told as well.
pub(super) fn objection_to_network(peer: &Capabilities) -> Option<Failure> {
    if peer.is_of_another_network() && !mutant!(TakesOtherNetworks) {
        return Some(Failure::blame(Refusal::NOT_ACCEPTABLE, OTHER_NETWORK));
    }
    peer.challenge.then(|| Failure::blame(Refusal::FORBIDDEN, CLOSED_NETWORK))
}

fn objection_to_messages(role: Role, peer: &Capabilities) -> Option<Failure> {
    match peer.ultrapeer {
        None => Some(Failure::blame(Refusal::FORBIDDEN, NO_MODE)),
        Some(false) if role.is_leaf() => Some(Failure::blame(Refusal::SHIELDED_LEAF, TWO_LEAVES)),
        Some(_) => None,
    }
}
