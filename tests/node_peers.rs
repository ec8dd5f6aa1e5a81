//! Conversations of a node of ours with real programs, again: they say what they said then, and the
//! node does what it should.
//!
//! gtk-gnutella 1.2.3 and GnutellaBun 1.0.0 were recorded in a closed network, with deflate. The
//! answers of the programs were kept, so what is asserted here is what they put up with.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

#[path = "support/conversation.rs"]
mod conversation;
#[path = "support/replay.rs"]
mod replay;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use conversation::{Conversation, What};
use filbert::base::time::Time;
use filbert::gnutella::wire::vendor::Body;
use filbert::gnutella::wire::{Datagram, Frame, Function, Guid, Pong, Query, QueryHit, Vendor};
use filbert::node::Event;
use replay::Replay;

const NAMES: [&str; 2] = ["leaf", "ultrapeer"];

/// The whole conversation.
fn replayed(name: &str) -> (Conversation, Replay) {
    let conversation = conversation::read(name);
    let mut replay = Replay::new(conversation.clone(), 7);
    let end = conversation.lines.last().unwrap().at;
    replay.run(end.after_ms(5_000));
    (conversation, replay)
}

fn of_function<'a>(
    frames: impl Iterator<Item = (Time, usize, &'a Frame)>,
    function: Function,
) -> Vec<(usize, &'a Frame)> {
    let frames = frames.filter(|(_, _, frame)| frame.function == function);
    frames.map(|(_, peer, frame)| (peer, frame)).collect()
}

fn sent(replay: &Replay) -> impl Iterator<Item = (Time, usize, &Frame)> {
    replay.sent.iter().map(|(at, peer, frame)| (*at, *peer, frame))
}

fn text(query: &Frame) -> String {
    String::from_utf8(Query::decode(&query.payload).unwrap().text.to_vec()).unwrap()
}

fn vendors(replay: &Replay, peer: usize) -> Vec<Body> {
    let vendors = of_function(sent(replay), Function::VENDOR);
    let to_peer = vendors.into_iter().filter(|(to, _)| *to == peer);
    to_peer.map(|(_, frame)| Vendor::decode(&frame.payload).unwrap().body).collect()
}

/// The peers whose programs begin so and that are, or are not, ultrapeers.
fn peers(conversation: &Conversation, program: &str, is_ultrapeer: bool) -> Vec<usize> {
    let word = format!("X-Ultrapeer: {}\r\n", if is_ultrapeer { "True" } else { "False" });
    let fits = |peer: usize| {
        let peer = &conversation.peers[peer];
        let says = peer
            .heads
            .iter()
            .any(|head| head.to_ascii_lowercase().contains(&word.to_ascii_lowercase()));
        peer.program.starts_with(program) && says
    };
    (0..conversation.peers.len()).filter(|peer| fits(*peer)).collect()
}

/// Nothing that an honest program does costs it anything.
#[test]
fn nobody_is_blamed_and_all_links_stand() {
    for name in NAMES {
        let (conversation, replay) = replayed(name);
        let surprises: Vec<_> = replay
            .events
            .iter()
            .filter(|event| {
                matches!(event, Event::Struck { .. } | Event::Closed { .. } | Event::Banned { .. })
            })
            .collect();
        assert!(surprises.is_empty(), "{name}: {surprises:?}");
        assert_eq!(replay.neighbours_len(), conversation.peers.len(), "{name}");
    }
}
