//! Datagrams between a node of ours and gtk-gnutella: `tests/fixtures/datagrams/README.md` says what they are.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use filbert::gnutella::wire::ggep::Value;
use filbert::gnutella::wire::ggep::value::Wants;
use filbert::gnutella::wire::vendor::Body;
use filbert::gnutella::wire::{Datagram, Frame, Function, Ping, Pong, Query, QueryHit, Vendor};

use crate::support::files;

/// A datagram of a recording.
struct Recorded {
    is_ours: bool,
    bytes: Bytes,
    frame: Frame,
    is_deflated: bool,
}

fn recording(name: &str) -> Vec<Recorded> {
    let path = files::path(&format!("tests/fixtures/datagrams/{name}.txt"));
    let text = std::fs::read_to_string(path).unwrap();
    let read = |line: &str| {
        let mut parts = line.split(' ').skip(1);
        let is_ours = parts.next() == Some(">");
        let bytes = Bytes::from(HEXLOWER.decode(parts.next().unwrap().as_bytes()).unwrap());
        match Datagram::decode(&bytes).unwrap() {
            Datagram::Frame { frame, deflated, .. } => {
                Recorded { is_ours, bytes, frame, is_deflated: deflated }
            }
            other => panic!("{other:?}"),
        }
    };
    text.lines().map(read).collect()
}

const ALL: [&str; 4] = ["guess", "host_cache", "out_of_band_answered", "out_of_band_asked"];

/// UDP-01: each of them is a message that reads as the same bytes again; what was deflated reads as the same
/// message.
#[test]
fn they_read_as_what_they_were() {
    for name in ALL {
        for Recorded { bytes, frame, is_deflated, .. } in recording(name) {
            let again = Datagram::decode(&bytes).unwrap().to_bytes();
            match is_deflated {
                false => assert_eq!(again, bytes, "{name}"),
                true => match Datagram::decode(&again).unwrap() {
                    Datagram::Frame { frame: same, .. } => assert_eq!(same, frame, "{name}"),
                    other => panic!("{other:?}"),
                },
            }
        }
    }
}

fn hits(recorded: &[Recorded]) -> Vec<QueryHit> {
    let hits = recorded.iter().filter(|one| one.frame.function == Function::QUERY_HIT);
    hits.map(|one| QueryHit::decode(&one.frame.payload).unwrap()).collect()
}

fn token(claim: &Frame) -> Vec<u8> {
    let Body::OutOfBandClaim(claim) = Vendor::decode(&claim.payload).unwrap().body else {
        panic!("{claim:?}");
    };
    match claim.extensions.unwrap().value("SO") {
        Some(Value::Token(token)) => token,
        other => panic!("{other:?}"),
    }
}

/// OOB-01, OOB-03, OOB-10: in both directions all 25 that were told of come, each message with the token of the
/// claim; ours after a ping of ours has been answered.
#[test]
fn hits_come_with_the_token_of_their_claim() {
    for (name, claim, is_proven) in
        [("out_of_band_answered", 1, true), ("out_of_band_asked", 3, false)]
    {
        let recorded = recording(name);
        let token = token(&recorded[claim].frame);
        assert_eq!(token.len(), 4);
        let pong =
            recorded.iter().position(|one| one.frame.function == Function::PONG && !one.is_ours);
        let first = recorded.iter().position(|one| one.frame.function == Function::QUERY_HIT);
        if is_proven {
            let (ping, pong) = (&recorded[2].frame, &recorded[pong.unwrap()].frame);
            assert_eq!((ping.function, ping.guid), (Function::PING, pong.guid));
            assert!(
                recorded[2].is_ours && first > recorded.iter().position(|one| one.frame == *pong)
            );
        }
        let hits = hits(&recorded);
        assert_eq!(hits.iter().map(|hit| hit.records.len()).collect::<Vec<_>>(), [10, 10, 5]);
        for one in recorded.iter().filter(|one| one.frame.function == Function::QUERY_HIT) {
            assert!(one.frame.payload.windows(4).any(|window| window == token), "{name}");
            assert_eq!(one.frame.guid, recorded[claim].frame.guid);
            assert_eq!(one.is_deflated, !one.is_ours, "it deflates, we do not");
        }
    }
}

/// GUESS-03: the query carries the key that we have given to this address.
#[test]
fn a_query_by_datagram_has_the_key_that_was_given() {
    let pong = &recording("out_of_band_asked")[1].frame;
    let given = Pong::decode(&pong.payload).unwrap().extensions.value("QK");
    let asked = recording("guess");
    let query = Query::decode(&asked[2].frame.payload).unwrap();
    assert_eq!(query.text, &b"silent valley"[..]);
    assert!(matches!(given, Some(Value::Token(_))), "{given:?}");
    assert_eq!(query.extensions.value("QK"), given);
    assert_eq!(hits(&asked).len(), 3);
}

/// BOOT-03: it is asked as a leaf asks, and names one host besides itself.
#[test]
fn a_host_cache_names_hosts() {
    let [ping, pong] = &recording("host_cache")[..] else { panic!("a ping and a pong") };
    let wants = Ping::decode(&ping.frame.payload).extensions.value("SCP");
    assert_eq!(wants, Some(Value::Wants(Wants(0))));
    let pong = Pong::decode(&pong.frame.payload).unwrap();
    assert!(pong.extensions.find("UP").is_some());
    let named = pong.extensions.value("IPP");
    let expected = ["116.0.1.113:6346", "118.0.1.2:6346"];
    let Some(Value::Addresses(hosts)) = named else { panic!("{named:?}") };
    let hosts: Vec<_> = hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, expected);
}
