//! Supernodes that are known: from whom, which of them are called, and what is told of them.

use filbert::base::limits::{FASTTRACK_NEIGHBOURS_WANTED, PARENT_ANSWER_MS, PARENT_QUIET_MS};
use filbert::fasttrack::link::Ending;
use filbert::fasttrack::wire::{
    self, Bandwidth, Kind, Logarithm, Media, Message, NodeList, Side, Table, TableRecord,
};
use filbert::node::fasttrack;
use filbert::node::host_cache::Quality;
use filbert::promotion::Role;

use super::scene::{OWN, Scene, host, node_info};

/// The nodes of the list that a session was sent.
fn list(sent: &[wire::Frame]) -> Vec<wire::Node> {
    let list = sent.iter().find(|frame| frame.kind == Kind::NODE_LIST).expect("a list");
    match Message::parse(list, Side::Down) {
        Ok(Message::NodeList(list)) => list.nodes().collect(),
        other => panic!("{other:?}"),
    }
}

fn told(nodes: impl IntoIterator<Item = wire::Node>) -> Message {
    Message::NodeList(nodes.into_iter().collect::<NodeList>())
}

fn node(number: u8, load: u8) -> wire::Node {
    wire::Node { address: host(number), minutes: 3, load }
}

/// FTSUPER-05, FTNODE-16: what a supernode is told of others it tells its children, with the load that it was
/// told, and half of all where nobody has said anything.
#[test]
fn what_is_known_of_supernodes_is_told_to_children() {
    let mut scene = Scene::with_role(Role::Supernode);
    scene.command(fasttrack::Command::Know(vec![host(1), host(2)]));
    scene.pass(1);
    let other = scene.taken_by(host(1));
    scene.says(other, &told([node(5, 80), node(6, 0)]));
    let child = scene.opened_by(host(100));
    scene.says(child, &node_info(host(100)));
    let mut nodes = list(&scene.sent(child));
    nodes.sort_unstable_by_key(|node| node.address);
    let loads: Vec<_> = nodes.iter().map(|node| (node.address, node.load)).collect();
    assert!(loads.contains(&(host(2), 50)), "{loads:?}");
    assert!(loads.contains(&(host(5), 80)), "{loads:?}");
    assert!(loads.contains(&(host(6), 0)), "{loads:?}");
    assert!(loads.iter().all(|(address, _)| *address != host(100)), "it knows itself");
    assert_eq!(scene.node.export_supernodes(scene.now)[0].quality, Quality::Proven);
}

/// FTNODE-16: one list does not fill the cache with one network.
#[test]
fn of_one_list_no_more_than_a_quarter_is_of_one_network() {
    let mut scene = Scene::with_role(Role::Supernode);
    // The cache has room for more of one network than the list has.
    let before = 100..180;
    scene.command(fasttrack::Command::Know(before.clone().map(host).collect()));
    scene.pass(1);
    let other = scene.taken_by(host(100));
    let near = |last: u8| wire::Node {
        address: format!("90.1.1.{last}:2000").parse().unwrap(),
        ..node(0, 9)
    };
    let nodes = (1..=8).map(near).chain((20..28).map(|number| node(number, 9)));
    scene.says(other, &told(nodes));
    let known: Vec<_> = scene.node.known_supernodes().collect();
    let of_network = known.iter().filter(|host| host.to_string().starts_with("90.1.1."));
    assert_eq!(of_network.count(), 4, "{known:?}");
    assert_eq!(known.len(), 4 + 8 + before.len(), "{known:?}");
}

/// FTSAFE-12: nobody calls itself, whoever names it.
#[test]
fn ones_own_address_is_no_supernode() {
    let mut scene = Scene::with_role(Role::Supernode);
    scene.command(fasttrack::Command::Know(vec![OWN, host(1)]));
    scene.pass(1);
    assert_eq!(scene.dials(), [host(1)]);
}

/// What another supernode says of itself, and of one behind it.
pub fn table(own: u8, others: &[(u8, u8)]) -> Message {
    let record = |number, load, distance| TableRecord {
        address: host(number),
        sequence: 1,
        children: 0,
        load,
        bandwidth: Bandwidth(0x60),
        unknown: 0,
        media: [[Logarithm(0); 2]; Media::COUNT],
        distance,
    };
    let own = record(own, 50, 0);
    let others = others.iter().map(|(number, load)| record(*number, *load, 1));
    Message::Table(std::iter::once(own).chain(others).collect::<Table>())
}

