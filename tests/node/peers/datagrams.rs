//! Hits by UDP, for a leaf of gtk-gnutella that wants them so.

use bytes::Bytes;
use filbert::gnutella::wire::vendor::Body;
use filbert::gnutella::wire::{Datagram, Frame, Function, QueryHit, Vendor};

use super::conversation::What;
use super::{is_surprise, replayed, sent_to};

/// The host that asks, and takes the hits.
const ASKER: &str = "113.0.1.102:6346";

fn frame(bytes: &Bytes) -> Frame {
    match Datagram::decode(bytes).unwrap() {
        Datagram::Frame { frame, .. } => frame,
        other => panic!("{other:?}"),
    }
}

fn names(hit: &Frame) -> Vec<String> {
    let hit = QueryHit::decode(&hit.payload).unwrap();
    hit.records.iter().map(|record| String::from_utf8_lossy(&record.name).into_owned()).collect()
}

/// HIT-29, OOB-01, OOB-03, OOB-10, VMSG-31, VMSG-33: whoever asks is told how many there are, claims them with a
/// token of its own, and gets them with that token. Nothing of it goes back the way that the query came.
#[test]
fn hits_go_by_datagram_to_who_claims_them() {
    let replayed = replayed("datagrams");
    let (conversation, replay) = &replayed;
    let to_asker = replay.datagrams.iter().filter(|(to, _)| to.to_string() == ASKER);
    let to_asker: Vec<Frame> = to_asker.map(|(_, bytes)| frame(bytes)).collect();
    let [told, ping, hit] = &to_asker[..] else { panic!("{to_asker:?}") };
    assert_eq!(ping.function, Function::PING);
    let Body::OutOfBandIndication(indication) = Vendor::decode(&told.payload).unwrap().body else {
        panic!("{told:?}");
    };
    assert_eq!(indication.hits, 1);
    assert_eq!(names(hit), ["filbert leafonly song.ogg"]);
    assert_eq!(told.guid, hit.guid);

    let claims = conversation.lines.iter().filter_map(|line| match &line.what {
        What::DatagramReceived { from, bytes } if from.to_string() == ASKER => Some(bytes),
        _ => None,
    });
    let claims: Vec<&Bytes> = claims.collect();
    // The token stands in the claim's GGEP, at its end.
    let token = &claims[0][claims[0].len() - 4..];
    assert!(hit.payload.windows(token.len()).any(|window| window == token));

    let by_tcp = sent_to(&replayed, "gtkg-1", Function::QUERY_HIT);
    let by_tcp: Vec<_> = by_tcp.into_iter().map(names).collect();
    assert_eq!(by_tcp, [["filbert winter song one.ogg"]]);
    let surprises: Vec<_> = replay.events.iter().filter(|event| is_surprise(event)).collect();
    assert!(surprises.is_empty(), "{surprises:?}");
}

/// VMSG-53, PING-12: a ping that was asked for proves that datagrams come through.
#[test]
fn a_ping_that_was_asked_for_proves_the_way() {
    let (_, replay) = replayed("datagrams");
    assert_eq!(replay.node.servent().reached_by().1, Some(true));
}
