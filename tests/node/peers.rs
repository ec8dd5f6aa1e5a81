//! Conversations of a node of ours with real programs, again: they say what they said then, and the
//! node does what it should.
//!
//! gtk-gnutella 1.2.3 and GnutellaBun 1.0.0 were recorded in a closed network, with deflate
//! (`tests/fixtures/nodes`). They put up with what the node did then, and so with what is asserted here.

mod conversation;
mod datagrams;
mod manners;
mod replay;
mod searches;
mod signs_of_life;
mod tables;
mod wire;

use std::collections::BTreeMap;

use conversation::Conversation;
use filbert::gnutella::wire::vendor::Body;
use filbert::gnutella::wire::{Frame, Function, Guid, Vendor};
use filbert::node::Event;
use replay::Replay;

/// A node of ours as a leaf of gtk-gnutella and GnutellaBun; and one as ultrapeer of a leaf of each,
/// and next to two ultrapeers that are gtk-gnutella, themselves connected, and one GnutellaBun.
const NAMES: [&str; 2] = ["leaf", "ultrapeer"];

/// The peers of the ultrapeer.
const LEAVES: [&str; 2] = ["gtkg-leaf", "bun-leaf"];
const ULTRAPEERS: [&str; 3] = ["gtkg-1", "gtkg-3", "bun"];

/// The whole conversation.
fn replayed(name: &str) -> (Conversation, Replay) {
    let conversation = conversation::read(name);
    let mut replay = Replay::new(conversation.clone(), 7);
    replay.run(conversation.lines.last().unwrap().at.after_ms(5_000));
    (conversation, replay)
}

/// What the node sent to a peer, of one function.
fn sent_to<'a>(
    (conversation, replay): &'a (Conversation, Replay),
    peer: &str,
    function: Function,
) -> Vec<&'a Frame> {
    let peer = conversation.peer(peer);
    let sent = replay.sent.iter();
    let sent = sent.filter(|(_, to, frame)| *to == peer && frame.function == function);
    sent.map(|(_, _, frame)| frame).collect()
}

fn vendors(replayed: &(Conversation, Replay), peer: &str) -> Vec<Body> {
    let frames = sent_to(replayed, peer, Function::VENDOR);
    frames.iter().map(|frame| Vendor::decode(&frame.payload).unwrap().body).collect()
}

/// Who sent each message first, of those that others made up.
fn first_senders(conversation: &Conversation, function: Function) -> BTreeMap<Guid, usize> {
    let own = conversation.own_guids();
    let mut senders = BTreeMap::new();
    for (_, peer, frame) in conversation.received() {
        if frame.function == function && !own.contains(&frame.guid) {
            senders.entry(frame.guid).or_insert(peer);
        }
    }
    senders
}

fn is_surprise(event: &Event) -> bool {
    matches!(event, Event::Struck { .. } | Event::Closed { .. } | Event::Banned { .. })
}