/// FTPEER-12
#[test]
fn a_supernode_calls_sixteen_others_those_with_the_most_room_first() {
    let mut scene = Scene::with_role(Role::Supernode);
    scene.command(fasttrack::Command::Know(vec![host(1)]));
    scene.pass(1);
    assert_eq!(scene.dials(), [host(1)]);
    let first = scene.taken_by(host(1));
    let others: Vec<(u8, u8)> = (10..40).map(|number| (number, 100 - number)).collect();
    scene.says(first, &table(1, &others));
    scene.pass(1);
    // Eight are called at a time, and the fullest last.
    let mut called = scene.dials();
    let expected: Vec<_> = (32..40).rev().map(host).collect();
    assert_eq!(called, expected);
    for number in (32..40).rev() {
        let link = scene.taken_by(host(number));
        scene.says(link, &table(number, &[]));
    }
    scene.pass(1);
    called = scene.dials();
    assert_eq!(called.len(), FASTTRACK_NEIGHBOURS_WANTED - 9, "{called:?}");
    // Two of one network are not called.
    let near: std::net::SocketAddrV4 = "81.31.3.9:2000".parse().unwrap();
    assert_eq!(near.ip().octets()[..3], host(31).ip().octets()[..3]);
    scene.command(fasttrack::Command::Know(vec![near]));
    for address in called {
        scene.tell(fasttrack::Input::DialFailed { address });
    }
    scene.pass(1);
    let again = scene.dials();
    assert!(!again.is_empty() && !again.iter().any(|host| [31, 32].map(self::host).contains(host)));
}

/// An ordinary node that is orphaned is given others, and those that are known only later too.
#[test]
fn hosts_are_given_as_soon_as_there_are_some() {
    let mut scene = Scene::with_role(Role::Leaf);
    scene.pass(30_000);
    assert_eq!(scene.dials(), []);
    scene.command(fasttrack::Command::Know(vec![host(1)]));
    assert_eq!(scene.wait_for_dials(), [host(1)]);
    scene.tell(fasttrack::Input::DialFailed { address: host(1) });
    let earlier = scene.node.export_supernodes(scene.now);
    assert_eq!(earlier.len(), 1);
    let mut next = Scene::with_role(Role::Leaf);
    next.command(fasttrack::Command::Remember(earlier));
    assert_eq!(next.wait_for_dials(), [host(1)]);
}

/// FTNODE-21: a computer that stops says nothing.
#[test]
fn a_supernode_that_says_nothing_is_asked_and_given_up() {
    let mut scene = Scene::with_role(Role::Leaf);
    let parent = scene.has_parent(host(1));
    scene.command(fasttrack::Command::Know(vec![host(2)]));
    scene.heard();
    let pings = |scene: &mut Scene| {
        let orders = scene.orders();
        let is_ping = |order: &&fasttrack::Output| matches!(order, fasttrack::Output::Ping { link } if *link == parent);
        orders.iter().filter(is_ping).count()
    };
    scene.pass(PARENT_QUIET_MS - 2);
    assert_eq!(pings(&mut scene), 0);
    scene.pass(1);
    assert_eq!(pings(&mut scene), 1);
    // It is there.
    scene.pass(PARENT_ANSWER_MS - 1);
    let round_trip = std::time::Duration::from_millis(PARENT_ANSWER_MS - 1);
    scene.tell(fasttrack::Input::Pong { link: parent, round_trip });
    // Whatever else it says is as good as an answer.
    scene.pass(PARENT_QUIET_MS - 1);
    scene.says(parent, &told([]));
    scene.pass(PARENT_QUIET_MS - 1);
    assert_eq!(pings(&mut scene), 0);
    scene.pass(1);
    assert_eq!(pings(&mut scene), 1);
    scene.pass(PARENT_ANSWER_MS - 1);
    assert_eq!(scene.closes(), []);
    scene.pass(1);
    assert_eq!(scene.closes(), [(parent, "it does not answer")]);
    assert_eq!(scene.node.peer().unwrap().neighbours(), (0, 0));
    // The next one is sought at once, and the first one is not waited for.
    assert_eq!(scene.wait_for_dials(), [host(2)]);
    scene.closed(parent, Ending::Left);
}
