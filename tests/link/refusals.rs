//! Handshakes that lead to nothing, or somewhere else: who says what to whom, and how it ends.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use filbert::base::error::Fault;
use filbert::base::limits::{HEAD_LINE_LEN_MAX, TRY_HOSTS_MAX};
use filbert::base::time::Time;
use filbert::gnutella::link::{
    Decision, Ending, Head, Input, Link, Output, Profile, Question, Refusal, Role,
};

use crate::support::pair::{ACCEPTING_AT, CONNECTING_AT, End, Pair};

const START: Time = Time::from_millis(5_000);

fn willing(question: &Question) -> Decision {
    Decision::accept(question.role)
}

fn head(start: &str, headers: &[&str]) -> Vec<u8> {
    let mut head = format!("{start}\r\n");
    headers.iter().for_each(|header| head.push_str(&format!("{header}\r\n")));
    head.push_str("\r\n");
    head.into_bytes()
}

fn accepting(role: Role) -> End {
    End::new(Link::accept(Arc::new(Profile::new(role)), CONNECTING_AT, START))
}

/// A link of ours that has asked, and its request taken away.
fn connecting(role: Role) -> End {
    let mut end = End::new(Link::connect(Arc::new(Profile::new(role)), ACCEPTING_AT, START));
    end.write(filbert::gnutella::link::Queue::Dry, START);
    end.take_text();
    end
}

fn receive(end: &mut End, bytes: &[u8]) {
    end.handle(Input::Received(bytes), &willing, START);
}

/// What was written as a head, and how the link ended after the other side closed.
fn told(mut end: End) -> (Option<Head>, Ending) {
    let text = end.take_text();
    let head = Head::decode(text.as_bytes()).map(|(head, rest)| {
        assert!(rest.is_empty(), "nothing follows: {text}");
        head
    });
    end.handle(Input::Ended, &willing, START);
    (head.ok(), end.ending().expect("it has ended").clone())
}

fn rule_of(ending: &Ending) -> Option<&'static str> {
    match ending {
        Ending::Refused(_, Some(fault)) | Ending::Fault(fault) => Some(fault.rule().id()),
        _ => None,
    }
}

/// HAND-76, HAND-78, HAND-59, HAND-52, HAND-53, HAND-23, HAND-67: what no node is asked about.
#[test]
fn a_request_that_can_lead_nowhere_is_refused_with_its_reason() {
    let connect = "GNUTELLA CONNECT/0.6";
    for (us, start, headers, code, rule) in [
        (Role::Ultrapeer, "GNUTELLA CONNECT/0.4", &[][..], 406, "HAND-59"),
        (Role::Leaf, "GNUTELLA CONNECT/0.5", &["X-Ultrapeer: True"], 406, "HAND-59"),
        (Role::Ultrapeer, connect, &[], 403, "HAND-23"),
        (Role::Ultrapeer, connect, &["X-Ultrapeer: maybe"], 403, "HAND-23"),
        (Role::Ultrapeer, connect, &["Accept: application/x-gnutella2"], 406, "HAND-52"),
        (Role::Ultrapeer, connect, &["X-Auth-Challenge: x", "Crawler: 0.1"], 403, "HAND-53"),
        (Role::Ultrapeer, connect, &["FP-Auth-Challenge: x", "Accept: x/y"], 406, "HAND-52"),
        (Role::Leaf, connect, &["x-ultrapeer: false"], 204, "HAND-67"),
        (Role::Ultrapeer, "GNUTELLA CONNECT/6", &["X-Ultrapeer: True"], 400, "HAND-04"),
    ] {
        let mut end = accepting(us);
        receive(&mut end, &head(start, headers));
        assert!(!end.outputs.iter().any(|output| matches!(output, Output::Asked(_))));
        let (told, ending) = told(end);
        let told = told.unwrap_or_else(|| panic!("{start} {headers:?}: {ending:?}"));
        let line = format!("GNUTELLA/0.6 {code} ");
        assert!(told.start.starts_with(&line), "{start} {headers:?}: {}", told.start);
        assert!(told.start.ends_with(&format!("({rule})")), "{}", told.start);
        assert_eq!(rule_of(&ending), Some(rule), "{start} {headers:?}");
        let names: Vec<_> = told.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["User-Agent", "Remote-IP", "X-Ultrapeer"], "{start}");
    }
}

