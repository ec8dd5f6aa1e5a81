//! How neighbours treat each other: links, pings, vendor messages, pushes.

use bytes::Bytes;
use filbert::gnutella::wire::vendor::Body;
use filbert::gnutella::wire::{Datagram, Frame, Function, Guid, Pong, QueryHit, Vendor};
use filbert::node::Event;

use super::conversation::{Conversation, What};
use super::{NAMES, ULTRAPEERS, is_surprise, replay, replayed, sent_to, vendors};

/// PONG-12, VMSG-46, QRP-37: nothing that these programs do costs them anything.
#[test]
fn nobody_is_blamed_and_all_links_stand() {
    for name in NAMES {
        let (conversation, replay) = replayed(name);
        let surprises: Vec<_> =
            replay.events.iter().filter(|event| is_surprise(event) && !is_probe(event)).collect();
        assert!(surprises.is_empty(), "{name}: {surprises:?}");
        assert_eq!(replay.neighbours_len(), conversation.peers.len(), "{name}");
    }
}

/// Somebody tried whether we can be reached, and was gone.
fn is_probe(event: &Event) -> bool {
    matches!(event, Event::Closed { link, .. } if link.0 >= replay::PROBES)
}

/// VMSG-49
#[test]
fn what_we_can_do_is_the_first_that_we_say_where_it_is_understood() {
    let leaf = replayed("leaf");
    let ultrapeer = replayed("ultrapeer");
    for (replayed, peer) in
        [(&leaf, "gtkg"), (&ultrapeer, "gtkg-leaf"), (&ultrapeer, "gtkg-1"), (&ultrapeer, "gtkg-3")]
    {
        let number = replayed.0.peer(peer);
        let first = replayed.1.sent.iter().find(|(_, to, _)| *to == number).unwrap();
        let body = Vendor::decode(&first.2.payload).unwrap().body;
        assert!(matches!(body, Body::MessagesSupported(_)), "{peer}: {body:?}");
    }
    for (replayed, peer) in [(&leaf, "bun"), (&ultrapeer, "bun-leaf"), (&ultrapeer, "bun")] {
        assert_eq!(vendors(replayed, peer), [], "{peer} does not speak of vendor messages");
    }
}

/// PONG-11: GnutellaBun answers pings with the pongs that it got, ours among them. We do not pass
/// them on, or all would tell each other of us, round and round.
#[test]
fn our_own_address_is_told_by_nobody_else_for_us() {
    let (conversation, replay) = &replayed("ultrapeer");
    let is_ours = |frame: &Frame| {
        frame.function == Function::PONG && {
            let pong = Pong::decode(&frame.payload).unwrap();
            conversation.listen.to_string() == format!("{}:{}", pong.address, pong.port)
        }
    };
    let came = conversation.received().filter(|(_, _, frame)| is_ours(frame)).count();
    assert!(came >= 3, "{came} came back");
    let told: Vec<u8> = replay
        .sent
        .iter()
        .filter(|(_, _, frame)| is_ours(frame))
        .map(|(_, _, frame)| frame.hops)
        .collect();
    assert!(!told.is_empty());
    assert!(told.iter().all(|hops| *hops == 0), "{told:?}");
}

/// VMSG-19, VMSG-35, VMSG-54: gtk-gnutella complains of ultrapeers that ask for a push proxy. A leaf asks while it does
/// not know whether it can be reached, and gives it back when it was.
#[test]
fn only_a_leaf_asks_for_push_proxies() {
    let (leaf, ultrapeer) = (replayed("leaf"), replayed("ultrapeer"));
    let asks = |bodies: &[Body]| {
        bodies.iter().filter(|body| matches!(body, Body::PushProxyRequest)).count()
    };
    let of_leaf = vendors(&leaf, "gtkg");
    assert_eq!(asks(&of_leaf), 1);
    let cancels = of_leaf.iter().filter(|body| matches!(body, Body::PushProxyCancel)).count();
    assert_eq!(cancels, 1, "gtk-gnutella has connected back");
    assert!(leaf.1.node.servent().is_reachable());
    for peer in ULTRAPEERS {
        assert_eq!(asks(&vendors(&ultrapeer, peer)), 0, "{peer}");
    }
}

