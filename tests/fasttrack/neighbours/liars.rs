//! Supernodes that name others which are not there.

use filbert::fasttrack::wire::{Message, TableRecord};

use super::lone::record;
use super::net::{Net, address};

/// Names eight hundred that are not there as its neighbours, in each table.
fn names_nobody(message: &Message) -> Option<Message> {
    match message {
        Message::Table(table) => {
            let made_up = (0..800).map(|place| record(2_000 + place, 9, 1));
            let records: Vec<TableRecord> = table.records().take(1).chain(made_up).collect();
            Some(Message::Table(records.into_iter().collect()))
        }
        other => Some(other.clone()),
    }
}

/// FTPEER-07, FTPEER-25: who names many that are not there pushes out nobody who is, and is not believed when
/// none of them has answered searches; its neighbours are, all but a few.
#[test]
fn who_names_many_that_are_not_there_takes_nobody_away() {
    let mut net = Net::ring(5, 80, 8);
    net.run_ms(40_000);
    let crook = net.add();
    net.crooks.insert(crook, names_nobody);
    net.fill(crook, 8);
    net.run_ms(60_000);
    for is_found_out in [false, true] {
        let made_up = |id: usize| {
            let known = net.nodes[id].as_ref().unwrap().room.known();
            known.filter(|it| it.record.address >= address(2_000)).count()
        };
        let all: usize = (0..80).map(made_up).sum();
        let honest: usize = (0..80).map(|id| net.node(id).room.known_len()).sum::<usize>() - all;
        assert_eq!((all == 0, honest), (is_found_out, 80 * 80), "{all} made up");
        net.seen.pushes.clear();
        (1..80).for_each(|id| net.ping(0, id, 0));
        (1..80).for_each(|id| net.ping(id, 0, 0));
        net.run_ms(3_000);
        assert_eq!(net.seen.pushes.len(), 2 * 79);
        for _ in 0..4 {
            (0..80).for_each(|id| _ = net.search(id, "nothing", 10));
            net.run_ms(15_000);
        }
        net.run_ms(30_000);
    }
    println!("{} doubts", net.seen.doubted);
}
