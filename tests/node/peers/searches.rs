//! Queries and their hits, of all three sides.

use std::collections::{BTreeMap, BTreeSet};

use filbert::gnutella::wire::{Frame, Function, Guid, Query, QueryHit};
use filbert::node::{Event, SearchId};

use super::replay::Replay;
use super::{LEAVES, ULTRAPEERS, first_senders, replayed, sent_to};

/// QRP-29, QRP-34: gtk-gnutella and GnutellaBun have read the table of our leaf, and asked it for
/// nothing that it does not have: also by a SHA-1, and in other letters than the file's. Each query is
/// answered.
#[test]
fn a_leaf_answers_all_that_it_is_asked() {
    let replayed = replayed("leaf");
    let (conversation, replay) = &replayed;
    let asked: Vec<(&str, Guid, String, u8)> = conversation
        .received()
        .filter(|(_, _, frame)| frame.function == Function::QUERY)
        .map(|(_, peer, frame)| {
            let peer = conversation.peers[peer].name.as_str();
            (peer, frame.guid, text_of(frame), frame.hops)
        })
        .collect();
    let words: BTreeSet<(&str, &str)> =
        asked.iter().map(|(peer, _, text, _)| (*peer, text.as_str())).collect();
    assert_eq!(words, BTreeSet::from(LEAF_WAS_ASKED));
    for (peer, guid, text, hops) in asked {
        let hits = sent_to(&replayed, peer, Function::QUERY_HIT);
        let hit = hits.iter().find(|hit| hit.guid == guid).expect(&text);
        // TTL-15: enough to come home, and a little more.
        assert_eq!((hit.hops, hit.ttl), (0, hops + 2), "{text}");
        let hit = QueryHit::decode(&hit.payload).unwrap();
        assert_eq!(hit.servent, conversation.guid);
        assert_eq!(conversation.listen.to_string(), format!("{}:{}", hit.address, hit.port));
        assert_eq!(hit.records.len(), 1, "{text}");
    }
    assert_eq!(replay.neighbours_len(), 2);
}

/// Searches that reached our leaf, and by whom. It shares "filbert winter song one.ogg",
/// "filbert leafonly song.ogg" and "Übung Straße café.ogg".
const LEAF_WAS_ASKED: [(&str, &str); 5] = [
    ("gtkg", "filbert winter"),
    ("gtkg", "\\"),
    ("gtkg", "strasse ubung"),
    ("gtkg", "filbert leafonly"),
    ("bun", "filbert winter"),
];

/// TTL-10: a leaf of two ultrapeers passes nothing on from one to the other.
#[test]
fn a_leaf_says_only_what_is_its_own() {
    let (conversation, replay) = &replayed("leaf");
    let heard = first_senders(conversation, Function::QUERY);
    assert!(heard.len() >= LEAF_WAS_ASKED.len());
    assert!(replay.sent.len() > 20);
    for (_, peer, frame) in &replay.sent {
        assert_eq!(frame.hops, 0, "{peer} {frame:?}");
        let asks = [Function::QUERY, Function::PING].contains(&frame.function);
        assert!(!asks || !heard.contains_key(&frame.guid), "{peer} {frame:?}");
    }
}

/// QRP-31: a leaf hears what its table has, be it of four bits an entry or of one.
#[test]
fn leaves_hear_only_what_their_tables_have() {
    let replayed = replayed("ultrapeer");
    let heard: Vec<BTreeSet<String>> = LEAVES
        .iter()
        .map(|leaf| texts(&sent_to(&replayed, leaf, Function::QUERY)).into_iter().collect())
        .collect();
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(heard[0], set(&["another document", "bun summer rain", "summer rain"]));
    assert_eq!(heard[1], set(&["bun summer rain", "summer rain"]));
}

/// TTL-02, TTL-06, TTL-11, TTL-12: what ultrapeers ask goes on to the other ultrapeers, once more if
/// it comes again with a higher TTL, and never farther than four hops.
#[test]
fn what_ultrapeers_ask_goes_on_as_it_did_then() {
    let (conversation, replay) = &replayed("ultrapeer");
    let leaves = LEAVES.map(|leaf| conversation.peer(leaf));
    let mut senders = first_senders(conversation, Function::QUERY);
    senders.retain(|_, sender| !leaves.contains(sender));
    let goes_on = |peer: usize, frame: &Frame| {
        let is_it = frame.function == Function::QUERY && senders.contains_key(&frame.guid);
        is_it.then_some((frame.guid, peer, frame.ttl, frame.hops))
    };
    let then: BTreeSet<_> =
        conversation.sent().filter_map(|(_, peer, frame)| goes_on(peer, frame)).collect();
    let now: Vec<_> =
        replay.sent.iter().filter_map(|(_, peer, frame)| goes_on(*peer, frame)).collect();
    assert!(then.len() > 20, "{}", then.len());
    assert_eq!(now.len(), then.len(), "nothing goes twice");
    assert_eq!(now.into_iter().collect::<BTreeSet<_>>(), then);
    for (guid, peer, ttl, hops) in then {
        assert!(ttl + hops <= 4, "{ttl} {hops}");
        let is_copy = |frame: &Frame| {
            frame.function == Function::QUERY && frame.guid == guid && frame.hops + 1 == hops
        };
        let comes_from_another =
            conversation.received().any(|(_, from, frame)| from != peer && is_copy(frame));
        assert!(comes_from_another, "back to where it came from");
    }
}

