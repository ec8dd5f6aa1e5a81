//! Every exchange of query tables in `tests/fixtures/frames`, followed to a complete table, and the
//! words of the files that were shared meanwhile, looked up in it.
//!
//! Four programs filled these tables: a word that is not where our hash looks for it is a fault of
//! our hash, of our inflater or of our reading of entries.

use std::collections::{BTreeMap, BTreeSet};

use filbert::gnutella::wire::{Message, QueryTable};

use crate::support::frames::{self, RealFrame};
use crate::support::tables::{Table, exchanges, follow};

/// Capture, sender and receiver of each exchange; then slots, tables in a row, and slots with a
/// word in the last one.
#[rustfmt::skip]
const EXCHANGES: [(&str, u32, usize, usize); 22] = [
    ("gbun-leaf-up-plain 45.14.0.2:56014>45.13.0.2:6346",                65_536, 2,  9),
    ("gbunleaf-gtkgup-tls-deflate 45.18.0.2:46596>45.17.0.2:6346",       16_384, 1, 11),
    ("gbunleaf-lw5up-deflate 45.12.0.2:43978>45.11.0.2:6346",            65_536, 2, 17),
    ("gtkg-deflate 203.0.113.10:6346>198.51.100.25:35309",               16_384, 1, 16),
    ("gtkg-deflate 203.0.113.1:6346>203.0.113.4:60823",                  16_384, 1, 16),
    ("gtkg-deflate 203.0.113.2:58221>203.0.113.1:6346",                  16_384, 1, 21),
    ("gtkg-deflate 203.0.113.2:6346>203.0.113.4:45367",                  16_384, 1, 21),
    ("gtkg-deflate 203.0.113.3:36251>203.0.113.1:6346",                  16_384, 2,  9),
    ("gtkg-deflate 203.0.113.4:60823>203.0.113.1:6346",                  16_384, 2,  9),
    ("gtkg-plain 203.0.113.1:6346>203.0.113.4:38397",                    16_384, 1, 16),
    ("gtkg-plain 203.0.113.2:54025>203.0.113.1:6346",                    16_384, 1, 21),
    ("gtkg-plain 203.0.113.3:51513>203.0.113.1:6346",                    16_384, 2,  9),
    ("gtkg-plain 203.0.113.4:38397>203.0.113.1:6346",                    16_384, 2,  9),
    ("gtkg-plain-qrp1bit-bug 203.0.113.2:36129>203.0.113.4:6346",        16_384, 1, 21),
    ("gtkg-plain-qrp1bit-bug 203.0.113.2:50551>203.0.113.1:6346",        16_384, 1, 21),
    ("gtkg-plain-qrp1bit-bug 203.0.113.3:42537>203.0.113.4:6346",        16_384, 1,  0),
    ("gtkg-plain-qrp1bit-bug 203.0.113.3:57871>203.0.113.1:6346",        16_384, 1,  0),
    ("gtkgleaf-gbunup 45.12.0.2:40303>45.11.0.2:6346",                   16_384, 2, 18),
    ("lw5-leaf-up-plain 45.14.0.2:56014>45.13.0.2:6346",                 65_536, 2,  9),
    ("lw5-leaf-up-plain 45.16.0.2:51872>45.15.0.2:6346",                131_072, 1, 10),
    ("lw5up-gtkgup 45.11.0.2:6346>45.12.0.2:57746",                      16_384, 1, 12),
    ("lw5up-gtkgup 45.12.0.2:57746>45.11.0.2:6346",                     131_072, 1, 12),
];

/// What probes sent to see how gtk-gnutella refuses it, with Bye 413 and these words; and the
/// requirement by which we refuse it.
const REFUSED: [(&str, &str, &str); 2] = [
    (
        "gtkg-deflate 198.51.100.39:35531>203.0.113.10:6346",
        "No QRP RESET received before PATCH",
        "QRP-11",
    ),
    (
        "gtkg-deflate 198.51.100.40:59891>203.0.113.10:6346",
        "Invalid QRP table length 10000",
        "QRP-03",
    ),
];

/// Files that were downloaded while the exchange went on: the next table has them, the one before
/// has not.
const DOWNLOADED: [(&str, &str); 5] = [
    ("gbun-leaf-up-plain 45.14.0.2:56014>45.13.0.2:6346", "bunup"),
    ("gbunleaf-lw5up-deflate 45.12.0.2:43978>45.11.0.2:6346", "lw5up1w testtrack"),
    ("gtkg-plain 203.0.113.3:51513>203.0.113.1:6346", "zebra quantum test one.mp3"),
    ("gtkg-plain 203.0.113.4:38397>203.0.113.1:6346", "zebra quantum test two.avi"),
    ("gtkgleaf-gbunup 45.12.0.2:40303>45.11.0.2:6346", "gbunup1k"),
];

/// QRP-02, QRP-05, QRP-11, QRP-12, QRP-14, QRP-15, QRP-18, QRP-21, QRP-23
#[test]
fn every_exchange_ends_with_a_whole_table() {
    let mut followed = BTreeMap::new();
    for (name, messages) in exchanges() {
        if !REFUSED.iter().any(|(refused, ..)| *refused == name) {
            let tables = tables(&name, &messages);
            let last = tables.last().unwrap_or_else(|| panic!("{name}: no table"));
            println!("{:8} slots, {:3} with a word: {name}", last.slots, last.present.len());
            followed.insert(name, (last.slots, tables.len(), last.present.len()));
        }
    }
    let expected =
        EXCHANGES.map(|(name, slots, tables, present)| (name.to_owned(), (slots, tables, present)));
    assert_eq!(followed, BTreeMap::from(expected));
}

