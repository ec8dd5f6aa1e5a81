//! What waits for somebody who does not read (FTSAFE-14).

use filbert::base::limits::{
    FASTTRACK_QUEUE_LEN_MAX, FASTTRACK_QUEUE_LEN_MIN, FASTTRACK_QUEUE_STALLED_MS,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::peer::Output;
use filbert::fasttrack::wire::{
    Bandwidth, Kind, Media, Message, Realm, Search, Share, TableRecord, Tag, TagWriter, Term,
    Unicast,
};

use super::sessions::{called, info, say, waiting};
use super::world::{World, at, supernode_at};

fn search(id: u16) -> Message {
    let terms = vec![Term::words(Tag::ANY, "song")];
    Message::Search(Search { by_hand: true, max: 200, id, realm: Realm::EVERYTHING, terms })
}

fn share(number: u8) -> Message {
    let tags = TagWriter::new().text(Tag::FILE_NAME, "song ".repeat(50).trim()).finish();
    let media = Media::AUDIO;
    Message::Share(Share { media, hash: [number; 20], file_id: 1, size: 9, tags })
}

/// A child that asks, and another one that has two hundred songs with long names.
fn asking() -> (World, Slot) {
    let (mut world, asker) = called();
    say(&mut world, asker, &info("6.1.1.1:1214"));
    waiting(&mut world, asker);
    let holder = world.knock(supernode_at(1), at("6.2.1.1:40000"));
    say(&mut world, holder, &info("6.2.1.1:1214"));
    for number in 0..200 {
        say(&mut world, holder, &share(number));
    }
    waiting(&mut world, holder);
    (world, asker)
}

/// FTSAFE-14, FTSUPER-14
#[test]
fn results_that_nobody_reads_are_dropped_and_ends_of_searches_are_not() {
    let (mut world, asker) = asking();
    let mut readies = 0;
    for id in 0..10 {
        world.run_s(1);
        let told = say(&mut world, asker, &search(id));
        readies += told.iter().filter(|it| **it == Output::Ready(asker)).count();
        let len = world.peer(supernode_at(1)).waiting_len_bytes(asker);
        assert!(len <= FASTTRACK_QUEUE_LEN_MAX + FASTTRACK_QUEUE_LEN_MIN, "{len} bytes wait");
    }
    assert_eq!(readies, 1, "it is said once that something waits");
    let len = world.peer(supernode_at(1)).waiting_len_bytes(asker);
    assert!(len > FASTTRACK_QUEUE_LEN_MAX - 4_096, "{len} bytes wait");
    assert!(world.peer(supernode_at(1)).shed() > 0);
    let frames = waiting(&mut world, asker);
    let ends = frames.iter().filter(|frame| frame.kind == Kind::SEARCH_END).count();
    assert_eq!(ends, 10);
    // There is room again.
    let told = say(&mut world, asker, &search(11));
    assert!(told.contains(&Output::Ready(asker)), "{told:?}");
}

/// FTSAFE-14
#[test]
fn whoever_takes_nothing_for_a_minute_has_to_go() {
    let (mut world, asker) = asking();
    say(&mut world, asker, &search(1));
    let begun = world.now;
    world.run_until(begun.after_ms(FASTTRACK_QUEUE_STALLED_MS - 1_000));
    let now = world.now;
    assert!(world.peer(supernode_at(1)).transmit(asker, now).is_some(), "it takes something");
    world.run_until(now.after_ms(FASTTRACK_QUEUE_STALLED_MS - 1));
    assert_eq!(world.told_to(supernode_at(1)), []);
    world.run_until(now.after_ms(FASTTRACK_QUEUE_STALLED_MS + 1_000));
    let told = world.told_to(supernode_at(1));
    assert!(matches!(told[..], [Output::Close { slot, .. }] if slot == asker), "{told:?}");
    assert_eq!(world.peer(supernode_at(1)).waiting_len_bytes(asker), 0);
    assert_eq!(say(&mut world, asker, &search(2)), [], "nothing of it is heard");
}

/// FTSAFE-14
#[test]
fn whoever_has_so_much_said_to_it_that_must_not_be_lost_has_to_go_too() {
    let (mut world, asker) = asking();
    let mut id = 0;
    let told = loop {
        id += 1;
        let told = say(&mut world, asker, &Message::RandomFilesRequest { id });
        if told.iter().any(|it| matches!(it, Output::Close { .. })) {
            break told;
        }
        let len = world.peer(supernode_at(1)).waiting_len_bytes(asker);
        assert!(len <= FASTTRACK_QUEUE_LEN_MAX + FASTTRACK_QUEUE_LEN_MIN, "{len} bytes wait");
    };
    assert!(matches!(told[..], [Output::Close { slot, .. }] if slot == asker), "{told:?}");
    assert_eq!(world.peer(supernode_at(1)).waiting_len_bytes(asker), 0);
}

/// A supernode that has called, with its own record as its table.
fn beside(world: &mut World, number: u8) -> Slot {
    let slot = world.knock(supernode_at(1), supernode_at(number));
    let own = TableRecord {
        address: supernode_at(number),
        sequence: 5,
        children: 9,
        load: 50,
        bandwidth: Bandwidth(0x80),
        unknown: 0,
        media: Default::default(),
        distance: 0,
    };
    say(world, slot, &Message::Table([own].into_iter().collect()));
    waiting(world, slot);
    slot
}

/// FTSAFE-14, FTPEER-14: whatever a supernode lets us pass on to another one, that session does not end.
#[test]
fn what_others_let_us_pass_on_ends_no_session() {
    let mut world = World::new();
    world.supernode(1, 9);
    let (from, to) = (beside(&mut world, 2), beside(&mut world, 3));
    for kind in [Kind::FORWARDED_SEARCH, Kind::PUSH, Kind::SEARCH_END, Kind::RESULTS] {
        for _ in 0..10 {
            let unicast = Unicast {
                sender: supernode_at(2),
                receiver: supernode_at(3),
                hops: 1,
                kind,
                payload: vec![7; 60_000].into(),
            };
            let told = say(&mut world, from, &Message::Unicast(unicast));
            assert!(!told.iter().any(|it| matches!(it, Output::Close { .. })), "{told:?}");
        }
        assert!(world.peer(supernode_at(1)).waiting_len_bytes(to) <= FASTTRACK_QUEUE_LEN_MAX / 2);
    }
    assert_eq!(waiting(&mut world, to).len(), 2);
}
