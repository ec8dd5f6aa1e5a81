//! What both networks share, and how they are told apart.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use filbert::base::kazaa_hash::{KzHash, UuHash};
use filbert::fasttrack::wire::{Datagram, Message, Operator, Side, Tag};
use filbert::gnutella::link::Role as GnutellaRole;
use filbert::gnutella::servent::Offer;
use filbert::gnutella::wire::{Function, Guid};
use filbert::index::files::{File, Files};
use filbert::node::fasttrack::{self, RolePolicy};
use filbert::node::{self, Command, Config, Event, Input, Network, Node, Output, SearchId};
use filbert::promotion::Role;

use super::scene::{OWN, Scene, host};
use crate::support::messages::frame;

fn search(words: &str) -> Command {
    Command::Search { search: SearchId(5), words: words.to_owned() }
}

/// The searches that a parent was sent: hash or words, and how many results are wanted.
fn searches(sent: &[filbert::fasttrack::wire::Frame]) -> Vec<(Tag, Vec<u8>, u16)> {
    let read = |frame| match Message::parse(frame, Side::Up) {
        Ok(Message::Search(search)) => {
            let term = search.terms.first().unwrap();
            assert!(matches!(term.operator, Operator::EQUAL | Operator::CONTAINS));
            Some((term.tag, term.bytes.to_vec(), search.max))
        }
        _ => None,
    };
    sent.iter().filter_map(read).collect()
}

/// Which searches have ended, by network.
fn ended(events: &[Event]) -> Vec<(Network, SearchId)> {
    let end = |event: &Event| match event {
        Event::SearchEnded { search, .. } => Some((Network::Gnutella, *search)),
        Event::FastTrack(fasttrack::Event::SearchEnded { search, .. }) => {
            Some((Network::FastTrack, *search))
        }
        _ => None,
    };
    events.iter().filter_map(end).collect()
}

#[test]
fn a_search_goes_to_both_networks_unless_it_names_one() {
    let mut scene = Scene::with_role(Role::Leaf);
    let parent = scene.has_parent(host(1));
    scene.sent(parent);
    scene.handle(Input::Command(search("two words")));
    let asked = [(Tag::ANY, b"two words".to_vec(), 200)];
    assert_eq!(searches(&scene.sent(parent)), asked);
    let gnutella = Command::SearchIn {
        network: Network::Gnutella,
        search: SearchId(6),
        words: "other words".to_owned(),
    };
    scene.handle(Input::Command(gnutella));
    assert_eq!(searches(&scene.sent(parent)), []);
    let fasttrack = Command::SearchIn {
        network: Network::FastTrack,
        search: SearchId(7),
        words: "more words".to_owned(),
    };
    scene.heard();
    scene.handle(Input::Command(fasttrack));
    assert_eq!(searches(&scene.sent(parent)), [(Tag::ANY, b"more words".to_vec(), 200)]);
    assert_eq!(ended(&scene.events()), [], "nobody has asked Gnutella");
}

#[test]
fn a_content_is_asked_for_where_it_is_known_by_its_name() {
    let mut scene = Scene::with_role(Role::Leaf);
    let parent = scene.has_parent(host(1));
    scene.sent(parent);
    let kzhash = format!("urn:kzhash:{}", "0a".repeat(36));
    scene.handle(Input::Command(search(&kzhash)));
    assert_eq!(searches(&scene.sent(parent)), [(Tag::HASH, vec![0x0a; 20], 15)]);
    scene.heard();
    let sha1 = format!("urn:sha1:{}", "A".repeat(32));
    scene.handle(Input::Command(search(&sha1)));
    assert_eq!(searches(&scene.sent(parent)), []);
    let here = (Network::FastTrack, SearchId(5));
    assert!(ended(&scene.events()).contains(&here), "whoever waits for both is not kept waiting");
}

#[test]
fn whoever_wants_no_more_of_a_search_hears_no_more_of_it() {
    let mut scene = Scene::with_role(Role::Leaf);
    let parent = scene.has_parent(host(1));
    scene.handle(Input::Command(search("two words")));
    scene.handle(Input::Command(Command::EndSearch(SearchId(5))));
    scene.heard();
    scene.closed(parent, filbert::fasttrack::link::Ending::Closed);
    scene.pass(200_000);
    assert_eq!(ended(&scene.events()), []);
}

