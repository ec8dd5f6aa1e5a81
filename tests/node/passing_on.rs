//! What a node makes by itself, and what it leaves as it came.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use filbert::base::limits::QUERY_FORWARDED_LEN_MAX;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::ggep::{Place, Value};
use filbert::gnutella::wire::{Datagram, Frame, Function, GgepArea, Guid, Ping, Query, QueryHit};
use filbert::node::{Command, Input};

use crate::support::messages::frame;
use crate::support::net::{Net, address};

/// QUERY-28, FRAME-15, FRAME-16: whatever stands behind the text, in whatever order.
#[test]
fn a_query_goes_on_as_it_came() {
    for payload in [
        &b"\x98\0winter night\0"[..],
        b"\x98\0winter\0urn:\x1c\x1cunknown words\x1c\0\0",
        b"\0\xffwinter\0\xc3\x82NP@\x83XYZAq\x1curn:sha1:",
        b"\x98\0\0\x1curn:sha1:\0",
    ] {
        let mut net = Net::new();
        let [asker, relay, other] = [(); 3].map(|()| net.add(Role::Ultrapeer));
        net.connect(asker, relay);
        net.connect(relay, other);
        net.run(2);
        let query = frame(Guid([7; 16]), Function::QUERY, 3, Bytes::copy_from_slice(payload));
        net.forge(asker, relay, query.clone());
        net.run(1);
        let passed = net.frames(other, Function::QUERY);
        assert_eq!(passed, [&Frame { ttl: 2, hops: 1, ..query }]);
    }
}

/// FRAME-13, PING-05: but for pings, of which the last byte says that we cache pongs.
#[test]
fn messages_that_start_here_have_the_marks_of_a_fresh_guid() {
    let mut net = Net::new();
    let leaf = net.add(Role::Leaf);
    let parents = [(); 3].map(|()| net.add(Role::Ultrapeer));
    net.share(leaf, &["winter.ogg"]);
    parents.iter().for_each(|parent| net.connect(leaf, *parent));
    net.connect(parents[0], parents[1]);
    net.run(60);
    for words in ["winter", "summer", "spring"] {
        net.search(leaf, words);
        net.search(parents[1], words);
    }
    net.run(120);
    for (function, last) in
        [(Function::QUERY, 0..=0), (Function::QUERY_TABLE, 0..=0), (Function::PING, 1..=255)]
    {
        let all = [leaf, parents[0], parents[1], parents[2]];
        let frames = all.iter().flat_map(|at| net.frames(*at, function));
        let ours = frames.filter(|frame| frame.hops == 0).map(|frame| frame.guid.0);
        let guids: BTreeSet<[u8; 16]> = ours.collect();
        assert!(guids.len() >= 6, "{function:?}: {}", guids.len());
        for guid in guids {
            assert!(guid[8] == 0xff && last.contains(&guid[15]), "{function:?}: {guid:x?}");
        }
    }
}

/// UDP-09: nobody has invited it, and our answers are too small to become smaller.
#[test]
fn datagrams_of_ours_are_not_deflated() {
    let mut net = Net::new();
    let at = net.add(Role::Ultrapeer);
    let neighbour = net.add(Role::Ultrapeer);
    net.connect(neighbour, at);
    net.run(5);
    net.places[neighbour].is_reachable = false;
    net.command(at, Command::Know((10..40).map(address).collect()));
    for (number, extensions) in (50..).zip([&b""[..], b"\xc3\x83SCP\x41\x01"]) {
        let extensions = GgepArea::new(Bytes::from_static(extensions), Place::Ping);
        let mut payload = BytesMut::new();
        Ping { extensions }.encode(&mut payload);
        let ping = frame(Guid([9; 16]), Function::PING, 1, payload.freeze());
        let asked = Datagram::Frame { frame: ping, deflated: false, can_inflate: false };
        let (from, bytes) = (address(number), asked.to_bytes());
        net.hand_in(at, Input::Datagram { from, bytes });
    }
    let sent: Vec<_> = net.places[at].lost.iter().map(|(_, bytes)| bytes).collect();
    assert_eq!(sent.len(), 2);
    for bytes in sent {
        let sent = Datagram::decode(bytes).unwrap();
        assert!(matches!(sent, Datagram::Frame { deflated: false, .. }), "{sent:?}");
    }
}

