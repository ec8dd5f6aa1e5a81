use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use tokio::task::JoinSet;

use crate::base::addresses::is_public;
use crate::base::file_name::SafeName;
use crate::base::kazaa_hash::UuHash;
use crate::base::limits::{FILE_LEN_MAX, LINK_ADDRESSES_MAX, LINK_NAMES_MAX};
use crate::base::magnet::{Magnet, Source};
use crate::base::sig2dat::Sig2dat;
use crate::base::urn::Urn;
use crate::control::desk::{Desk, Refusal, Request};
use crate::control::model::{Hit, StartDownload};
use crate::gnutella::http::Target;
use crate::gnutella::wire::Guid;
use crate::runtime::bootstrap::{Resolved, resolve};
use crate::transfer::download::journal::Intent;
use crate::transfer::download::{Finding, KazaaHost, KazaaName, KnownBy, Origin, Path, PushWay};

/// What somebody is told who has typed something else.
const MANY_FILES: &str =
    "this link is to several files; fetch them one by one, each by a link of its own";

const NO_LINK: &str =
    "this is neither a magnet link nor a URN; search for words, and fetch one of the hits";

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
                let (search, from) = (*search, *number);
                let hits = desk.ask(|reply| Request::Hits { search, from, reply }).await?;
                let hit = hits.into_iter().find(|hit| hit.number == *number);
                let missing = || {
                    Refusal::NotFound(format!(
                        "search {search} has no hit {number}; see the list of its hits"
                    ))
                };
                Self::of_hit(&hit.ok_or_else(missing)?)
            }
            _ => Err(invalid("name a link, or a search and the number of a hit")),
        }
    }

    /// Whether only nodes of FastTrack can have it, as far as is known.
    pub fn is_of_fasttrack_alone(&self) -> bool {
        let is_askable = |finding: &Finding| finding.path != Path::ByUrn;
        self.intent.known_by.sha1().is_none() && !self.findings.iter().any(is_askable)
    }

    /// A magnet link, a sig2dat link, or a URN; and the hosts that it names by names.
    fn of_link(link: &str) -> Result<(Self, Vec<Name>), Refusal> {
        if let Some(Sig2dat { hash, name, size }) = Sig2dat::parse(link) {
            let known_by = KnownBy::Kazaa(KazaaName::parts(hash));
            let intent = possible(intent_of(known_by, name, size))?;
            return Ok((Self { intent, findings: Vec::new() }, Vec::new()));
        }
        if let Some(urn) = Urn::parse(link.trim().as_bytes()) {
            let magnet = Magnet { urns: vec![urn], ..Magnet::default() };
            return Self::of_magnet(&magnet);
        }
        let magnets = Magnet::parse(link.trim()).unwrap_or_default();
        // One of them may hold nothing but a name that is meant for all.
        let mut files = magnets.iter().filter(|magnet| known_by(magnet).is_some());
        let only = match (files.next(), files.next()) {
            (Some(_), Some(_)) => return Err(invalid(MANY_FILES)),
            (Some(file), None) => file,
            (None, _) => magnets.first().ok_or_else(|| invalid(NO_LINK))?,
        };
        Self::of_magnet(only)
    }

    fn of_magnet(magnet: &Magnet) -> Result<(Self, Vec<Name>), Refusal> {
        let no_hash = "a link needs a SHA-1 (xt=urn:sha1:… or urn:bitprint:…), by which what comes is checked; search for its name, and fetch one of the hits";
        let known_by = known_by(magnet).ok_or_else(|| invalid(no_hash))?;
        let intent = intent_of(known_by, magnet.name.clone(), magnet.size);
        let intent = possible(Intent { root: magnet.tiger_root(), ..intent })?;
        let (mut findings, mut names) = (Vec::new(), Vec::new());
        for source in &magnet.sources {
            match place_of(source) {
                Some(Place::Known(finding)) => findings.push(*finding),
                Some(Place::Named(name)) => names.push(name),
                None => {}
            }
        }
        Ok((Self { intent, findings }, names))
    }

    fn of_hit(hit: &Hit) -> Result<Self, Refusal> {
        let no_hash = "this hit has no hash, so that nobody could tell whether what comes is right; choose another";
        let known_by = known_by_hit(hit).ok_or_else(|| invalid(no_hash))?;
        let name = SafeName::from_remote(&hit.name).as_str().to_owned();
        let intent = Intent { name, known_by, size: Some(hit.size), root: None };
        Ok(Self { intent: possible(intent)?, findings: vec![finding_of(hit)] })
    }
}

