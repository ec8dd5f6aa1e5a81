//! What we say about ourselves: whatever a configuration or a reason holds, others can read our heads
//! and farewells, and nothing in them is a line that we did not mean to write.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::sync::Arc;

use filbert::base::limits::{BYE_LEN_MAX, HEAD_LINE_LEN_MAX};
use filbert::base::show::WORDS_LEN_MAX;
use filbert::base::time::Time;
use filbert::gnutella::link::{
    Capabilities, Decision, Ending, Feature, Head, Input, Link, Profile, Question, Queue, Refusal,
    Role, Version,
};
use filbert::gnutella::wire::{Bye, Frame, Function};

use crate::support::pair::{ACCEPTING_AT, CONNECTING_AT, End, Pair};

const START: Time = Time::from_millis(5_000);
const CRAWLER: &[u8] = b"GNUTELLA CONNECT/0.6\r\nCrawler: 0.1\r\n\r\n";

/// What ends a line, steers a terminal, or ends the text of a Bye.
const HOSTILE: &str = "\u{1b}[2Ja\0b\u{7}c\rX-Forged: 1\r\nX-Forged: 2\n\nX-Forged: 3";
const TAMED: &str = "[2Ja b c X-Forged: 1";

fn willing(question: &Question) -> Decision {
    Decision::accept(question.role)
}

fn ultrapeer() -> Profile {
    Profile::new(Role::Ultrapeer)
}

/// The text of the head that asks for a link.
fn request(profile: Profile) -> String {
    let mut end = End::new(Link::connect(Arc::new(profile), ACCEPTING_AT, START));
    end.write(Queue::Dry, START);
    end.take_text()
}

fn asked(profile: Profile) -> Capabilities {
    Head::decode(request(profile).as_bytes()).unwrap().0.capabilities()
}

/// All that is ever said with this profile: as the side that connects, the side that accepts, the
/// side that refuses, and to a crawler.
fn heads(profile: &Profile) -> Vec<String> {
    let mut pair = Pair::new(profile.clone(), profile.clone());
    pair.talk();
    assert!(pair.connecting.agreement().is_some() && pair.accepting.agreement().is_some());
    let refuse = |_: &Question| Decision::Refuse(Refusal::new(403, HOSTILE));
    let mut refused = Pair::new(Profile::new(Role::Leaf), profile.clone());
    refused.talk_with(&willing, &refuse);
    let mut crawled = End::new(Link::accept(Arc::new(profile.clone()), CONNECTING_AT, START));
    let crawl = |_: &Question| Decision::Crawl { peers: many_hosts(200), leaves: many_hosts(200) };
    crawled.handle(Input::Received(CRAWLER), &crawl, START);
    let ends = [&mut pair.connecting, &mut pair.accepting, &mut refused.accepting, &mut crawled];
    ends.map(End::take_text).into()
}

fn many_hosts(count: u16) -> Vec<SocketAddr> {
    let ip = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0x1111, 0x2222, 0x3333, 4, 5, 6));
    (0..count).map(|port| SocketAddr::new(ip, 60_000 + port)).collect()
}

fn feature(name: impl Into<String>) -> Feature {
    Feature { name: name.into(), version: Version(1, 0) }
}

/// The Bye that an open link says with this reason, and its frame.
fn said_bye(reason: &str) -> (Bye, Frame) {
    let mut pair = Pair::new(
        Profile { accepts_deflate: false, ..Profile::new(Role::Leaf) },
        Profile { accepts_deflate: false, ..ultrapeer() },
    );
    pair.talk();
    pair.connecting.take_text();
    pair.connecting.handle(Input::Bye { code: 203, reason }, &willing, pair.now);
    let frame = Frame::decode(&pair.connecting.written.split().freeze()).unwrap();
    assert_eq!(frame.function, Function::BYE);
    pair.talk();
    let Some(Ending::Farewell(bye)) = pair.accepting.ending() else {
        panic!("{:?}", pair.accepting.ending());
    };
    (bye.clone(), frame)
}

