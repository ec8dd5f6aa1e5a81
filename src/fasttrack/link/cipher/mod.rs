mod cube;
mod words;

use md5::{Digest, Md5};

pub use cube::cube;

use super::Encryption;
use cube::NUMBER_LEN;
use words::Words;

/// Bytes of the pad.
const PAD_LEN: usize = 63;

/// Behind this place of the pad it may be stirred (FTCIPHER-13).
const STIRRED_BEHIND: usize = 8;

/// The last place of the pad. With it the pad starts again.
const LAST: usize = PAD_LEN - 1;

/// Bits of a sum, one of which keeps the pad from being stirred.
const UNSTIRRED: u8 = 0x70;

/// One direction of a session: bytes to those that go over the wire, and back.
///
/// To make one cannot fail, whatever the seed (FTCIPHER-14), and takes some microseconds.
#[derive(Clone, Debug)]
pub struct Cipher {
    pad: [u8; PAD_LEN],
    position: usize,
    shuffle: Option<Box<Shuffle>>,
}

/// What the bytes of the pad go through.
#[derive(Clone, Debug)]
struct Shuffle {
    table: [u8; 256],
    /// Laps around the pad.
    counter: u8,
}

impl Cipher {
    /// From this seed, in front of the first byte.
    pub fn new(seed: u32, encryption: Encryption) -> Self {
        let mut words = Words::new(seed);
        let mut pad = pad(&mut words);
        let position = words.draw_below(PAD_LEN);
        let shuffle = (encryption == Encryption::Shuffled).then(|| Box::new(Shuffle::of_pad(&pad)));
        stir(&mut pad, position);
        Self { pad, position, shuffle }
    }

    /// Goes on over these bytes: what was plain is enciphered, and what was enciphered is plain.
    pub fn apply(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            let stops = [STIRRED_BEHIND, LAST, PAD_LEN];
            let stop = stops.into_iter().find(|stop| *stop > self.position).unwrap_or(PAD_LEN);
            let len = stop.saturating_sub(self.position).min(bytes.len());
            let (run, rest) = bytes.split_at_mut(len);
            self.apply_run(run);
            bytes = rest;
        }
    }

    /// The pad, the position in it, and the table if there is one, for whoever compares them with those
    /// of another program.
    pub fn state(&self) -> (&[u8], usize, Option<&[u8]>) {
        let table = self.shuffle.as_ref().map(|shuffle| &shuffle.table[..]);
        (&self.pad, self.position, table)
    }

    /// The bytes up to a place of the pad at which something happens (FTCIPHER-12).
    fn apply_run(&mut self, run: &mut [u8]) {
        let start = self.position;
        let end = start.saturating_add(run.len());
        let before = start.checked_sub(1).unwrap_or(LAST);
        let mut sum = self.pad.get(before).copied().unwrap_or_default();
        let pad = self.pad.get_mut(start..end).unwrap_or_default();
        match &mut self.shuffle {
            None => {
                for (byte, pad) in run.iter_mut().zip(pad) {
                    sum = sum.wrapping_add(*pad);
                    *pad = sum;
                    *byte ^= sum;
                }
            }
            Some(shuffle) => {
                if end == PAD_LEN {
                    shuffle.counter = shuffle.counter.wrapping_add(1);
                }
                for (byte, pad) in run.iter_mut().zip(pad) {
                    sum = sum.wrapping_add(*pad);
                    *pad = sum;
                    *byte ^= shuffle.look_up(sum);
                }
            }
        }
        self.position = if end == PAD_LEN { 0 } else { end };
        if end == STIRRED_BEHIND && sum & UNSTIRRED == 0 {
            let [_, _, third, ..] = self.pad;
            stir(&mut self.pad, usize::from(sum).saturating_add(third.into()));
        }
    }
}

impl Shuffle {
    /// FTCIPHER-10
    fn of_pad(pad: &[u8; PAD_LEN]) -> Self {
        let [a, b, c, d, ..] = <[u8; 16]>::from(Md5::digest(pad));
        let mut words = Words::new(u32::from_le_bytes([a, b, c, d]));
        let mut table: [u8; 256] = std::array::from_fn(|place| u8::try_from(place).unwrap_or(0));
        for place in 0..table.len() {
            let left = table.len().saturating_sub(place);
            table.swap(place, place.saturating_add(words.draw_below(left)));
        }
        Self { table, counter: 0 }
    }

    fn look_up(&self, sum: u8) -> u8 {
        // A byte is a place of the table.
        let place = usize::from(sum.wrapping_add(self.counter));
        self.table.get(place).copied().unwrap_or_default()
    }
}

/// FTCIPHER-06, FTCIPHER-07, FTCIPHER-08
fn pad(words: &mut Words) -> [u8; PAD_LEN] {
    let mut number = [1; NUMBER_LEN];
    for byte in number.iter_mut().take(NUMBER_LEN - 1) {
        *byte = words.draw_digit();
    }
    let mut pad = [0; PAD_LEN];
    for (pad, byte) in pad.iter_mut().zip(cube(&number)) {
        *pad = byte;
    }
    if pad.iter().all(|byte| byte & 1 == 0) {
        let [first, ..] = &mut pad;
        *first |= 0x71;
    }
    pad
}

/// FTCIPHER-11
fn stir(pad: &mut [u8; PAD_LEN], by: usize) {
    let place = by.saturating_mul(by).saturating_add(2) % 59;
    if let Some((five, _)) = pad.get_mut(place..).and_then(|rest| rest.split_first_chunk_mut::<5>())
    {
        five.sort_unstable_by_key(|byte| byte ^ 0x20);
    }
    for (place, byte) in (0_u8..).zip(pad).skip(5).step_by(3) {
        *byte = (!*byte).wrapping_add(place) | 1;
    }
}
