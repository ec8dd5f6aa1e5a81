use super::Encryption;
use super::masks::{CONNECTING, mask};

/// What a connecting side sends first; the accepting side does not look at it (FTLINK-04).
const FIRST: u32 = 0xfa00_b62b;

/// How whoever connects begins (FTLINK-03).
///
/// ```text
/// offset  length
///      0       4  fa 00 b6 2b, or any other word
///      4       4  the seed of the connecting side
///      8       4  the encryption that it wishes for, XOR the mask of that seed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    pub first: u32,
    pub seed: u32,
    /// The wish, masked.
    pub word: u32,
}

impl Hello {
    /// Its length.
    pub const LEN: usize = 12;

    /// Ours, with this wish.
    pub const fn with_wish(wish: u32) -> Self {
        let (seed, mask) = CONNECTING;
        Self { first: FIRST, seed, word: wish ^ mask }
    }

    /// Reads it; any bytes are one.
    pub fn decode(bytes: [u8; Self::LEN]) -> Self {
        let [first, seed, word] = words(bytes);
        Self { first, seed, word }
    }

    /// The bytes of it.
    pub fn encode(self) -> [u8; Self::LEN] {
        bytes([self.first, self.seed, self.word])
    }

    /// The number of the encryption that is wished for, where the mask is known (FTLINK-09).
    pub fn wish(self) -> Option<u32> {
        mask(self.seed).map(|mask| self.word ^ mask)
    }
}

/// How whoever accepts answers (FTLINK-05).
///
/// ```text
/// offset  length
///      0       4  the seed of the accepting side
///      4       4  the encryption that it has chosen, XOR the mask of that seed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub seed: u32,
    /// The choice, masked.
    pub word: u32,
}

impl Answer {
    /// Its length.
    pub const LEN: usize = 8;

    /// One that says this choice with this pair of a seed and its mask.
    pub const fn with_choice((seed, mask): (u32, u32), choice: Encryption) -> Self {
        Self { seed, word: choice.number() ^ mask }
    }

    /// Reads it; any bytes are one.
    pub fn decode(bytes: [u8; Self::LEN]) -> Self {
        let [seed, word] = words(bytes);
        Self { seed, word }
    }

    /// The bytes of it.
    pub fn encode(self) -> [u8; Self::LEN] {
        bytes([self.seed, self.word])
    }

    /// The number of the encryption that was chosen, where the mask is known (FTLINK-14).
    pub fn choice(self) -> Option<u32> {
        mask(self.seed).map(|mask| self.word ^ mask)
    }
}

/// Big-endian words.
fn words<const LEN: usize, const COUNT: usize>(bytes: [u8; LEN]) -> [u32; COUNT] {
    let mut words = [0; COUNT];
    let (fours, _) = bytes.as_chunks::<4>();
    for (word, four) in words.iter_mut().zip(fours) {
        *word = u32::from_be_bytes(*four);
    }
    words
}

fn bytes<const LEN: usize, const COUNT: usize>(words: [u32; COUNT]) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    let (fours, _) = bytes.as_chunks_mut::<4>();
    for (four, word) in fours.iter_mut().zip(words) {
        *four = word.to_be_bytes();
    }
    bytes
}
