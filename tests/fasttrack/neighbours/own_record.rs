//! The own record, and when its number goes up.

use filbert::base::limits::{
    FASTTRACK_OWN_EVERY_MS, FASTTRACK_OWN_RENEWED_MS, FASTTRACK_TABLE_GATHER_MS,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::neighbours::{Amount, Own};
use filbert::fasttrack::wire::{Bandwidth, Logarithm, Media, Message, TableRecord};

use super::lone::{Lone, record};
use super::net::own;

fn told(lone: &mut Lone, slot: Slot) -> Option<TableRecord> {
    let sent = lone.sent(slot).into_iter();
    let mut own = sent.filter_map(|message| match message {
        Message::Table(table) => table.records().next(),
        _ => None,
    });
    own.next_back()
}

/// The number at the start, and a neighbour that has heard of it; the first minute is over.
fn begun() -> (Lone, Slot, u16) {
    let mut lone = Lone::new();
    let slot = lone.open(*super::net::address(1).ip(), false);
    lone.tell(slot, &[record(1, 5, 0)]);
    let number = told(&mut lone, slot).unwrap().sequence;
    (lone, slot, number)
}

/// FTPEER-09: without a change it goes up every ten minutes, and by one.
#[test]
fn it_is_renewed_every_ten_minutes() {
    let (mut lone, slot, number) = begun();
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
    for round in 1..=3 {
        lone.run_ms(FASTTRACK_OWN_RENEWED_MS - 1);
        assert_eq!(told(&mut lone, slot), None);
        lone.run_ms(1);
        let own = told(&mut lone, slot).unwrap();
        assert_eq!((own.sequence, own.children), ((number + round) % 2_048, 90));
    }
}

fn own_of(children: u8) -> Own {
    Own { children, ..own() }
}

/// FTPEER-09: where it changes much it goes up, but not twice in a minute.
#[test]
fn a_change_is_told_once_a_minute() {
    let (mut lone, slot, number) = begun();
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
    lone.room.set_own(own_of(10));
    lone.run_ms(FASTTRACK_OWN_EVERY_MS - 1);
    assert_eq!(told(&mut lone, slot), None);
    lone.run_ms(1);
    let own = told(&mut lone, slot).unwrap();
    assert_eq!((own.sequence, own.children), ((number + 1) % 2_048, 10));
    // Small changes wait for the ten minutes.
    lone.room.set_own(own_of(13));
    lone.run_ms(2 * FASTTRACK_OWN_EVERY_MS);
    assert_eq!(told(&mut lone, slot), None);
    lone.room.set_own(own_of(14));
    lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
    assert_eq!(told(&mut lone, slot).map(|own| own.children), Some(14));
}

/// FTPEER-09: what is much, and what is just not.
#[test]
fn a_change_is_much_from_some_size_on() {
    let media = |files| [Amount { files, mib: 1_000 }; Media::COUNT];
    for (changed, is_much) in [
        (Own { load_percent: 50 + 15, ..own() }, false),
        (Own { load_percent: 50 - 16, ..own() }, true),
        (Own { bandwidth: Bandwidth(0x81), ..own() }, true),
        (own_of(90 - 22), false),
        (own_of(90 - 23), true),
        (own_of(90 + 30), false),
        (own_of(90 + 31), true),
        (Own { media: media(140), ..own() }, false),
        (Own { media: media(168), ..own() }, true),
    ] {
        let (mut lone, slot, _) = begun();
        lone.run_ms(FASTTRACK_OWN_EVERY_MS);
        lone.room.set_own(changed);
        lone.run_ms(FASTTRACK_TABLE_GATHER_MS);
        assert_eq!(told(&mut lone, slot).is_some(), is_much, "{changed:?}");
    }
}

/// FTPEER-05: counts and sizes stand in it as logarithms.
#[test]
fn files_stand_in_it_by_media() {
    let mut media = [Amount::default(); Media::COUNT];
    media[1] = Amount { files: 3_000, mib: 15_000 };
    let mut lone =
        Lone::with(Own { media, ..own() }, filbert::fasttrack::neighbours::Rules::default());
    let slot = lone.open(*super::net::address(1).ip(), true);
    let own = told(&mut lone, slot).unwrap();
    let written = [Logarithm::from_number(3_000), Logarithm::from_number(15_000)];
    assert_eq!((own.media[0], own.media[1]), ([Logarithm(0); 2], written));
}
