//! Inputs for the fuzz targets of links: recorded heads and frames as operations, and conversations
//! that were made up. `link_script.rs` in `src/fuzzing` and its neighbours say what the bytes mean.

use super::seeds::{Seeds, add, deflate};

/// Bytes of frames in one input; more would be slow.
const FRAMES_LEN_MAX: usize = 4 * 1024;

/// We decide at once and accept; pieces of seven bytes.
const WILLING: [u8; 2] = [0, 7];

/// Ultrapeer and leaf, each with all that it can do, TLS included.
const PROFILES: [u8; 2] = [0x18, 0x19];

/// Operations of a link.
const BYTES: u8 = 0;
const PASS_200_MS: u8 = 0x37;
const PASS_120_S: u8 = 0x77;
const SEND_QUERY: [u8; 4] = [0x9b, 0x06, b'x', 3];
const WRITE_MORE: u8 = 0x1c;
const WRITE_DRY: u8 = 0x0c;
const SAY_BYE: u8 = 0x2d;
const END: u8 = 0x0f;

/// A request and a last head, and an answer, which leave out whatever can be left out but a Bye.
const LEAF: &[u8] = b"\x02\x12\x12\x10";
const LEAF_DEFLATING: &[u8] = b"\x02\x16\x12\x18";
const ULTRAPEER: &[u8] = b"\x12\x11";
const ULTRAPEER_DEFLATING: &[u8] = b"\x12\x1d";

/// What happens to links that are open.
const CONVERSATIONS: [&[u8]; 6] = [
    // Frames both ways, time, and a Bye of ours.
    &[0x03, 0x10, 1, 0x93, 0x06, b'x', 0x9b, 0x06, b'x', 3, 0x1c, 0x37, 0x0c, 0x2d, 0x77, 0x0f],
    // The same, compressed; a rest; frames after that.
    &[0x04, 0x10, 1, 0x94, 0x06, b'x', 0x9b, 0x06, b'x', 3, 0x0c, 0x77, 0x9b, 0x06, b'y', 1, 0x0c],
    // A Bye of the other side, as it is and compressed.
    &[0x23, 0x06, b'x', 0x9b, 0x06, b'x', 1, 0x0c],
    &[0x24, 0x06, b'x', 0x9b, 0x06, b'x', 1, 0x0c],
    // More than may wait to be written.
    &[0xab, 0x0f, 1, 7, 0x0c],
    // Blame, and a stream that ends.
    &[0x44, 0x02, b'x', 0x1e, 0xf5, 1, b'x', 0x0e, 0x77],
];

/// Conversations of two links.
const PAIRS: [&[u8]; 6] = [
    // Leaf to ultrapeer: heads, frames both ways in pieces, a Bye.
    b"\x01\0\0\0\x04\x0c\x04\x90\x04\x06x\xa8\x03\x06y\x05\x02\x21\x0a\x07\x0d\x0c\x04\x27\x04",
    // Between ultrapeers with TLS, one becomes a leaf of the other one.
    b"\x18\x18\x04\x07\x04\x0c\x04\xb0\x02\x00x\x05\x04\xb8\x02\x00x\x0d\x0c\x36\x2f\x0c",
    // Without deflate one way, without the other; time passes.
    b"\x02\x05\0\0\x04\x0c\x04\x90\x1f\x0cx\x05\x02\xff\x76\x04\x98\x1f\x0cx\x15\x26\x1d\x0c\x76",
    // Two leaves.
    b"\x01\x01\0\0\x04\x0c\x04",
    // No room; a slow handshake.
    b"\0\0\0\x0a\x04\x0c\x56\x56\x04",
    // A leaf that relays, and a query that is too long.
    b"\x01\0\0\0\x04\x0c\x04\xa0\x01\x83x\x05\x04\x98\x01\x0bx\x0d\x0c\xf7",
];

/// Compressed streams: lengths of pieces, damages, level and window, steps.
const STREAMS: [&[u8]; 6] = [
    b"\x01\x17\x07\0\0\x06\x06\x90\x03\x06x\xa0\x01\x0cy\x04\x00\x02\x0ex\x14\xb1\x04\x02z",
    // A compressor is renewed, and the stream ends.
    b"\x03\x03\x03\x03\0\x01\x06\x90\x03\x06x\x07\x90\x03\x06x\x04\x07\x90\x03\x06x\x06",
    // Zeros that swell, some of them too much.
    b"\xff\x01\xff\x01\0\x09\x06\x03\x1f\x03\x01\x03\x01\x03\x05",
    b"\xff\x01\xff\x01\0\x09\x06\xa0\x0f\x0f\0\xa0\x0f\x0f\0\xa0\x0f\x0f\0",
    // Damage.
    b"\x05\x05\x05\x05\x01\x30\0\x55\x06\x06\x90\x0f\x0cx\xa0\x0f\x0cy",
    // A stored block, and a Bye.
    b"\x05\x05\x05\x05\0\x00\x06\x90\x02\x06x\x21\x00\x06x\x90\x02\x06x",
];

