//! How our query table reaches a neighbour: read by our own receiver, and looked at byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use filbert::base::limits::{
    QUERY_TABLE_PIECE_EVERY_MS, QUERY_TABLE_PIECE_LEN_MAX, QUERY_TABLE_UPDATE_BYTES_PER_MINUTE,
};
use filbert::base::reader::Expect;
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::query_routing::TableSenders;
use filbert::gnutella::wire::query_table::{Patch, Receiver};
use filbert::gnutella::wire::{HEADER_LEN, QueryTable, Wrapper, inflate_wrapped};
use filbert::index::bit_table::BitTable;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use crate::support::properties::cases;

/// A table of `2^bits` slots in which these are set.
fn table(bits: u32, set: impl IntoIterator<Item = u32>) -> Arc<BitTable> {
    let mut table = BitTable::new(bits);
    set.into_iter().for_each(|slot| assert!(table.set(slot)));
    Arc::new(table)
}

/// A table in which every second slot is set, but not in a way that deflates well.
fn noise(bits: u32) -> Arc<BitTable> {
    let hash =
        |slot: u32| slot.wrapping_mul(0x9e37_79b1) ^ slot.wrapping_mul(0x85eb_ca6b).rotate_left(13);
    table(bits, (0..1 << bits).filter(|&slot| hash(slot).wrapping_mul(0xc2b2_ae35) >> 31 == 0))
}

/// Senders, and the neighbours at their other ends.
struct Net {
    slots: Slots<()>,
    senders: TableSenders,
    neighbours: BTreeMap<Slot, (Receiver, BitTable)>,
    now: Time,
}

impl Net {
    fn new() -> Self {
        let (slots, senders) = (Slots::new(), TableSenders::new());
        Self { slots, senders, neighbours: BTreeMap::new(), now: Time::ZERO }
    }

    fn open(&mut self) -> Slot {
        let slot = self.slots.insert(());
        self.senders.open(slot);
        self.neighbours.insert(slot, (Receiver::new(), BitTable::new(0)));
        slot
    }

    /// Waits for the next moment at which something is due, and delivers it.
    fn step(&mut self) -> Vec<(Slot, Bytes)> {
        let due = self.senders.next_timeout().expect("something is due");
        self.now = self.now.max(due);
        let mut out = Vec::new();
        self.senders.timeout(self.now, |_| true, &mut out);
        assert!(!out.is_empty(), "nothing was due");
        for (slot, payload) in &out {
            self.deliver(*slot, payload);
        }
        out
    }

    fn deliver(&mut self, slot: Slot, payload: &Bytes) {
        let (receiver, table) = self.neighbours.get_mut(&slot).unwrap();
        let message = QueryTable::decode(payload).unwrap();
        if let QueryTable::Reset(reset) = &message {
            *table = BitTable::new(reset.slots.trailing_zeros());
        }
        let received = receiver.receive(&message, |slot, change| {
            let _ = if change.applied(table.contains(slot)) {
                table.set(slot)
            } else {
                table.clear(slot)
            };
        });
        assert!(received.is_ok(), "{received:?}");
    }

    /// Everything that is sent until nothing is due any more.
    fn run(&mut self) -> Vec<(Slot, Bytes)> {
        let mut out = Vec::new();
        while self.senders.next_timeout().is_some() {
            out.extend(self.step());
        }
        out
    }

    fn check(&self, expected: &BitTable) {
        for (slot, (_, table)) in &self.neighbours {
            assert!(table == expected, "{slot:?} has {table:?}, not {expected:?}");
        }
    }
}

fn patches(sent: &[(Slot, Bytes)]) -> Vec<Patch> {
    let messages = sent.iter().map(|(_, payload)| QueryTable::decode(payload).unwrap());
    messages
        .filter_map(|message| match message {
            QueryTable::Patch(patch) => Some(patch),
            QueryTable::Reset(_) => None,
        })
        .collect()
}

