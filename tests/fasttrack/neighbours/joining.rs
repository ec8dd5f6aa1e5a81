//! Who becomes a neighbour, and what is said first.

use std::net::Ipv4Addr;

use filbert::base::limits::{
    FASTTRACK_LISTS_EVERY_MS, FASTTRACK_NEIGHBOURS_MAX, FASTTRACK_NEIGHBOURS_OF_NETWORK_MAX,
    FASTTRACK_NEIGHBOURS_WANTED, FASTTRACK_TABLE_WAIT_MS,
};
use filbert::fasttrack::neighbours::{Closed, Declined, Output, Rules};
use filbert::fasttrack::wire::{Kind, Message, Node, NodeList, TableRecord};

use super::lone::{Lone, ME, record};
use super::net::{Net, address, own};

fn kinds(messages: &[Message]) -> Vec<Kind> {
    messages.iter().map(Message::kind).collect()
}

/// FTPEER-01, FTPEER-02: who calls sends its own record; who is called answers with its table, and both
/// say the rest behind that.
#[test]
fn both_begin_with_their_tables() {
    let mut lone = Lone::new();
    let slot = lone.open(*address(1).ip(), true);
    assert_eq!(lone.told(slot), [vec![]]);
    lone.tell(slot, &[record(1, 5, 0), record(2, 9, 1)]);
    assert_eq!(kinds(&lone.sent(slot)), [Kind::VERSION, Kind::CONFIG_REVISION]);

    let slot = lone.open(*address(3).ip(), false);
    assert!(lone.sent(slot).is_empty());
    lone.tell(slot, &[record(3, 5, 0)]);
    let sent = lone.sent(slot);
    assert_eq!(kinds(&sent), [Kind::TABLE, Kind::VERSION, Kind::CONFIG_REVISION]);
    let Message::Table(table) = &sent[0] else { panic!("no table") };
    let records: Vec<_> = table.records().map(|it| (it.address, it.distance)).collect();
    assert_eq!(records, [(address(ME), 0), (address(1), 1), (address(2), 2)]);
}

/// FTPEER-02: the numbers of the network come in between, where they are large enough.
#[test]
fn numbers_are_told_where_they_are_large_enough() {
    for (children, is_told) in [(98, false), (99, true)] {
        let mut lone = Lone::new();
        let first = lone.join(0);
        let others = (1..=999).map(|id| TableRecord { children, ..record(id, 5, 1) });
        lone.tell(first, &std::iter::once(record(0, 5, 0)).chain(others).collect::<Vec<_>>());
        // They are counted once a minute.
        lone.run_ms(60_000);
        let slot = lone.open(*address(2_000).ip(), false);
        lone.tell(slot, &[record(2_000, 5, 0)]);
        let mut expected = vec![Kind::TABLE, Kind::VERSION, Kind::CONFIG_REVISION];
        if is_told {
            expected.insert(2, Kind::NETWORK_STATS);
        }
        assert_eq!(kinds(&lone.sent(slot)), expected);
    }
}

/// FTPEER-12: sixteen are looked for, fifty are taken, and the next one is declined (FTPEER-03).
#[test]
fn fifty_are_taken_and_not_one_more() {
    let mut lone = Lone::new();
    assert_eq!(lone.room.wanted(), FASTTRACK_NEIGHBOURS_WANTED);
    lone.joins(0..FASTTRACK_NEIGHBOURS_WANTED - 1);
    assert_eq!(lone.room.wanted(), 1);
    lone.joins(FASTTRACK_NEIGHBOURS_WANTED - 1..FASTTRACK_NEIGHBOURS_MAX);
    assert_eq!((lone.room.wanted(), lone.room.len()), (0, FASTTRACK_NEIGHBOURS_MAX));
    let slot = lone.open(*address(99).ip(), false);
    lone.tell(slot, &[record(99, 5, 0)]);
    assert_eq!(lone.take(), [Output::Decline { slot, why: Declined::Full }]);
    assert_eq!((lone.room.len(), lone.distance(99)), (FASTTRACK_NEIGHBOURS_MAX, None));
}

