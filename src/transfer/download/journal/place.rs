//! Where a source is, and how it is reached, as a journal says it (DOWN-33).
//!
//! ```text
//! flags      1   1 the user has named it, 2 it cannot be called, 4 it speaks TLS, 8 a Push reaches it
//! address    4   bytes of the text, and the text
//! path       1   0 by its URN, 1 by a number and a name, 2 a target, 3 a host by its name and a target,
//!                4 a node of FastTrack: 20 the hash there, user, network, and its supernode or nothing, as texts
//! push       16  servent; 4 the file's number there, 1 how many proxies, and their addresses as texts
//! ```

use std::net::SocketAddr;

use super::record::{ADDRESS, CUT, KIND, TEXT};
use crate::base::error::Malformed;
use crate::base::kazaa_hash::UuHash;
use crate::base::limits::SOURCE_PROXIES_MAX;
use crate::base::reader::Reader;
use crate::gnutella::wire::Guid;
use crate::transfer::download::contract::{Finding, KazaaHost, Origin, Path, PushWay};

const BY_USER: u8 = 1;
const FIREWALLED: u8 = 2;
const TAKES_TLS: u8 = 4;
const HAS_PUSH: u8 = 8;

pub(super) fn write(finding: &Finding, out: &mut Vec<u8>) {
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    out.push(
        flag(finding.origin == Origin::User, BY_USER)
            | flag(finding.is_firewalled, FIREWALLED)
            | flag(finding.takes_tls, TAKES_TLS)
            | flag(finding.push.is_some(), HAS_PUSH),
    );
    write_text(&finding.address.to_string(), out);
    match &finding.path {
        Path::ByUrn => out.push(0),
        Path::ByIndex { index, name } => {
            out.push(1);
            out.extend(index.to_le_bytes());
            write_text(name, out);
        }
        Path::Url(target) => {
            out.push(2);
            write_text(target, out);
        }
        Path::Named { host, target } => {
            out.push(3);
            write_text(host, out);
            write_text(target, out);
        }
        Path::Kazaa(KazaaHost { hash, user, network, supernode }) => {
            out.push(4);
            out.extend(hash.0);
            write_text(user, out);
            write_text(network, out);
            write_text(&supernode.map(|at| at.to_string()).unwrap_or_default(), out);
        }
    }
    if let Some(PushWay { servent, index, proxies }) = &finding.push {
        out.extend(servent.0);
        out.extend(index.to_le_bytes());
        let proxies: Vec<&SocketAddr> = proxies.iter().take(SOURCE_PROXIES_MAX).collect();
        out.push(u8::try_from(proxies.len()).unwrap_or_default());
        proxies.iter().for_each(|proxy| write_text(&proxy.to_string(), out));
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Finding, Malformed> {
    let flags = reader.u8(CUT)?;
    let address = read_address(reader)?;
    let path = match reader.u8(CUT)? {
        0 => Path::ByUrn,
        1 => Path::ByIndex { index: reader.u32_le(CUT)?, name: read_text(reader)? },
        2 => Path::Url(read_text(reader)?),
        3 => Path::Named { host: read_text(reader)?, target: read_text(reader)? },
        4 => Path::Kazaa(read_host(reader)?),
        _ => return Err(KIND.broken_at(reader.offset())),
    };
    let push = if flags & HAS_PUSH == 0 { None } else { Some(read_way(reader)?) };
    Ok(Finding {
        address,
        path,
        push,
        is_firewalled: flags & FIREWALLED != 0,
        takes_tls: flags & TAKES_TLS != 0,
        name: None,
        origin: if flags & BY_USER == 0 { Origin::Journal } else { Origin::User },
    })
}

fn read_host(reader: &mut Reader<'_>) -> Result<KazaaHost, Malformed> {
    let hash = UuHash(reader.array(CUT)?);
    let (user, network) = (read_text(reader)?, read_text(reader)?);
    let at = reader.offset();
    let supernode = match &*read_text(reader)? {
        "" => None,
        address => Some(address.parse().map_err(|_| ADDRESS.broken_at(at))?),
    };
    Ok(KazaaHost { hash, user, network, supernode })
}

fn read_way(reader: &mut Reader<'_>) -> Result<PushWay, Malformed> {
    let servent = Guid(reader.array(CUT)?);
    let index = reader.u32_le(CUT)?;
    let count = reader.u8(CUT)?;
    let proxies = (0..count).map(|_| read_address(reader)).collect::<Result<_, _>>()?;
    Ok(PushWay { servent, index, proxies })
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(text.as_bytes());
}

fn read_text(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    let len = usize::try_from(reader.u32_le(CUT)?).unwrap_or(usize::MAX);
    let text = reader.take(len, CUT)?;
    let text = std::str::from_utf8(text).map_err(|_| TEXT.broken_at(reader.offset()))?;
    Ok(text.to_owned())
}

fn read_address(reader: &mut Reader<'_>) -> Result<SocketAddr, Malformed> {
    let at = reader.offset();
    read_text(reader)?.parse().map_err(|_| ADDRESS.broken_at(at))
}
