use std::net::{IpAddr, SocketAddr};

use data_encoding::BASE32;

use crate::base::limits::OWN_PUSH_PROXIES_MAX;
use crate::base::show::one_line;
use crate::control::model::{Hit, SearchId};
use crate::gnutella::wire::ggep::Value;
use crate::gnutella::wire::{GgepArea, QueryHit, Record, Trailer, TrailerFlags};

/// Characters of a file's name that are told. No file system takes longer ones.
const NAME_LEN_MAX: usize = 255;

/// The files of an answer, as the API has them. Those without a name are nothing to anybody.
pub(super) fn hits_of(search: SearchId, hops: u8, hit: &QueryHit) -> impl Iterator<Item = Hit> {
    let flags = hit.trailer.as_ref().and_then(Trailer::flags);
    let address = SocketAddr::new(IpAddr::V4(hit.address), hit.port);
    let vendor = hit.trailer.as_ref().map(|trailer| vendor(trailer.vendor.0));
    let extensions = hit.trailer.as_ref().map(Trailer::extensions);
    let proxies = extensions.as_ref().map(proxies).unwrap_or_default();
    let takes_tls = extensions.is_some_and(|extensions| extensions.find("TLS").is_some());
    hit.records.iter().filter(|record| !record.name.is_empty()).map(move |record| Hit {
        search,
        number: 0,
        name: one_line(&String::from_utf8_lossy(&record.name), NAME_LEN_MAX),
        size: record.file_size(),
        sha1: sha1(record),
        address,
        index: record.index,
        vendor: vendor.clone().flatten(),
        servent_id: hit.servent.to_string(),
        firewalled: flags.and_then(TrailerFlags::push).unwrap_or(false),
        push_proxies: proxies.clone(),
        takes_tls,
        busy: flags.and_then(TrailerFlags::busy).unwrap_or(false),
        hops,
        speed: hit.speed,
    })
}

/// Who passes a push on to it (HIT-33), as far as they are asked.
fn proxies(extensions: &GgepArea) -> Vec<SocketAddr> {
    let of_ipv4 = match extensions.value("PUSH") {
        Some(Value::Addresses(list)) => list,
        _ => Vec::new(),
    };
    let of_ipv6 = match extensions.value("PUSH6") {
        Some(Value::Addresses6(list)) => list,
        _ => Vec::new(),
    };
    let of_ipv6 = of_ipv6.into_iter().map(|at| SocketAddr::new(at.ip.into(), at.port));
    let all = of_ipv4.into_iter().map(SocketAddr::V4).chain(of_ipv6);
    all.filter(|at| at.port() != 0).take(OWN_PUSH_PROXIES_MAX).collect()
}

fn sha1(record: &Record) -> Option<String> {
    let urns = record.extensions.urns();
    let mut digests = urns.filter_map(|urn| urn.sha1().map(|sha1| BASE32.encode(sha1)));
    digests.next()
}

/// Four letters, or nothing that could be shown.
fn vendor(code: [u8; 4]) -> Option<String> {
    let is_shown = code.iter().all(u8::is_ascii_graphic);
    is_shown.then(|| code.map(char::from).iter().collect())
}
