use super::*;
use crate::base::kazaa_hash::{KzHash, UuHash};
use crate::base::limits::FILE_LEN_MAX;

const SHA1: &str = "xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";

async fn findings_of(sources: &str, allow_private: bool) -> Vec<Finding> {
    let start =
        StartDownload { link: Some(format!("magnet:?{SHA1}{sources}")), search: None, hit: None };
    Wanted::of(&start, &Desk::new().0, allow_private).await.unwrap().findings
}

/// DOWN-07: at the limit and one past it.
#[test]
fn a_size_that_no_file_can_have_is_refused() {
    let is_taken = |size: u64| Wanted::of_link(&format!("magnet:?{SHA1}&xl={size}")).is_ok();
    assert!(is_taken(1) && is_taken(FILE_LEN_MAX));
    assert!(!is_taken(0) && !is_taken(FILE_LEN_MAX + 1));
    let nothing = "magnet:?xt=urn:sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ&xl=";
    let is_taken = |size: u64| Wanted::of_link(&format!("{nothing}{size}")).is_ok();
    assert!(is_taken(0) && !is_taken(1));
}

/// HTTP-35
#[tokio::test]
async fn a_name_that_leads_inside_is_passed_over() {
    let link = "&xs=http://localhost:7001/uri-res/N2R?urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
    assert_eq!(findings_of(link, false).await, []);
    let found = findings_of(link, true).await;
    assert!(!found.is_empty());
    for finding in found {
        assert!(finding.address.ip().is_loopback() && finding.address.port() == 7_001);
        let Path::Named { host, target } = finding.path else { panic!("{finding:?}") };
        assert!(host == "localhost:7001" && target.starts_with("/uri-res/N2R?"));
        assert_eq!(finding.origin, Origin::User);
    }
}

/// HTTP-35: who writes an address knows where it leads.
#[tokio::test]
async fn an_address_inside_is_asked_for_nothing_but_the_file() {
    let link = "&xs=http://127.0.0.1:7001/a";
    assert_eq!(findings_of(link, false).await, []);
    let paths = |found: Vec<Finding>| found.into_iter().map(|one| one.path).collect::<Vec<_>>();
    let url = Path::Url("/a".to_owned());
    assert_eq!(paths(findings_of(link, true).await), std::slice::from_ref(&url));
    assert_eq!(paths(findings_of("&xs=http://8.8.8.8:7001/a", false).await), [url]);
    let by_urn = "&xs=http://127.0.0.1:7001/uri-res/N2R?urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
    assert_eq!(paths(findings_of(by_urn, false).await), [Path::ByUrn]);
}

/// HTTP-35, at the limit and one past it.
#[tokio::test]
async fn so_many_names_of_a_link_are_looked_up() {
    let named = |count: usize| {
        let each = (0..count).map(|number| format!("&xs=http://localhost:{}/a", 7_001 + number));
        each.collect::<String>()
    };
    let ports = |findings: Vec<Finding>| {
        let ports = findings.into_iter().map(|finding| finding.address.port());
        ports.collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!(ports(findings_of(&named(LINK_NAMES_MAX), true).await), LINK_NAMES_MAX);
    assert_eq!(ports(findings_of(&named(LINK_NAMES_MAX + 1), true).await), LINK_NAMES_MAX);
}

const HASH: &str = "9dd3ae6a6c8e0cb4db42b9707884e112ff4ffbff";
const KZHASH: &str = "9dd3ae6a6c8e0cb4db42b9707884e112ff4ffbff73ecb9b592fff03d0bb5631b39842c13";

/// FTHASH-10, FTHASH-11
#[test]
fn links_of_fasttrack_name_a_file_with_or_without_a_sha1() {
    let of = |link: &str| Wanted::of_link(link).unwrap().0;
    let sig2dat = |size: u32| {
        format!("sig2dat:///|File:a b.mp3|Length:{size}Bytes|UUHash:=ndOuamyODLTbQrlweIThEv9P+/8=")
    };
    let wanted = of(&sig2dat(307_200));
    let hash = UuHash::from_hex(HASH).unwrap();
    assert_eq!(wanted.intent.known_by, KnownBy::Kazaa(KazaaName::parts(hash)));
    assert_eq!((wanted.intent.name.as_str(), wanted.intent.size), ("a b.mp3", Some(307_200)));
    assert!(Wanted::of_link(&sig2dat(9)).is_err(), "its hash says another size");
    assert!(wanted.is_of_fasttrack_alone() && !wanted.intent.is_of_all_bytes(None));
    let kazaa = KazaaName::from(KzHash::from_hex(KZHASH).unwrap());
    for link in [format!("urn:kzhash:{KZHASH}"), format!("magnet:?xt=urn:kzhash:{KZHASH}")] {
        let wanted = of(&link);
        assert_eq!(wanted.intent.known_by, KnownBy::Kazaa(kazaa));
        assert!(wanted.is_of_fasttrack_alone() && wanted.intent.is_of_all_bytes(None));
        assert!(wanted.intent.is_nameless() && wanted.intent.name == HASH);
    }
    let both = of(&format!("magnet:?{SHA1}&xt=urn:kzhash:{KZHASH}"));
    assert_eq!(both.intent.known_by.kazaa(), Some(kazaa));
    assert!(both.intent.known_by.sha1().is_some() && !both.is_of_fasttrack_alone());
    assert!(Wanted::of_link("sig2dat:///|File:a|Length:9Bytes").is_err());
    assert!(Wanted::of_link(&format!("urn:kzhash:{HASH}")).is_err(), "no whole kzhash");
}

/// FTHTTP-01
#[test]
fn a_source_that_is_asked_by_a_uuhash_is_a_node_of_fasttrack() {
    let link = format!("magnet:?xt=urn:kzhash:{KZHASH}&xs=http://8.8.8.8:1214/.hash={HASH}");
    let wanted = Wanted::of_link(&link).unwrap().0;
    let host = KazaaHost::unknown(UuHash::from_hex(HASH).unwrap());
    assert_eq!(wanted.findings.len(), 1);
    assert_eq!(wanted.findings[0].path, Path::Kazaa(host));
    assert!(!wanted.is_of_fasttrack_alone(), "it can be asked for");
}
