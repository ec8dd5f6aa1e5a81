use std::net::{IpAddr, SocketAddr};

use crate::base::file_name::SafeName;
use crate::base::magnet::{Magnet, Source};
use crate::base::urn::Urn;
use crate::control::desk::{Desk, Refusal, Request};
use crate::control::model::{Hit, StartDownload};
use crate::gnutella::wire::Guid;
use crate::transfer::download::journal::Intent;
use crate::transfer::download::{Finding, Origin, Path, PushWay};

/// What somebody is told who has typed something else.
const NO_LINK: &str =
    "this is neither a magnet link nor a URN; search for words, and fetch one of the hits";

/// What is to be fetched, and from whom, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub intent: Intent,
    pub findings: Vec<Finding>,
}

impl Wanted {
    /// What somebody asks for. A hit is looked up in its search.
    pub async fn of(start: &StartDownload, desk: &Desk) -> Result<Self, Refusal> {
        match start {
            StartDownload { link: Some(link), search: None, hit: None } => Self::of_link(link),
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

    /// A magnet link, or a URN.
    pub fn of_link(link: &str) -> Result<Self, Refusal> {
        if let Some(urn) = Urn::parse(link.trim().as_bytes()) {
            let magnet = Magnet { urns: vec![urn], ..Magnet::default() };
            return Self::of_magnet(&magnet);
        }
        let magnets = Magnet::parse(link.trim());
        let first = magnets.as_ref().and_then(|magnets| magnets.first());
        Self::of_magnet(first.ok_or_else(|| invalid(NO_LINK))?)
    }

    fn of_magnet(magnet: &Magnet) -> Result<Self, Refusal> {
        let no_sha1 = "a link needs a SHA-1 (xt=urn:sha1:… or urn:bitprint:…), by which what comes is checked; search for its name, and fetch one of the hits";
        let sha1 = magnet.sha1().ok_or_else(|| invalid(no_sha1))?;
        let urn = || SafeName::from_remote(&Urn::Sha1(sha1).to_string());
        let name = magnet.name.clone().unwrap_or_else(urn).as_str().to_owned();
        let intent = Intent { name, sha1, size: magnet.size, root: magnet.tiger_root() };
        let sources = magnet.sources.iter().filter_map(finding_of_source);
        Ok(Self { intent, findings: sources.collect() })
    }

    fn of_hit(hit: &Hit) -> Result<Self, Refusal> {
        let no_sha1 = "this hit has no SHA-1, so that nobody could tell whether what comes is right; choose another";
        let digits = hit.sha1.as_ref().ok_or_else(|| invalid(no_sha1))?;
        let urn = Urn::parse(format!("urn:sha1:{digits}").as_bytes());
        let sha1 = urn.and_then(|urn| urn.sha1().copied()).ok_or_else(|| invalid(no_sha1))?;
        let name = SafeName::from_remote(&hit.name).as_str().to_owned();
        let intent = Intent { name, sha1, size: Some(hit.size), root: None };
        Ok(Self { intent, findings: vec![finding_of(hit)] })
    }
}

/// Whoever has answered a search.
pub(super) fn finding_of(hit: &Hit) -> Finding {
    let servent = Guid::from_hex(hit.servent_id.as_bytes());
    let way = servent.map(|servent| PushWay { servent, index: hit.index, proxies: Vec::new() });
    Finding {
        push: way,
        is_firewalled: hit.firewalled,
        ..Finding::by_urn(hit.address, Origin::Hit)
    }
}

/// Whom a link names. Names of hosts are not looked up: whoever makes a link would see who follows it.
fn finding_of_source(source: &Source) -> Option<Finding> {
    match source.clone() {
        Source::Http { host, port, path } => {
            let ip: IpAddr = host.parse().ok()?;
            let finding = Finding::by_urn(SocketAddr::new(ip, port), Origin::User);
            let is_by_urn = path.starts_with("/uri-res/N2R?");
            let path = if is_by_urn { Path::ByUrn } else { Path::Url(path) };
            Some(Finding { path, ..finding })
        }
        Source::Push { servent, proxies, .. } => {
            let first = *proxies.first()?;
            let way = PushWay { servent: Guid(servent), index: 0, proxies };
            let finding = Finding::by_urn(first, Origin::User);
            Some(Finding { push: Some(way), is_firewalled: true, ..finding })
        }
    }
}

fn invalid(why: &str) -> Refusal {
    Refusal::Invalid(why.to_owned())
}