/// HAND-63, HAND-59, HAND-76: an answer that is none, and a last head that is none.
#[test]
fn what_comes_out_of_its_place_ends_the_connection_without_a_word() {
    let ultrapeer = &["X-Ultrapeer: True"][..];
    for (start, rule) in [
        ("GNUTELLA CONNECT/0.6", "HAND-63"),
        ("GNUTELLA OK", "HAND-59"),
        ("GNUTELLA/0.4 200 OK", "HAND-59"),
        ("GNUTELLA/0.6 OK", "HAND-04"),
        ("HTTP/1.1 200 OK", "HAND-04"),
        ("\u{16}\u{3}\u{1}", "HAND-04"),
    ] {
        let mut end = connecting(Role::Leaf);
        receive(&mut end, &head(start, ultrapeer));
        let (told, ending) = told(end);
        assert_eq!((told, rule_of(&ending)), (None, Some(rule)), "{start}");

        let mut end = accepting(Role::Ultrapeer);
        receive(&mut end, &head("GNUTELLA CONNECT/0.6", ultrapeer));
        end.take_text();
        receive(&mut end, &head(start, &[]));
        let (told, ending) = self::told(end);
        assert_eq!((told, rule_of(&ending)), (None, Some(rule)), "{start}");
    }
    let mut end = accepting(Role::Ultrapeer);
    receive(&mut end, &head("GNUTELLA/0.6 200 OK", ultrapeer));
    let (told, ending) = told(end);
    assert_eq!((told, rule_of(&ending)), (None, Some("HAND-63")));
}

/// HAND-77, HAND-49, HAND-67, HAND-52: the side that connected refuses in its last head.
#[test]
fn an_answer_that_will_not_do_is_refused_in_the_last_head() {
    for (headers, code, rule) in [
        (&["X-Ultrapeer: False"][..], 204, "HAND-67"),
        (&["User-Agent: x"], 403, "HAND-23"),
        (&["X-Ultrapeer: True", "Accept: application/x-gnutella2"], 406, "HAND-52"),
        (&["X-Ultrapeer: True", "X-Auth-Challenge: x"], 403, "HAND-53"),
        (&["X-Ultrapeer: True", "Connection: Upgrade"], 400, "HAND-49"),
    ] {
        let mut end = connecting(Role::Leaf);
        receive(&mut end, &head("GNUTELLA/0.6 200 OK", headers));
        let (told, ending) = told(end);
        let told = told.unwrap_or_else(|| panic!("{headers:?}: {ending:?}"));
        assert!(told.start.starts_with(&format!("GNUTELLA/0.6 {code} ")), "{}", told.start);
        assert_eq!(rule_of(&ending), Some(rule), "{headers:?}");
    }
}

/// HAND-57, HAND-58: every code but 200, and whom else to try (HAND-43).
#[test]
fn a_refusal_of_the_other_side_is_told_with_all_that_it_says() {
    let try_list = "X-Try-Ultrapeers: 203.0.113.7:6346, 203.0.113.8:6347";
    for code in [201, 204, 400, 401, 403, 406, 409, 429, 503, 550, 577, 593, 999] {
        let mut end = connecting(Role::Leaf);
        receive(&mut end, &head(&format!("GNUTELLA/0.6 {code} Not now"), &[try_list]));
        let (told, ending) = told(end);
        assert_eq!(told, None, "nothing is said after a refusal");
        let Ending::Declined(declined) = ending else { panic!("{ending:?}") };
        assert_eq!((declined.code, declined.reason.as_str()), (code, "Not now"));
        assert_eq!(declined.peer.try_ultrapeers.unwrap().len(), 2);
    }
    let mut end = accepting(Role::Ultrapeer);
    receive(&mut end, &head("GNUTELLA CONNECT/0.6", &["X-Ultrapeer: True"]));
    end.take_text();
    receive(&mut end, &head("GNUTELLA/0.6 403", &[]));
    let (told, ending) = told(end);
    let Ending::Declined(declined) = ending else { panic!("{ending:?}") };
    assert_eq!((told, declined.code, declined.reason.as_str()), (None, 403, ""));
}

