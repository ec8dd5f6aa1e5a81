use filbert::base::limits::{CONTENT_URNS_MAX, FEATURE_NAME_LEN_MAX, THEX_PATH_LEN_MAX};
use filbert::base::urn::Urn;
use filbert::gnutella::http::{
    ContentUrns, CreateTime, Downloaded, Features, Form, NodeAddress, ServentId, Target, ThexUri,
};
use filbert::gnutella::wire::Guid;

use crate::{ROOT, SHA1, head, written};

/// HTTP-22
#[test]
fn a_content_has_names_in_two_headers() {
    let both = head(&format!(
        "X-Content-URN: urn:bitprint:{SHA1}.{ROOT}, urn:x:y\r\nX-Gnutella-Content-URN: urn:sha1:{SHA1}"
    ));
    let urns = ContentUrns::of(&both).unwrap();
    let sha1 = *Urn::parse(format!("urn:sha1:{SHA1}").as_bytes()).unwrap().sha1().unwrap();
    assert_eq!((urns.0.len(), urns.sha1()), (2, Some(sha1)));
    assert!(urns.tiger_root().is_some());
    assert_eq!(written(&urns), format!("urn:sha1:{SHA1},urn:bitprint:{SHA1}.{ROOT}"));
    assert_eq!(ContentUrns::of(&head("X-Content-URN: urn:sha1:x")), None);
    let many = |count: usize| {
        let urns = (0..count).map(|at| Urn::Md5([u8::try_from(at).unwrap(); 16]).to_string());
        ContentUrns::of(&head(&format!("X-Content-URN: {}", urns.collect::<Vec<_>>().join(" "))))
    };
    assert_eq!(many(CONTENT_URNS_MAX).unwrap().0.len(), CONTENT_URNS_MAX);
    assert_eq!(many(CONTENT_URNS_MAX + 1).unwrap().0.len(), CONTENT_URNS_MAX);
}

/// HTTP-23, HTTP-24
#[test]
fn times_and_sizes_are_numbers() {
    let said = head("X-Create-Time: 1100000000000\r\nX-Downloaded: 131072");
    assert_eq!(CreateTime::of(&said), Some(CreateTime(1_100_000_000_000)));
    assert_eq!(Downloaded::of(&said), Some(Downloaded(131_072)));
    assert_eq!(written(&Downloaded(7)), "7");
    assert_eq!(CreateTime::parse("1e9"), None);
}

/// HTTP-25
#[test]
fn a_servent_says_where_and_who_it_is() {
    for lines in [
        "X-Node: 1.2.3.4:5",
        "X-NODE: x, 1.2.3.4:5,[2001:db8::1]:5",
        "X-Listen-IP: 1.2.3.4:5",
        "Listen-IP: 1.2.3.4:5",
    ] {
        assert_eq!(NodeAddress::of(&head(lines)), Some(NodeAddress("1.2.3.4:5".parse().unwrap())));
    }
    assert_eq!(NodeAddress::of(&head("X-Node: example.net:5")), None);
    let id = ServentId::of(&head("X-GUID: 000102030405060708090A0B0C0D0E0F")).unwrap();
    assert_eq!(written(&id), "000102030405060708090a0b0c0d0e0f");
    assert_eq!(ServentId::parse("00"), None);
    assert_eq!(id, ServentId(Guid::from_hex(b"000102030405060708090a0b0c0d0e0f").unwrap()));
}

/// HTTP-26
#[test]
fn features_have_short_names_and_versions() {
    let features =
        Features::of(&head("X-Features: fwalt/0.1, browse/1.0, x\r\nX-Features: queue/1.1, é/1.0"))
            .unwrap();
    assert_eq!(written(&features), "fwalt/0.1, browse/1.0, queue/1.1");
    assert!(features.has("FWALT") && !features.has("g2"));
    let named = |len| Features::parse(&format!("{}/1.0", "x".repeat(len))).unwrap().0.len();
    assert_eq!((named(FEATURE_NAME_LEN_MAX), named(FEATURE_NAME_LEN_MAX + 1)), (1, 0));
    assert_eq!(Features::of(&head("X: y")), None);
}

/// THEX-01
#[test]
fn a_tree_is_at_a_path_of_the_same_server() {
    let line = format!("/uri-res/N2X?urn:sha1:{SHA1};{ROOT}");
    let uri = ThexUri::parse(&line).unwrap();
    assert!(matches!(uri.target, Target::TreeOf(Urn::Sha1(_))) && uri.root.is_some());
    assert_eq!(written(&uri), line);
    let other = ThexUri::parse(" /gnutella/thex/v1?urn:x&depth=9 ; nothing").unwrap();
    let target = Target::Other("/gnutella/thex/v1?urn:x&depth=9".to_owned());
    assert_eq!(other, ThexUri { target, root: None });
    assert_eq!(ThexUri::parse(&format!("http://1.2.3.4{line}")), None);
    let long = |len: usize| ThexUri::parse(&format!("/{};{ROOT}", "x".repeat(len - 1)));
    assert!(long(THEX_PATH_LEN_MAX).is_some());
    assert_eq!(long(THEX_PATH_LEN_MAX + 1), None);
    written(&long(THEX_PATH_LEN_MAX).unwrap());
}

/// THEX-01: found by fuzzing. It had grown beyond its limit once it was encoded.
#[test]
fn a_tree_is_not_at_a_path_that_grows_when_it_is_asked_for() {
    for path in ["/é", "/a b", "/\u{fffd}ri-res/N2X?urn:x"] {
        assert_eq!(ThexUri::parse(&format!("{path};{ROOT}")), None, "{path}");
    }
}
