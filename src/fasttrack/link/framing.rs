use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::base::error::Malformed;
use crate::base::reader::Expect;
use crate::fasttrack::wire::{Frame, Kind};

const OUT_OF_STEP: Expect = Expect::new("FTLINK-26", "no message begins so");

/// The byte that asks whether the other side is there (FTLINK-20).
const PING: u8 = 0x50;
/// The byte that answers it.
const PONG: u8 = 0x52;
/// The byte in front of a header.
const MESSAGE: u8 = 0x4b;

/// The state in front of the first message (FTLINK-23).
const START: u32 = 0x51;

/// Bytes of a header, with the one in front of it.
const HEADER_LEN: usize = 5;

/// What stands between two borders of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Ping,
    Pong,
    Frame(Frame),
}

/// One direction of a session behind its name, deciphered: bytes to items, and items to bytes.
///
/// ```text
/// 0x50                              a ping
/// 0x52                              a pong
/// 0x4b  header  payload             a message
///
/// state mod 3   the four bytes of the header: T is the type, L the length of the payload
///           0   T low   T high  L high  L low
///           1   T high  L high  T low   L low
///           2   T high  L low   L high  T low
/// ```
///
/// Behind each message the state is XORed with the complement of type + length (FTLINK-24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    state: u32,
}

/// What stands at the front of a stream, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Front {
    Ping,
    Pong,
    Message { kind: Kind, payload_len: u16 },
}

impl Default for Framing {
    fn default() -> Self {
        Self { state: START }
    }
}

impl Framing {
    /// In front of the first item.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the order of the next header follows from.
    pub const fn state(self) -> u32 {
        self.state
    }

    /// Takes the first item off the front of `stream`, or nothing while it is not whole.
    pub fn take(&mut self, stream: &mut BytesMut) -> Result<Option<Item>, Malformed> {
        let Some(front) = self.front(stream)? else { return Ok(None) };
        if stream.len() < front.len() {
            return Ok(None);
        }
        let mut item = stream.split_to(front.len());
        Ok(Some(match front {
            Front::Ping => Item::Ping,
            Front::Pong => Item::Pong,
            Front::Message { kind, payload_len } => {
                self.follow(kind, payload_len);
                item.advance(HEADER_LEN);
                // An empty rest would keep the whole buffer for nothing.
                let payload = if item.is_empty() { Bytes::new() } else { item.freeze() };
                Item::Frame(Frame { kind, payload })
            }
        }))
    }

    /// Appends an item. Nothing of a message that is too long for its header, and false then.
    pub fn put(&mut self, item: &Item, out: &mut BytesMut) -> bool {
        match item {
            Item::Ping => out.put_u8(PING),
            Item::Pong => out.put_u8(PONG),
            Item::Frame(frame) => return self.put_frame(frame, out),
        }
        true
    }

    /// The same for a message alone.
    pub(super) fn put_frame(&mut self, frame: &Frame, out: &mut BytesMut) -> bool {
        let Ok(payload_len) = u16::try_from(frame.payload.len()) else { return false };
        out.put_u8(MESSAGE);
        out.put_slice(&self.header(frame.kind, payload_len));
        out.put_slice(&frame.payload);
        self.follow(frame.kind, payload_len);
        true
    }

    /// What begins at the front of `stream`, once its header is there.
    pub(super) fn front(self, stream: &[u8]) -> Result<Option<Front>, Malformed> {
        match stream {
            [] => Ok(None),
            [PING, ..] => Ok(Some(Front::Ping)),
            [PONG, ..] => Ok(Some(Front::Pong)),
            [MESSAGE, rest @ ..] => Ok(rest.first_chunk().map(|header| self.read(*header))),
            _ => Err(OUT_OF_STEP.broken_at(0)),
        }
    }

    const fn read(self, header: [u8; 4]) -> Front {
        let [first, second, third, last] = header;
        let (kind, payload_len) = match self.state % 3 {
            0 => ([second, first], [third, last]),
            1 => ([first, third], [second, last]),
            _ => ([first, last], [third, second]),
        };
        let kind = Kind(u16::from_be_bytes(kind));
        Front::Message { kind, payload_len: u16::from_be_bytes(payload_len) }
    }

    const fn header(self, kind: Kind, payload_len: u16) -> [u8; 4] {
        let [kind_high, kind_low] = kind.0.to_be_bytes();
        let [len_high, len_low] = payload_len.to_be_bytes();
        match self.state % 3 {
            0 => [kind_low, kind_high, len_high, len_low],
            1 => [kind_high, len_high, kind_low, len_low],
            _ => [kind_high, len_low, len_high, kind_low],
        }
    }

    fn follow(&mut self, kind: Kind, payload_len: u16) {
        let sum = u32::from(kind.0).saturating_add(payload_len.into());
        self.state ^= !sum;
    }
}

impl Front {
    /// Bytes from here to the next item.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Ping | Self::Pong => 1,
            Self::Message { payload_len, .. } => HEADER_LEN.saturating_add(payload_len.into()),
        }
    }
}