/// BYE-12, BYE-09: one line of reason, one line that names the program, and nothing else.
#[test]
fn no_reason_adds_a_line_to_a_bye_or_ends_it() {
    let server = concat!("Filbert/", env!("CARGO_PKG_VERSION"));
    for (reason, said) in [
        ("Changing", "Changing"),
        ("", ""),
        (HOSTILE, TAMED),
        ("a\0Server: x", "a Server: x"),
        ("\r\nServer: x", ""),
        ("a\u{9b}31m\u{85}\u{7f}b", "a 31m  b"),
    ] {
        let (bye, _) = said_bye(reason);
        let text = format!("{said}\r\nServer: {server}\r\n\r\n\0");
        assert_eq!(bye.text, text.as_bytes(), "{reason:?}");
        assert_eq!(bye.reason(), said.as_bytes());
        let headers: Vec<_> = bye.headers().collect();
        assert_eq!(headers, [(&b"Server"[..], server.as_bytes())]);
    }
}

/// SIZE-07: a reason at its limit, one past it, and without measure.
#[test]
fn a_bye_is_never_too_long_for_the_other_side() {
    for letter in ["x", "é", "\u{1f330}"] {
        let whole = letter.repeat(WORDS_LEN_MAX);
        for len in [WORDS_LEN_MAX, WORDS_LEN_MAX + 1, 100_000] {
            let (bye, frame) = said_bye(&letter.repeat(len));
            assert_eq!(bye.reason(), whole.as_bytes(), "{len}");
            assert!(frame.payload.len() <= usize::try_from(BYE_LEN_MAX).unwrap());
        }
        let shorter = letter.repeat(WORDS_LEN_MAX - 1);
        assert_eq!(said_bye(&shorter).0.reason(), shorter.as_bytes());
        let signed = Bye::signed(400, &letter.repeat(10_000), &letter.repeat(10_000));
        assert!(signed.text.len() < usize::try_from(BYE_LEN_MAX).unwrap());
    }
}

/// SIZE-09, HAND-12, HAND-46: words, dates and features without measure, on each of our heads.
#[test]
fn no_configuration_breaks_or_forges_a_head() {
    let long = "\u{1f330}".repeat(5_000);
    for (words, said) in [
        (HOSTILE.to_owned(), TAMED.to_owned()),
        (format!(" \t{long}"), "\u{1f330}".repeat(WORDS_LEN_MAX - 2)),
    ] {
        let profile = Profile {
            user_agent: words.clone(),
            live_since: Some(words.clone()),
            features: [HOSTILE, &long, "a, b", "x: y"]
                .map(feature)
                .into_iter()
                .chain((0..5_000).map(|number| feature(format!("feature{number}"))))
                .collect(),
            ..ultrapeer()
        };
        for text in heads(&profile) {
            assert!(text.lines().all(|line| line.len() <= HEAD_LINE_LEN_MAX), "{text}");
            let is_harmful = |c: char| c.is_control() && !matches!(c, '\r' | '\n');
            assert!(!text.contains(is_harmful), "{text:?}");
            assert_eq!(text.matches('\r').count(), text.lines().count(), "{text:?}");
            let (head, _) = Head::decode(text.as_bytes()).unwrap();
            assert_eq!(head.value("User-Agent"), Some(said.as_str()));
            assert_eq!(head.value("X-Forged"), None);
            for name in ["User-Agent", "X-Live-Since", "X-Features"] {
                assert!(head.values(name).count() <= 1, "{name} in {text}");
            }
        }
        assert_eq!(
            Head::decode(request(profile).as_bytes()).unwrap().0.value("X-Live-Since"),
            Some(said.as_str())
        );
    }
}