/// HAND-57, HAND-45: the node's own refusals reach the other side as they are.
#[test]
fn the_node_may_refuse_with_any_code_on_either_side() {
    let others: Vec<SocketAddr> =
        (1..=12).map(|port| SocketAddr::new(CONNECTING_AT, 6000 + port)).collect();
    for code in [401, 403, 409, 429, 503, 550] {
        let others = others.clone();
        let refuse = move |_: &Question| {
            let try_ultrapeers = others.clone();
            Decision::Refuse(Refusal { try_ultrapeers, ..Refusal::new(code, "Because") })
        };
        let mut pair = Pair::new(Profile::new(Role::Leaf), Profile::new(Role::Ultrapeer));
        pair.talk_with(&willing, &refuse);
        let Some(Ending::Declined(declined)) = pair.connecting.ending() else {
            panic!("{:?}", pair.connecting.ending());
        };
        assert_eq!((declined.code, declined.reason.as_str()), (code, "Because"));
        let named = declined.peer.try_ultrapeers.as_ref().map(Vec::len);
        assert_eq!(named, (code == Refusal::NO_ROOM).then_some(TRY_HOSTS_MAX), "{code}");
        assert!(matches!(pair.accepting.ending(), Some(Ending::Refused(_, None))));

        let mut pair = Pair::new(Profile::new(Role::Leaf), Profile::new(Role::Ultrapeer));
        pair.talk_with(&refuse, &willing);
        let Some(Ending::Declined(declined)) = pair.accepting.ending() else {
            panic!("{:?}", pair.accepting.ending());
        };
        assert_eq!(declined.code, code);
        assert!(pair.accepting.agreement().is_none() && pair.connecting.agreement().is_none());
    }
}

/// HAND-54, HAND-80: a crawler is told of our neighbours, whatever it is itself, and never let in;
/// of itself it is not told, be it a neighbour or not.
#[test]
fn a_crawler_gets_our_neighbours_and_nothing_else() {
    let neighbour = [203, 0, 113, 7].into();
    let hosts = |count: u16| -> Vec<SocketAddr> {
        (0..count).map(|port| SocketAddr::new(neighbour, 6000 + port)).collect()
    };
    let with_crawler = |count: u16| -> Vec<SocketAddr> {
        let IpAddr::V4(crawler) = CONNECTING_AT else { panic!("{CONNECTING_AT}") };
        let own = [crawler.into(), crawler.to_ipv6_mapped().into()];
        own.map(|ip: IpAddr| SocketAddr::new(ip, 6346)).into_iter().chain(hosts(count)).collect()
    };
    for role in [Role::Leaf, Role::Ultrapeer] {
        let crawl = |question: &Question| {
            assert!(question.is_crawler);
            Decision::Crawl { peers: with_crawler(3), leaves: with_crawler(200) }
        };
        let mut end = accepting(role);
        let request = head("GNUTELLA CONNECT/0.6", &["Crawler: 0.1", "Accept-Encoding: deflate"]);
        end.handle(Input::Received(&request), &crawl, START);
        let (told, ending) = told(end);
        let told = told.unwrap();
        assert_eq!((told.start.as_str(), &ending), ("GNUTELLA/0.6 593 Hi", &Ending::Crawled));
        let said = told.capabilities();
        assert_eq!(said.peers, Some(hosts(3)));
        assert_eq!(said.leaves.is_some(), role.is_ultrapeer());
        let leaves = said.leaves.unwrap_or_else(|| hosts(1));
        assert!(hosts(200).starts_with(&leaves), "the crawler is not among them: {leaves:?}");
        let named = leaves.len();
        assert!((1..200).contains(&named), "as many as the line holds: {named}");
        assert!(
            told.headers
                .iter()
                .all(|(name, value)| name.len() + value.len() + 2 <= HEAD_LINE_LEN_MAX)
        );
        assert!(!said.content_deflate, "nothing is offered");
    }
    // An eager node lets nobody in who only wants to look.
    let mut end = accepting(Role::Ultrapeer);
    receive(&mut end, &head("GNUTELLA CONNECT/0.6", &["Crawler: 0.1", "X-Ultrapeer: True"]));
    let (told, ending) = told(end);
    assert_eq!((told.unwrap().start.as_str(), ending), ("GNUTELLA/0.6 593 Hi", Ending::Crawled));
}

