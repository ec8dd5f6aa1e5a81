use std::fmt;

use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE};

use super::form::{after, number};
use crate::base::kazaa_hash::UuHash;
use crate::base::limits::SHARED_NAME_LEN_MAX;
use crate::base::percent::{self, Encoded};
use crate::base::urn::Urn;
use crate::gnutella::wire::Guid;

/// What a request asks for. None of these is ever a path of a file: a file is found by its URN or by its
/// number, and a name is only compared with the one that we share (HTTP-09).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `/uri-res/N2R?urn:…`: the content that has this name (HTTP-06).
    ByUrn(Urn),
    /// `/uri-res/N2X?urn:…`: its Tiger tree (HTTP-07). With the root that is expected, as a bitprint.
    TreeOf(Urn),
    /// `/get/7/name`: the file that has this number and this name (HTTP-08).
    ByIndex { index: u32, name: String },
    /// `/.hash=9dd3…`: the file that FastTrack knows by this hash (FTHTTP-01).
    ByUuHash(UuHash),
    /// `/`: what we share (HTTP-11).
    Browse,
    /// `/gnutella/push-proxy?ServerId=…`: that a push is passed on (HTTP-12).
    PushProxy(PushRequest),
    /// Anything else, as it came.
    Other(String),
}

/// A push that a proxy is asked to pass on. Whereto stands in the header `X-Node`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushRequest {
    /// Who shall connect.
    pub servent: Guid,
    /// For which file, where that was said.
    pub file: Option<u32>,
    /// Whether the one that asks takes TLS.
    pub tls: bool,
}

impl Target {
    /// Reads what stands between method and version.
    pub fn parse(text: &str) -> Self {
        let path = without_authority(text);
        read(path).unwrap_or_else(|| Self::Other(text.to_owned()))
    }
}

/// The path of a target in absolute form (HTTP-13).
fn without_authority(text: &str) -> &str {
    let Some(rest) = after(text, "http://") else { return text };
    rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
}

fn read(path: &str) -> Option<Target> {
    if matches!(path, "/" | "/?") {
        return Some(Target::Browse);
    }
    if let Some(query) = after(path, "/uri-res/N2R?") {
        return by_urn(query).map(Target::ByUrn);
    }
    if let Some(query) = after(path, "/uri-res/N2X?") {
        return tree_of(query).map(Target::TreeOf);
    }
    if let Some(rest) = after(path, "/get/") {
        return by_index(rest);
    }
    if let Some(digits) = after(path, "/.hash=") {
        return UuHash::from_hex(digits).map(Target::ByUuHash);
    }
    let starts = ["/gnutella/push-proxy?", "/gnet/push-proxy?"];
    let query = starts.iter().find_map(|start| after(path, start))?;
    push_request(query).map(Target::PushProxy)
}

fn by_urn(query: &str) -> Option<Urn> {
    let decoded = percent::decode(query.as_bytes());
    let (urn, rest) = Urn::parse_prefix(&decoded)?;
    matches!(rest.first(), None | Some(b'&' | b';' | b'#' | b' ')).then_some(urn)
}

/// As [`by_urn`]; the root of the tree may follow, as it does in `X-Thex-URI`.
fn tree_of(query: &str) -> Option<Urn> {
    let urn = by_urn(query)?;
    let decoded = percent::decode(query.as_bytes());
    let Urn::Sha1(sha1) = urn else { return Some(urn) };
    let root = decoded.split(|&byte| byte == b';').nth(1).and_then(root);
    Some(root.map_or(urn, |tiger_tree| Urn::Bitprint { sha1, tiger_tree }))
}

/// The root of a Tiger tree in base32.
pub(super) fn root(digits: &[u8]) -> Option<[u8; 24]> {
    BASE32_NOPAD_NOCASE.decode(digits.get(..39)?).ok()?.try_into().ok()
}

fn by_index(rest: &str) -> Option<Target> {
    let (index, name) = rest.split_once('/')?;
    // Old servents write a slash at the end.
    let name = name.strip_suffix('/').unwrap_or(name);
    let name = String::from_utf8_lossy(&percent::decode(name.as_bytes())).into_owned();
    let is_name = !name.is_empty() && name.len() <= SHARED_NAME_LEN_MAX;
    Some(Target::ByIndex { index: number(index).filter(|_| is_name)?, name })
}

fn push_request(query: &str) -> Option<PushRequest> {
    let (mut servent, mut file, mut tls) = (None, None, false);
    for part in query.split('&') {
        let Some((key, value)) = part.split_once('=') else { continue };
        let value = percent::decode(value.as_bytes());
        match key {
            _ if key.eq_ignore_ascii_case("ServerId") => servent = servent.or(from_base32(&value)),
            _ if key.eq_ignore_ascii_case("guid") => servent = servent.or(Guid::from_hex(&value)),
            _ if key.eq_ignore_ascii_case("file") => {
                file = std::str::from_utf8(&value).ok().and_then(number);
            }
            _ if key.eq_ignore_ascii_case("tls") => tls = value.eq_ignore_ascii_case(b"true"),
            _ => {}
        }
    }
    Some(PushRequest { servent: servent?, file, tls })
}

fn from_base32(digits: &[u8]) -> Option<Guid> {
    let digits = digits.split(|&byte| byte == b'=').next()?;
    BASE32_NOPAD_NOCASE.decode(digits).ok()?.try_into().ok().map(Guid)
}

/// As we ask for it.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByUrn(urn) => write!(f, "/uri-res/N2R?{urn}"),
            Self::TreeOf(urn) => write!(f, "/uri-res/N2X?{urn}"),
            Self::ByIndex { index, name } => write!(f, "/get/{index}/{}", Encoded(name.as_bytes())),
            Self::ByUuHash(hash) => write!(f, "/.hash={hash}"),
            Self::Browse => f.write_str("/"),
            Self::PushProxy(PushRequest { servent, file, tls }) => {
                let servent = BASE32_NOPAD.encode(&servent.0);
                write!(f, "/gnutella/push-proxy?ServerId={servent}")?;
                file.iter().try_for_each(|file| write!(f, "&file={file}"))?;
                if *tls { f.write_str("&tls=true") } else { Ok(()) }
            }
            Self::Other(text) => text.bytes().try_for_each(|byte| match byte {
                b'!'..=b'~' => write!(f, "{}", char::from(byte)),
                _ => write!(f, "%{byte:02X}"),
            }),
        }
    }
}
