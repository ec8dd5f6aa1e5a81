//! Load falls on the one who makes it (FTSAFE-15).

use filbert::base::limits::FASTTRACK_SEARCHES_WAITING_MAX;
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::fasttrack::peer::{Output, Room, Settings};
use filbert::fasttrack::wire::{Frame, Kind, Message, Realm, Search, Side, Tag, Term};
use filbert::promotion::Role;

use super::sessions::{info, say, waiting};
use super::world::{World, at, settings, supernode_at};

fn search(id: u16) -> Message {
    let terms = vec![Term::words(Tag::ANY, "nothing of that name at all")];
    Message::Search(Search { by_hand: true, max: 200, id, realm: Realm::EVERYTHING, terms })
}

/// A supernode that can do a hundred small searches a second, and so many children.
fn slow(children: u8) -> (World, Vec<Slot>) {
    let mut world = World::new();
    let mut slow = settings(supernode_at(1));
    slow.work_per_second = 900;
    world.add(slow, Role::Supernode, supernode_at(1));
    world.peer(supernode_at(1)).set_room(Room { children: 100, neighbours: 0 });
    let slots = (1..=children).map(|number| {
        let slot = world.knock(supernode_at(1), at(&format!("6.{number}.1.1:40000")));
        say(&mut world, slot, &info(&format!("6.{number}.1.1:1214")));
        waiting(&mut world, slot);
        slot
    });
    let slots = slots.collect();
    (world, slots)
}

fn ends(world: &mut World, slot: Slot) -> usize {
    let frames = waiting(world, slot);
    frames.iter().filter(|frame| frame.kind == Kind::SEARCH_END).count()
}

/// FTSAFE-15
#[test]
fn one_who_asks_a_thousand_times_as_much_takes_nothing_from_the_others() {
    let (mut world, slots) = slow(10);
    let (flooder, others) = slots.split_first().unwrap();
    let (mut asked, mut answered, mut flooded) = (0, 0, 0);
    for tick in 0..6_000_u16 {
        world.run_until(Time::from_millis(1_000 + u64::from(tick) * 10));
        // A hundred times as many as there can be for all.
        for id in 0..100 {
            say(&mut world, *flooder, &search(tick.wrapping_mul(100).wrapping_add(id)));
        }
        flooded += ends(&mut world, *flooder);
        // Each of the others asks once in a second.
        let turn = usize::from(tick % 100);
        if let Some(other) = others.get(turn) {
            say(&mut world, *other, &search(tick));
            asked += 1;
        }
        let before = answered;
        answered += others.iter().map(|other| ends(&mut world, *other)).sum::<usize>();
        assert!(answered >= before);
        // None of them waits for more than one search of the flooder.
        assert!(asked - answered <= 3, "{asked} asked, {answered} answered at {tick}");
    }
    world.run_s(1);
    answered += others.iter().map(|other| ends(&mut world, *other)).sum::<usize>();
    assert_eq!((asked, answered), (540, 540));
    // All searches of the flooder had an end, too: most of them at once and without an answer.
    assert!(flooded > 500_000, "{flooded}");
}

/// FTSAFE-15
#[test]
fn so_many_searches_of_a_child_wait_and_not_one_more() {
    let (mut world, slots) = slow(1);
    let slot = slots[0];
    let mut told = Vec::new();
    let mut id = 0;
    let mut ask = |world: &mut World| {
        id += 1;
        say(world, slot, &search(id))
    };
    // As much as there is to be had at once.
    while !told.contains(&Output::Pause(slot)) {
        told.extend(ask(&mut world));
    }
    ends(&mut world, slot);
    for _ in 1..FASTTRACK_SEARCHES_WAITING_MAX {
        assert_eq!(ask(&mut world), []);
    }
    assert_eq!(ends(&mut world, slot), 0);
    ask(&mut world);
    assert_eq!(ends(&mut world, slot), 1, "this one has its end at once");
    world.told.clear();
    world.run_s(10);
    assert_eq!(ends(&mut world, slot), FASTTRACK_SEARCHES_WAITING_MAX);
    let told = world.told_to(supernode_at(1));
    assert_eq!(told.iter().filter(|it| **it == Output::Resume(slot)).count(), 1);
    // Whoever leaves waits no more.
    while !ask(&mut world).contains(&Output::Pause(slot)) {}
    world.with(supernode_at(1), |peer, now| peer.close(slot, now));
    world.run_s(1);
    assert_eq!(world.told_to(supernode_at(1)), []);
}

