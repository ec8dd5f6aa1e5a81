use filbert::base::limits::{
    MAGNET_FILES_MAX, MAGNET_HOST_LEN_MAX, MAGNET_ITEMS_MAX, MAGNET_LEN_MAX, MAGNET_PATH_LEN_MAX,
    MAGNET_PROXIES_MAX,
};
use filbert::base::magnet::{Magnet, Source};
use filbert::base::urn::Urn;

use crate::{ROOT, SHA1};

fn one(link: &str) -> Magnet {
    let [file] =
        <[Magnet; 1]>::try_from(Magnet::parse(link).expect("it is a link")).expect("one file");
    file
}

fn http(host: &str, port: u16, path: &str) -> Source {
    Source::Http { host: host.to_owned(), port, path: path.to_owned() }
}

/// MAGNET-01, MAGNET-02
#[test]
fn a_link_says_what_how_large_and_where() {
    let path = format!("/uri-res/N2R?urn:sha1:{SHA1}");
    let file = one(&format!(
        " 'MAGNET:?xt=urn:sha1:{SHA1}&DN=a+song%20b.ogg&xl=123&kt=a+b%2bc&xs=http://1.2.3.4:6346{path}\
         &as=http%3A%2F%2Fexample.net{path}&tr=http%3a%2f%2ft%2f&x.guid=1&=&x&xt=urn:what:ever&dn=other' "
    ));
    assert_eq!(file.urns, [Urn::parse(format!("urn:sha1:{SHA1}").as_bytes()).unwrap()]);
    assert_eq!(file.name.as_ref().unwrap().as_str(), "a song b.ogg");
    assert_eq!((file.size, file.keywords.as_deref()), (Some(123), Some("a b+c")));
    assert_eq!(file.sources, [http("1.2.3.4", 6346, &path), http("example.net", 80, &path)]);
    assert_eq!(file.trackers, ["http://t/"]);
    let link = format!(
        "magnet:?xt=urn:sha1:{SHA1}&dn=a%20song%20b.ogg&xl=123&kt=a%20b%2Bc&xs=http://1.2.3.4:6346{path}\
         &xs=http://example.net:80{path}&tr=http%3A%2F%2Ft%2F"
    );
    assert_eq!(file.to_string(), link);
    assert_eq!(one(&link), file);
    for text in [
        "",
        "magnet:",
        "magnet:?",
        "magnet:?x=y",
        "http://x",
        "magnet:?xl=5",
        "magnet:?dn=",
        "urn:sha1:x",
    ] {
        assert_eq!(Magnet::parse(text), None, "{text}");
    }
    assert_eq!(one("magnet:?xs=urn:md5:d41d8cd98f00b204e9800998ecf8427e").urns.len(), 1);
    assert_eq!(
        one(&format!("magnet:?xt=urn:bitprint:{SHA1}.{ROOT}")).tiger_root(),
        one(&format!("magnet:?xt=urn:ttroot:{ROOT}")).tiger_root()
    );
}

/// MAGNET-01, MAGNET-02, MAGNET-03
#[test]
fn a_link_has_so_many_of_everything_and_not_one_more() {
    let start = "magnet:?dn=a&kt=";
    let long = |len: usize| Magnet::parse(&format!("{start}{}", "x".repeat(len - start.len())));
    assert!(long(MAGNET_LEN_MAX).is_some());
    assert_eq!(long(MAGNET_LEN_MAX + 1), None);
    let files = |count: usize| {
        let names = (0..count).map(|at| format!("dn.{at}=a"));
        Magnet::parse(&format!("magnet:?{}", names.collect::<Vec<_>>().join("&"))).unwrap().len()
    };
    assert_eq!(
        (files(MAGNET_FILES_MAX), files(MAGNET_FILES_MAX + 1)),
        (MAGNET_FILES_MAX, MAGNET_FILES_MAX)
    );
    let items = |count: usize| {
        let items = (0..count).map(|at| format!("xt=urn:md5:{at:032}&xs=http://h{at}/&tr=t{at}"));
        let file = one(&format!("magnet:?{}", items.collect::<Vec<_>>().join("&")));
        [file.urns.len(), file.sources.len(), file.trackers.len()]
    };
    assert_eq!(items(MAGNET_ITEMS_MAX), [MAGNET_ITEMS_MAX; 3]);
    assert_eq!(items(MAGNET_ITEMS_MAX + 1), [MAGNET_ITEMS_MAX; 3]);
}

