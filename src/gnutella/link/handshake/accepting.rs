use std::net::SocketAddr;

use super::connecting::accepted;
use super::{Failure, Question, Us};
use crate::base::error::{Incompatible, Misbehaved, Rule};
use crate::base::limits::TRY_HOSTS_MAX;
use crate::base::mutant::mutant;
use crate::gnutella::link::agreement::{Agreement, Heads, Side};
use crate::gnutella::link::capabilities::PACKETS;
use crate::gnutella::link::head::Head;
use crate::gnutella::link::objection::{objection, objection_to_network};
use crate::gnutella::link::profile::QUERY_ROUTING;
use crate::gnutella::link::refusal::{listed, status_line};
use crate::gnutella::link::{Capabilities, Refusal, Role, StartLine, Version};

const NOT_A_REQUEST: Misbehaved =
    Misbehaved { rule: Rule::new("HAND-63"), what: "an answer came where a request was due" };
const OLD: Incompatible =
    Incompatible { rule: Rule::new("HAND-59"), what: "Gnutella 0.6 is needed" };

/// Somebody connected; the request is awaited.
#[derive(Debug)]
pub(in crate::gnutella::link) struct Listening;

impl Listening {
    /// Takes the request.
    pub(in crate::gnutella::link) fn asked(self, us: &Us, head: &Head) -> Result<Asked, Failure> {
        let request = requested(head)?;
        let objection = match request.crawler {
            Some(_) => objection_to_network(&request),
            None => objection(us.profile.role, &request),
        };
        match objection {
            Some(failure) => Err(failure),
            None => Ok(Asked { request }),
        }
    }
}

/// What a head says that asks for a link.
pub(in crate::gnutella::link) fn requested(head: &Head) -> Result<Capabilities, Failure> {
    let start = head.start_line();
    match start.map_err(|fault| Failure::blame(Refusal::BAD_HEAD, fault))? {
        StartLine::Answer { .. } => Err(Failure::Broken(NOT_A_REQUEST.into())),
        StartLine::Request { version } if version < Version(0, 6) && !mutant!(AcceptsVersion04) => {
            Err(Failure::blame(Refusal::NOT_ACCEPTABLE, OLD))
        }
        StartLine::Request { .. } => Ok(head.capabilities()),
    }
}

/// The request is understood; the node has to say whether there is a place.
#[derive(Debug)]
pub(in crate::gnutella::link) struct Asked {
    request: Capabilities,
}

impl Asked {
    pub(in crate::gnutella::link) fn question(&self, us: &Us) -> Question {
        Question {
            role: us.profile.role,
            peer_role: self.request.ultrapeer.map(Role::from_ultrapeer),
            guidance: None,
            is_crawler: self.request.crawler.is_some(),
            peer: self.request.clone(),
        }
    }

    pub(in crate::gnutella::link) fn is_by_crawler(&self) -> bool {
        self.request.crawler.is_some()
    }

    /// Lets the other side in, unless it reads our answer and thinks better of it.
    pub(in crate::gnutella::link) fn accept(
        self,
        us: &Us,
        role: Role,
        ultrapeer_needed: Option<bool>,
        try_ultrapeers: &[SocketAddr],
    ) -> Result<(Granted, Head), Failure> {
        if let Some(failure) = objection(role, &self.request) {
            return Err(failure);
        }
        let (profile, request) = (&us.profile, self.request);
        let theirs = request.query_routing.unwrap_or(QUERY_ROUTING);
        let deflates =
            profile.sends_deflate && (request.accept_deflate || mutant!(DeflatesUnasked));
        let switches = profile.upgrades_to_tls && request.upgrade_tls;
        let needed = ultrapeer_needed.filter(|_| role.is_ultrapeer());
        let others = listed(try_ultrapeers.iter().take(TRY_HOSTS_MAX));
        let head = Head::new("GNUTELLA/0.6 200 OK");
        let head = profile.introduce(head, role, QUERY_ROUTING.min(theirs));
        let head = profile
            .describe(head, us.peer)
            .with_if(deflates, "Content-Encoding", "deflate")
            .with_some(
                "X-Ultrapeer-Needed",
                needed.map(|needed| if needed { "True" } else { "False" }),
            )
            .with_if(!others.is_empty(), "X-Try-Ultrapeers", others)
            .with_if(request.accept.is_some(), "Content-Type", PACKETS)
            .with_if(switches, "Upgrade", "TLS/1.0")
            .with_if(switches, "Connection", "Upgrade");
        let answer = head.capabilities();
        Ok((Granted { request, answer }, head))
    }

    /// The head for a crawler, which is not told of itself (HAND-80).
    pub(in crate::gnutella::link) fn crawl(
        self,
        us: &Us,
        peers: &[SocketAddr],
        leaves: &[SocketAddr],
    ) -> Head {
        let crawler = us.peer.to_canonical();
        let is_other = |host: &&SocketAddr| host.ip().to_canonical() != crawler;
        let [peers, leaves] = [peers, leaves].map(|hosts| listed(hosts.iter().filter(is_other)));
        Head::new(status_line(Refusal::CRAWLER, "Hi"))
            .with("User-Agent", us.profile.program())
            .with("Peers", peers)
            .with_if(us.profile.role.is_ultrapeer(), "Leaves", leaves)
            .with_some("X-Live-Since", us.profile.started())
    }
}

/// The other side is let in; its last head is awaited.
#[derive(Debug)]
pub(in crate::gnutella::link) struct Granted {
    request: Capabilities,
    answer: Capabilities,
}

impl Granted {
    /// Takes the last head.
    pub(in crate::gnutella::link) fn closed(self, head: &Head) -> Result<Agreement, Failure> {
        let heads = Heads { request: self.request, answer: self.answer, last: accepted(head)? };
        Agreement::of(heads, Side::Accepting).map_err(Failure::Broken)
    }
}
