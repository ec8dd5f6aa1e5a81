//! What a supernode remembers of others takes so much memory and no more, whatever they send.

use allocation_counter::measure;
use filbert::base::limits::{
    FASTTRACK_NEIGHBOURS_MAX, FASTTRACK_SEARCHES_KNOWN_MAX, FASTTRACK_SEARCHES_MAX,
    FASTTRACK_SUPERNODES_MAX,
};
use filbert::fasttrack::wire::TableRecord;

use super::lone::{Lone, ME, record, searched};

/// Bytes that are held after something was done.
fn held(mut act: impl FnMut()) -> i64 {
    measure(&mut act).bytes_current
}

/// FTPEER-07: fifty neighbours who all know the same thousand: the largest table there is.
#[test]
fn a_full_table_takes_so_much() {
    let mut lone = Lone::new();
    let bytes = held(|| {
        let slots = lone.joins(1..=FASTTRACK_NEIGHBOURS_MAX);
        for round in 0..2 {
            for (place, slot) in slots.iter().enumerate() {
                let ids = 1_000..1_000 + FASTTRACK_SUPERNODES_MAX - FASTTRACK_NEIGHBOURS_MAX;
                let records = ids.map(|id| record(id, 5 + round, 2));
                let all: Vec<_> = std::iter::once(record(place + 1, 5, 0)).chain(records).collect();
                lone.tell(*slot, &all);
            }
            lone.run_ms(400_000);
        }
        lone.take();
    });
    assert_eq!(lone.room.known_len(), FASTTRACK_SUPERNODES_MAX);
    println!("{bytes} bytes for {} supernodes", lone.room.known_len());
    assert!(bytes < 640 * 1_024);
}

/// FTSAFE-03, FTSAFE-08, FTSAFE-11: a million records of a million supernodes leave no more behind than
/// those that are kept; nor does the next million.
#[test]
fn a_million_records_leave_a_table() {
    let mut lone = Lone::new();
    let slot = lone.join(1);
    let mut heard = 0_u32;
    let mut million = |lone: &mut Lone| {
        for _ in 0..1_000 {
            let records = (0..1_000).map(|_| {
                heard += 1;
                let ip = std::net::Ipv4Addr::from(0x0800_0000 + heard * 3);
                let address = std::net::SocketAddrV4::new(ip, 1_000);
                TableRecord { address, ..record(2, 5, (heard % 6).max(1) as u8) }
            });
            lone.tell(slot, &std::iter::once(record(1, 5, 0)).chain(records).collect::<Vec<_>>());
            lone.run_ms(100);
            lone.take();
        }
    };
    let first = held(|| million(&mut lone));
    let second = held(|| million(&mut lone));
    println!("{first} bytes after a million, {second} more after the next");
    assert!(lone.room.known_len() <= FASTTRACK_SUPERNODES_MAX);
    assert!(lone.room.remembered_len() <= 2 * FASTTRACK_SUPERNODES_MAX);
    assert!(first < 512 * 1_024 && second < 64 * 1_024);
}

/// FTSAFE-08, FTPEER-18: a million searches leave what is known again of them.
#[test]
fn a_million_searches_leave_little() {
    let mut lone = Lone::new();
    let slot = lone.join(1);
    let bytes = held(|| {
        for id in 0..1_000_000 {
            if id % 1_000 == 0 {
                lone.run_ms(1_000);
            }
            lone.unicast(slot, 1, ME, 1, &searched(id, 100));
            lone.take();
        }
    });
    println!("{bytes} bytes after a million searches");
    assert!(bytes < i64::from(FASTTRACK_SEARCHES_KNOWN_MAX) * 100);
}

/// FTPEER-16: as many searches of ours as may run.
#[test]
fn searches_that_run_take_little() {
    let mut lone = Lone::new();
    lone.joins(1..=20);
    let bytes = held(|| {
        for key in 0..FASTTRACK_SEARCHES_MAX {
            lone.search(u32::try_from(key).unwrap(), 100);
        }
        lone.take();
    });
    println!("{bytes} bytes for {} searches", lone.room.searches_len());
    assert!(bytes < 1_500 * i64::try_from(FASTTRACK_SEARCHES_MAX).unwrap());
    lone.run_ms(120_000);
    lone.take();
    assert_eq!(lone.room.searches_len(), 0);
}

/// FTPEER-10: whoever has lost all neighbours has nothing left of them.
#[test]
fn who_is_alone_remembers_nobody() {
    let mut lone = Lone::new();
    let bytes = held(|| {
        let slots = lone.joins(1..=20);
        for (place, slot) in slots.iter().enumerate() {
            let records = (1_000..1_500).map(|id| record(id, 5, 2));
            lone.tell(
                *slot,
                &std::iter::once(record(place + 1, 5, 0)).chain(records).collect::<Vec<_>>(),
            );
        }
        lone.run_ms(20_000);
        slots.into_iter().for_each(|slot| lone.close(slot));
        lone.run_ms(100_000);
        lone.take();
    });
    println!("{bytes} bytes are left");
    assert_eq!(lone.room.remembered_len(), 0);
    assert!(bytes < 16 * 1_024);
}