/// FTPEER-12: of one block of 256 addresses two are taken; none where one is a neighbour is called.
#[test]
fn a_network_has_two_neighbours() {
    let of_network = |host: u8| {
        let ip = Ipv4Addr::new(60, 0, 1, host);
        let address = std::net::SocketAddrV4::new(ip, 1_214);
        TableRecord { address, ..record(1, 5, 0) }
    };
    for allow_private in [false, true] {
        let mut lone = Lone::with(own(), Rules { allow_private, ..Rules::default() });
        let mut declined = 0;
        for host in 1..=4 {
            let record = of_network(host);
            let slot = lone.open(*record.address.ip(), false);
            lone.tell(slot, &[record]);
            let outputs = lone.take();
            declined +=
                usize::from(outputs.contains(&Output::Decline { slot, why: Declined::Network }));
        }
        let taken = if allow_private { 4 } else { FASTTRACK_NEIGHBOURS_OF_NETWORK_MAX };
        assert_eq!((lone.room.len(), declined), (taken, 4 - taken));
        let slot = lone.join(2);
        let mut others = vec![record(2, 6, 0), TableRecord { distance: 1, ..of_network(200) }];
        let load = |id: usize| 90 - u8::try_from(id).unwrap();
        others.extend((10..14).map(|id| TableRecord { load: load(id), ..record(id, 5, 1) }));
        lone.tell(slot, &others);
        let called = lone.room.to_call(3);
        let least_busy = [address(13), address(12), address(11)];
        assert_eq!(called.contains(&of_network(200).address), allow_private);
        assert!(allow_private || called == least_busy);
    }
}

/// FTPEER-03: who declines tells of others, and its session ends; who asks for nothing more may do so.
#[test]
fn who_is_declined_learns_of_others() {
    let mut lone = Lone::new();
    let slot = lone.open(*address(1).ip(), true);
    let nodes = [Node { address: address(5), minutes: 0, load: 40 }];
    lone.take();
    lone.receive(slot, &Message::NodeList(nodes.into_iter().collect::<NodeList>()));
    let learnt = Output::Learnt { from: slot, nodes: nodes.into() };
    assert_eq!(lone.take(), [learnt, Output::Close { slot, why: Closed::Declined }]);
}

/// FTSAFE-08: one list counts in ten minutes.
#[test]
fn a_neighbour_tells_of_nodes_seldom() {
    let mut lone = Lone::new();
    let slot = lone.join(1);
    let list = Message::NodeList(
        [Node { address: address(5), minutes: 0, load: 40 }].into_iter().collect(),
    );
    let learnt = |lone: &mut Lone| {
        lone.receive(slot, &list);
        lone.take().iter().filter(|it| matches!(it, Output::Learnt { .. })).count()
    };
    assert_eq!((learnt(&mut lone), learnt(&mut lone)), (1, 0));
    lone.run_ms(FASTTRACK_LISTS_EVERY_MS - 1);
    assert_eq!(learnt(&mut lone), 0);
    lone.run_ms(1);
    assert_eq!(learnt(&mut lone), 1);
}

/// FTPEER-02: who was called and says nothing is given up.
#[test]
fn a_table_is_waited_for() {
    let mut lone = Lone::new();
    let slot = lone.open(*address(1).ip(), true);
    lone.take();
    lone.run_ms(FASTTRACK_TABLE_WAIT_MS - 1);
    assert_eq!(lone.take(), []);
    lone.run_ms(1);
    assert_eq!(lone.take(), [Output::Close { slot, why: Closed::Silent }]);
    // A table without a record says nothing.
    let slot = lone.open(*address(1).ip(), false);
    lone.tell(slot, &[]);
    assert_eq!(lone.take(), []);
}

/// FTPEER-06: a first record that is not of its sender makes no neighbour.
#[test]
fn the_first_record_is_of_its_sender() {
    let mut lone = Lone::new();
    let slot = lone.open(*address(1).ip(), false);
    lone.tell(slot, &[record(1, 5, 1)]);
    assert_eq!((lone.room.len(), lone.faults()), (0, vec!["FTPEER-06"]));
}