/// HAND-22: at its limit, one past it, and not at all.
#[test]
fn a_program_always_has_a_name() {
    for (user_agent, said) in [
        ("Acorn/1".to_owned(), "Acorn/1".to_owned()),
        ("x".repeat(WORDS_LEN_MAX), "x".repeat(WORDS_LEN_MAX)),
        ("x".repeat(WORDS_LEN_MAX + 1), "x".repeat(WORDS_LEN_MAX)),
        (String::new(), ultrapeer().user_agent),
        (" \r\nX".to_owned(), ultrapeer().user_agent),
    ] {
        let profile = Profile { user_agent, live_since: Some("\r\n".to_owned()), ..ultrapeer() };
        let capabilities = asked(profile.clone());
        assert_eq!(capabilities.user_agent.as_deref(), Some(said.as_str()));
        for text in heads(&profile) {
            let (head, _) = Head::decode(text.as_bytes()).unwrap();
            assert_eq!(head.value("User-Agent"), Some(said.as_str()));
            assert_eq!(head.value("X-Live-Since"), None, "an empty date is none");
        }
    }
}

/// HAND-46, LINK-19: names that cannot stand in the list, and the one that would promise marks.
#[test]
fn only_features_that_can_be_read_and_kept_are_announced() {
    let said = |names: &[&str]| {
        let features = names.iter().map(|&name| feature(name)).collect();
        let head = request(Profile { features, ..ultrapeer() });
        Head::decode(head.as_bytes()).unwrap().0.value("X-Features").map(str::to_owned)
    };
    let kept = Some("browse/1.0, tls/1.0, a:b/1.0".to_owned());
    assert_eq!(said(&["browse", "sflag", "SFlag", "tls", "a:b"]), kept);
    assert_eq!(said(&["sflag"]), None);
    for name in ["", " ", "a b", "a,b", "a/b", "a\r\nb", "a\tb", "\u{e9}", "a\0", "\u{7f}"] {
        assert_eq!(said(&[name]), None, "{name:?}");
        assert_eq!(said(&[name, "browse"]).as_deref(), Some("browse/1.0"), "{name:?}");
    }
}

/// SIZE-09: the longest feature that fits its line, one byte more, and others behind it.
#[test]
fn features_fill_one_line_at_most() {
    let len_max = (1..HEAD_LINE_LEN_MAX)
        .rev()
        .find(|&len| asked(with_feature_of(len)).features.is_some_and(|all| all.len() == 1))
        .expect("a short one fits");
    assert!((900..HEAD_LINE_LEN_MAX).contains(&len_max), "{len_max}");
    let too_long = asked(with_feature_of(len_max + 1)).features.unwrap();
    assert_eq!(too_long, [feature("behind")], "what is too long does not hide the others");
}

/// A feature with a name of this length, and one behind it.
fn with_feature_of(len: usize) -> Profile {
    Profile { features: vec![feature("x".repeat(len)), feature("behind")], ..ultrapeer() }
}

/// HAND-29, HAND-30: at each limit and one past it.
#[test]
fn numbers_that_are_as_good_as_none_are_corrected() {
    for (degree, said) in [(0, 1), (1, 1), (32, 32), (1000, 1000), (1001, 1000), (u16::MAX, 1000)] {
        assert_eq!(asked(Profile { degree, ..ultrapeer() }).degree, Some(said), "{degree}");
    }
    for (max_ttl, said) in [(0, 1), (1, 1), (4, 4), (u8::MAX, u8::MAX)] {
        assert_eq!(asked(Profile { max_ttl, ..ultrapeer() }).max_ttl, Some(said), "{max_ttl}");
    }
}