/// VMSG-53, VMSG-56: what a leaf of gtk-gnutella asks for at once is done: a connection, a ping with
/// its own GUID, and a push proxy.
#[test]
fn a_leaf_of_ours_is_helped_to_be_reached() {
    let replayed = replayed("ultrapeer");
    let (conversation, replay) = &replayed;
    let then: Vec<&What> = conversation.lines.iter().map(|line| &line.what).collect();
    let to = replay.connect_backs.clone();
    assert!(!to.is_empty());
    assert!(to.iter().all(|to| then.contains(&&What::ConnectedBack { to: *to })), "{to:?}");
    let pings: Vec<Guid> = replay
        .datagrams
        .iter()
        .filter_map(|(_, bytes)| match Datagram::decode(bytes).unwrap() {
            Datagram::Frame { frame, .. } => Some(frame),
            _ => None,
        })
        .filter(|frame| frame.function == Function::PING)
        .map(|frame| frame.guid)
        .collect();
    let asked = conversation.received().filter_map(|(_, _, frame)| {
        let vendor = Vendor::decode(&frame.payload).ok()?;
        match vendor.body {
            Body::UdpConnectBack(asked) => Some(asked.guid.unwrap_or(frame.guid)),
            _ => None,
        }
    });
    let asked: Vec<Guid> = asked.collect();
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|guid| pings.contains(guid)), "{pings:?}");
    let grants = vendors(&replayed, "gtkg-leaf");
    assert!(grants.iter().any(|body| matches!(body, Body::PushProxyAcknowledgement(_))));
}

/// PING-12, PONG-10: gtk-gnutella asks by UDP whether we are a cache of hosts, or just whether we are
/// there; each gets one pong with the GUID of its ping.
#[test]
fn pings_by_datagram_are_answered() {
    let (conversation, replay) = &replayed("ultrapeer");
    let of_function = |bytes: &Bytes, function| match Datagram::decode(bytes).unwrap() {
        Datagram::Frame { frame, .. } if frame.function == function => Some(frame.guid),
        _ => None,
    };
    let own = conversation.own_guids();
    let pings = conversation.lines.iter().filter_map(|line| match &line.what {
        What::DatagramReceived { from, bytes } => {
            Some((*from, of_function(bytes, Function::PING)?))
        }
        _ => None,
    });
    let pings: Vec<_> = pings.filter(|(_, guid)| !own.contains(guid)).collect();
    assert!(pings.len() >= 2, "{pings:?}");
    let pongs = replay.datagrams.iter();
    let pongs: Vec<_> =
        pongs.filter_map(|(to, bytes)| Some((*to, of_function(bytes, Function::PONG)?))).collect();
    assert!(pings.iter().all(|ping| pongs.iter().filter(|pong| *pong == ping).count() == 1));
}

/// PUSH-09: gtk-gnutella brings us pushes for us, and for a leaf of ours that had hits. The second one
/// is made up: what the real one did with such a push was seen, but is not in the recording.
#[test]
fn pushes_find_their_servents() {
    let (_, leaf) = replayed("leaf");
    let pushed = leaf.events.iter().filter(|event| matches!(event, Event::Pushed(_))).count();
    assert_eq!(pushed, 1);
    let mut ultrapeer = replayed("ultrapeer");
    let (conversation, replay) = &mut ultrapeer;
    let payload = [&servent_of(conversation, "gtkg-leaf").0[..], &PUSH_TO].concat().into();
    let (guid, function) = (Guid([9; 16]), Function::PUSH);
    let push = Frame { guid, function, ttl: 3, hops: 1, size_flags: None, payload };
    replay.receive(conversation.peer("gtkg-1"), push);
    let pushes = sent_to(&ultrapeer, "gtkg-leaf", Function::PUSH);
    assert_eq!(pushes.len(), 1);
    assert_eq!((pushes[0].ttl, pushes[0].hops), (2, 2));
}

/// File 1, to 203.0.113.1:6346, as gtk-gnutella obeyed it.
const PUSH_TO: [u8; 10] = [1, 0, 0, 0, 203, 0, 113, 1, 0xca, 0x18];

/// The servent GUID by which a peer offers its files.
fn servent_of(conversation: &Conversation, peer: &str) -> Guid {
    let peer = conversation.peer(peer);
    let is_own = |from: usize, hit: &Frame| {
        from == peer && hit.function == Function::QUERY_HIT && hit.hops == 0
    };
    let hit = conversation.received().find(|(_, from, hit)| is_own(*from, hit)).unwrap().2;
    QueryHit::decode(&hit.payload).unwrap().servent
}
