//! Whole connections between real programs, with one side taken over by a link of ours: whatever
//! the other side sent must come out of it, frame by frame.
//!
//! The frames are those of `tests/fixtures/frames`, which were taken out of the same captures by
//! another program.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use filbert::base::time::Time;
use filbert::gnutella::link::{
    Decision, Ending, Head, Input, Link, Output, Profile, Question, Refusal, Role, StartLine,
};
use filbert::gnutella::wire::{Bye, Frame};

use crate::connections;
use crate::connections::Connection;
use crate::handshakes;
use crate::support::frames::{self, Transport};
use crate::support::pair::{ACCEPTING_AT, CONNECTING_AT, End};

const NOW: Time = Time::from_millis(1_000);

/// Both directions of the connection that goes on in TLS.
const IN_TLS: [&str; 2] = [
    "gbunleaf-gtkgup-tls-deflate 45.12.0.2:39488>45.11.0.2:6346",
    "gbunleaf-gtkgup-tls-deflate 45.11.0.2:6346>45.12.0.2:39488",
];

/// Connections whose beginning was not recorded: nobody can replay their 15 frames.
const WITHOUT_BEGINNING: [(&str, usize); 7] = [
    ("gbun-leaf-up-plain 45.11.0.2:6346>45.12.0.2:42022", 2),
    ("gbun-leaf-up-plain 45.12.0.2:42022>45.11.0.2:6346", 2),
    ("gtkg-plain 203.0.113.10:6346>198.51.100.11:47059", 1),
    ("lw5-leaf-up-plain 45.11.0.2:6346>45.12.0.2:42022", 2),
    ("lw5-leaf-up-plain 45.12.0.2:42022>45.11.0.2:6346", 2),
    ("lw5-leaf-up-plain 45.13.0.2:6346>45.14.0.2:56014", 1),
    ("lw5-leaf-up-plain 45.14.0.2:56014>45.13.0.2:6346", 5),
];

/// Probes that break rules on purpose: whose first frame costs them the link, and what they hear.
const BREACHES: [(&str, u16, &str); 2] = [
    ("gtkg-deflate 198.51.100.38:49417>203.0.113.10:6346", 414, "TTL-10"),
    ("gtkg-deflate 198.51.100.41:44195>203.0.113.10:6346", 400, "SIZE-03"),
];

/// How the 100 directions of the other connections end.
const ENDINGS: [(&str, usize); 6] = [
    ("closed", 54),
    ("crawled", 1),
    ("declined", 10),
    ("dismissed", 2),
    ("farewell", 21),
    ("refused", 12),
];

/// Lengths of the pieces in which a direction arrives.
const PIECE_LENS: [usize; 3] = [1, 37, usize::MAX];

/// One direction of a connection, and the link that reads it.
struct Direction<'a> {
    route: String,
    /// What its sender sent.
    sent: &'a [u8],
    /// What the side sent whose place our link takes.
    replaced: &'a [u8],
    is_up: bool,
}

/// FRAME-05, FRAME-06, HAND-38, HAND-64, BYE-01, BYE-17, LINK-10, LINK-17: and whatever the pieces,
/// nothing is dropped, and each Bye ends its link.
#[test]
fn every_frame_of_a_recorded_connection_comes_out_of_a_link() {
    let mut expected = frames_by_route();
    let (mut frame_count, mut endings) = (0, BTreeMap::new());
    for connection in connections::handshaken() {
        for direction in
            directions(&connection).iter().filter(|each| !IN_TLS.contains(&&each.route[..]))
        {
            let sent = expected.remove(&direction.route).unwrap_or_default();
            for piece_len in PIECE_LENS {
                let end = replay(direction, piece_len);
                assert_eq!(
                    received(&direction.route, &end, sent.last()),
                    sent,
                    "{}",
                    direction.route
                );
            }
            frame_count += sent.len();
            let ending = replay(direction, usize::MAX).ending().map(kind).unwrap();
            *endings.entry(ending).or_insert(0) += 1;
        }
    }
    println!("{frame_count} frames, endings {endings:?}");
    assert_eq!(frame_count, 537);
    assert_eq!(endings, BTreeMap::from(ENDINGS));
    let missing = expected.iter().map(|(route, frames)| (&route[..], frames.len()));
    assert_eq!(missing.collect::<Vec<_>>(), WITHOUT_BEGINNING);
}

/// HAND-49, HAND-50: the link steps aside, and reads nothing of what belongs to TLS. If TLS never
/// comes about, the time for the handshake runs out.
#[test]
fn a_connection_that_goes_on_in_tls_is_handed_over_at_its_first_record() {
    let connections = connections::handshaken();
    let directions = connections.iter().flat_map(directions);
    let in_tls: Vec<_> = directions.filter(|each| IN_TLS.contains(&&each.route[..])).collect();
    assert_eq!(in_tls.len(), 2);
    for direction in &in_tls {
        for piece_len in PIECE_LENS {
            let (outputs, records) = replay_until_tls(direction, piece_len);
            assert!(matches!(
                outputs[..],
                [Output::Asked(_) | Output::Answered(_), Output::StartTls { .. }]
            ));
            assert!(direction.sent.ends_with(&records));
            // A record of a TLS handshake, of version 3.1 or later.
            assert!(records.starts_with(&[22, 3]), "{records:?}");
        }
    }
}

