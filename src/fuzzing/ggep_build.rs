use super::ggep::check_item;
use super::splitter::Splitter;
use crate::base::limits::GGEP_INFLATED_LEN_MAX;
use crate::gnutella::wire::ggep::registry::{self, Place};
use crate::gnutella::wire::ggep::{Items, Writer};

/// Ids of every length, beside those that are known.
const LENGTHS: &[usize] = &[0, 1, 2, 3, 14, 15, 16];

/// Bytes of the longest payload that an extension has room for.
const PAYLOAD_LEN_MAX: usize = (1 << 18) - 1;
/// Shorter payloads have room even where COBS makes them longer.
const REFUSED_LEN_MIN: usize = PAYLOAD_LEN_MAX - PAYLOAD_LEN_MAX / 254 - 1;

/// What bounds a payload: most often little, so that most runs are fast.
const LEN_LIMITS: &[usize] = &[
    100,
    200,
    300,
    500,
    64,
    4_200,
    4_097,
    GGEP_INFLATED_LEN_MAX + 1,
    64,
    100,
    PAYLOAD_LEN_MAX + 1,
];

/// How an extension is put into a block.
#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    WithoutNul,
    Deflated,
}

/// The input says which extensions a block is made of: whatever was written is read again, item by
/// item, and nothing else is.
pub(super) fn ggep_build(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let (mut writer, mut written) = (Writer::new(), Vec::new());
    while !splitter.is_empty() {
        let id = id(&mut splitter);
        let way = splitter.choose(&[Way::Plain, Way::WithoutNul, Way::Deflated]);
        let payload = splitter.long_piece(LEN_LIMITS);
        if put(&mut writer, way, &id, &payload) {
            written.push((id, payload, way));
        } else {
            let has_room = (1..=15).contains(&id.len()) && payload.len() <= REFUSED_LEN_MIN;
            assert!(!has_room, "{id} was refused");
        }
    }
    let block = writer.finish();
    assert_eq!(block.is_empty(), written.is_empty());
    if !written.is_empty() {
        check_block(&block, &written);
    }
}

fn put(writer: &mut Writer, way: Way, id: &str, payload: &[u8]) -> bool {
    let result = match way {
        Way::Plain => writer.put(id, payload),
        Way::WithoutNul => writer.put_without_nul(id, payload),
        Way::Deflated => writer.put_deflated(id, payload),
    };
    result.is_ok()
}

fn check_block(block: &[u8], written: &[(String, Vec<u8>, Way)]) {
    let mut items = Items::one_block(block, 0);
    for (id, payload, way) in written {
        let item = items.next().expect("an item is missing").expect("an item does not parse");
        assert_eq!(item.id, id.as_bytes());
        assert!(item.payload().as_deref() == Ok(&payload[..]), "{id} has another payload");
        if matches!(way, Way::WithoutNul) {
            assert!(!item.raw.contains(&0), "{id} holds a NUL");
        }
        check_item(&item, Place::Vendor, block);
    }
    assert_eq!(items.next(), None, "there are more items than were written");
    assert!(items.rest().is_empty() && !items.is_unended(), "the block does not end");
}

/// One that is known, or letters.
fn id(splitter: &mut Splitter<'_>) -> String {
    let choice = usize::from(splitter.byte());
    match registry::all().nth(choice) {
        Some((known, _)) => known.id.to_owned(),
        None => "X".repeat(splitter.choose(LENGTHS)),
    }
}
