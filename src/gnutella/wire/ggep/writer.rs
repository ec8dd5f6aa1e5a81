use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::ZlibEncoder};
use thiserror::Error;

use super::registry::Place;
use super::write_value::write;
use super::{
    COBS, DEFLATE, ID_LEN, LAST, LEN_LAST, LEN_MORE, LEN_VALUE, MAGIC, Value, cobs_encode,
};
use crate::base::limits::GGEP_INFLATED_LEN_MAX;
use crate::gnutella::wire::inflate::len_by_ratio;

/// Bytes that the payload of one extension may have: three groups of six bits.
pub(super) const PAYLOAD_LEN_MAX: usize = (1 << 18) - 1;

/// An extension that the format has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a GGEP id has 1 to 15 printable characters and its payload at most 262,143 bytes")]
pub struct Oversize;

/// Makes one block. Nothing is written for a block without extensions.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    last_flags: usize,
}

impl Writer {
    /// An empty block.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), last_flags: 0 }
    }

    /// Adds an extension, its payload as it is.
    pub fn put(&mut self, id: &str, payload: &[u8]) -> Result<&mut Self, Oversize> {
        self.put_flagged(id, payload, 0)
    }

    /// Adds an extension by what it means.
    pub fn put_value(
        &mut self,
        id: &str,
        place: Place,
        value: &Value,
    ) -> Result<&mut Self, Oversize> {
        let payload = write(value);
        match place {
            Place::Record => self.put_without_nul(id, &payload),
            _ => self.put(id, &payload),
        }
    }

    /// Adds an extension where a NUL would end the area: COBS-encoded if the payload holds one.
    pub fn put_without_nul(&mut self, id: &str, payload: &[u8]) -> Result<&mut Self, Oversize> {
        if payload.contains(&0) { self.put_cobs(id, payload) } else { self.put(id, payload) }
    }

    /// Adds an extension, COBS-encoded whether it needs it or not.
    pub fn put_cobs(&mut self, id: &str, payload: &[u8]) -> Result<&mut Self, Oversize> {
        self.put_flagged(id, &cobs_encode(payload), COBS)
    }

    /// Adds an extension, deflated if that makes it shorter and is not taken for a bomb.
    pub fn put_deflated(&mut self, id: &str, payload: &[u8]) -> Result<&mut Self, Oversize> {
        match deflate(payload) {
            Some(deflated) if deflated.len() < payload.len() && inflates(&deflated, payload) => {
                self.put_flagged(id, &deflated, DEFLATE)
            }
            _ => self.put(id, payload),
        }
    }

    /// The finished block.
    pub fn finish(mut self) -> Bytes {
        if let Some(flags) = self.bytes.get_mut(self.last_flags)
            && self.last_flags > 0
        {
            *flags |= LAST;
        }
        self.bytes.into()
    }

    fn put_flagged(&mut self, id: &str, payload: &[u8], flags: u8) -> Result<&mut Self, Oversize> {
        let id_len = u8::try_from(id.len()).map_err(|_| Oversize)?;
        let is_printable = id.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let has_room = (1..=ID_LEN).contains(&id_len) && payload.len() <= PAYLOAD_LEN_MAX;
        if !is_printable || !has_room {
            return Err(Oversize);
        }
        if self.bytes.is_empty() {
            self.bytes.push(MAGIC);
        }
        self.last_flags = self.bytes.len();
        self.bytes.push(flags | id_len);
        self.bytes.extend_from_slice(id.as_bytes());
        put_len(&mut self.bytes, payload.len());
        self.bytes.extend_from_slice(payload);
        Ok(self)
    }
}

/// The length in as few groups of six bits as it needs, high bits first.
fn put_len(out: &mut Vec<u8>, len: usize) {
    let group = |shift: u32| u8::try_from((len >> shift) & usize::from(LEN_VALUE)).unwrap_or(0);
    if len >> 12 != 0 {
        out.push(LEN_MORE | group(12));
    }
    if len >> 6 != 0 {
        out.push(LEN_MORE | group(6));
    }
    out.push(LEN_LAST | group(0));
}

fn deflate(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

/// Whether a reader who keeps to our limits gets `plain` back.
fn inflates(deflated: &[u8], plain: &[u8]) -> bool {
    plain.len() <= len_by_ratio(deflated.len()).min(GGEP_INFLATED_LEN_MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{Item, Items};
    use super::*;
    use crate::base::limits::INFLATE_FREE_LEN;

    fn only(bytes: &[u8]) -> Item<'_> {
        let mut items = Items::one_block(bytes, 0);
        let item = items.next().unwrap().unwrap();
        assert!(items.next().is_none() && items.rest().is_empty());
        item
    }

    #[test]
    fn lengths_take_as_few_bytes_as_they_need() {
        for (len, encoded) in [
            (0, &b"\x40"[..]),
            (63, b"\x7f"),
            (64, b"\x81\x40"),
            (4095, b"\xbf\x7f"),
            (4096, b"\x81\x80\x40"),
            (PAYLOAD_LEN_MAX, b"\xbf\xbf\x7f"),
        ] {
            let mut writer = Writer::new();
            writer.put("A", &vec![7; len]).unwrap();
            let block = writer.finish();
            assert_eq!(&block[3..3 + encoded.len()], encoded, "{len}");
            assert_eq!(only(&block).raw.len(), len);
        }
    }

    #[test]
    fn what_has_no_room_is_refused() {
        let mut writer = Writer::new();
        assert!(writer.put("", b"").is_err());
        assert!(writer.put("A\n", b"").is_err());
        assert!(writer.put("ABCDEFGHIJKLMNO", b"").is_ok());
        assert!(writer.put("ABCDEFGHIJKLMNOP", b"").is_err());
        assert!(writer.put("A", &vec![0; PAYLOAD_LEN_MAX + 1]).is_err());
        assert_eq!(writer.finish()[1], LAST | 15);
    }

    #[test]
    fn a_record_holds_no_nul_and_long_text_shrinks() {
        let mut writer = Writer::new();
        writer.put_without_nul("T", &[0, 1, 0]).unwrap();
        let block = writer.finish();
        assert!(!block.contains(&0));
        assert_eq!(only(&block).payload().unwrap()[..], [0, 1, 0]);

        let text = b"abcabcabc".repeat(40);
        let mut writer = Writer::new();
        writer.put_deflated("XQ", &text).unwrap();
        let block = writer.finish();
        assert!(block.len() < 60 && only(&block).deflate);
        assert_eq!(only(&block).payload().unwrap()[..], text[..]);
    }

    /// GGEP-20, SIZE-19. Found by fuzzing: what deflates too well was written as a bomb.
    #[test]
    fn what_a_reader_would_not_inflate_is_not_deflated() {
        let noise: Vec<u8> = (0..20_000_u32).flat_map(|n| (n / 9).to_le_bytes()).collect();
        for (payload, deflates) in [
            (&[0; INFLATE_FREE_LEN][..], true),
            (&[0; INFLATE_FREE_LEN + 1], false),
            (&noise[..GGEP_INFLATED_LEN_MAX], true),
            (&noise[..=GGEP_INFLATED_LEN_MAX], false),
        ] {
            let mut writer = Writer::new();
            writer.put_deflated("XQ", payload).unwrap();
            let block = writer.finish();
            assert_eq!(only(&block).deflate, deflates, "{} bytes", payload.len());
            assert_eq!(only(&block).payload().unwrap()[..], payload[..]);
        }
    }

    #[test]
    fn an_empty_block_is_no_block() {
        assert!(Writer::new().finish().is_empty());
    }
}
