//! Who becomes a child, and what it hears first.

use std::net::Ipv4Addr;

use filbert::base::limits::{
    FASTTRACK_NODES_EVERY, FASTTRACK_NODES_MAX, FASTTRACK_NUMBERS_EVERY_MS,
    FASTTRACK_USERS_TOLD_MIN,
};
use filbert::fasttrack::supernode::Output;
use filbert::fasttrack::wire::{
    Kind, MediaStats, Message, NetworkStats, Networks, Node, StatsSize,
};

use super::family::{Family, OWN, at, info, node};

fn network(users: u32) -> NetworkStats {
    NetworkStats {
        users,
        files: 3,
        size: StatsSize::from_bytes(7 << 30),
        media: [MediaStats::default(); 6],
        networks: Networks::default(),
    }
}

fn kinds(messages: &[Message]) -> Vec<u16> {
    messages.iter().map(|message| message.kind().0).collect()
}

fn addresses(message: &Message) -> Vec<String> {
    let Message::NodeList(list) = message else { panic!("{message:?} is no node list") };
    list.nodes().map(|node| node.address.to_string()).collect()
}

/// FTSUPER-02, FTSUPER-03, FTSUPER-04
#[test]
fn the_greeting_waits_for_the_node_list_and_stands_in_one_order() {
    for (users, expected) in [
        (None, vec![0x00, 0x23, 0x26, 0x1d, 0x2c, 0x03, 0x1e]),
        (Some(FASTTRACK_USERS_TOLD_MIN - 1), vec![0x00, 0x23, 0x26, 0x1d, 0x2c, 0x03, 0x1e]),
        (Some(FASTTRACK_USERS_TOLD_MIN), vec![0x00, 0x23, 0x26, 0x1d, 0x2c, 0x03, 0x09, 0x1e]),
    ] {
        let mut family = Family::new(1);
        family.supernode.set_network(users.map(network));
        let slot = family.open("6.1.1.1:40000", &info("10.0.0.1:1214", "user"));
        assert_eq!(family.outputs(), [Output::WantsNodes { slot }]);
        family.supernode.give_nodes(slot, [node("8.1.1.1:1214", 5)], family.now);
        let heard = family.heard(slot);
        assert_eq!(kinds(&heard), expected);
        assert_eq!(addresses(&heard[0]), [OWN, "8.1.1.1:1214"]);
        let seen = Message::ExternalIp { address: Ipv4Addr::new(6, 1, 1, 1) };
        assert_eq!(heard[4], seen);
        assert_eq!(heard[1], Message::GreetingNumber { number: 1 });
        // The child itself is the one that there is room for.
        let Message::NodeList(list) = &heard[0] else { panic!("{heard:?}") };
        let own = Node { load: 100, ..node(OWN, 0) };
        assert_eq!(list.nodes().next(), Some(own));
    }
}

/// FTSUPER-05
#[test]
fn the_list_has_two_hundred_at_most_and_at_least_the_supernode_itself() {
    let mut family = Family::new(4);
    let many = |count: u16| {
        (0..count).map(|number| {
            let [high, low] = number.to_be_bytes();
            let address = format!("8.{high}.{low}.1:1214");
            Node { address: at(&address), minutes: 3, load: 50 }
        })
    };
    for (given, expected) in [(0, 1), (199, 200), (200, 200), (1_000, 200)] {
        let slot = family.open("6.1.1.1:40000", &info("6.1.1.1:1214", "user"));
        family.supernode.give_nodes(slot, many(given), family.now);
        let list = addresses(&family.heard(slot)[0]);
        assert_eq!((list.len(), list[0].as_str()), (expected, OWN), "{given} given");
        assert!(list.len() <= FASTTRACK_NODES_MAX);
    }
}

/// FTSUPER-07
#[test]
fn whoever_finds_no_room_is_told_of_others_and_let_go() {
    let mut family = Family::new(2);
    let first = family.child(1);
    family.child(2);
    let third = family.open("6.3.1.1:40000", &info("6.3.1.1:1214", "user3"));
    assert_eq!(family.outputs(), [Output::WantsNodes { slot: third }]);
    family.supernode.give_nodes(third, [node(OWN, 0), node("8.1.1.1:1214", 5)], family.now);
    let outputs = family.outputs();
    let [Output::Send { slot, message }, Output::Close { slot: closed, .. }] = &outputs[..] else {
        panic!("{outputs:?}");
    };
    assert_eq!((*slot, *closed), (third, third));
    assert_eq!(addresses(message), ["8.1.1.1:1214"]);
    // Nothing is taken from it.
    family.share(third, 1, "a song.mp3");
    assert_eq!((family.supernode.files_len(), family.supernode.children_len()), (0, 2));
    assert_eq!((family.supernode.load(), family.supernode.has_room()), (100, false));
    family.close(third);
    assert_eq!(family.supernode.children_len(), 2);
    family.close(first);
    assert_eq!((family.supernode.children_len(), family.supernode.load()), (1, 50));
    family.child(4);
    assert_eq!(family.supernode.children_len(), 2);
}

/// FTSUPER-05, FTSUPER-21
#[test]
fn children_hear_of_the_network_every_half_hour_and_of_nodes_every_two() {
    let mut family = Family::new(1);
    let slot = family.child(1);
    for round in 1..=8_u64 {
        // Where the number does not allow it nothing is said.
        let users = if round.is_multiple_of(2) { 3_000_000 } else { 3 };
        family.supernode.set_network(Some(network(users)));
        let due = family.supernode.next_timeout().unwrap();
        assert_eq!(due.as_micros(), round * FASTTRACK_NUMBERS_EVERY_MS * 1_000);
        family.supernode.timeout(due);
        let outputs = family.outputs();
        let mut expected = Vec::new();
        if users > FASTTRACK_USERS_TOLD_MIN {
            let message = Message::NetworkStats(Box::new(network(users)));
            expected.push(Output::Send { slot, message });
        }
        if round.is_multiple_of(FASTTRACK_NODES_EVERY.into()) {
            expected.push(Output::WantsNodes { slot });
        }
        assert_eq!(outputs, expected, "round {round}");
        family.supernode.give_nodes(slot, [], due);
        let lists = kinds(&family.heard(slot));
        assert_eq!(lists, [Kind::NODE_LIST.0], "no second greeting");
    }
    family.close(slot);
    assert_eq!((family.outputs(), family.supernode.next_timeout()), (vec![], None));
}

/// FTSUPER-06
#[test]
fn whoever_leaves_behind_the_greeting_or_before_has_done_nothing_wrong() {
    let mut family = Family::new(1);
    for greeted in [false, true] {
        let slot = family.open("6.1.1.1:40000", &info("6.1.1.1:1214", "user"));
        if greeted {
            family.supernode.give_nodes(slot, [], family.now);
        }
        family.forget();
        family.close(slot);
        assert_eq!(family.outputs(), []);
        family.supernode.give_nodes(slot, [], family.now);
        assert_eq!((family.outputs(), family.supernode.children_len()), (vec![], 0));
    }
}

/// FTSUPER-19, FTSAFE-08
#[test]
fn versions_names_and_revisions_are_taken_and_not_judged() {
    let mut family = Family::new(1);
    let slot = family.child(1);
    for number in [0, 5, u32::MAX] {
        family.receive(slot, Message::Version { number });
        family.receive(slot, Message::ConfigRevision { number });
        family.receive(slot, Message::NetworkName { text: vec![0xff; 60_000].into() });
    }
    assert_eq!(family.outputs(), []);
}