/// DQ-01, TTL-12: the search of a leaf goes to one ultrapeer after the other, each time farther, and
/// to no leaf that has nothing of it.
#[test]
fn what_leaves_ask_goes_step_by_step() {
    let (conversation, replay) = &replayed("ultrapeer");
    let leaves = LEAVES.map(|leaf| conversation.peer(leaf));
    let ultrapeers: BTreeSet<usize> =
        ULTRAPEERS.iter().map(|name| conversation.peer(name)).collect();
    let mut searches = first_senders(conversation, Function::QUERY);
    searches.retain(|_, sender| leaves.contains(sender));
    assert_eq!(searches.len(), 4);
    for guid in searches.keys() {
        let mut asked: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for (_, peer, frame) in &replay.sent {
            if frame.function == Function::QUERY && frame.guid == *guid {
                assert_eq!(frame.hops, 1);
                asked.entry(*peer).or_default().push(frame.ttl);
            }
        }
        assert_eq!(asked.keys().copied().collect::<BTreeSet<_>>(), ultrapeers);
        for ttls in asked.values() {
            assert!(ttls.windows(2).all(|pair| pair[0] < pair[1]), "{ttls:?}");
        }
    }
}

/// TTL-18: hits go to whoever brought the query first, with what is left of their TTL.
#[test]
fn hits_go_home() {
    let (conversation, replay) = &replayed("ultrapeer");
    let askers = first_senders(conversation, Function::QUERY);
    let mut carried = 0;
    for (_, from, hit) in conversation.received() {
        let Some(asker) = askers.get(&hit.guid).filter(|_| hit.function == Function::QUERY_HIT)
        else {
            continue;
        };
        let payload = &hit.payload;
        let is_it = |other: &Frame| other.guid == hit.guid && other.payload == *payload;
        let on = replay.sent.iter().filter(|(_, _, other)| is_it(other));
        let on: Vec<_> = on.map(|(_, to, other)| (*to, other.ttl, other.hops)).collect();
        assert_ne!(from, *asker);
        assert_eq!(on, [(*asker, hit.ttl - 1, hit.hops + 1)]);
        carried += 1;
    }
    assert!(carried >= 8, "{carried}");
}

/// DQ-01: what we look for is found near and far, in files of both programs.
#[test]
fn we_find_what_others_have() {
    let (_, leaf) = replayed("leaf");
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(found(&leaf, 1)), ["autumn leaves song.mp3", "bun autumn leaves.mp3"]);
    assert_eq!(sorted(found(&leaf, 2)), ["bun winter light.mp3", "winter light song.mp3"]);
    let (_, ultrapeer) = replayed("ultrapeer");
    assert_eq!(sorted(found(&ultrapeer, 1)), ["bun summer rain.mp3", "summer rain song.mp3"]);
    assert_eq!(sorted(found(&ultrapeer, 2)), ["winter light song.mp3"]);
}

/// DQ-24: the ultrapeer of a leaf is gone in the middle of a search, and another gtk-gnutella comes. It
/// is asked for all that is wanted, by GUIDs that it cannot know, and its hits are told of.
#[test]
fn the_ultrapeer_that_comes_next_goes_on_with_all_searches() {
    let replayed = replayed("turning");
    let asked = |peer| {
        let queries = sent_to(&replayed, peer, Function::QUERY);
        let asked: BTreeMap<String, Guid> =
            queries.iter().map(|query| (text_of(query), query.guid)).collect();
        assert_eq!(asked.len(), queries.len(), "each once");
        asked
    };
    let (before, after) = (asked("gtkg"), asked("gtkg-next"));
    assert_eq!(before.len(), 5);
    assert!(before.keys().eq(after.keys()), "{after:?}");
    assert!(before.iter().all(|(text, guid)| after[text] != *guid), "{after:?}");
    assert_eq!(found(&replayed.1, 5), ["filbert hubonly song.ogg"]);
}

fn text_of(query: &Frame) -> String {
    let query = Query::decode(&query.payload).unwrap();
    String::from_utf8(query.text.to_vec()).unwrap()
}

fn texts(queries: &[&Frame]) -> Vec<String> {
    queries.iter().map(|query| text_of(query)).collect()
}

fn names_of(hit: &QueryHit) -> Vec<String> {
    let names = hit.records.iter().map(|record| String::from_utf8(record.name.to_vec()).unwrap());
    names.collect()
}

/// What a search found, in its order.
fn found(replay: &Replay, wanted: u64) -> Vec<String> {
    let hits = replay.events.iter().filter_map(|event| match event {
        Event::Hit { search, hit, .. } if *search == SearchId(wanted) => Some(names_of(hit)),
        _ => None,
    });
    hits.flatten().collect()
}