fn directions(connection: &Connection) -> [Direction<'_>; 2] {
    let Connection { capture, client, server, up, down } = connection;
    [
        Direction {
            route: format!("{capture} {client}>{server}"),
            sent: up,
            replaced: down,
            is_up: true,
        },
        Direction {
            route: format!("{capture} {server}>{client}"),
            sent: down,
            replaced: up,
            is_up: false,
        },
    ]
}

/// The frames of TCP connections, by capture and direction.
fn frames_by_route() -> BTreeMap<String, Vec<Bytes>> {
    let mut by_route = BTreeMap::<_, Vec<_>>::new();
    for real in frames::all() {
        if matches!(real.transport, Transport::Tcp | Transport::TcpDeflate) {
            let route = format!("{} {}>{}", real.capture, real.source, real.destination);
            by_route.entry(route).or_default().push(real.bytes);
        }
    }
    by_route
}

/// All that a link of ours makes of one direction.
fn replay(direction: &Direction<'_>, piece_len: usize) -> End {
    let mut end = End::new(link(direction));
    let decide = |question: &Question| decide(direction, question);
    for piece in direction.sent.chunks(piece_len.min(direction.sent.len().max(1))) {
        end.handle(Input::Received(piece), &decide, NOW);
    }
    end.handle(Input::Ended, &decide, NOW);
    end
}

/// A link in the role of the side that it replaces.
fn link(direction: &Direction<'_>) -> Link {
    let role = first_head(direction.replaced).and_then(|head| head.capabilities().ultrapeer);
    let role = role.map_or(Role::Ultrapeer, Role::from_ultrapeer);
    let profile = Arc::new(Profile { upgrades_to_tls: true, ..Profile::new(role) });
    match direction.is_up {
        true => Link::accept(profile, CONNECTING_AT, NOW),
        false => Link::connect(profile, ACCEPTING_AT, NOW),
    }
}

fn first_head(bytes: &[u8]) -> Option<Head> {
    Head::decode(bytes.get(..handshakes::head_len(bytes)?)?).ok().map(|(head, _)| head)
}

/// The node does what the side did whose place it takes.
fn decide(direction: &Direction<'_>, question: &Question) -> Decision {
    let answer = first_head(direction.replaced).filter(|_| direction.is_up);
    match answer.map(|head| (head.start_line().unwrap(), head)) {
        _ if question.is_crawler => Decision::Crawl { peers: Vec::new(), leaves: Vec::new() },
        Some((StartLine::Answer { code, .. }, head)) if code != StartLine::ACCEPTED => {
            Decision::Refuse(Refusal::new(code, head.start))
        }
        _ => Decision::accept(question.role),
    }
}

/// The frames that came out, and the last one that was sent if that is what ended the link.
fn received(route: &str, end: &End, last: Option<&Bytes>) -> Vec<Bytes> {
    let dropped = end.outputs.iter().find(|output| matches!(output, Output::Dropped { .. }));
    assert_eq!(dropped, None, "{route}");
    let mut frames: Vec<_> = end.frames().iter().map(frames::encoded).collect();
    match end.ending().unwrap() {
        Ending::Farewell(bye) => {
            let frame = Frame::decode(last.unwrap()).unwrap();
            assert_eq!(Bye::decode(&frame.payload).as_ref(), Ok(bye), "{route}");
            frames.extend(last.cloned());
        }
        Ending::Dismissed { code, fault, .. } => {
            let breach = (route, *code, fault.unwrap().rule().id());
            assert!(BREACHES.contains(&breach), "{breach:?}");
            frames.extend(last.cloned());
        }
        _ => {}
    }
    frames
}

const fn kind(ending: &Ending) -> &'static str {
    match ending {
        Ending::Closed => "closed",
        Ending::Crawled => "crawled",
        Ending::Declined(_) => "declined",
        Ending::Dismissed { .. } => "dismissed",
        Ending::Farewell(_) => "farewell",
        Ending::Refused(..) => "refused",
        Ending::Fault(_) | Ending::StreamEnded | Ending::TimedOut(_) => "otherwise",
    }
}

/// What a link says until it wants TLS, and what the driver has by then, or gets later, to hand to
/// TLS.
fn replay_until_tls(direction: &Direction<'_>, piece_len: usize) -> (Vec<Output>, Vec<u8>) {
    let (mut link, mut outputs, mut records) = (link(direction), Vec::new(), Vec::new());
    for piece in direction.sent.chunks(piece_len.min(direction.sent.len())) {
        if matches!(outputs.last(), Some(Output::StartTls { .. })) {
            records.extend_from_slice(piece);
        }
        link.handle(Input::Received(piece), NOW);
        while let Some(output) = link.poll() {
            match &output {
                Output::Asked(question) | Output::Answered(question) => {
                    assert_eq!(link.poll(), None);
                    link.handle(Input::Decided(Decision::accept(question.role)), NOW);
                }
                Output::StartTls { unread } => records.extend_from_slice(unread),
                _ => {}
            }
            outputs.push(output);
        }
    }
    let (due, reason) = link.next_timeout().unwrap();
    link.handle(Input::Timeout, due);
    assert_eq!(link.poll(), Some(Output::Closed(Ending::TimedOut(reason))));
    (outputs, records)
}
