//! Supernodes that do not play by the rules, among many that do.

use filbert::base::limits::{FASTTRACK_DOUBT_MS, FASTTRACK_DOUBT_OUTCOMES_MIN};
use filbert::fasttrack::neighbours::Output;
use filbert::fasttrack::wire::{Message, TableRecord, Unicast};
use rand::RngExt;

use super::lone::{Lone, ME, record};
use super::net::{Net, address};

/// Says to be next to everybody, and passes nothing on.
fn black_hole(message: &Message) -> Option<Message> {
    match message {
        Message::Table(table) => {
            let lie = |it: TableRecord| TableRecord { distance: it.distance.min(1), ..it };
            Some(Message::Table(table.records().map(lie).collect()))
        }
        Message::Unicast(unicast) if unicast.hops > 1 => None,
        other => Some(other.clone()),
    }
}

/// Counts the hops of what it passes on from two again.
fn miscounts(message: &Message) -> Option<Message> {
    match message {
        Message::Unicast(unicast) if unicast.hops > 1 => {
            Some(Message::Unicast(Unicast { hops: 2, ..unicast.clone() }))
        }
        other => Some(other.clone()),
    }
}

/// Says to be somebody else.
fn forger(message: &Message) -> Option<Message> {
    match message {
        Message::Unicast(unicast) if unicast.hops == 1 => {
            Some(Message::Unicast(Unicast { sender: address(50), ..unicast.clone() }))
        }
        other => Some(other.clone()),
    }
}

/// How many in a thousand messages arrive between any two of the first so many.
fn reach(net: &mut Net, honest: usize) -> usize {
    net.seen.pushes.clear();
    let mut sent = 0;
    while sent < 4_000 {
        let from = net.random.random_range(0..honest);
        let to = net.random.random_range(0..honest);
        if from != to {
            net.ping(from, to, sent);
            sent += 1;
        }
    }
    net.run_ms(3_000);
    net.seen.pushes.len() / 4
}

/// FTPEER-25: who draws all ways and passes nothing on is found out by the searches that are not
/// answered, and goes around itself.
#[test]
fn black_holes_are_found_out() {
    let mut net = Net::ring(5, 150, 8);
    net.run_ms(60_000);
    for _ in 0..15 {
        let crook = net.add();
        net.crooks.insert(crook, black_hole);
        net.fill(crook, 16);
    }
    net.run_ms(60_000);
    let before = reach(&mut net, 150);
    let mut after = Vec::new();
    for _ in 0..6 {
        for _ in 0..4 {
            for id in 0..150 {
                net.search(id, "nothing", 10);
            }
            net.run_ms(15_000);
        }
        net.run_ms(30_000);
        after.push(reach(&mut net, 150));
    }
    println!(
        "of 1,000 messages {before} arrive, after searches {after:?}; {} doubts",
        net.seen.doubted
    );
    assert!(before < 700 && *after.last().unwrap() >= 990);
    assert_eq!(net.seen.loops, 0);
}

/// FTPEER-14: who counts hops wrong sends nothing round and round.
#[test]
fn wrong_hops_make_no_loops() {
    let mut net = Net::ring(6, 150, 6);
    for id in (0..150).step_by(5) {
        net.crooks.insert(id, miscounts);
    }
    net.run_ms(60_000);
    assert!(reach(&mut net, 150) >= 990);
    for id in (1..150).step_by(20) {
        if net.nodes[id].is_some() {
            net.kill(id);
        }
    }
    net.run_ms(2_000);
    assert!(net.seen.unicasts < 7 * 4_000 && net.seen.loops == 0);
}

/// FTPEER-23: who speaks in the name of another one is not heard by its neighbours, and nobody answers
/// that one.
#[test]
fn forgers_are_not_heard() {
    let mut net = Net::ring(7, 100, 6);
    net.run_ms(60_000);
    net.crooks.insert(3, forger);
    for id in 0..100 {
        net.node(id).files.insert("tune".into(), 1);
    }
    let key = net.search(3, "tune", 200);
    net.run_ms(70_000);
    assert_eq!(net.searches[&key].results, 0);
    assert!(net.seen.faults.iter().all(|(_, fault)| fault.contains("FTPEER-23")));
    assert_eq!(net.seen.faults.len() as u64, net.seen.unicasts);
    let other = net.search(4, "tune", 50);
    net.run_ms(70_000);
    assert!(net.searches[&other].results >= 50);
}

/// Lets so many searches go by a neighbour to others, of which none is answered, while one by another
/// neighbour is.
fn unanswered(lone: &mut Lone, count: u32) -> bool {
    let mut doubted = false;
    for key in 0..count {
        lone.search(key, 100);
        let asked = lone.unicasts();
        assert_eq!(asked.len(), 3);
        lone.run_ms(1_000);
        for (to, unicast) in asked {
            if unicast.receiver == address(2) {
                let Ok(Message::ForwardedSearch(search)) = unicast.message() else {
                    panic!("none")
                };
                let id = (search.id & 0xffff) as u16;
                lone.unicast(to, 2, ME, 1, &Message::SearchEnd { id });
            }
        }
        lone.run_ms(10_000);
        doubted |= lone.take().iter().any(|it| matches!(it, Output::Doubted { .. }));
    }
    doubted
}

/// FTPEER-25: after sixteen, of which none was answered, nothing counts any more that it says of others;
/// ten minutes later it does again.
#[test]
fn a_neighbour_is_doubted_for_a_while() {
    for (count, is_doubted) in
        [(FASTTRACK_DOUBT_OUTCOMES_MIN - 1, false), (FASTTRACK_DOUBT_OUTCOMES_MIN, true)]
    {
        let mut lone = Lone::new();
        let slots = [lone.join(1), lone.join(2)];
        lone.tell(slots[0], &[record(1, 5, 0), record(5, 9, 1)]);
        lone.take();
        assert_eq!(unanswered(&mut lone, count), is_doubted);
        assert_eq!(lone.distance(5), (!is_doubted).then_some(2));
        assert_eq!(lone.distance(1), Some(1));
        lone.run_ms(FASTTRACK_DOUBT_MS - 11_000);
        lone.tell(slots[0], &[record(1, 5, 0), record(5, 10, 1)]);
        assert_eq!(lone.distance(5), (!is_doubted).then_some(2));
        lone.run_ms(11_000);
        lone.tell(slots[0], &[record(1, 5, 0), record(5, 11, 1)]);
        assert_eq!(lone.distance(5), Some(2));
    }
}

/// FTPEER-25: where nobody answers at all, nobody is blamed: it may be our own line.
#[test]
fn nobody_is_doubted_while_nobody_answers() {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    lone.tell(slots[0], &[record(1, 5, 0), record(5, 9, 1)]);
    lone.take();
    for key in 0..3 * FASTTRACK_DOUBT_OUTCOMES_MIN {
        lone.search(key, 100);
        lone.run_ms(11_000);
    }
    assert!(!lone.take().iter().any(|it| matches!(it, Output::Doubted { .. })));
    assert_eq!(lone.distance(5), Some(2));
}
