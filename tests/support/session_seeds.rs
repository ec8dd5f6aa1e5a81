//! Inputs for the fuzz targets of sessions of FastTrack: what recorded sides said, as something that is said, and
//! conversations that were made up. `ft_script.rs` and `ft_pair.rs` in `src/fuzzing` say what the bytes mean.

use bytes::BytesMut;
use filbert::fasttrack::link::{Framing, Said, overhear};

use super::seeds::{Seeds, add};

/// A hello and a name come first; pieces of seven bytes.
const GREETED: [u8; 6] = [0x04, 7, 0xfa, 0xcb, 0x12, 0x38];
const GREETED_SHUFFLED: [u8; 6] = [0x05, 7, 0xfa, 0xcb, 0x12, 0x38];
/// The mask of the seed is not known.
const GREETED_UNKNOWN: [u8; 6] = [0x06, 5, 0x5f, 0x7a, 0xbb, 0xc9];
const GREETED_UNKNOWN_SHUFFLED: [u8; 6] = [0x07, 5, 0x1f, 0x8e, 0xc2, 0xa4];
/// Nothing comes by itself.
const SILENT: [u8; 6] = [0x00, 3, 0, 0, 0, 4];
const SILENT_UNKNOWN: [u8; 6] = [0x02, 3, 0, 0, 0, 4];
/// The type is one that we do not have.
const ODD: [u8; 6] = [0x2c, 3, 0, 0, 0, 4];

const STARTS: [[u8; 6]; 7] = [
    GREETED,
    GREETED_SHUFFLED,
    GREETED_UNKNOWN,
    GREETED_UNKNOWN_SHUFFLED,
    SILENT,
    SILENT_UNKNOWN,
    ODD,
];

/// What happens to a session.
const CONVERSATIONS: [&[u8]; 10] = [
    // Messages both ways, pings both ways, and a farewell.
    b"\x53\x10a\x05\x02\x08\x59\x03\x01\x0b\x63\0b\x0c\x36",
    // More of each kind than its pace, and time.
    b"\x24\x1a\x02s\x05\x03\x26\x26\x66\x0b",
    b"\x34\x08\x02p\x26\x76\x76\x24\x02\x02s\x76",
    b"\x04\x05\x0ai\x05\x01\x76\x76\x0b\x76",
    // A flood of pings that nobody lets out, and then one.
    b"\x05\xff\x05\xff\x0b\x05\x01\x0b",
    // Silence: asked, answered; asked, and not answered.
    b"\x76\x0b\x01\x01\x52\x76\x0b\x56\x07",
    // A message that does not come to its end.
    b"\x00\x05\x4b\x77\x00\x00\x10\x76\x07",
    // Out of step; damage.
    b"\x53\x04x\x00\x01\x51\x0b",
    b"\x63\x04x\x02\x03\x01\x02\x03\x63\x04x\x0b",
    // Slips, and something worse; long messages.
    b"\x0a\x0a\x0a\x66\x0a\x5e\x40\x0b\xfa",
];

/// Bytes of a hello, of an answer, and of names, said by hand.
const BY_HAND: [&[u8]; 4] = [
    b"\x02\x0c\xfa\x00\xb6\x2b\xfa\xcb\x12\x38\x32\x09\xd2\x32\x00\x06KaZaA\0\x53\x04x\x0b\x0f",
    b"\x02\x08\x00\x00\x00\x04\x00\x00\x00\x00\x00\x04abc\0\x01\x10aaaaaaaaaaaaaaaa\x76\x76\x76",
    b"\x02\x0b\xfa\x00\xb6\x2b\xfa\xcb\x12\x38\x32\x09\xd2\x56\x07",
    b"\x02\x08\x5b\x64\xd1\x99\x0d\x42\xe4\x23\x00\x40nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
];

/// Two sessions: what the accepting side has chosen, its seed, and what happens.
const PAIRS: [&[u8]; 5] = [
    b"\0\0\0\0\0\x04\x0c\x50\x04\x10\x58\x05\x08\x05\x0d\x04\x0c\x17\x05\x04\x0c\x27\x04",
    b"\x01\0\0\0\0\x02\x05\x02\x07\x0a\x03\x0a\xff\x60\x0f\xff\x05\x04\x0c\x2f\x0c\x04",
    b"\x02\x5f\x7a\xbb\xc9\x04\x0c\x04\x50\x04\x10\x05\x02\x05\x76\x76\x04\x0d\x0c",
    b"\x03\x1f\x8e\xc2\xa4\x04\x0a\x05\x0a\x09\x04\x28\x0f\x10\x0d\x0c\x66\x0c\x76\x0c",
    b"\0\0\0\0\0\x56\x66\x04\xf7",
];

/// Everything that was made up.
pub fn add_conversations(seeds: &mut Seeds) {
    for target in ["ft_accept", "ft_connect"] {
        for start in STARTS {
            CONVERSATIONS.iter().for_each(|it| add(seeds, target, &start, it));
        }
        for start in [SILENT, SILENT_UNKNOWN] {
            BY_HAND.iter().for_each(|it| add(seeds, target, &start, it));
        }
    }
    PAIRS.iter().for_each(|pair| add(seeds, "ft_pair", &[], pair));
}

/// What both sides of a recorded session said behind their names, each side's for a link that plays the other one.
pub fn add_session(seeds: &mut Seeds, sides: &[Vec<u8>]) {
    let [connecting, accepting] = sides else { return };
    let Ok(heard) = overhear(connecting, accepting) else { return };
    let spoken = |said: &Said| {
        let (mut framing, mut plain) = (Framing::new(), BytesMut::new());
        said.items.iter().for_each(|item| _ = framing.put(item, &mut plain));
        says(&plain)
    };
    for start in [GREETED, GREETED_SHUFFLED] {
        add(seeds, "ft_accept", &start, &spoken(&heard.connecting));
    }
    for start in [GREETED, GREETED_UNKNOWN, GREETED_UNKNOWN_SHUFFLED] {
        add(seeds, "ft_connect", &start, &spoken(&heard.accepting));
    }
}

/// A stream of messages.
pub fn add_stream(seeds: &mut Seeds, plain: &[u8]) {
    if plain.len() < 1_000 {
        add(seeds, "ft_accept", &GREETED, &says(plain));
        add(seeds, "ft_connect", &GREETED, &says(plain));
    }
}

/// The other side says this.
fn says(plain: &[u8]) -> Vec<u8> {
    let pieces = plain.chunks(255).map(|piece| {
        let len = u8::try_from(piece.len()).expect("a piece is short");
        [&[0, len], piece].concat()
    });
    pieces.collect::<Vec<_>>().concat()
}