/// QRP-03, QRP-11
#[test]
fn what_gtk_gnutella_refuses_is_refused_by_us_too() {
    let exchanges = exchanges();
    for (name, reason, rule) in REFUSED {
        let bye = answers(name).into_iter().find_map(|message| match message {
            Message::Bye(bye) => Some(bye),
            _ => None,
        });
        let bye = bye.unwrap_or_else(|| panic!("{name}: no Bye"));
        assert_eq!((bye.code, bye.reason()), (413, reason.as_bytes()), "{name}");
        let refused = follow(&exchanges[name]).unwrap_err();
        assert_eq!(refused.rule().id(), rule, "{name}");
    }
}

/// QRP-24, QRP-25: whoever answers a query with a file has its words in the table that it sent.
#[test]
fn the_words_of_shared_files_are_in_the_tables_of_those_who_share_them() {
    let files = shared_files();
    let (mut senders, mut words_found) = (BTreeSet::new(), 0);
    for (name, messages) in exchanges() {
        let (capture, direction) = name.split_once(' ').unwrap();
        let (host, _) = direction.split_once(':').unwrap();
        let Some(shared) = files.get(&(capture.to_owned(), host.to_owned())) else { continue };
        let table = tables(&name, &messages).pop().unwrap();
        for word in shared.iter().flat_map(|file| words(file)) {
            assert!(table.has(word), "{name}: {word} of {shared:?}");
            words_found += 1;
        }
        senders.insert(name);
    }
    println!("{words_found} words of files in the tables of {} senders", senders.len());
    assert_eq!((senders.len(), words_found), (11, 94));
}

/// Without this, tables full of words would pass.
#[test]
fn words_that_nobody_shared_are_in_no_table() {
    let exchanges = exchanges();
    for (name, ..) in EXCHANGES {
        for table in tables(name, &exchanges[name]) {
            for word in ["filbert", "hazelnut", "cobnut", "requirement"] {
                assert!(!table.has(word), "{name}: {word}");
            }
        }
    }
}

/// QRP-12, QRP-21: a new table after another RESET (GnutellaBun), changes without one
/// (gtk-gnutella).
#[test]
fn a_file_that_was_downloaded_is_in_the_next_table() {
    let exchanges = exchanges();
    for (name, file) in DOWNLOADED {
        let tables = tables(name, &exchanges[name]);
        let [before, after] = &tables[..] else { panic!("{name}: {} tables", tables.len()) };
        assert!(!words(file).all(|word| before.has(word)), "{name}: {file} is there too early");
        assert!(words(file).all(|word| after.has(word)), "{name}: {file} is not there");
        let lost: Vec<_> = before.present.difference(&after.present).collect();
        assert!(lost.is_empty(), "{name}: {lost:?}");
    }
}

/// QRP-13, QRP-14, QRP-16: one leaf, two ultrapeers, one of which asked for entries of one bit.
#[test]
fn tables_of_one_bit_and_of_four_bits_say_the_same() {
    let exchanges = exchanges();
    let capture = "gtkg-plain-qrp1bit-bug";
    for [one_bit, four_bits] in [
        ["203.0.113.2:50551>203.0.113.1:6346", "203.0.113.2:36129>203.0.113.4:6346"],
        ["203.0.113.3:57871>203.0.113.1:6346", "203.0.113.3:42537>203.0.113.4:6346"],
    ] {
        let [(one, one_width), (four, four_width)] = [one_bit, four_bits].map(|direction| {
            let name = format!("{capture} {direction}");
            let messages = &exchanges[&name];
            (tables(&name, messages).pop().unwrap().present, entry_bits(messages))
        });
        assert_eq!((one_width, four_width), (vec![1], vec![4]));
        assert_eq!(one, four, "{one_bit}");
    }
}

/// LimeWire adds the beginnings of long words, so that its users find them by these.
#[test]
fn the_tables_of_limewire_hold_the_beginnings_of_long_words_too() {
    let name = "lw5-leaf-up-plain 45.16.0.2:51872>45.15.0.2:6346";
    let table = tables(name, &exchanges()[name]).pop().unwrap();
    assert!(table.has("limefivedelta") && table.has("limefivedelt") && table.has("limefivedel"));
    assert!(!table.has("limefivede") && !table.has("son"));
}

/// The tables of an exchange in which nothing is wrong.
fn tables(name: &str, messages: &[QueryTable]) -> Vec<Table> {
    follow(messages).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

/// What the other side of an exchange sent.
fn answers(name: &str) -> Vec<Message> {
    let (capture, direction) = name.split_once(' ').unwrap();
    let is_answer = |real: &RealFrame| format!("{}>{}", real.destination, real.source) == direction;
    let answers = frames::of(capture).into_iter().filter(is_answer);
    answers.map(|real| real.message()).collect()
}

/// The widths of the entries in the patches among messages.
fn entry_bits(messages: &[QueryTable]) -> Vec<u8> {
    let patches = messages.iter().filter_map(|message| match message {
        QueryTable::Patch(patch) => Some(patch.entry_bits),
        QueryTable::Reset(_) => None,
    });
    patches.collect()
}

/// The names in all hits, by capture and by the address that answers.
fn shared_files() -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut files: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for real in frames::all() {
        if let Message::QueryHit(hit) = real.message() {
            let names = hit.records.iter().map(|record| String::from_utf8(record.name.to_vec()));
            let host = (real.capture, hit.address.to_string());
            files.entry(host).or_default().extend(names.map(Result::unwrap));
        }
    }
    files
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
