//! The bytes of a file in their order -> the hash of FastTrack that covers parts of them.
//!
//! ```text
//! 0        307,200     1 MiB              2 MiB                  size - 307,200    size
//! |  MD5  |           |  CRC  |          |  CRC  |     ...      |      CRC       |
//! ```

use crc32fast::Hasher as Crc;
use md5::{Digest, Md5};

use crate::base::kazaa_hash::{PART_LEN, UuHash};
use crate::base::ranges::ByteRange;

/// Where the second part stands; each further one stands twice as far.
const FIRST_PLACE: u64 = 1 << 20;

/// Takes the bytes of a file of which it is known how long it is (FTHASH-13): which of them are parts depends on that.
#[derive(Clone, Debug)]
pub struct UuHasher {
    size: u64,
    /// Bytes that came.
    at: u64,
    beginning: Md5,
    parts: Crc,
    /// The part that comes next, or of which some bytes came; empty behind the last one.
    part: ByteRange,
}

impl UuHasher {
    /// Nothing yet of a file of this size.
    pub fn new(size: u64) -> Self {
        let (beginning, parts) = (Md5::new(), Crc::new());
        Self { size, at: 0, beginning, parts, part: part_at(FIRST_PLACE, size) }
    }

    /// The bytes that come next.
    pub fn update(&mut self, bytes: &[u8]) {
        let start = self.at;
        self.at = start.saturating_add(bytes.len() as u64);
        self.beginning.update(within(bytes, start, ByteRange::new(0, PART_LEN)));
        while !self.part.is_empty() && self.part.start < self.at {
            self.parts.update(within(bytes, start, self.part));
            if self.at < self.part.end {
                return;
            }
            self.part = self.next_part();
        }
    }

    /// The hash; none where more or fewer bytes came than were to.
    pub fn finish(self) -> Option<UuHash> {
        if self.at != self.size {
            return None;
        }
        // The CRC is that of everybody but for its end, which is not inverted (FTHASH-02).
        let [a, b, c, d, ..] = self.size.to_le_bytes();
        let small = !self.parts.finalize() ^ u32::from_le_bytes([a, b, c, d]);
        let mut hash = [0; 20];
        let bytes = self.beginning.finalize().into_iter().chain(small.to_le_bytes());
        hash.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        Some(UuHash(hash))
    }

    fn next_part(&self) -> ByteRange {
        if self.part.end == self.size {
            return ByteRange::new(self.size, self.size);
        }
        part_at(self.part.start.saturating_mul(2), self.size)
    }
}

/// The part that stands there, or the last one, where there is no room for both (FTHASH-03).
fn part_at(place: u64, size: u64) -> ByteRange {
    if place.saturating_add(2 * PART_LEN) <= size {
        return ByteRange::new(place, place.saturating_add(PART_LEN));
    }
    ByteRange::new(size.saturating_sub(PART_LEN).max(PART_LEN).min(size), size)
}

/// Of bytes that begin there, those that lie in this part, as far as they did not come before.
fn within(bytes: &[u8], start: u64, part: ByteRange) -> &[u8] {
    let place = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
    let (from, to) = (place(part.start).min(bytes.len()), place(part.end).min(bytes.len()));
    bytes.get(from..to).unwrap_or_default()
}