/// What is offered is offered in both: of files whose FastTrack hash is not known FastTrack hears nothing.
#[test]
fn one_library_is_shared_with_both_networks() {
    let mut scene = Scene::with_role(Role::Leaf);
    let parent = scene.has_parent(host(1));
    scene.sent(parent);
    let file = |name: &str, kzhash| File { name: name.into(), size: 9, kzhash, ..File::default() };
    let kzhash = KzHash { uuhash: UuHash([7; 20]), root: [8; 16] };
    let mut files = Files::new();
    files.extend([file("one song.mp3", Some(kzhash)), file("another song.mp3", None)]);
    scene.handle(Input::Command(Command::Offer(Box::new(Offer::of(files)))));
    scene.pass(1_000);
    let sent = scene.sent(parent);
    let shares = sent.iter().filter_map(|frame| match Message::parse(frame, Side::Up) {
        Ok(Message::Share(share)) => Some(share),
        _ => None,
    });
    let shares: Vec<_> = shares.collect();
    assert_eq!(shares.len(), 1, "{sent:?}");
    assert_eq!((shares[0].hash, shares[0].size), ([7; 20], 9));
}

/// FTUDP-01: by its first byte and its form to the last byte.
#[test]
fn a_datagram_is_the_one_networks_or_the_others() {
    let mut scene = Scene::with_role(Role::Supernode);
    let from = SocketAddr::V4(host(1));
    let asks = Datagram::Ping { least: 0x29, network: Bytes::from_static(b"KaZaA") }.to_bytes();
    scene.handle(Input::Datagram { from, bytes: asks.clone() });
    let answers = scene.datagrams();
    assert!(
        matches!(&answers[..], [(to, bytes)] if *to == from && bytes[0] == 0x28),
        "{answers:?}"
    );
    // A ping of Gnutella that begins with the same byte.
    let mut guid = [7; 16];
    guid[0] = 0x27;
    let mut bytes = BytesMut::new();
    frame(Guid(guid), Function::PING, 1, Bytes::new()).encode(&mut bytes);
    scene.handle(Input::Datagram { from: SocketAddr::V4(host(2)), bytes: bytes.freeze() });
    let answers = scene.datagrams();
    assert!(matches!(&answers[..], [(_, bytes)] if bytes[..16] == guid), "{answers:?}");
    // One byte more, and it is nobody's.
    let mut longer = asks.to_vec();
    longer.push(0);
    let from = SocketAddr::V4(host(3));
    scene.handle(Input::Datagram { from, bytes: longer.into() });
    assert_eq!(scene.datagrams(), []);
    // A node without a part in it does not answer.
    let mut node =
        Node::new(Config::new(node::RolePolicy::Always(GnutellaRole::Ultrapeer)), 1, scene.now);
    node.handle(Input::Datagram { from, bytes: asks }, scene.now);
    assert!(
        std::iter::from_fn(|| node.poll()).all(|said| !matches!(said, Output::Datagram { .. }))
    );
}

/// The address is one, and the ports may be two.
#[test]
fn a_node_that_moves_moves_in_both_networks() {
    let mut scene = Scene::new(RolePolicy::Always(Role::Supernode), |_| {});
    let to: SocketAddr = "90.1.1.1:6346".parse().unwrap();
    scene.handle(Input::Command(Command::ListenAt(to)));
    let here = scene.node.peer().unwrap().settings().listen;
    assert_eq!(here, Some("90.1.1.1:1214".parse().unwrap()));
    let elsewhere = "91.1.1.1:1214".parse().unwrap();
    scene.command(fasttrack::Command::ListenAt(elsewhere));
    assert_eq!(scene.node.peer().unwrap().settings().listen, Some(elsewhere));
    assert_eq!(scene.node.profile().listen, Some(to), "Gnutella stays where it is");
    assert_ne!(here, Some(OWN));
    // Nobody calls itself.
    scene.command(fasttrack::Command::Know(vec![elsewhere, host(1)]));
    assert_eq!(scene.node.known_supernodes().collect::<Vec<_>>(), [SocketAddr::V4(host(1))]);
}
