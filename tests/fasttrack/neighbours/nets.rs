//! What hundreds of supernodes make of the rules: tables that are right, soon and at a low price.

use filbert::base::time::Time;
use filbert::fasttrack::neighbours::Rules;
use rand::RngExt;

use super::net::{Net, Seen, own};

/// A network whose tables are right and in which nothing is left to say.
fn calm(seed: u64, count: usize, degree: usize) -> Net {
    let mut net = Net::ring(seed, count, degree);
    net.run_until(Time::from_millis(100_000));
    assert_eq!(net.wrong(), 0);
    net.seen = Seen::default();
    net
}

/// Ends of links: one table each is the least by which all can hear of something.
fn ends(net: &Net) -> u64 {
    net.alive().map(|id| net.neighbours(id).len() as u64).sum()
}

/// FTPEER-06, FTPEER-07: within half a minute of a start of all at once every table holds the shortest
/// distance to everybody within six links, and each record has crossed each link about once.
#[test]
fn tables_converge_to_the_shortest_ways() {
    for (seed, count, degree) in [(1, 200, 10), (2, 120, 40), (3, 250, 16)] {
        let mut net = Net::ring(seed, count, degree);
        net.run_until(Time::from_millis(40_000));
        assert_eq!(net.wrong(), 0, "{count} with {degree}");
        let least = ends(&net) * count as u64;
        let records = net.seen.records;
        println!("{count} with {degree}: {records} records where {least} are the least");
        assert!(records < least * 3 / 2);
        assert_eq!((net.seen.faults.len(), net.seen.loops), (0, 0));
    }
}

/// FTPEER-07: in a row of ten, who is seven links away is not known; and when the ends meet, all are.
#[test]
fn nobody_is_known_beyond_six_links() {
    let mut net = Net::new(4);
    for _ in 0..10 {
        net.add();
    }
    for id in 1..10 {
        net.link(id - 1, id);
    }
    net.run_until(Time::from_millis(120_000));
    assert_eq!(
        (net.wrong(), net.node(0).room.known_len(), net.node(4).room.known_len()),
        (0, 6, 9)
    );
    net.link(9, 0);
    net.run_ms(120_000);
    assert_eq!((net.wrong(), net.node(0).room.known_len()), (0, 9));
    net.cut(0, 9);
    net.run_ms(120_000);
    assert_eq!((net.wrong(), net.node(0).room.known_len()), (0, 6));
}

/// FTPEER-09, FTPEER-11: a change of one record costs one table with one record a link, not more.
#[test]
fn a_change_costs_one_table_a_link() {
    for (count, degree) in [(200, 10), (120, 40)] {
        let mut net = calm(1, count, degree);
        let mut changed = own();
        changed.children = 10;
        net.node(7).room.set_own(changed);
        net.settle(7, &[]);
        net.run_ms(60_000);
        let (ends, Seen { tables, records, bytes, .. }) = (ends(&net), net.seen.clone());
        println!("a change over {ends} ends: {tables} tables, {records} records, {bytes} bytes");
        let all = net.alive().collect::<Vec<_>>();
        for id in all {
            let children = net.node(id).room.known().map(|it| it.record.children);
            assert_eq!(children.filter(|it| *it == 10).count(), usize::from(id != 7));
        }
        assert!(tables <= ends && records <= ends);
    }
}

/// FTPEER-10, FTPEER-11: one that dies is gone from all tables within seconds, and does not come back.
#[test]
fn a_dead_supernode_is_forgotten_within_seconds() {
    for (seed, count, degree) in [(2, 200, 10), (3, 120, 40)] {
        let mut net = calm(seed, count, degree);
        net.kill(7);
        net.run_ms(6_000);
        assert_eq!(net.believers(7), 0);
        for _ in 0..60 {
            net.run_ms(1_000);
            assert_eq!(net.believers(7), 0);
        }
        assert_eq!(net.wrong(), 0);
        let (ends, Seen { tables, records, .. }) = (ends(&net), net.seen.clone());
        println!("a death over {ends} ends: {tables} tables, {records} records");
        assert!(tables < ends * 3 / 2);
    }
}

