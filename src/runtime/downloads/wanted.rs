use std::net::{SocketAddr, SocketAddrV4};

use tokio::task::JoinSet;

use crate::base::addresses::is_public;
use crate::base::file_name::SafeName;
use crate::base::kazaa_hash::UuHash;
use crate::base::limits::{LINK_ADDRESSES_MAX, LINK_NAMES_MAX};
use crate::base::urn::Urn;
use crate::control::desk::{Desk, Refusal, Request};
use crate::control::model::{Hit, StartDownload};
use crate::gnutella::wire::Guid;
use crate::runtime::bootstrap::{Resolved, resolve};
use crate::transfer::download::journal::Intent;
use crate::transfer::download::{
    Finding, KazaaHost, KazaaName, KnownBy, Linked, NamedHost, NoFile, Origin, Path, PushWay,
    possible,
};

/// Hits of one search that begin a download together; others are found by the search of the download.
const HIT_SOURCES_MAX: usize = 64;

/// What is to be fetched, and from whom, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub intent: Intent,
    pub findings: Vec<Finding>,
}

impl Wanted {
    /// What somebody asks for. A hit is looked up in its search, and the names of hosts in a link in the
    /// system.
    pub async fn of(
        start: &StartDownload,
        desk: &Desk,
        allow_private: bool,
    ) -> Result<Self, Refusal> {
        match start {
            StartDownload { link: Some(link), search: None, hit: None } => {
                let (mut wanted, names) = Self::of_link(link)?;
                wanted.findings.retain(|finding| allow_private || !leads_inside(finding));
                wanted.findings.extend(looked_up(names, allow_private).await);
                Ok(wanted)
            }
            StartDownload { link: None, search: Some(search), hit: Some(number) } => {
                let search = *search;
                let hits = desk.ask(|reply| Request::Hits { search, from: 0, reply }).await?;
                let hit = hits.iter().find(|hit| hit.number == *number);
                let missing = || {
                    Refusal::NotFound(format!(
                        "search {search} has no hit {number}; see the list of its hits"
                    ))
                };
                Self::of_hit(hit.ok_or_else(missing)?, &hits)
            }
            _ => Err(invalid("name a link, or a search and the number of a hit")),
        }
    }

    /// Whether only nodes of FastTrack can have it, as far as is known.
    pub fn is_of_fasttrack_alone(&self) -> bool {
        let is_askable = |finding: &Finding| finding.path != Path::ByUrn;
        self.intent.known_by.sha1().is_none() && !self.findings.iter().any(is_askable)
    }

    /// What a link says; and the hosts that it names by names.
    fn of_link(link: &str) -> Result<(Self, Vec<NamedHost>), Refusal> {
        let Linked { intent, findings, names } = Linked::read(link).map_err(refused)?;
        Ok((Self { intent, findings }, names))
    }

    /// A hit; with it all of the same search that are of the same content in FastTrack, where each tells of one host alone.
    fn of_hit(hit: &Hit, all: &[Hit]) -> Result<Self, Refusal> {
        let no_hash = "this hit has no hash, so that nobody could tell whether what comes is right; choose another";
        let known_by = known_by_hit(hit).ok_or_else(|| invalid(no_hash))?;
        let name = SafeName::from_remote(&hit.name).as_str().to_owned();
        let intent = Intent { name, known_by, size: Some(hit.size), root: None };
        let is_same = |other: &&Hit| {
            let has_hash = hit.kazaa_hash.is_some() && other.kazaa_hash == hit.kazaa_hash;
            has_hash && other.size == hit.size && other.number != hit.number
        };
        let others = all.iter().filter(is_same).take(HIT_SOURCES_MAX);
        let findings = std::iter::once(hit).chain(others).map(finding_of).collect();
        Ok(Self { intent: possible(intent).map_err(refused)?, findings })
    }
}

/// By what a hit names a file.
fn known_by_hit(hit: &Hit) -> Option<KnownBy> {
    let urn = |digits: &String| Urn::parse(format!("urn:sha1:{digits}").as_bytes());
    let sha1 = hit.sha1.as_ref().and_then(urn).and_then(|urn| urn.sha1().copied());
    KnownBy::of(sha1, kazaa_hash_of(hit).map(KazaaName::parts))
}

pub(super) fn kazaa_hash_of(hit: &Hit) -> Option<UuHash> {
    UuHash::from_hex(hit.kazaa_hash.as_ref()?)
}

/// Whoever has answered a search.
pub(super) fn finding_of(hit: &Hit) -> Finding {
    let finding = match (kazaa_hash_of(hit), hit.address) {
        (Some(hash), SocketAddr::V4(address)) => {
            let user = hit.user.clone().unwrap_or_default();
            let supernode = hit.supernode.and_then(v4);
            let host = KazaaHost { user, supernode, ..KazaaHost::unknown(hash) };
            Finding::of_kazaa(address, host, Origin::Hit)
        }
        _ => {
            let servent = Guid::from_hex(hit.servent_id.as_bytes());
            let proxies = hit.push_proxies.clone();
            let push = servent.map(|servent| PushWay { servent, index: hit.index, proxies });
            Finding { push, ..Finding::by_urn(hit.address, Origin::Hit) }
        }
    };
    Finding {
        is_firewalled: hit.firewalled,
        takes_tls: hit.takes_tls,
        name: Some(SafeName::from_remote(&hit.name).as_str().to_owned()),
        ..finding
    }
}

const fn v4(address: SocketAddr) -> Option<SocketAddrV4> {
    match address {
        SocketAddr::V4(address) => Some(address),
        SocketAddr::V6(_) => None,
    }
}

/// Whether it asks a host that strangers do not reach for something that whoever made the link has chosen
/// (HTTP-35).
fn leads_inside(finding: &Finding) -> bool {
    matches!(finding.path, Path::Url(_)) && !is_public(finding.address.ip())
}

/// The hosts that have these names, as the system says. Names of private ones are passed over: whoever makes
/// a link could have us call what stands inside (HTTP-35).
async fn looked_up(names: Vec<NamedHost>, allow_private: bool) -> Vec<Finding> {
    let mut look_ups = JoinSet::new();
    for name in names.into_iter().take(LINK_NAMES_MAX) {
        look_ups.spawn(async move {
            let found = resolve(&name.host, name.port, allow_private).await;
            (name, found)
        });
    }
    let mut findings = Vec::new();
    for (NamedHost { host, port, path }, found) in look_ups.join_all().await {
        let Resolved::Addresses(addresses) = found else { continue };
        for address in addresses.into_iter().take(LINK_ADDRESSES_MAX) {
            let host = format!("{host}:{port}");
            let path = Path::Named { host, target: path.clone() };
            findings.push(Finding { path, ..Finding::by_urn(address, Origin::User) });
        }
    }
    findings
}

fn refused(why: NoFile) -> Refusal {
    invalid(&why.to_string())
}

fn invalid(why: &str) -> Refusal {
    Refusal::Invalid(why.to_owned())
}

#[cfg(test)]
mod tests;
