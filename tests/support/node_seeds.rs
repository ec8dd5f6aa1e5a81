//! Inputs for the fuzz target of the node: lives that were made up. `node_script.rs` in `src/fuzzing`
//! says what the bytes mean.

use super::seeds::{Seeds, add};

/// An ultrapeer that shares files, as it is and deciding by itself; the same that floods; a leaf that
/// calls others.
const SETUPS: [[u8; 2]; 4] = [[0x11, 1], [0x1a, 2], [0x15, 3], [0x18, 4]];

/// Two leaves and three ultrapeers connect.
const NEIGHBOURS: [u8; 10] = [0x60, 1, 0x70, 1, 0x80, 0, 0x90, 0, 0xa0, 0];
/// The user names hosts, and those whom the node calls accept.
const CALLS: [u8; 12] = [0x6c, 6, 0x6c, 7, 0x6c, 8, 0xaa, 0x21, 0x31, 0x41, 0x01, 0x11];

/// Tables of the first two: a reset of 16 slots, and a patch that fills them.
const TABLES: [u8; 20] = [
    0x03, 8, 0, 1, 0, 0x03, 8, 0, 1, 2, //
    0x13, 8, 0, 1, 0, 0x13, 8, 0, 1, 2,
];
/// A query of each, hits for them from others, pushes, and the same query with a higher TTL.
const TRAFFIC: [u8; 45] = [
    0x03, 0, 3, 1, 0, 0x23, 0, 9, 2, 0, 0x33, 0, 10, 2, 0, //
    0x43, 3, 3, 2, 1, 0x33, 3, 2, 1, 2, 0x23, 3, 2, 3, 1, //
    0x13, 5, 2, 4, 1, 0x03, 5, 2, 5, 2, 0x43, 0, 11, 2, 0,
];
/// Vendor messages of all kinds, pings and pongs.
const MESSAGES: [u8; 50] = [
    0x23, 10, 0, 0, 7, 0x33, 10, 0, 0, 0, 0x33, 10, 0, 0, 1, 0x03, 10, 0, 1, 4, 0x03, 10, 0, 1,
    5, //
    0x23, 10, 0, 2, 6, 0x23, 6, 0, 3, 0, 0x23, 6, 9, 3, 0, 0x33, 7, 0, 3, 0, 0x43, 7, 8, 4, 0,
];
/// A stranger asks for a key and uses it, hits are told of and claimed, a push comes, and hits for what the
/// node looks for are told of.
const STRANGERS: [u8; 45] = [
    0x7d, 0, 0, 5, 0x7d, 0, 1, 6, 0xaa, 0x23, 0, 25, 9, 4, 0x9d, 0, 3, 9, 0x33, 0, 25, 10,
    5, //
    0x9d, 0, 3, 10, 0x8d, 0, 7, 1, 0xaa, 0x7d, 0, 4, 11, 0x7d, 0, 5, 1, 0x8d, 0, 6, 0, 0xaa,
];
/// The node searches, time passes, and links take what waits.
const SEARCHES: [u8; 20] = [
    0x0c, 0, 0x1c, 1, 0xaa, 0x0b, 255, 0x1b, 255, 0x2b, 255, 0x5a, 0x3b, 255, 0x4b, 255, 0xca,
    0x5c, 0, 0x0a,
];
/// Measurements, role changes, links that close, and the end.
const CHANGES: [u8; 18] = [
    0x0e, 0xf8, 0x0e, 0xf9, 0xfa, 0xbc, 1, 0xfa, 0xbc, 0, 0x02, 0x12, 0xfa, 0x0f, 0xdc, 0, 0xfa,
    0xfa,
];

/// Pushes to three hosts, what becomes of the calls, and more pushes: to one that has asked for a file, to one that was
/// silent, to one that was not there.
const CALLBACKS: [u8; 80] = [
    0x33, 5, 2, 20, 0x19, 0x33, 5, 2, 21, 0x21, 0x33, 5, 2, 22, 0x29, 0xec, 0x19, 0xec, 0x22, 0xec,
    0x2b, //
    0x43, 5, 2, 23, 0x19, 0x43, 5, 2, 24, 0x19, 0x43, 5, 2, 25, 0x19, 0x43, 5, 2, 26, 0x19, 0x43,
    5, 2, 27, 0x19, 0x43, 5, 2, 28, 0x21, 0x43, 5, 2, 29, 0x29, 0xec, 0x1a, 0xba, //
    0x33, 5, 2, 30, 0x19, 0x33, 5, 2, 31, 0x21, 0xca, 0x33, 5, 2, 1, 0x21, 0x33, 5, 2, 2, 0x29,
];

pub fn add_lives(seeds: &mut Seeds) {
    let parts: [&[u8]; 8] =
        [&NEIGHBOURS, &CALLS, &TABLES, &TRAFFIC, &MESSAGES, &STRANGERS, &SEARCHES, &CHANGES];
    for setup in SETUPS {
        let mut life = setup.to_vec();
        for part in parts {
            life.extend_from_slice(part);
            add(seeds, "node", &[], &life);
        }
        // Without what comes between.
        add(seeds, "node", &setup, &[&NEIGHBOURS[..], &TRAFFIC, &SEARCHES].concat());
        add(seeds, "node", &setup, &[&NEIGHBOURS[..], &CALLBACKS].concat());
        add(seeds, "node", &setup, &[&CALLS[..], &MESSAGES, &SEARCHES, &CHANGES].concat());
    }
}
