use super::{Declined, Failure, Question, Us};
use crate::base::error::{Incompatible, Misbehaved, Rule};
use crate::gnutella::link::agreement::{Agreement, Heads, Side};
use crate::gnutella::link::capabilities::PACKETS;
use crate::gnutella::link::head::Head;
use crate::gnutella::link::objection::objection_to_answer;
use crate::gnutella::link::profile::QUERY_ROUTING;
use crate::gnutella::link::{Capabilities, Profile, Refusal, Role, StartLine, Version};

const NOT_AN_ANSWER: Misbehaved =
    Misbehaved { rule: Rule::new("HAND-63"), what: "a request came where an answer was due" };
const OLD: Incompatible =
    Incompatible { rule: Rule::new("HAND-59"), what: "it speaks Gnutella 0.4" };

/// We connected and asked; the answer is awaited.
#[derive(Debug)]
pub(in crate::gnutella::link) struct Asking {
    request: Capabilities,
}

impl Asking {
    /// The first step, and the request to send.
    pub(in crate::gnutella::link) fn start(us: &Us) -> (Self, Head) {
        let head = us.profile.request(us.peer);
        (Self { request: head.capabilities() }, head)
    }

    /// Takes the answer.
    pub(in crate::gnutella::link) fn answered(
        self,
        us: &Us,
        head: &Head,
    ) -> Result<Answered, Failure> {
        let answer = accepted(head)?;
        match objection_to_answer(us.profile.role, &answer) {
            Some(failure) => Err(failure),
            None => Ok(Answered { request: self.request, answer }),
        }
    }
}

/// The other side accepts us; the node has to say whether that will do.
#[derive(Debug)]
pub(in crate::gnutella::link) struct Answered {
    request: Capabilities,
    answer: Capabilities,
}

impl Answered {
    pub(in crate::gnutella::link) fn question(&self, us: &Us) -> Question {
        Question {
            role: us.profile.role,
            peer_role: self.answer.ultrapeer.map(Role::from_ultrapeer),
            guidance: guidance(us.profile.role, &self.answer),
            is_crawler: false,
            peer: self.answer.clone(),
        }
    }

    /// Goes on in `role`: what was agreed, and the last head to send. Whoever asked as a leaf is one
    /// here, however much ultrapeers are needed (HAND-70).
    pub(in crate::gnutella::link) fn accept(
        self,
        us: &Us,
        role: Role,
    ) -> Result<(Agreement, Head), Failure> {
        let role = if us.profile.role.is_leaf() { Role::Leaf } else { role };
        let head = closing(&us.profile, role, &self.answer);
        let (request, answer, last) = (self.request, self.answer, head.capabilities());
        match Agreement::of(Heads { request, answer, last }, Side::Connecting) {
            Ok(agreement) => Ok((agreement, head)),
            // Only our own choice can still be in the way.
            Err(fault) => {
                let refusal = Refusal::of(Refusal::SHIELDED_LEAF, &fault);
                Err(Failure::Refused(refusal, None))
            }
        }
    }
}

/// The last head. It says only what the answer has changed, as those of others do: gtk-gnutella's
/// and LimeWire's are empty but for Content-Encoding.
fn closing(profile: &Profile, role: Role, answer: &Capabilities) -> Head {
    let is_ultrapeer = if role.is_ultrapeer() { "True" } else { "False" };
    let other = answer.query_routing.filter(|&theirs| theirs != QUERY_ROUTING);
    let switches = profile.upgrades_to_tls && answer.upgrade_tls && answer.connection_upgrade;
    Head::new("GNUTELLA/0.6 200 OK")
        .with_if(role != profile.role, "X-Ultrapeer", is_ultrapeer)
        .with_some("X-Query-Routing", other.map(|theirs| theirs.min(QUERY_ROUTING)))
        .with_if(answer.accept.is_some(), "Content-Type", PACKETS)
        .with_if(profile.sends_deflate && answer.accept_deflate, "Content-Encoding", "deflate")
        .with_if(switches, "Connection", "Upgrade")
}

/// What an ultrapeer would rather have us be, where that is not what we are.
fn guidance(role: Role, answer: &Capabilities) -> Option<Role> {
    let needed = answer.ultrapeer_needed.filter(|_| answer.ultrapeer == Some(true))?;
    Some(Role::from_ultrapeer(needed)).filter(|&wanted| wanted != role)
}

/// What a head that accepts says, on either side.
pub(in crate::gnutella::link) fn accepted(head: &Head) -> Result<Capabilities, Failure> {
    let start = head.start_line().map_err(|fault| Failure::Broken(fault.into()))?;
    match start {
        StartLine::Request { .. } => Err(Failure::Broken(NOT_AN_ANSWER.into())),
        StartLine::Answer { version, .. } if version < Version(0, 6) => {
            Err(Failure::Broken(OLD.into()))
        }
        StartLine::Answer { code, .. } if code != StartLine::ACCEPTED => {
            Err(Failure::Declined(Box::new(Declined::new(code, head))))
        }
        StartLine::Answer { .. } => Ok(head.capabilities()),
    }
}