proptest! {
    #![proptest_config(cases(64))]

    /// QRP-11, QRP-13, QRP-14, QRP-18, QRP-19, QRP-21: whatever the tables are, and whenever they
    /// change, neighbours end up with the last one.
    #[test]
    fn every_neighbour_ends_up_with_our_table(
        tables in vec(
            (3..=16_u32, btree_set(0..1_u32 << 16, 0..2_000), 0..4_usize, 0..2_usize),
            1..6,
        )
    ) {
        let mut net = Net::new();
        for (bits, set, steps, joins) in tables {
            (0..joins).for_each(|_| _ = net.open());
            let slots: BTreeSet<u32> = set.iter().map(|slot| slot >> (16 - bits)).collect();
            let table = table(bits, slots);
            net.senders.offer(&table);
            for _ in 0..steps {
                if net.senders.next_timeout().is_some() {
                    net.step();
                }
            }
        }
        net.open();
        let last = table(10, [1, 5]);
        net.senders.offer(&last);
        net.run();
        net.check(&last);
    }
}

/// QRP-02, QRP-04, QRP-32, QRP-34: a reset and one patch of four bits, at once.
#[test]
fn the_whole_table_comes_first() {
    let mut net = Net::new();
    let slot = net.open();
    assert_eq!(net.senders.next_timeout(), Some(Time::ZERO), "due before there is a table");
    let table = table(4, [0, 5, 15]);
    net.senders.offer(&table);
    let sent = net.step();
    assert_eq!((sent[0].0, &sent[0].1[..]), (slot, &b"\0\x10\0\0\0\x07"[..]));
    assert_eq!((sent.len(), &sent[1].1[..5]), (2, &b"\x01\x01\x01\x01\x04"[..]));
    let bad = Expect::new("QRP-18", "it does not inflate");
    let entries = inflate_wrapped(Wrapper::Zlib, &sent[1].1[5..], 99, bad, bad).unwrap();
    assert_eq!(entries, [0xa0, 0, 0x0a, 0, 0, 0, 0, 0x0a]);
    assert_eq!(net.senders.next_timeout(), None);
    net.check(&table);
}

/// QRP-13, QRP-21
#[test]
fn later_only_what_changes_is_sent() {
    let mut net = Net::new();
    net.open();
    net.senders.offer(&table(4, [0, 5, 15]));
    net.run();
    let second = table(4, [0, 6, 15]);
    net.senders.offer(&second);
    let sent = net.run();
    assert_eq!((sent.len(), &sent[0].1[..5]), (1, &b"\x01\x01\x01\x01\x04"[..]));
    let bad = Expect::new("QRP-18", "it does not inflate");
    let entries = inflate_wrapped(Wrapper::Zlib, &sent[0].1[5..], 99, bad, bad).unwrap();
    assert_eq!(entries, [0, 0, 0x06, 0xa0, 0, 0, 0, 0]);
    net.check(&second);
    // The same table again is nothing new.
    net.senders.offer(&second);
    assert_eq!(net.senders.next_timeout(), None);
    // One of another size is sent whole.
    let third = table(5, [1]);
    net.senders.offer(&third);
    assert_eq!(net.run().len(), 2);
    net.check(&third);
}

/// SIZE-16, QRP-06, QRP-33
#[test]
fn a_large_table_comes_in_pieces_one_after_the_other() {
    let mut net = Net::new();
    net.open();
    let table = noise(17);
    net.senders.offer(&table);
    let (mut sent, mut moments) = (net.step(), vec![net.now]);
    assert_eq!(sent.len(), 2);
    while net.senders.next_timeout().is_some() {
        let piece = net.step();
        assert_eq!(piece.len(), 1, "one at a time");
        sent.extend(piece);
        moments.push(net.now);
    }
    let patches = patches(&sent);
    let numbers: Vec<u8> = patches.iter().map(|patch| patch.sequence).collect();
    assert_eq!(numbers, (1..=patches[0].sequence_size).collect::<Vec<u8>>());
    assert!((5..=17).contains(&patches.len()), "{} pieces", patches.len());
    let waits = moments.windows(2).map(|pair| pair[1].since(pair[0]).as_millis());
    assert!(waits.into_iter().all(|wait| wait == u128::from(QUERY_TABLE_PIECE_EVERY_MS)));
    let longest = sent.iter().map(|(_, payload)| payload.len() + HEADER_LEN).max();
    assert_eq!(longest, Some(QUERY_TABLE_PIECE_LEN_MAX), "all but the last are full");
    net.check(&table);
}