/// Everything that was made up.
pub fn add_conversations(seeds: &mut Seeds) {
    for profile in PROFILES {
        for (accepting, connecting) in [(LEAF, ULTRAPEER), (LEAF_DEFLATING, ULTRAPEER_DEFLATING)] {
            for conversation in CONVERSATIONS {
                let start = [&[profile], &WILLING[..]].concat();
                add(seeds, "link_accept", &[&start, accepting].concat(), conversation);
                add(seeds, "link_connect", &[&start, connecting].concat(), conversation);
            }
        }
    }
    // Whoever decides later: what comes ahead, a decision, TLS, time.
    let later = [0x18, 0x80, 7];
    let ahead = [LEAF_DEFLATING, &[0x93, 0x06, b'x', 0x09, 0, 0x0a, 0x08, 0x67]].concat();
    add(seeds, "link_accept", &later, &ahead);
    let answer = [&[0x12, 0x7d], &[0x93, 0x06, b'x', 0x09, 0, 0x0a, 0x08, 0x67][..]].concat();
    add(seeds, "link_connect", &later, &answer);
    // As much as may come ahead, and one byte more.
    let most = [LEAF.first_chunk::<2>().expect("it is longer"), &[6, 64, 128][..], &[b'x'; 128]];
    add(seeds, "link_accept", &later, &most.concat());
    add(seeds, "link_accept", &later, &[&most.concat()[..], &bytes(b"x")].concat());
    // Woken just too early, and then in time.
    add(seeds, "link_accept", &later, &[0x07, 0x08, 0x17, 0x08]);
    PAIRS.iter().for_each(|pair| add(seeds, "link_pair", &[], pair));
    STREAMS.iter().for_each(|stream| add(seeds, "link_inflate", &[], stream));
}

/// The heads of both sides, each side's for a link that plays the other one; then something is sent.
pub fn add_heads(seeds: &mut Seeds, heads: &[&[u8]]) {
    let [request, answer, rest @ ..] = heads else { return };
    let after = [&SEND_QUERY[..], &[WRITE_MORE, PASS_200_MS, WRITE_DRY, SAY_BYE, END]].concat();
    let asked = [bytes(request), rest.iter().flat_map(|last| bytes(last)).collect()].concat();
    for profile in PROFILES {
        let start = [&[profile], &WILLING[..]].concat();
        add(seeds, "link_accept", &[&start, &asked[..]].concat(), &after);
        add(seeds, "link_connect", &[&start, &bytes(answer)[..]].concat(), &after);
    }
}

/// Frames behind heads that were made up, as they are and compressed.
pub fn add_frames(seeds: &mut Seeds, frames: &[Vec<u8>]) {
    let mut len = 0;
    let few: Vec<_> = frames
        .iter()
        .take_while(|frame| {
            len += frame.len();
            len <= FRAMES_LEN_MAX
        })
        .collect();
    let plain: Vec<u8> = few.iter().flat_map(|frame| bytes(frame)).collect();
    let deflated = deflate(&few.into_iter().flatten().copied().collect::<Vec<_>>());
    let start = [&[0], &WILLING[..]].concat();
    for (heads, frames) in [(LEAF, &plain), (LEAF_DEFLATING, &bytes(&deflated))] {
        add(seeds, "link_accept", &[&start, heads, frames].concat(), &[PASS_120_S]);
    }
    for (heads, frames) in [(ULTRAPEER, &plain), (ULTRAPEER_DEFLATING, &bytes(&deflated))] {
        add(seeds, "link_connect", &[&start, heads, frames].concat(), &[PASS_120_S]);
    }
    add(seeds, "link_inflate", &[1, 23, 7, 0, 0x80], &deflated);
}

/// Bytes that arrive.
fn bytes(bytes: &[u8]) -> Vec<u8> {
    let pieces = bytes.chunks(usize::from(u16::MAX)).map(|piece| {
        let len = u16::try_from(piece.len()).expect("a piece is short").to_le_bytes();
        [&[BYTES], &len[..], piece].concat()
    });
    pieces.collect::<Vec<_>>().concat()
}
