use std::net::{IpAddr, SocketAddr};

use thiserror::Error;

use super::contract::{Finding, KazaaHost, Origin, Path, PushWay};
use super::journal::Intent;
use super::known_by::{KazaaName, KnownBy};
use crate::base::file_name::SafeName;
use crate::base::limits::FILE_LEN_MAX;
use crate::base::magnet::{Magnet, Source};
use crate::base::sig2dat::Sig2dat;
use crate::base::urn::Urn;
use crate::gnutella::http::Target;
use crate::gnutella::wire::Guid;

/// What a link says of a file, and of those who have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    pub intent: Intent,
    pub findings: Vec<Finding>,
    /// Such as have names, which somebody has to look up.
    pub names: Vec<NamedHost>,
}

/// A host that a link names by a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedHost {
    pub host: String,
    pub port: u16,
    pub path: String,
}

/// Why a link names no file that could be fetched: a sentence for whoever has typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoFile {
    #[error("this is neither a magnet link nor a URN; search for words, and fetch one of the hits")]
    NoLink,
    #[error("this link is to several files; fetch them one by one, each by a link of its own")]
    Many,
    #[error(
        "a link needs a SHA-1 (xt=urn:sha1:… or urn:bitprint:…), by which what comes is checked; search for its name, and fetch one of the hits"
    )]
    NoHash,
    #[error("files of more than 4 TiB are not fetched; somebody has got the size wrong")]
    TooLong,
    #[error(
        "no file with this hash has {0} bytes; leave the size (xl=…) away, or choose another hit"
    )]
    OtherSize(u64),
}

impl Linked {
    /// A magnet link, a sig2dat link, or a URN.
    pub fn read(link: &str) -> Result<Self, NoFile> {
        if let Some(Sig2dat { hash, name, size }) = Sig2dat::parse(link) {
            let known_by = KnownBy::Kazaa(KazaaName::parts(hash));
            let intent = possible(intent_of(known_by, name, size))?;
            return Ok(Self { intent, findings: Vec::new(), names: Vec::new() });
        }
        if let Some(urn) = Urn::parse(link.trim().as_bytes()) {
            let magnet = Magnet { urns: vec![urn], ..Magnet::default() };
            return Self::of_magnet(&magnet);
        }
        let magnets = Magnet::parse(link.trim()).unwrap_or_default();
        // One of them may hold nothing but a name that is meant for all.
        let mut files = magnets.iter().filter(|magnet| known_by(magnet).is_some());
        let only = match (files.next(), files.next()) {
            (Some(_), Some(_)) => return Err(NoFile::Many),
            (Some(file), None) => file,
            (None, _) => magnets.first().ok_or(NoFile::NoLink)?,
        };
        Self::of_magnet(only)
    }

    fn of_magnet(magnet: &Magnet) -> Result<Self, NoFile> {
        let known_by = known_by(magnet).ok_or(NoFile::NoHash)?;
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
        Ok(Self { intent, findings, names })
    }
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
pub fn possible(intent: Intent) -> Result<Intent, NoFile> {
    match intent.size.filter(|size| !intent.may_have(*size)) {
        None => Ok(intent),
        Some(size) if size > FILE_LEN_MAX => Err(NoFile::TooLong),
        Some(size) => Err(NoFile::OtherSize(size)),
    }
}

/// Whom a link names.
enum Place {
    Known(Box<Finding>),
    Named(NamedHost),
}

fn place_of(source: &Source) -> Option<Place> {
    match source.clone() {
        Source::Http { host, port, path } => {
            let Ok(ip) = host.parse::<IpAddr>() else {
                return Some(Place::Named(NamedHost { host, port, path }));
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