/// HAND-66, HAND-70: a leaf stays one, whatever either side would like.
#[test]
fn nobody_becomes_an_ultrapeer_in_the_last_head() {
    let ambitious = |question: &Question| {
        assert_eq!(question.guidance, Some(Role::Ultrapeer));
        Decision::accept(Role::Ultrapeer)
    };
    let needy = |question: &Question| Decision::Accept {
        role: question.role,
        ultrapeer_needed: Some(true),
        try_ultrapeers: Vec::new(),
    };
    let mut pair = Pair::new(Profile::new(Role::Leaf), Profile::new(Role::Ultrapeer));
    pair.talk_with(&ambitious, &needy);
    assert_eq!(pair.connecting.agreement().unwrap().role, Role::Leaf);
    assert_eq!(pair.accepting.agreement().unwrap().peer_role, Role::Leaf);

    let mut end = accepting(Role::Ultrapeer);
    receive(&mut end, &head("GNUTELLA CONNECT/0.6", &["X-Ultrapeer: False"]));
    receive(&mut end, &head("GNUTELLA/0.6 200 OK", &["X-Ultrapeer: True"]));
    assert_eq!(end.agreement().unwrap().peer_role, Role::Leaf);
}

/// HAND-24: guidance stands in the answer of an ultrapeer whose node gives it, and nowhere else.
#[test]
fn only_an_ultrapeer_gives_guidance_and_only_if_its_node_says_so() {
    for (role, needed, said) in [
        (Role::Ultrapeer, None, None),
        (Role::Ultrapeer, Some(true), Some("True")),
        (Role::Ultrapeer, Some(false), Some("False")),
        (Role::Leaf, Some(true), None),
    ] {
        let mut end = accepting(role);
        let answer = |question: &Question| Decision::Accept {
            role: question.role,
            ultrapeer_needed: needed,
            try_ultrapeers: Vec::new(),
        };
        let request = head("GNUTELLA CONNECT/0.6", &["X-Ultrapeer: True"]);
        end.handle(Input::Received(&request), &answer, START);
        let text = end.take_text();
        let (answer, _) = Head::decode(text.as_bytes()).unwrap();
        assert_eq!(answer.value("X-Ultrapeer-Needed"), said, "{role} {needed:?}");
    }
}

/// HAND-67: an ultrapeer that calls a leaf and then would be one as well.
#[test]
fn a_last_head_that_makes_two_leaves_ends_the_connection() {
    let mut end = accepting(Role::Leaf);
    receive(&mut end, &head("GNUTELLA CONNECT/0.6", &["X-Ultrapeer: True"]));
    end.take_text();
    receive(&mut end, &head("GNUTELLA/0.6 200 OK", &["X-Ultrapeer: False"]));
    let (told, ending) = told(end);
    assert_eq!((told, rule_of(&ending)), (None, Some("HAND-67")));
}

