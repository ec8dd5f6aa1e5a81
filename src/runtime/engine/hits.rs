use std::net::{IpAddr, SocketAddr};

use data_encoding::BASE32;

use crate::base::file_name::SafeName;
use crate::base::limits::{OWN_PUSH_PROXIES_MAX, SOURCE_PROXIES_MAX};
use crate::base::magnet::{Magnet, Source};
use crate::base::show::one_line;
use crate::base::urn::Urn;
use crate::control::model::{Hit, Network, SearchId};
use crate::gnutella::hit_spam::Suspicion;
use crate::gnutella::wire::ggep::Value;
use crate::gnutella::wire::{GgepArea, Guid, QueryHit, Record, Trailer, TrailerFlags};

/// Characters of a file's name that are told. No file system takes longer ones.
const NAME_LEN_MAX: usize = 255;

/// The files of an answer, as the API has them, with what speaks against each. Those without a name are nothing to
/// anybody.
pub(super) fn hits_of(
    search: SearchId,
    hops: u8,
    hit: &QueryHit,
    doubts: &[Option<Suspicion>],
) -> impl Iterator<Item = Hit> {
    let flags = hit.trailer.as_ref().and_then(Trailer::flags);
    let address = SocketAddr::new(IpAddr::V4(hit.address), hit.port);
    let vendor = hit.trailer.as_ref().map(|trailer| vendor(trailer.vendor.0));
    let extensions = hit.trailer.as_ref().map(Trailer::extensions);
    let proxies = extensions.as_ref().map(proxies).unwrap_or_default();
    let takes_tls = extensions.is_some_and(|extensions| extensions.find("TLS").is_some());
    let doubts = doubts.iter().copied().chain(std::iter::repeat(None));
    let records = hit.records.iter().zip(doubts);
    records.filter(|(record, _)| !record.name.is_empty()).map(move |(record, doubt)| Hit {
        search,
        number: 0,
        network: Network::Gnutella,
        name: one_line(&String::from_utf8_lossy(&record.name), NAME_LEN_MAX),
        size: record.file_size(),
        sha1: sha1(record),
        kazaa_hash: None,
        user: None,
        supernode: None,
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
        doubt: doubt.map(|doubt| doubt.as_str().to_owned()),
        magnet: None,
    })
}

/// The same with a magnet link, which is made when a hit is told: it is longer than all the rest (MAGNET-07).
pub(super) fn with_link(hit: &Hit) -> Hit {
    Hit { magnet: magnet(hit).map(|magnet| magnet.to_string()), ..hit.clone() }
}

fn magnet(hit: &Hit) -> Option<Magnet> {
    let urn = Urn::parse(format!("urn:sha1:{}", hit.sha1.as_deref()?).as_bytes())?;
    Some(Magnet {
        sources: source(hit, format!("/uri-res/N2R?{urn}")).into_iter().collect(),
        urns: vec![urn],
        name: Some(SafeName::from_remote(&hit.name)),
        size: Some(hit.size),
        ..Magnet::default()
    })
}