/// FTSAFE-15: what a child waited for that is gone makes nobody wait.
#[test]
fn whoever_is_gone_is_in_nobodys_way() {
    let (mut world, slots) = slow(2);
    while !say(&mut world, slots[0], &search(1)).contains(&Output::Pause(slots[0])) {}
    world.with(supernode_at(1), |peer, now| peer.close(slots[0], now));
    world.now = world.now.after_ms(1_000);
    assert_eq!(say(&mut world, slots[1], &search(1)), [Output::Ready(slots[1])]);
    assert_eq!(ends(&mut world, slots[1]), 1);
}

/// The ids of results and of ends that wait for a session, in their order.
fn said(world: &mut World, slot: Slot) -> Vec<(Kind, u16)> {
    let frames = waiting(world, slot).into_iter();
    let id_of = |frame: Frame| match Message::parse(&frame, Side::Down) {
        Ok(Message::Results(results)) => Some((frame.kind, results.id)),
        Ok(Message::SearchEnd { id }) => Some((frame.kind, id)),
        _ => None,
    };
    frames.filter_map(id_of).collect()
}

/// FTSUPER-14: a new search with the id of one that waits takes its place, also where no other one could wait.
#[test]
fn an_end_is_behind_all_that_was_found() {
    let (mut world, slots) = slow(1);
    let (slot, supernode) = (slots[0], supernode_at(1));
    world.offer(supernode, &["nothing of that name at all.mp3"]);
    let mut id = 100;
    while !say(&mut world, slot, &search(id)).contains(&Output::Pause(slot)) {
        id += 1;
    }
    world.run_s(10);
    said(&mut world, slot);
    // Many more than can wait, and each id again and again.
    let count = u16::try_from(FASTTRACK_SEARCHES_WAITING_MAX).unwrap();
    while !say(&mut world, slot, &search(0)).contains(&Output::Pause(slot)) {
        said(&mut world, slot);
    }
    for id in (0..count).chain(0..count) {
        say(&mut world, slot, &search(id));
    }
    assert_eq!(said(&mut world, slot), [], "all of them wait");
    say(&mut world, slot, &search(count));
    assert_eq!(said(&mut world, slot), [(Kind::SEARCH_END, count)], "this one cannot");
    world.run_s(10);
    let found = (0..count).flat_map(|id| [(Kind::RESULTS, id), (Kind::SEARCH_END, id)]);
    assert_eq!(said(&mut world, slot), found.collect::<Vec<_>>());
}

/// FTSUPER-14: other supernodes are asked for one that is replaced before its turn, and its end is not told.
#[test]
fn what_is_forwarded_ends_without_a_word_where_its_id_waits_again() {
    let mut world = World::new();
    let (hub, other) = (supernode_at(1), supernode_at(2));
    for (at, work) in [(hub, 900), (other, 250_000)] {
        let settings = Settings { work_per_second: work, ..settings(at) };
        world.add(settings, Role::Supernode, at);
        world.peer(at).set_room(Room { children: 100, neighbours: 50 });
    }
    world.open(other, hub);
    world.run_s(10);
    let slot = world.knock(hub, at("6.1.1.1:40000"));
    say(&mut world, slot, &info("6.1.1.1:1214"));
    waiting(&mut world, slot);
    say(&mut world, slot, &search(7));
    assert_eq!(world.peer(hub).as_supernode().unwrap().forwarded_len(), 1);
    let mut id = 100;
    while !say(&mut world, slot, &search(id)).contains(&Output::Pause(slot)) {
        id += 1;
    }
    // Its turn comes after the answer to the first.
    (1..=20).for_each(|more| _ = say(&mut world, slot, &search(id + more)));
    say(&mut world, slot, &search(7));
    world.run_s(10);
    let ends = said(&mut world, slot).into_iter().filter(|(_, id)| *id == 7);
    assert_eq!(ends.count(), 1);
}

/// FTSAFE-15: nothing is read any more of a session that is to end.
#[test]
fn whoever_is_to_go_is_not_read_when_it_has_its_turn() {
    let (mut world, slots) = slow(1);
    let slot = slots[0];
    while !say(&mut world, slot, &search(1)).contains(&Output::Pause(slot)) {}
    // With our own address it can be nobody (FTSAFE-12).
    let told = say(&mut world, slot, &info(&supernode_at(1).to_string()));
    assert!(told.iter().any(|it| matches!(it, Output::Close { slot: it, .. } if *it == slot)));
    world.run_s(10);
    let told = world.told_to(supernode_at(1));
    assert!(!told.contains(&Output::Resume(slot)), "{told:?}");
}
