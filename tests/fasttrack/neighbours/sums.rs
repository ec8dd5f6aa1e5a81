//! Numbers of the network, and lists of nodes.

use filbert::base::limits::FASTTRACK_SUMS_EVERY_MS;
use filbert::fasttrack::neighbours::{Amount, Own, Rules};
use filbert::fasttrack::wire::{Logarithm, Media, Node, TableRecord};

use super::lone::{Lone, record};
use super::net::{address, own};

/// FTSUPER-21, FTPEER-05: children and supernodes of the table and our own, files and sizes by media;
/// counted again after a minute.
#[test]
fn sums_are_those_of_the_table_and_our_own() {
    let mut media = [Amount::default(); Media::COUNT];
    media[1] = Amount { files: 500, mib: 2_000 };
    let mut lone = Lone::with(Own { children: 12, media, ..own() }, Rules::default());
    assert_eq!(lone.room.sums(lone.now).users, 13);
    let slot = lone.join(1);
    let mut media = [[Logarithm(0); 2]; Media::COUNT];
    media[1] = [Logarithm(40), Logarithm(44)];
    media[4] = [Logarithm(8), Logarithm(12)];
    let other = TableRecord { children: 100, media, ..record(5, 9, 1) };
    let empty =
        TableRecord { children: 7, media: [[Logarithm(0); 2]; Media::COUNT], ..record(1, 6, 0) };
    lone.tell(slot, &[empty, other]);
    lone.run_ms(FASTTRACK_SUMS_EVERY_MS - 1);
    assert_eq!(lone.room.sums(lone.now).users, 13);
    lone.run_ms(1);
    let sums = lone.room.sums(lone.now);
    assert_eq!(sums.users, 13 + 101 + 8);
    // 2^10 - 1 and 2^11 - 1 of audio, 3 and 7 of documents.
    assert_eq!(sums.media[1], Amount { files: 1_523, mib: 4_047 });
    assert_eq!(sums.media[4], Amount { files: 3, mib: 7 });
    assert_eq!(sums.all(), Amount { files: 1_526, mib: 4_054 });
    let stats = lone.room.network_stats(lone.now);
    assert_eq!((stats.users, stats.files, stats.media[4].files), (122, 1_526, 3));
    assert_eq!(stats.media[4].size.to_bytes(), 7 << 20);
}

/// FTWIRE-14: the nearest first, neighbours as seen just now.
#[test]
fn a_list_of_nodes_has_the_nearest_first() {
    let mut lone = Lone::new();
    let slot = lone.join(1);
    let busy = TableRecord { load: 90, ..record(6, 9, 1) };
    lone.tell(slot, &[record(1, 5, 0), record(4, 9, 2), busy, record(5, 9, 1)]);
    let node = |id, minutes, load| Node { address: address(id), minutes, load };
    let all = [node(1, 0, 50), node(5, 1, 50), node(6, 1, 90), node(4, 1, 50)];
    assert_eq!(lone.room.nodes(200), all);
    assert_eq!(lone.room.nodes(2), all[..2]);
}