/// Whoever is behind a firewall is named with its push proxies, and not at all where it has none.
fn source(hit: &Hit, path: String) -> Option<Source> {
    let Hit { address, firewalled, push_proxies, .. } = hit;
    if !firewalled {
        let source = Source::Http { host: address.ip().to_string(), port: address.port(), path };
        return Some(source).filter(|_| address.port() > 0);
    }
    let servent = Guid::from_hex(hit.servent_id.as_bytes())?.0;
    let proxies: Vec<_> = push_proxies.iter().copied().take(SOURCE_PROXIES_MAX).collect();
    (!proxies.is_empty()).then_some(Source::Push { servent, proxies, path })
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

#[cfg(test)]
mod tests {
    use std::net::SocketAddrV4;

    use bytes::Bytes;

    use super::super::searches::tests::hit;
    use super::*;
    use crate::gnutella::wire::VendorCode;
    use crate::gnutella::wire::ggep::{Place, Writer};

    /// MAGNET-07
    #[test]
    fn a_link_leads_to_the_content_and_to_whoever_can_be_called() {
        let sha1 = Some("PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB".to_owned());
        let open = Hit { sha1, name: "a b&c/\u{1b}d.ogg".to_owned(), ..hit(SearchId(1), "aa", 1) };
        let link = with_link(&open).magnet.unwrap();
        let parsed = Magnet::parse(&link).unwrap();
        let [parsed] = parsed.as_slice() else { panic!("one file: {link}") };
        assert_eq!(
            parsed.urns,
            [Urn::parse(b"urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB").unwrap()]
        );
        assert_eq!((parsed.size, parsed.sources.len()), (Some(1_000), 1), "{link}");
        assert!(link.contains("&xs=http://203.0.113.1:6346/uri-res/N2R?urn:sha1:PLST"), "{link}");
        assert!(link.chars().all(|character| character.is_ascii_graphic()), "{link}");
        for unreachable in [
            Hit { firewalled: true, ..open.clone() },
            Hit { address: "203.0.113.1:0".parse().unwrap(), ..open.clone() },
        ] {
            let link = with_link(&unreachable).magnet.unwrap();
            assert!(!link.contains("xs="), "{link}");
        }
        assert_eq!(with_link(&Hit { sha1: None, ..open }).magnet, None);
    }

    /// A hit with this in its trailer.
    fn told(blocks: &[(&str, Value)]) -> Hit {
        let mut writer = Writer::new();
        for (id, value) in blocks {
            writer.put_value(id, Place::Trailer, value).unwrap();
        }
        let flags = TrailerFlags::new(true, false).with_ggep();
        let (open, private) = (Bytes::copy_from_slice(&flags.0), writer.finish());
        let extensions = crate::gnutella::wire::AreaWriter::new().finish(Place::Record);
        let record = Record { index: 1, size: 5, name: Bytes::from_static(b"a.ogg"), extensions };
        let hit = QueryHit {
            port: 6_346,
            address: [203, 0, 113, 1].into(),
            speed: 0,
            records: vec![record],
            trailer: Some(Trailer { vendor: VendorCode::FILBERT, open, private }),
            servent: Guid([7; 16]),
        };
        hits_of(SearchId(1), 1, &hit, &[]).next().unwrap()
    }

    /// HIT-33, GGEP-79, at the limit and one past it.
    #[test]
    fn who_passes_pushes_on_and_who_speaks_tls_is_told() {
        let proxy = |number: usize| {
            SocketAddrV4::new([203, 0, 113, u8::try_from(number).unwrap()].into(), 6_346)
        };
        let named = |count| Value::Addresses((1..=count).map(proxy).collect());
        let plain = told(&[]);
        assert!(plain.firewalled && plain.push_proxies.is_empty() && !plain.takes_tls);
        let hit = told(&[("PUSH", named(OWN_PUSH_PROXIES_MAX)), ("TLS", Value::Mark)]);
        assert!(hit.takes_tls);
        let all: Vec<_> = (1..=OWN_PUSH_PROXIES_MAX).map(|n| SocketAddr::V4(proxy(n))).collect();
        assert_eq!(hit.push_proxies, all);
        assert_eq!(told(&[("PUSH", named(OWN_PUSH_PROXIES_MAX + 1))]).push_proxies, all);
    }

    /// MAGNET-07
    #[test]
    fn a_link_names_the_push_proxies_of_who_cannot_be_called() {
        let named = Value::Addresses(vec!["203.0.113.9:6346".parse().unwrap()]);
        let sha1 = Some("PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB".to_owned());
        let link = with_link(&Hit { sha1, ..told(&[("PUSH", named)]) }).magnet.unwrap();
        let sources = &Magnet::parse(&link).unwrap()[0].sources;
        let Some(Source::Push { servent, proxies, .. }) = sources.first() else { panic!("{link}") };
        assert_eq!(*servent, [7; 16]);
        assert_eq!(proxies[..], ["203.0.113.9:6346".parse().unwrap()]);
    }
}
