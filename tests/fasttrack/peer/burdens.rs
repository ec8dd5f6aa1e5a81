//! What one session or host wants takes nothing from others, and ends with it.

use bytes::Bytes;
use filbert::fasttrack::neighbours::Neighbours;
use filbert::fasttrack::peer::{Output, Reason, Room};
use filbert::fasttrack::wire::{
    ForwardedSearch, Kind, Message, Realm, Search, Side, Tag, Term, Unicast,
};
use filbert::promotion::Role;

use super::queues::beside;
use super::sessions::{called, info, say, waiting};
use super::world::{World, at, settings, supernode_at};

fn terms() -> Vec<Term> {
    vec![Term::words(Tag::ANY, "nothing of that name")]
}

fn search(id: u16) -> Message {
    Message::Search(Search { by_hand: true, max: 9, id, realm: Realm::EVERYTHING, terms: terms() })
}

/// What another supernode asks.
fn asked(id: u32) -> Message {
    let search = ForwardedSearch { id, max: 9, realm: Realm::EVERYTHING, terms: terms() };
    let search = Message::ForwardedSearch(search);
    Message::Unicast(Unicast::new(supernode_at(2), supernode_at(1), &search))
}

/// A supernode that can do a hundred small searches at once, and another one beside it.
fn slow() -> World {
    let mut world = World::new();
    let settings =
        filbert::fasttrack::peer::Settings { work_per_second: 900, ..settings(supernode_at(1)) };
    world.add(settings, Role::Supernode, supernode_at(1));
    world.peer(supernode_at(1)).set_room(Room { children: 100, neighbours: 9 });
    world
}

/// FTSAFE-15: what other supernodes ask is work, waits where there is too much of it, and beyond 256 that wait has
/// its end at once.
#[test]
fn what_supernodes_ask_is_work_and_waits() {
    let mut world = slow();
    let slot = beside(&mut world, 2);
    let answered: Vec<_> = (0..450)
        .map(|id| {
            say(&mut world, slot, &asked(id));
            waiting(&mut world, slot).len()
        })
        .collect();
    let at_once = answered.iter().take_while(|count| **count == 1).count();
    assert!((50..=130).contains(&at_once), "{at_once}");
    let waits = answered[at_once..].iter().take_while(|count| **count == 0).count();
    assert_eq!(waits, 256);
    assert!(answered[at_once + waits..].iter().all(|count| *count == 1));
    world.run_s(10);
    assert_eq!(waiting(&mut world, slot).len(), waits);
}

/// FTSUPER-14: with a child its searches are over, those too that others were asked.
#[test]
fn searches_of_a_child_end_with_it() {
    let mut world = World::new();
    world.supernode(1, 9);
    beside(&mut world, 2);
    let child = world.knock(supernode_at(1), at("6.1.1.1:40000"));
    say(&mut world, child, &info("6.1.1.1:1214"));
    let forwarded = |world: &mut World| {
        world.peer(supernode_at(1)).as_neighbours().map(Neighbours::searches_len)
    };
    say(&mut world, child, &search(7));
    say(&mut world, child, &search(7));
    assert_eq!(forwarded(&mut world), Some(1));
    world.with(supernode_at(1), |peer, now| peer.close(child, now));
    assert_eq!(forwarded(&mut world), Some(0));
}

/// FTSUPER-05: whoever is named to us by those who name supernodes, we come but once in a list.
#[test]
fn a_supernode_names_itself_once() {
    let (mut world, slot) = called();
    world.known = vec![supernode_at(1), supernode_at(2), supernode_at(2)];
    say(&mut world, slot, &info("6.1.1.1:1214"));
    let list = Message::parse(&waiting(&mut world, slot)[0], Side::Down);
    let Ok(Message::NodeList(list)) = list else { panic!("no list") };
    let named: Vec<_> = list.nodes().map(|node| node.address).collect();
    assert_eq!(named, [supernode_at(1), supernode_at(2)]);
}

/// FTNODE-15: a supernode that is one no more knows where to go by its table, and what others waited for is over.
#[test]
fn a_supernode_that_is_one_no_more_asks_those_of_its_table() {
    let mut world = slow();
    beside(&mut world, 2);
    let child = world.knock(supernode_at(1), at("6.1.1.1:40000"));
    say(&mut world, child, &info("6.1.1.1:1214"));
    while !say(&mut world, child, &search(1)).contains(&Output::Pause(child)) {}
    assert!(world.peer(supernode_at(1)).as_ordinary().known().is_empty());
    let children = |world: &mut World| {
        world.peer(supernode_at(1)).next_timeout().is_some_and(|it| it.1 == Reason::Children)
    };
    assert!(children(&mut world));
    world.with(supernode_at(1), |peer, now| peer.become_role(Role::Leaf, now));
    assert_eq!(world.peer(supernode_at(1)).as_ordinary().known(), [supernode_at(2)]);
    assert!(!children(&mut world));
}

/// FTUDP-07: one host that pings without end takes no answer from another one.
#[test]
fn one_who_pings_without_end_takes_nothing_from_others() {
    let mut world = World::new();
    world.supernode(1, 9);
    let now = world.now;
    let peer = world.peer(supernode_at(1));
    let mut answers = |from: &str| {
        peer.receive_datagram(at(from), b"\x27\0\0\0\x29\x80KaZaA\0", now);
        let told = std::iter::from_fn(|| peer.poll());
        told.filter(|it| matches!(it, Output::Datagram { .. })).count()
    };
    assert_eq!((0..1_000).map(|_| answers("7.1.1.1:1214")).sum::<usize>(), 1);
    assert_eq!(answers("7.2.1.1:1214"), 1);
}

/// FTSUPER-22: a child is tried where its connection comes from, and not again at once; nobody else is.
#[test]
fn a_child_is_tried_where_it_is() {
    let (mut world, slot) = called();
    say(&mut world, slot, &info("9.9.9.9:1214"));
    waiting(&mut world, slot);
    let ask = Message::UdpTestRequest { address: at("9.9.9.9:1214") };
    let tried = |told: Vec<Output>| {
        let tried = told.into_iter().filter_map(|output| match output {
            Output::Try { to } => Some(to),
            _ => None,
        });
        tried.collect::<Vec<_>>()
    };
    assert_eq!(tried(say(&mut world, slot, &ask)), [at("6.1.1.1:1214")]);
    assert_eq!(tried(say(&mut world, slot, &ask)), []);
    assert_eq!(waiting(&mut world, slot), Vec::new());
    let kind = Kind::UDP_TEST;
    let cut = filbert::fasttrack::wire::Frame { kind, payload: Bytes::new() };
    world.with(supernode_at(1), |peer, now| peer.receive(slot, &cut, now));
    assert_eq!(tried(world.told_to(supernode_at(1))), []);
}