/// QRP-33
#[test]
fn nothing_is_sent_before_its_time() {
    let mut net = Net::new();
    net.open();
    net.senders.offer(&noise(15));
    net.step();
    let due = net.senders.next_timeout().unwrap();
    assert_eq!(due, Time::from_millis(QUERY_TABLE_PIECE_EVERY_MS));
    let mut out = Vec::new();
    net.senders.timeout(Time::from_micros(due.as_micros() - 1), |_| true, &mut out);
    assert_eq!((out.len(), net.senders.next_timeout()), (0, Some(due)));
    net.senders.timeout(due, |_| true, &mut out);
    assert_eq!(out.len(), 1);
}

/// QRP-41
#[test]
fn changes_have_so_many_bytes_a_minute_and_the_first_table_has_not() {
    let mut net = Net::new();
    net.open();
    net.senders.offer(&table(17, [1]));
    net.run();
    net.senders.offer(&noise(17));
    let started = net.senders.next_timeout().unwrap();
    let (mut len, mut pieces) = (0, 0);
    while net.senders.next_timeout().is_some() {
        let budget = |now: Time| {
            let passed = u64::try_from(now.since(started).as_millis()).unwrap();
            passed * QUERY_TABLE_UPDATE_BYTES_PER_MINUTE / 60_000
        };
        let due = net.senders.next_timeout().unwrap();
        // What was sent has had its time, to the millisecond.
        assert!(budget(due) >= len, "{len} bytes by {due:?}");
        let early = Time::from_micros(due.as_micros() - 1);
        assert!(pieces == 0 || budget(early) < len + 200, "it waits for too long");
        let mut none = Vec::new();
        net.senders.timeout(early, |_| true, &mut none);
        assert_eq!(none, [], "{early:?}");
        len += net.step().iter().map(|(_, piece)| (piece.len() + HEADER_LEN) as u64).sum::<u64>();
        pieces += 1;
    }
    assert!(pieces > 5, "{pieces} pieces");
    net.check(&noise(17));
    // Somebody new does not wait so long.
    let joined = net.now;
    net.open();
    net.run();
    assert!(net.now.since(joined).as_millis() <= u128::from(17 * QUERY_TABLE_PIECE_EVERY_MS));
}

/// QRP-41: between the pieces of a table of another size nobody waits, for the other side has none
/// until it has the last one; what changes then has to wait for all of it.
#[test]
fn a_whole_table_comes_without_waits_and_what_follows_waits_for_it() {
    let mut net = Net::new();
    net.open();
    net.senders.offer(&table(16, [1]));
    net.run();
    net.senders.offer(&noise(17));
    let started = net.senders.next_timeout().unwrap();
    let pieces = net.run();
    assert!(pieces.len() > 5, "{} pieces", pieces.len());
    let took = net.now.since(started).as_millis();
    assert!(took <= u128::from(17 * QUERY_TABLE_PIECE_EVERY_MS), "{took}");
    net.check(&noise(17));
    net.senders.offer(&table(17, [1]));
    let len: u64 = pieces.iter().map(|(_, piece)| (piece.len() + HEADER_LEN) as u64).sum();
    let due = net.senders.next_timeout().unwrap();
    let waited = u64::try_from(due.since(net.now).as_millis()).unwrap();
    assert!(waited * QUERY_TABLE_UPDATE_BYTES_PER_MINUTE / 60_000 >= len, "{waited}");
}