/// FTPEER-11: one that comes is known to all within seconds.
#[test]
fn a_new_supernode_is_known_within_seconds() {
    for (seed, count, degree) in [(2, 200, 10), (3, 120, 40)] {
        let mut net = calm(seed, count, degree);
        let new = net.add();
        net.fill(new, degree);
        net.run_ms(6_000);
        assert_eq!(net.believers(new), count);
        net.run_ms(40_000);
        assert_eq!(net.wrong(), 0);
        let (ends, Seen { tables, records, .. }) = (ends(&net), net.seen.clone());
        println!("a birth over {ends} ends: {tables} tables, {records} records");
        assert!(tables < ends * 3 / 2);
    }
}

/// FTPEER-08: ways that are lost where no safe one is left are found again within half a minute.
#[test]
fn ways_around_a_cut_are_found() {
    let mut net = calm(4, 200, 8);
    for id in 0..20 {
        let other = net.neighbours(id)[2];
        net.cut(id, other);
    }
    net.run_ms(30_000);
    assert_eq!((net.wrong(), net.seen.loops), (0, 0));
}

/// FTPEER-08, FTPEER-10: two halves that lose each other forget each other, and know each other again
/// when they meet.
#[test]
fn halves_part_and_meet() {
    let mut net = Net::new(5);
    net.rules = Rules { neighbours_max: 12, ..Rules::default() };
    for _ in 0..80 {
        net.add();
    }
    for half in [0, 40] {
        for id in 0..40 {
            net.link(half + id, half + (id + 1) % 40);
            net.link(half + id, half + (id + 7) % 40);
        }
    }
    let bridges = [(0, 40), (13, 53), (26, 66)];
    for round in 0..3 {
        bridges.iter().for_each(|&(a, b)| net.link(a, b));
        net.run_ms(60_000);
        assert_eq!(net.wrong(), 0, "met {round}");
        bridges.iter().for_each(|&(a, b)| net.cut(a, b));
        net.run_ms(60_000);
        assert_eq!(net.wrong(), 0, "parted {round}");
        assert!(net.node(3).room.remembered_len() < 40);
    }
    assert_eq!(net.seen.loops, 0);
}

/// FTPEER-14: while every 20 seconds one of 200 dies and another one comes (a life of an hour), 99 of a
/// hundred messages between any two arrive, and none comes by a supernode twice.
#[test]
fn messages_arrive_while_supernodes_come_and_go() {
    let mut net = calm(5, 200, 10);
    let (mut sent, mut dead) = (0, Vec::new());
    for step in 0..600 {
        net.run_ms(1_000);
        let alive: Vec<_> = net.alive().collect();
        let draw = |net: &mut Net| alive[net.random.random_range(0..alive.len())];
        for _ in 0..20 {
            let (from, to) = (draw(&mut net), draw(&mut net));
            if from != to {
                net.ping(from, to, sent);
                sent += 1;
            }
        }
        if step % 20 == 19 {
            let victim = draw(&mut net);
            net.kill(victim);
            dead.push(victim);
            let new = net.add();
            net.fill(new, 10);
            let alive: Vec<_> = net.alive().collect();
            alive.into_iter().for_each(|id| net.fill(id, 8));
        }
    }
    net.run_ms(2_000);
    let arrived = u32::try_from(net.seen.pushes.len()).unwrap();
    let Seen { tables, loops, hops_max, ref faults, .. } = net.seen;
    println!("{arrived} of {sent} arrived, by {hops_max} links at most; {tables} tables");
    assert!(arrived * 100 >= sent * 99);
    assert_eq!((loops, faults.len()), (0, 0));
    assert!(hops_max <= 6);
    // In ten minutes, to each neighbour.
    assert!(tables < 200 * 10 * 100);
    net.run_ms(30_000);
    assert_eq!(dead.into_iter().map(|it| net.believers(it)).sum::<usize>(), 0);
    assert_eq!(net.wrong(), 0);
}
