//! Query tables.

use std::collections::BTreeSet;

use bytes::Bytes;
use filbert::gnutella::wire::QueryTable;
use filbert::gnutella::wire::query_table::{Patch, Reset};

use crate::support::tables::{Table, exchanges, follow};

/// The table of a gtk-gnutella leaf in entries of four bits.
const GTK_GNUTELLA_TABLE: &str = "gtkg-plain 203.0.113.2:54025>203.0.113.1:6346";

/// QRP-18: gtk-gnutella deflates as well as it can, the others as usual. Headers that speak of other
/// efforts or of smaller windows were not recorded, and make no difference.
#[test]
fn a_patch_may_begin_with_any_zlib_header() {
    let exchanges = exchanges();
    let heads: BTreeSet<_> = exchanges.values().flatten().filter_map(zlib_header).collect();
    assert_eq!(heads, BTreeSet::from([[0x78, 0x9c], [0x78, 0xda]]));
    let [reset, QueryTable::Patch(patch)] = &exchanges[GTK_GNUTELLA_TABLE][..] else {
        panic!("a reset and a patch were recorded")
    };
    let expected = last_table(&exchanges[GTK_GNUTELLA_TABLE]);
    for header in [[0x78, 0x01], [0x78, 0x9c], [0x68, 0x81], [0x58, 0x85]] {
        let data = [&header[..], &patch.data[2..]].concat().into();
        let patch = QueryTable::Patch(Patch { data, ..patch.clone() });
        assert_eq!(last_table(&[reset.clone(), patch]), expected, "{header:02x?}");
    }
}

/// QRP-04, QRP-23
#[test]
fn tables_of_several_sizes_and_infinities_were_sent() {
    let exchanges = exchanges();
    let resets = exchanges.values().flatten().filter_map(|message| match message {
        QueryTable::Reset(Reset { slots, infinity, .. }) => Some((*slots, *infinity)),
        QueryTable::Patch(_) => None,
    });
    // A probe sent another, which is refused.
    let sent: BTreeSet<_> = resets.filter(|(slots, _)| slots.is_power_of_two()).collect();
    let expected = [(16_384, 1), (16_384, 2), (16_384, 7), (65_536, 7), (131_072, 7)];
    assert_eq!(sent, BTreeSet::from(expected));
    for (slots, infinity) in sent {
        let reset = QueryTable::Reset(Reset { slots, infinity, rest: Bytes::new() });
        assert_eq!(follow(&[reset]), Ok(vec![]));
    }
}

/// QRP-13, QRP-14, QRP-15, QRP-16, QRP-17: a real table, written in each width.
#[test]
fn a_table_says_the_same_in_entries_of_any_width() {
    let exchange = &exchanges()[GTK_GNUTELLA_TABLE];
    let expected = last_table(exchange);
    assert_eq!(expected.present.len(), 21);
    for entry_bits in [1_u8, 2, 4, 8] {
        let data = entries(&expected, entry_bits).into();
        let patch =
            Patch { sequence: 1, sequence_size: 1, compressor: Patch::NONE, entry_bits, data };
        let table = last_table(&[exchange[0].clone(), QueryTable::Patch(patch)]);
        assert_eq!(table, expected, "{entry_bits} bits");
    }
}

/// QRP-12, QRP-21: gtk-gnutella changes its table; GnutellaBun sends another.
#[test]
fn a_patch_without_reset_and_another_reset_are_both_understood() {
    let exchanges = exchanges();
    let kinds = |name: &str| -> String {
        let kind = |message: &QueryTable| match message {
            QueryTable::Reset(_) => 'R',
            QueryTable::Patch(_) => 'P',
        };
        exchanges[name].iter().map(kind).collect()
    };
    let changed = "gtkgleaf-gbunup 45.12.0.2:40303>45.11.0.2:6346";
    let anew = "gbun-leaf-up-plain 45.14.0.2:56014>45.13.0.2:6346";
    assert_eq!((kinds(changed).as_str(), kinds(anew).as_str()), ("RPP", "RPRP"));
    for name in [changed, anew] {
        let tables = follow(&exchanges[name]).unwrap();
        assert!(tables[0].present.is_subset(&tables[1].present), "{name}");
        assert_ne!(tables[0], tables[1], "{name}");
    }
}

fn zlib_header(message: &QueryTable) -> Option<[u8; 2]> {
    match message {
        QueryTable::Patch(patch) => patch.data.first_chunk().copied(),
        QueryTable::Reset(_) => None,
    }
}

fn last_table(messages: &[QueryTable]) -> Table {
    follow(messages).unwrap().pop().expect("there is a table")
}

/// The entries of a patch that makes a table out of an empty one: all bits set for a slot with a
/// word, which is -1 in each width.
fn entries(table: &Table, entry_bits: u8) -> Vec<u8> {
    let per_byte = u32::from(8 / entry_bits);
    let entry = u8::MAX << (8 - entry_bits);
    let mut bytes = vec![0; usize::try_from(table.slots / per_byte).unwrap()];
    for slot in &table.present {
        let place = u8::try_from(slot % per_byte).unwrap();
        bytes[usize::try_from(slot / per_byte).unwrap()] |= entry >> (place * entry_bits);
    }
    bytes
}