/// QRP-33: a piece for which there is no room waits, and is not lost.
#[test]
fn a_piece_waits_until_there_is_room_for_it() {
    let mut net = Net::new();
    let (slow, quick) = (net.open(), net.open());
    let table = noise(15);
    net.senders.offer(&table);
    net.step();
    let (mut out, mut now) = (Vec::new(), net.now);
    for _ in 0..20 {
        now = now.after_ms(QUERY_TABLE_PIECE_EVERY_MS);
        net.senders.timeout(now, |slot| slot != slow, &mut out);
    }
    assert!(!out.is_empty() && out.iter().all(|(slot, _)| *slot == quick));
    out.iter().for_each(|(slot, piece)| net.deliver(*slot, piece));
    assert_eq!(net.senders.next_timeout(), Some(now.after_ms(QUERY_TABLE_PIECE_EVERY_MS)));
    assert!(net.run().iter().all(|(slot, _)| *slot == slow));
    net.check(&table);
}

/// QRP-07: a table that changes in between waits until the pieces of the one before are out.
#[test]
fn a_change_waits_for_the_end_of_the_patch_that_is_under_way() {
    let mut net = Net::new();
    net.open();
    net.senders.offer(&noise(16));
    net.step();
    let last = table(16, [7]);
    net.senders.offer(&last);
    let rest = patches(&net.run());
    let pieces = rest.iter().take_while(|patch| patch.sequence > 1).count();
    assert_eq!(pieces + 1, usize::from(rest[0].sequence_size), "the first table went out whole");
    net.check(&last);
}

/// QRP-34: each has its own place in the sequence; what one gets does not depend on the others.
#[test]
fn neighbours_come_and_go_in_the_middle() {
    let mut net = Net::new();
    let first = net.open();
    let table = noise(16);
    net.senders.offer(&table);
    net.step();
    net.open();
    let both = net.step();
    assert_eq!(both.len(), 2, "the new one comes at once: {both:?}");
    assert!(both.iter().all(|(slot, _)| *slot != first));
    net.senders.close(first);
    net.neighbours.remove(&first);
    assert!(net.run().iter().all(|(slot, _)| *slot != first));
    net.check(&table);
}

/// What one neighbour gets is made once for all.
#[test]
fn neighbours_with_the_same_table_share_one_patch() {
    let (mut one, mut many) = (Net::new(), Net::new());
    one.open();
    (0..20).for_each(|_| _ = many.open());
    let table = noise(14);
    let cost = |net: &mut Net| {
        net.senders.offer(&table);
        let mut out = Vec::with_capacity(64);
        let measured =
            allocation_counter::measure(|| net.senders.timeout(Time::ZERO, |_| true, &mut out));
        (measured.bytes_total, out.len())
    };
    let ((for_one, _), (for_many, payloads)) = (cost(&mut one), cost(&mut many));
    assert_eq!(payloads, 40);
    assert!(for_many < 2 * for_one, "{for_one} and {for_many} bytes");
}

#[test]
fn a_sender_that_rests_takes_little_memory() {
    let mut slots = Slots::new();
    let links: Vec<Slot> = (0..4).map(|_| slots.insert(())).collect();
    let (mut senders, table) = (TableSenders::new(), table(16, 0..50));
    let held = |work: &mut dyn FnMut()| allocation_counter::measure(work).bytes_current;
    let resting = held(&mut || {
        links.iter().for_each(|&slot| senders.open(slot));
        senders.offer(&table);
        let mut out = Vec::new();
        while let Some(due) = senders.next_timeout() {
            senders.timeout(due, |_| true, &mut out);
        }
    });
    assert!((0..300).contains(&resting), "{resting} bytes");
    assert_eq!(held(&mut || links.iter().for_each(|&slot| senders.close(slot))), -resting);
}