/// HAND-25, HAND-68
#[test]
fn the_lower_version_of_query_tables_is_confirmed() {
    for (theirs, repeated) in [("0.1", Some("0.1")), ("0.2", None), ("0.3", Some("0.2"))] {
        let mut end = connecting(Role::Leaf);
        let version = format!("X-Query-Routing: {theirs}");
        receive(&mut end, &head("GNUTELLA/0.6 200 OK", &["X-Ultrapeer: True", &version]));
        let agreed = end.agreement().unwrap().query_routing.unwrap().to_string();
        assert_eq!(agreed, theirs.min("0.2"));
        let text = end.take_text();
        let (last, _) = Head::decode(text.as_bytes()).unwrap();
        assert_eq!(last.value("X-Query-Routing"), repeated, "{theirs}");
    }
}

/// HAND-38: who compresses unasked is read all the same, and the breach is told.
#[test]
fn unasked_compression_is_understood_and_reported() {
    let plain = Profile { accepts_deflate: false, ..Profile::new(Role::Leaf) };
    let mut end = End::new(Link::connect(Arc::new(plain), ACCEPTING_AT, START));
    receive(
        &mut end,
        &head("GNUTELLA/0.6 200 OK", &["X-Ultrapeer: True", "Content-Encoding: deflate"]),
    );
    let agreement = end.agreement().unwrap();
    assert!(agreement.receives_deflate && !agreement.sends_deflate);
    let fault = agreement.fault.map(Fault::from).unwrap();
    assert_eq!(fault.rule().id(), "HAND-38");
}

/// HAND-52: a side that says which types it accepts is told the type of what follows.
#[test]
fn accept_is_answered_by_content_type() {
    let accept = "Accept: application/x-gnutella-packets";
    let mut end = accepting(Role::Ultrapeer);
    receive(&mut end, &head("GNUTELLA CONNECT/0.6", &["X-Ultrapeer: False", accept]));
    let answer = end.take_text();
    assert!(answer.contains("Content-Type: application/x-gnutella-packets\r\n"), "{answer}");
    let mut end = connecting(Role::Leaf);
    receive(&mut end, &head("GNUTELLA/0.6 200 OK", &["X-Ultrapeer: True", accept]));
    assert!(end.take_text().contains("Content-Type: application/x-gnutella-packets\r\n"));
}

/// SIZE-12, HAND-56: with everything on, and nothing that proves another make.
#[test]
fn no_head_of_ours_has_more_headers_than_limewire_reads() {
    let full = |role| Profile {
        guid: Some(filbert::gnutella::wire::Guid([7; 16])),
        listen: Some(SocketAddr::new(CONNECTING_AT, 6346)),
        upgrades_to_tls: true,
        guess: Some(filbert::gnutella::link::Version(0, 2)),
        live_since: Some("Fri, 20 Nov 2026 15:53:34 +0000".to_owned()),
        features: vec![filbert::gnutella::link::Feature {
            name: "browse".to_owned(),
            version: filbert::gnutella::link::Version(1, 0),
        }],
        ..Profile::new(role)
    };
    let accept = |question: &Question| Decision::Accept {
        role: question.role,
        ultrapeer_needed: Some(true),
        try_ultrapeers: vec![SocketAddr::new(CONNECTING_AT, 1); 20],
    };
    let mut pair = Pair::new(full(Role::Ultrapeer), full(Role::Ultrapeer));
    pair.talk_with(&accept, &accept);
    assert!(pair.accepting.agreement().is_some());
    for end in [&mut pair.connecting, &mut pair.accepting] {
        let text = end.take_text();
        let mut rest = text.as_bytes();
        let mut names = std::collections::BTreeSet::new();
        while !rest.is_empty() {
            let (head, behind) = Head::decode(rest).unwrap();
            names.extend(head.headers.into_iter().map(|(name, _)| name));
            rest = behind;
        }
        assert!(!names.contains("X-Token"));
        assert!((19..=28).contains(&names.len()), "{}: {names:?}", names.len());
    }
}