/// By what a hit names a file.
fn known_by_hit(hit: &Hit) -> Option<KnownBy> {
    let urn = |digits: &String| Urn::parse(format!("urn:sha1:{digits}").as_bytes());
    let sha1 = hit.sha1.as_ref().and_then(urn).and_then(|urn| urn.sha1().copied());
    KnownBy::of(sha1, kazaa_hash_of(hit).map(KazaaName::parts))
}

fn kazaa_hash_of(hit: &Hit) -> Option<UuHash> {
    UuHash::from_hex(hit.kazaa_hash.as_ref()?)
}

/// By what a link names a file.
fn known_by(magnet: &Magnet) -> Option<KnownBy> {
    KnownBy::of(magnet.sha1(), magnet.kzhash().map(KazaaName::from))
}

/// What has no name of its own is called by its hash.
fn intent_of(known_by: KnownBy, name: Option<SafeName>, size: Option<u64>) -> Intent {
    let name = name.unwrap_or_else(|| SafeName::from_remote(&known_by.to_string()));
    Intent { name: name.as_str().to_owned(), known_by, size, root: None }
}

/// Refuses what nobody can have (DOWN-07).
fn possible(intent: Intent) -> Result<Intent, Refusal> {
    match intent.size.filter(|size| !intent.may_have(*size)) {
        None => Ok(intent),
        Some(size) if size > FILE_LEN_MAX => Err(invalid(
            "files of more than 4 TiB are not fetched; somebody has got the size wrong",
        )),
        Some(size) => Err(Refusal::Invalid(format!(
            "no file with this hash has {size} bytes; leave the size (xl=…) away, or choose another hit"
        ))),
    }
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

/// A host that a link names by a name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    host: String,
    port: u16,
    path: String,
}

/// Whom a link names.
enum Place {
    Known(Box<Finding>),
    Named(Name),
}

fn place_of(source: &Source) -> Option<Place> {
    match source.clone() {
        Source::Http { host, port, path } => {
            let Ok(ip) = host.parse::<IpAddr>() else {
                return Some(Place::Named(Name { host, port, path }));
            };
            let finding = Finding::by_urn(SocketAddr::new(ip, port), Origin::User);
            let path = match Target::parse(&path) {
                Target::ByUuHash(hash) => Path::Kazaa(KazaaHost::unknown(hash)),
                _ if is_by_urn(&path) => Path::ByUrn,
                _ => Path::Url(path),
            };
            Some(Place::Known(Box::new(Finding { path, ..finding })))
        }
        Source::Push { servent, proxies, .. } => {
            let first = *proxies.first()?;
            let way = PushWay { servent: Guid(servent), index: 0, proxies };
            let finding = Finding::by_urn(first, Origin::User);
            let finding = Finding { push: Some(way), is_firewalled: true, ..finding };
            Some(Place::Known(Box::new(finding)))
        }
    }
}

fn is_by_urn(path: &str) -> bool {
    path.starts_with("/uri-res/N2R?")
}

/// Whether it asks a host that strangers do not reach for something that whoever made the link has chosen
/// (HTTP-35).
fn leads_inside(finding: &Finding) -> bool {
    matches!(finding.path, Path::Url(_)) && !is_public(finding.address.ip())
}

/// The hosts that have these names, as the system says. Names of private ones are passed over: whoever makes
/// a link could have us call what stands inside (HTTP-35).
async fn looked_up(names: Vec<Name>, allow_private: bool) -> Vec<Finding> {
    let mut look_ups = JoinSet::new();
    for name in names.into_iter().take(LINK_NAMES_MAX) {
        look_ups.spawn(async move {
            let found = resolve(&name.host, name.port, allow_private).await;
            (name, found)
        });
    }
    let mut findings = Vec::new();
    for (Name { host, port, path }, found) in look_ups.join_all().await {
        let Resolved::Addresses(addresses) = found else { continue };
        for address in addresses.into_iter().take(LINK_ADDRESSES_MAX) {
            let host = format!("{host}:{port}");
            let path = Path::Named { host, target: path.clone() };
            findings.push(Finding { path, ..Finding::by_urn(address, Origin::User) });
        }
    }
    findings
}

fn invalid(why: &str) -> Refusal {
    Refusal::Invalid(why.to_owned())
}

#[cfg(test)]
mod tests;