/// MAGNET-03
#[test]
fn numbers_tell_files_apart() {
    let files = Magnet::parse("magnet:?dn.2=c&dn.1=b&xl.1=5&dn=a&dn.x=d&dn.-1=e&dn.1.1=f").unwrap();
    let names: Vec<_> = files.iter().map(|file| file.name.as_ref().unwrap().as_str()).collect();
    assert_eq!((names, files[1].size), (vec!["a", "b", "c"], Some(5)));
    let link = Magnet::link_to(&files);
    assert_eq!(link, "magnet:?dn=a&dn.1=b&xl.1=5&dn.2=c");
    assert_eq!(Magnet::parse(&link), Some(files));
}

/// MAGNET-04
#[test]
fn sources_are_urls_of_two_kinds() {
    for (text, source) in [
        ("http://Example.NET", Some(http("example.net", 80, "/"))),
        ("HTTP://[2001:db8::1]:81/a?b", Some(http("2001:db8::1", 81, "/a?b"))),
        ("http://[2001:db8::1]/", Some(http("2001:db8::1", 80, "/"))),
        ("http://", None),
        ("http://a:0/", None),
        ("http://a:65536/", None),
        ("http://a:+5/", None),
        ("http://a b/", None),
        ("http://user@a/", None),
        ("http://a..b/", None),
        ("http://a/b c", Some(http("a", 80, "/b%20c"))),
        ("http://a/b%20c/\u{e9}", Some(http("a", 80, "/b%20c/%C3%A9"))),
        ("http://a/\u{1b}[2J", None),
        ("http://a/\r\nX: y", None),
        ("https://a/", None),
        ("file:///etc/passwd", None),
        ("push://00/", None),
    ] {
        assert_eq!(Source::parse(text), source, "{text}");
        let again = source.as_ref().and_then(|source| Source::parse(&source.to_string()));
        assert_eq!(again, source);
    }
    let servent = [1; 16];
    let hex = "01".repeat(16);
    let push = |proxies: &[&str], path: &str| Source::Push {
        servent,
        proxies: proxies.iter().map(|proxy| proxy.parse().unwrap()).collect(),
        path: path.to_owned(),
    };
    for (text, source) in [
        (format!("push://{hex}/x"), push(&[], "/x")),
        (
            format!("PUSH://{hex}:1.2.3.4:5:[2001:db8::1]:6/x"),
            push(&["1.2.3.4:5", "[2001:db8::1]:6"], "/x"),
        ),
        (format!("urn:guid:{hex}"), push(&[], "/")),
    ] {
        assert_eq!(Source::parse(&text), Some(source.clone()), "{text}");
        assert_eq!(Source::parse(&source.to_string()), Some(source));
    }
    assert_eq!(Source::parse(&format!("push://{hex}:1.2.3.4/x")), None);
    let host = |len: usize| Source::parse(&format!("http://{}/", "x".repeat(len))).is_some();
    assert_eq!((host(MAGNET_HOST_LEN_MAX), host(MAGNET_HOST_LEN_MAX + 1)), (true, false));
    let path = |len: usize| Source::parse(&format!("http://a/{}", "x".repeat(len - 1))).is_some();
    assert_eq!((path(MAGNET_PATH_LEN_MAX), path(MAGNET_PATH_LEN_MAX + 1)), (true, false));
    let many =
        |count: usize| match Source::parse(&format!("push://{hex}{}/", ":1.2.3.4:5".repeat(count)))
        {
            Some(Source::Push { proxies, .. }) => proxies.len(),
            other => panic!("{other:?}"),
        };
    assert_eq!(
        (many(MAGNET_PROXIES_MAX), many(MAGNET_PROXIES_MAX + 1)),
        (MAGNET_PROXIES_MAX, MAGNET_PROXIES_MAX)
    );
}

/// MAGNET-05
#[test]
fn a_content_is_what_its_source_calls_it() {
    let source = |host: &str, sha1: &str| format!("xs=http://{host}/uri-res/N2R?urn:sha1:{sha1}");
    let other = "A".repeat(32);
    let file = one(&format!("magnet:?{}&{}&xs=http://c/", source("a", SHA1), source("b", &other)));
    assert_eq!(
        file.urns.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [format!("urn:sha1:{SHA1}")]
    );
    assert_eq!(file.sources.len(), 2, "the one that names another content is none");
}

/// MAGNET-06
#[test]
fn no_link_leads_out_of_a_folder() {
    for name in [
        "../../x",
        "..%2f..%2fx",
        "%2e%2e%5cx",
        "C:%5cx",
        "%00",
        "/etc/passwd",
        "..",
        "con",
        "%c0%ae%c0%ae/x",
    ] {
        let file = one(&format!("magnet:?xt=urn:sha1:{SHA1}&dn={name}"));
        let name = file.name.expect("it has a name");
        assert_eq!(std::path::Path::new(name.as_str()).components().count(), 1, "{name}");
        assert!(!name.as_str().contains(['/', '\\', ':', '\0']) && !name.as_str().starts_with('.'));
    }
}
