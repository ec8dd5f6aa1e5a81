use flate2::{Decompress, FlushDecompress, Status};

/// Marks a preset dictionary in the second byte of a zlib stream.
const HAS_DICTIONARY: u8 = 0x20;

/// Inflates a zlib stream as it comes, and asks nothing of it. Its checksum is not looked at.
#[derive(Debug)]
pub(super) struct Zlib {
    header: Vec<u8>,
    raw: Decompress,
}

/// What became of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It goes on.
    Never,
    Properly,
    Damaged,
    /// There is more than anybody asked for.
    TooLong,
}

impl Default for Zlib {
    fn default() -> Self {
        Self { header: Vec::new(), raw: Decompress::new(false) }
    }
}

impl Zlib {
    /// Adds to `plain` all that comes of the next bytes, and stops beyond `len_max`.
    pub(super) fn feed(&mut self, mut bytes: &[u8], plain: &mut Vec<u8>, len_max: usize) -> End {
        while self.header.len() < 2 {
            let Some((&byte, rest)) = bytes.split_first() else { return End::Never };
            self.header.push(byte);
            bytes = rest;
        }
        if !self.is_welcome() {
            return End::Damaged;
        }
        loop {
            plain.reserve(16 * 1024);
            let read = self.raw.total_in();
            let status = self.raw.decompress_vec(bytes, plain, FlushDecompress::None);
            let read = usize::try_from(self.raw.total_in() - read).expect("it is short");
            bytes = &bytes[read..];
            match status {
                Err(_) => return End::Damaged,
                Ok(Status::StreamEnd) => return End::Properly,
                Ok(_) if plain.len() > len_max => return End::TooLong,
                Ok(_) if plain.len() < plain.capacity() => return End::Never,
                Ok(_) => {}
            }
        }
    }

    /// RFC 1950, 2.2.
    fn is_welcome(&self) -> bool {
        let (method, flags) = (self.header[0], self.header[1]);
        let check = u16::from_be_bytes([method, flags]) % 31;
        method & 0x0f == 8 && method >> 4 <= 7 && check == 0 && flags & HAS_DICTIONARY == 0
    }
}
