use std::net::{IpAddr, SocketAddr};

use data_encoding::BASE32;

use crate::base::file_name::SafeName;
use crate::base::magnet::{Magnet, Source};
use crate::base::show::one_line;
use crate::base::urn::Urn;
use crate::control::model::{Hit, SearchId};
use crate::gnutella::hit_spam::Suspicion;
use crate::gnutella::wire::{QueryHit, Record, Trailer, TrailerFlags};

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
    let doubts = doubts.iter().copied().chain(std::iter::repeat(None));
    let records = hit.records.iter().zip(doubts);
    records.filter(|(record, _)| !record.name.is_empty()).map(move |(record, doubt)| Hit {
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

/// Nobody can call who is behind a firewall: such a link names the content alone.
fn magnet(hit: &Hit) -> Option<Magnet> {
    let urn = Urn::parse(format!("urn:sha1:{}", hit.sha1.as_deref()?).as_bytes())?;
    let Hit { address, firewalled, .. } = *hit;
    let path = format!("/uri-res/N2R?{urn}");
    let source = Source::Http { host: address.ip().to_string(), port: address.port(), path };
    Some(Magnet {
        urns: vec![urn],
        name: Some(SafeName::from_remote(&hit.name)),
        size: Some(hit.size),
        sources: Some(source).filter(|_| !firewalled && address.port() > 0).into_iter().collect(),
        ..Magnet::default()
    })
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
    use super::super::searches::tests::hit;
    use super::*;

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
}
