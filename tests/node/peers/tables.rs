//! Query tables, ours and theirs.

use bytes::Bytes;
use filbert::gnutella::wire::query_table::QueryTable;
use filbert::gnutella::wire::{Frame, Function, Guid};
use filbert::node::Event;

use super::{LEAVES, ULTRAPEERS, is_surprise, replayed, sent_to};

/// QRP-34: the whole table once, and then what changes; no ultrapeer sends its leaves any.
#[test]
fn a_table_is_sent_whole_once() {
    let (leaf, ultrapeer) = (replayed("leaf"), replayed("ultrapeer"));
    let resets = |replayed, peer| {
        let pieces = sent_to(replayed, peer, Function::QUERY_TABLE);
        let tables = pieces.iter().map(|piece| QueryTable::decode(&piece.payload).unwrap());
        tables.filter(|table| matches!(table, QueryTable::Reset(_))).count()
    };
    for peer in ["gtkg", "bun"] {
        assert_eq!(resets(&leaf, peer), 1, "{peer}");
    }
    for peer in ULTRAPEERS {
        assert_eq!(resets(&ultrapeer, peer), 1, "{peer}");
    }
    for peer in LEAVES {
        assert_eq!(sent_to(&ultrapeer, peer, Function::QUERY_TABLE).len(), 0, "{peer}");
    }
}

/// QRP-37, QRP-40: GnutellaBun sends its whole table every half a minute, changed or not. Nobody is blamed for
/// that, and nobody else hears of it.
#[test]
fn a_table_that_comes_every_half_a_minute_is_borne() {
    let mut replayed = replayed("ultrapeer");
    let (conversation, replay) = &mut replayed;
    let bun = conversation.peer("bun-leaf");
    let table: Vec<Frame> = conversation
        .received()
        .filter(|(_, peer, frame)| *peer == bun && frame.function == Function::QUERY_TABLE)
        .map(|(_, _, frame)| frame.clone())
        .take(2)
        .collect();
    let before = replay.sent.len();
    for round in 0..120 {
        replay.run(replay.now.after_ms(30_000));
        table.iter().for_each(|piece| replay.receive(bun, piece.clone()));
        // All others live, but have nothing to say.
        let (guid, function) = (Guid([round; 16]), Function::PING);
        let payload = Bytes::new();
        let ping = Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload };
        (0..conversation.peers.len()).for_each(|peer| replay.receive(peer, ping.clone()));
    }
    let surprises: Vec<&Event> = replay.events.iter().filter(|event| is_surprise(event)).collect();
    assert!(surprises.is_empty(), "{surprises:?}");
    let later = &replay.sent[before..];
    assert!(later.len() > 120);
    assert!(!later.iter().any(|(_, _, frame)| frame.function == Function::QUERY_TABLE));
}