/// SIZE-17: however many hosts are asked for, and however long the ping is.
#[test]
fn datagrams_of_ours_are_small() {
    let mut net = Net::new();
    let at = net.add(Role::Ultrapeer);
    net.command(at, Command::Know((10..200).map(address).collect()));
    let scp = [&b"\xc3\x03SCP\x41\x01\x81Z\x57\x5c"[..], &[7; 1_500]].concat();
    let payload = Bytes::from(scp);
    let ping = frame(Guid([9; 16]), Function::PING, 1, payload);
    let asked = Datagram::Frame { frame: ping, deflated: false, can_inflate: false };
    let (from, bytes) = (address(50), asked.to_bytes());
    net.hand_in(at, Input::Datagram { from, bytes });
    let [(to, sent)] = &net.places[at].lost[..] else { panic!("one answer") };
    assert_eq!(*to, from);
    assert!((24..=2_048).contains(&sent.len()), "{}", sent.len());
}

/// The text of the query that follows from a search for these words.
fn asked_for(words: &str) -> String {
    let mut net = Net::new();
    let [leaf, parent] = [Role::Leaf, Role::Ultrapeer].map(|role| net.add(role));
    net.connect(leaf, parent);
    net.run(2);
    net.search(leaf, words);
    net.run(2);
    let [query] = net.frames(parent, Function::QUERY)[..] else { panic!("one query") };
    assert!(query.payload.len() <= QUERY_FORWARDED_LEN_MAX);
    String::from_utf8(Query::decode(&query.payload).unwrap().text.to_vec()).unwrap()
}

/// QUERY-30
#[test]
fn a_search_for_too_much_asks_for_as_many_words_as_fit() {
    assert_eq!(asked_for("winter\tnight\u{7f}\n"), "winter night");
    let words = |len: usize| "words ".repeat(100)[..len].to_owned();
    // 253 bytes are 42 words and one letter more; a word that does not fit is left out.
    for (len, asked) in [(251, 251), (252, 251), (253, 253), (254, 251), (500, 251)] {
        assert_eq!(asked_for(&words(len)), words(asked), "{len}");
    }
    let fits = format!("{} ab", words(250));
    assert_eq!((fits.len(), asked_for(&fits)), (253, fits.clone()));
    assert_eq!(asked_for(&format!("{fits}c")), words(250).trim());
    assert_eq!(asked_for(&"é".repeat(300)), "é".repeat(126));
}

/// HIT-33: whoever wants a file of ours asks those who take pushes for us.
#[test]
fn a_hit_names_those_who_take_pushes_for_whom_nobody_reaches() {
    for is_reachable in [false, true] {
        let mut net = Net::new();
        let leaf = net.add(Role::Leaf);
        let parents = [(); 3].map(|()| net.add(Role::Ultrapeer));
        net.places[leaf].is_reachable = is_reachable;
        net.share(leaf, &["winter.ogg"]);
        for parent in parents {
            net.connect(leaf, parent);
        }
        net.run(300);
        let query = Bytes::from_static(b"\x80\0winter\0");
        net.forge(parents[0], leaf, frame(Guid([7; 16]), Function::QUERY, 1, query));
        net.run(1);
        let [hit] = net.frames(parents[0], Function::QUERY_HIT)[..] else { panic!("one hit") };
        let trailer = QueryHit::decode(&hit.payload).unwrap().trailer.unwrap();
        assert_eq!(trailer.flags().unwrap().push(), Some(!is_reachable));
        let proxies = trailer.extensions().value("PUSH");
        let mut named = match proxies {
            Some(Value::Addresses(named)) => named,
            None => Vec::new(),
            other => panic!("{other:?}"),
        };
        named.sort_unstable();
        let expected = parents.map(|parent| address(parent).to_string());
        let named: Vec<String> = named.iter().map(ToString::to_string).collect();
        assert_eq!(named, if is_reachable { Vec::new() } else { expected.to_vec() });
    }
}
