//! How much reading allocates: never more than its input plus 64 KiB, and next to nothing for what
//! comes often.

use bytes::Bytes;
use filbert::base::error::Faults;
use filbert::fasttrack::wire::{Datagram, Frame, Kind, Message, Side, Tag};

use crate::support::vectors;

/// What reading may add to the length of its input.
const SURPLUS_MAX: u64 = 64 * 1024;

const SIDES: [Side; 3] = [Side::Up, Side::Down, Side::Across];

/// The most memory that reading and a careful look held at any moment, whatever type it is taken for.
fn peak(payload: &Bytes) -> u64 {
    let flags = [0, 0x8000, 0xc000];
    let kinds = flags.into_iter().flat_map(|flag| (0..0x30).map(move |kind| Kind(flag | kind)));
    let frames = kinds.flat_map(|kind| SIDES.map(|side| (kind, side)));
    let of_frame = |(kind, side)| {
        let frame = Frame { kind, payload: payload.clone() };
        let work = || {
            let Ok(message) = Message::parse(&frame, side) else { return };
            message.inspect(&mut Faults::new());
            look_inside(&message);
        };
        allocation_counter::measure(work).bytes_max
    };
    let of_datagram = allocation_counter::measure(|| drop(Datagram::decode(payload))).bytes_max;
    frames.map(of_frame).max().unwrap_or(0).max(of_datagram)
}

/// Everything that is read only when asked for.
fn look_inside(message: &Message) {
    let inside = match message {
        Message::Unicast(unicast) => unicast.message().ok(),
        Message::Broadcast(broadcast) => broadcast.message().ok(),
        Message::Results(results) => {
            let names = 0..results.results.len();
            assert!(names.filter_map(|place| results.names_of(place)).count() <= 200);
            None
        }
        _ => None,
    };
    if let Some(inside) = inside {
        look_inside(&inside);
    }
}

fn assert_bounded(name: &str, payload: &[u8]) {
    let (peak, input) = (peak(&Bytes::copy_from_slice(payload)), payload.len() as u64);
    assert!(peak <= input + SURPLUS_MAX, "{name}: {peak} bytes for an input of {input}");
}

/// FTSAFE-04
#[test]
fn every_vector_is_read_within_bounds() {
    for vector in vectors::all().iter().filter(|vector| vector.file.starts_with("wire")) {
        assert_bounded(&vector.entry.id, vector.bytes().get(2..).unwrap_or_default());
    }
}

/// FTSAFE-04: messages as long as they can be, made to be expensive.
#[test]
fn long_messages_stay_within_bounds() {
    let noise: Vec<u8> =
        (0..65_535_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert_bounded("noise", &noise);
    for byte in [0, 1, 2, 3, 5, 0x7f, 0x80, 0x81, 0xff] {
        assert_bounded("one byte", &[byte; 65_535]);
    }
    let head = [9, 9, 9, 9, 4, 0xbe, 0, 1, 0xff, 0xff];
    let result = [&[1, 2, 3, 4, 5, 6, 7, 2][..], &[7; 20], &[1, 2, 0]].concat();
    let results = [&head[..], &result.repeat(2_113)].concat();
    assert_bounded("results", &results);
    let named = [&[1, 2, 3, 4, 5, 6, 7, 1, 0][..], &[7; 20], &[1, 2, 1, 1, 1, 1]].concat();
    assert_bounded("results with names", &[&head[..], &named.repeat(1_870)].concat());
    let share = [&[0; 4][..], &[7; 20], &[1, 2]].concat();
    assert_bounded(
        "many tags",
        &[&share[..], &[0x81, 0xff, 0x00], &[1, 1, 7].repeat(21_000)].concat(),
    );
    let long = [&[2, 0x87, 0xff, 0x7f][..], &[b'a'; 1_023]].concat();
    let long = [&[2, 0x87, 0x7f][..], &long[4..]].concat();
    assert_bounded("long tags", &[&share[..], &[63], &long.repeat(63)].concat());
    // The last one is too long, so that those before it are written anew.
    let last = [&[2, 0x88, 0x01][..], &[b'a'; 1_025]].concat();
    assert_bounded("dropped tags", &[&share[..], &[63], &long.repeat(62), &last].concat());
    let networks = [&[0; 60][..], &[0, 1, 2, 3, 4].repeat(13_000)].concat();
    assert_bounded("networks", &networks);
    let files = [&[0; 18][..], &[1, 0], &[1, 0xff, 0, 0, 0].repeat(13_000)].concat();
    assert_bounded("files", &files);
}

/// FTSAFE-04: a share is read without any memory of its own, a search with one piece for its terms,
/// and a tag that is looked for with none.
#[test]
fn what_comes_often_allocates_next_to_nothing() {
    let find = |id: &str| {
        let vectors = vectors::all();
        let vector = vectors.iter().find(|vector| vector.entry.id == id).unwrap();
        let bytes = vector.bytes();
        let kind = Kind(u16::from_be_bytes([bytes[0], bytes[1]]));
        Frame { kind, payload: Bytes::copy_from_slice(&bytes[2..]) }
    };
    // The first slice of a payload makes it one that is shared.
    let count = |frame: &Frame| {
        let shared = frame.payload.clone();
        let counted = allocation_counter::measure(|| {
            let message = Message::parse(frame, Side::Up).unwrap();
            if let Message::Share(share) = &message {
                assert_eq!(share.tags.number(Tag::BITRATE), Some(96));
            }
        });
        drop(shared);
        counted.count_total
    };
    assert_eq!(count(&find("share-gift-1")), 0);
    assert_eq!(count(&find("search-kazaa-hash")), 1);
    assert_eq!(count(&find("results-same-names")), 1);
    assert_eq!(count(&find("node-list-200")), 0);
    assert_eq!(count(&find("unicast-search")), 0);
}

/// FTSAFE-04: room is made for results that there are.
#[test]
fn announced_results_take_no_room() {
    let payload = Bytes::from_static(&[9, 9, 9, 9, 4, 0xbe, 0, 1, 0xff, 0xff]);
    let frame = Frame { kind: Kind::RESULTS, payload };
    let read = allocation_counter::measure(|| drop(Message::parse(&frame, Side::Down)));
    assert_eq!(read.bytes_total, 0);
}