/// Addresses of ours and of others, and how they are said if at all.
fn addresses() -> Vec<(SocketAddr, Option<&'static str>)> {
    let v4 = Ipv4Addr::new(203, 0, 113, 7);
    let v6 = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 7);
    vec![
        ((v4, 6346).into(), Some("203.0.113.7:6346")),
        ((v4.to_ipv6_mapped(), 6346).into(), Some("203.0.113.7:6346")),
        (SocketAddrV6::new(v6, 6346, 5, 3).into(), Some("[fe80::7]:6346")),
        ((v4, 1).into(), Some("203.0.113.7:1")),
        ((v4, 0).into(), None),
        ((Ipv4Addr::UNSPECIFIED, 6346).into(), None),
        ((Ipv6Addr::UNSPECIFIED, 6346).into(), None),
        ((Ipv4Addr::UNSPECIFIED.to_ipv6_mapped(), 6346).into(), None),
    ]
}

/// HAND-40
#[test]
fn our_own_address_is_said_as_others_read_it_or_not_at_all() {
    for (listen, said) in addresses() {
        let head = request(Profile { listen: Some(listen), ..ultrapeer() });
        let (head, _) = Head::decode(head.as_bytes()).unwrap();
        assert_eq!(head.value("Listen-IP"), said, "{listen:?}");
    }
}

/// HAND-43, HAND-54: in every list.
#[test]
fn hosts_are_named_as_others_read_them_or_not_at_all() {
    let hosts: Vec<_> = addresses().into_iter().map(|(host, _)| host).collect();
    let all: Vec<_> = addresses().into_iter().filter_map(|(_, said)| said).collect();
    let all = all.join(",");
    let answers = [
        Decision::Refuse(Refusal::no_room(hosts.clone())),
        Decision::Accept {
            role: Role::Ultrapeer,
            ultrapeer_needed: None,
            try_ultrapeers: hosts.clone(),
        },
        Decision::Crawl { peers: hosts.clone(), leaves: hosts },
    ];
    let asking = b"GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: True\r\n\r\n";
    let lists = [&["X-Try-Ultrapeers"][..], &["X-Try-Ultrapeers"], &["Peers", "Leaves"]];
    for ((answer, request), names) in answers.iter().zip([asking, asking, CRAWLER]).zip(lists) {
        let mut end = End::new(Link::accept(Arc::new(ultrapeer()), CONNECTING_AT, START));
        end.handle(Input::Received(request), &|_: &Question| answer.clone(), START);
        let text = end.take_text();
        let (head, _) = Head::decode(text.as_bytes()).unwrap();
        for name in names {
            assert_eq!(head.value(name), Some(all.as_str()), "{name} in {text}");
        }
    }
}

/// HAND-57, HAND-45: a code that accepts or cannot be read is said as 503.
#[test]
fn no_refusal_opens_a_link() {
    for (code, said) in [
        (200, 503),
        (0, 503),
        (99, 503),
        (199, 503),
        (201, 201),
        (999, 999),
        (1000, 503),
        (2000, 503),
        (u16::MAX, 503),
    ] {
        let refuse = move |_: &Question| {
            let try_ultrapeers = many_hosts(3);
            Decision::Refuse(Refusal { try_ultrapeers, ..Refusal::new(code, "Because") })
        };
        let mut pair = Pair::new(Profile::new(Role::Leaf), ultrapeer());
        pair.talk_with(&willing, &refuse);
        let declined = declined_with(&pair.connecting, &pair);
        assert_eq!(declined, (said, (said == 503).then_some(3)), "{code}");
        let mut pair = Pair::new(Profile::new(Role::Leaf), ultrapeer());
        pair.talk_with(&refuse, &willing);
        assert_eq!(declined_with(&pair.accepting, &pair).0, said, "{code}");
    }
}

/// What the side that was refused heard: the code, and how many others it may try.
fn declined_with(end: &End, pair: &Pair) -> (u16, Option<usize>) {
    assert!(pair.connecting.agreement().is_none() && pair.accepting.agreement().is_none());
    let Some(Ending::Declined(declined)) = end.ending() else { panic!("{:?}", end.ending()) };
    (declined.code, declined.peer.try_ultrapeers.as_ref().map(Vec::len))
}
