//! Networks of any form in which anything happens: the tables come to rest, and are right then.

use proptest::prelude::*;
use rand::RngExt;

use super::net::{Id, Net, Seen};
use crate::support::properties::cases;

/// Milliseconds in which a network has come to rest: what is lost is known to be so within six links of a
/// second and a bit, is held for 15 seconds, and is then told again over six links of ten seconds and a bit.
const REST_MS: u64 = 95_000;

/// Something that happens to supernodes, who are named by any number.
#[derive(Clone, Copy, Debug)]
enum Change {
    Dies(Id),
    /// One that is dead comes again, with another number of its record, and calls two.
    Comes(Id),
    /// Two call each other, or the session between them ends.
    Meet(Id, Id),
    Part(Id, Id),
    Wait(u64),
}

fn any_change() -> impl Strategy<Value = Change> {
    let id = || 0..60_usize;
    prop_oneof![
        3 => id().prop_map(Change::Dies),
        2 => id().prop_map(Change::Comes),
        3 => (id(), id()).prop_map(|(a, b)| Change::Meet(a, b)),
        3 => (id(), id()).prop_map(|(a, b)| Change::Part(a, b)),
        4 => (1..10_000_u64).prop_map(Change::Wait),
    ]
}

/// So many supernodes with so many links at random: rows, stars, meshes, and some that nobody knows.
fn scattered(seed: u64, count: usize, links: usize) -> Net {
    let mut net = Net::new(seed);
    for _ in 0..count {
        net.add();
    }
    for _ in 0..links {
        let (a, b) = (net.random.random_range(0..count), net.random.random_range(0..count));
        meet(&mut net, a, b);
    }
    net
}

fn meet(net: &mut Net, a: Id, b: Id) {
    let are_there = net.nodes[a].is_some() && net.nodes[b].is_some();
    if are_there && a != b && !net.neighbours(a).contains(&b) && !net.neighbours(b).contains(&a) {
        net.link(a, b);
    }
}

fn happen(net: &mut Net, change: Change) {
    let count = net.nodes.len();
    match change {
        Change::Dies(id) if net.nodes[id % count].is_some() => net.kill(id % count),
        Change::Comes(id) if net.nodes[id % count].is_none() => {
            net.begin(id % count);
            meet(net, id % count, (id + 1) % count);
            meet(net, id % count, (id + count / 2) % count);
        }
        Change::Meet(a, b) => meet(net, a % count, b % count),
        Change::Part(a, b) => {
            let others = net.neighbours(a % count);
            if let Some(&other) = others.get(b.checked_rem(others.len()).unwrap_or(0)) {
                if net.neighbours(other).contains(&(a % count)) {
                    net.cut(a % count, other);
                }
            }
        }
        Change::Wait(ms) => net.run_ms(ms),
        Change::Dies(_) | Change::Comes(_) => {}
    }
}

proptest! {
    #![proptest_config(cases(64))]

    /// FTPEER-06 to FTPEER-11: whatever happens, a minute and a half later every table has all that are within
    /// six links at the right distance, and nobody else; nothing more is said then; nobody has said more than
    /// it may; and nothing that goes to one supernode comes by another one twice.
    #[test]
    fn tables_come_to_rest_and_are_right(
        seed in any::<u64>(),
        count in 3..=60_usize,
        of_each in 1..5_usize,
        changes in prop::collection::vec(any_change(), 0..40),
    ) {
        let mut net = scattered(seed, count, count * of_each);
        let mut pings = 0;
        for change in changes {
            happen(&mut net, change);
            let alive: Vec<_> = net.alive().collect();
            if let [from, .., to] = alive[..] {
                net.ping(from, to, pings);
                net.ping(to, from, pings);
                pings += 1;
            }
        }
        net.run_ms(REST_MS);
        prop_assert_eq!(net.wrong(), 0);
        prop_assert_eq!((net.seen.loops, &net.seen.faults[..]), (0, &[][..]));
        // A table a second at most, over each of the links that there were.
        let seconds = net.now.as_micros() / 1_000_000 + 1;
        prop_assert!(net.seen.tables <= net.ends_ever() * seconds, "{:?}", net.seen);
        net.seen = Seen::default();
        net.run_ms(60_000);
        prop_assert_eq!((net.wrong(), net.seen.tables), (0, 0));
    }
}