/// FTPEER-23: the own record has the address of the session, and keeps it.
#[test]
fn nobody_has_the_address_of_another_one() {
    let mut lone = Lone::new();
    let slot = lone.open(*address(1).ip(), false);
    lone.tell(slot, &[record(2, 5, 0)]);
    let outputs = lone.take();
    assert!(outputs.contains(&Output::Close { slot, why: Closed::Forged }));
    assert!(matches!(outputs[0], Output::Fault { fault, .. } if fault.rule().id() == "FTPEER-23"));
    let slot = lone.join(1);
    lone.tell(slot, &[record(2, 5, 0), record(3, 5, 1)]);
    assert_eq!(
        (lone.distance(2), lone.distance(3), lone.faults()),
        (None, None, vec!["FTPEER-23"])
    );
    // Behind a private address anybody may stand, in a laboratory.
    for allow_private in [false, true] {
        let mut lone = Lone::with(own(), Rules { allow_private, ..Rules::default() });
        let slot = lone.open(Ipv4Addr::new(10, 0, 0, 1), false);
        let private = std::net::SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 9), 1_214);
        lone.tell(slot, &[TableRecord { address: private, ..record(1, 5, 0) }]);
        assert_eq!(lone.room.len(), usize::from(allow_private));
    }
}

/// FTSAFE-12: a session with oneself ends.
#[test]
fn nobody_is_its_own_neighbour() {
    let mut lone = Lone::new();
    let slot = lone.open(*address(ME).ip(), false);
    lone.tell(slot, &[record(ME, 5, 0)]);
    assert_eq!(lone.take(), [Output::Close { slot, why: Closed::Ourselves }]);
}

/// FTPEER-12: of two sessions that two opened to each other, both keep the one that the lower address
/// called.
#[test]
fn two_that_call_each_other_keep_one_session() {
    let mut net = Net::new(1);
    for _ in 0..2 {
        net.add();
    }
    net.link(0, 1);
    net.link(1, 0);
    net.run_ms(5_000);
    for id in 0..2 {
        assert_eq!((net.neighbours(id).len(), net.node(id).room.len()), (1, 1));
    }
    assert!(net.seen.closed.iter().all(|why| *why == Closed::Doubled));
    assert_eq!((net.caller(0), net.wrong()), (0, 0));
}

/// FTPEER-12: who calls a second time has lost the first session.
#[test]
fn a_second_call_takes_the_place_of_the_first() {
    let mut lone = Lone::new();
    let first = lone.join(1);
    let second = lone.open(*address(1).ip(), false);
    lone.tell(second, &[record(1, 6, 0)]);
    assert!(lone.take().contains(&Output::Close { slot: first, why: Closed::Doubled }));
    assert_eq!((lone.by(1), lone.room.len()), (Some(second), 1));
}

/// FTPEER-12: who was called twice keeps the first session.
#[test]
fn a_second_call_of_ours_is_one_too_many() {
    let mut lone = Lone::new();
    let slots = [(); 2].map(|()| lone.open(*address(1).ip(), true));
    slots.iter().for_each(|slot| lone.tell(*slot, &[record(1, 5, 0)]));
    let closed: Vec<_> =
        lone.take().into_iter().filter(|it| matches!(it, Output::Close { .. })).collect();
    assert_eq!(closed, [Output::Close { slot: slots[1], why: Closed::Doubled }]);
    assert_eq!((lone.room.len(), lone.by(1)), (1, Some(slots[0])));
}

/// FTPEER-03: only who was called can decline.
#[test]
fn who_calls_does_not_decline() {
    let mut lone = Lone::new();
    let slot = lone.open(*address(1).ip(), false);
    lone.receive(slot, &Message::NodeList(std::iter::empty().collect()));
    assert!(!lone.take().iter().any(|it| matches!(it, Output::Close { .. })));
    lone.tell(slot, &[record(1, 5, 0)]);
    assert_eq!(lone.room.len(), 1);
}
