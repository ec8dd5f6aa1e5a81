use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::ZlibEncoder};
use serde::{Serialize, Serializer};

use crate::base::error::Malformed;
use crate::base::limits::CRAWLER_AGENTS_INFLATED_LEN_MAX;
use crate::base::reader::{Expect, Reader};
use crate::gnutella::wire::inflate::{Wrapper, inflate_wrapped};

/// Bytes of each of the two lengths that LimeWire writes.
const LEN_LEN: usize = 2;
/// What every gzip stream begins with.
const GZIP: &[u8] = &[0x1f, 0x8b];

const SEPARATOR: u8 = b';';
const ESCAPE: u8 = b'\\';

const BROKEN: Expect = Expect::new("VMSG-27", "the user agents do not inflate");
const TOO_LONG: Expect = Expect::new("VMSG-27", "the user agents inflate to too much");

/// The programs that a crawler pong lists, deflated as they came: one an entry, and the sender's
/// own last (VMSG-27).
///
/// ```text
/// gtk-gnutella   n  zlib stream of the names
/// LimeWire       2  length of what follows, little-endian
///                n  gzip stream of: 2 length of the names, little-endian; the names
/// ```
///
/// Names are joined by `;`. A `\` stands before each `;` and each `\` that belongs to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agents {
    wrapper: Wrapper,
    raw: Bytes,
}

impl Agents {
    /// Names as gtk-gnutella sends them; nothing where a receiver would take them for a bomb.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let names: Vec<_> = names.into_iter().map(escape).collect();
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&names.join(&SEPARATOR)).ok()?;
        let agents = Self { wrapper: Wrapper::Zlib, raw: encoder.finish().ok()?.into() };
        agents.inflate().is_ok().then_some(agents)
    }

    /// Where no names can be read, nothing is consumed.
    pub(super) fn decode(payload: &Bytes, body: &mut Reader<'_>) -> Option<Self> {
        let (wrapper, len) = match body.rest() {
            &[low, high, ref stream @ ..] if stream.starts_with(GZIP) => {
                let stream_len = usize::from(u16::from_le_bytes([low, high]));
                (Wrapper::Gzip, stream_len.saturating_add(LEN_LEN))
            }
            stream => (Wrapper::Zlib, stream.len()),
        };
        let mut reader = *body;
        let raw = payload.slice_ref(reader.take(len, BROKEN).ok()?);
        let agents = Self { wrapper, raw };
        agents.inflate().ok()?;
        *body = reader;
        Some(agents)
    }

    /// As they stand on the wire.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.raw
    }

    /// The names, joined and escaped; [`split`](Self::split) takes them apart.
    pub fn text(&self) -> Vec<u8> {
        self.inflate().unwrap_or_default()
    }

    /// The names in a text.
    pub fn split(text: &[u8]) -> impl Iterator<Item = String> {
        let mut rest = Some(text);
        std::iter::from_fn(move || {
            let (name, after) = take_name(rest?);
            rest = after;
            Some(String::from_utf8_lossy(&name).into_owned())
        })
    }

    fn inflate(&self) -> Result<Vec<u8>, Malformed> {
        let prefix_len = match self.wrapper {
            Wrapper::Zlib => 0,
            Wrapper::Gzip => LEN_LEN,
        };
        let stream = self.raw.get(prefix_len..).unwrap_or_default();
        let len_max = CRAWLER_AGENTS_INFLATED_LEN_MAX;
        let mut text = inflate_wrapped(self.wrapper, stream, len_max, BROKEN, TOO_LONG)?;
        if self.wrapper == Wrapper::Gzip {
            let mut reader = Reader::new(&text);
            let names_len = reader.u16_le(BROKEN)?;
            if usize::from(names_len) != reader.len() {
                return Err(BROKEN.broken_at(0));
            }
            text.drain(..LEN_LEN);
        }
        Ok(text)
    }
}

/// The first name, and what follows its separator if there is one.
fn take_name(text: &[u8]) -> (Vec<u8>, Option<&[u8]>) {
    let mut name = Vec::new();
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        match (byte, bytes.as_slice()) {
            (SEPARATOR, rest) => return (name, Some(rest)),
            (ESCAPE, [escaped @ (SEPARATOR | ESCAPE), rest @ ..]) => {
                name.push(*escaped);
                bytes = rest.iter();
            }
            _ => name.push(byte),
        }
    }
    (name, None)
}

fn escape(name: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(name.len());
    for &byte in name {
        if matches!(byte, SEPARATOR | ESCAPE) {
            escaped.push(ESCAPE);
        }
        escaped.push(byte);
    }
    escaped
}

impl Serialize for Agents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(Self::split(&self.text()))
    }
}

#[cfg(test)]
mod tests {
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(names_len: usize, names: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&u16::try_from(names_len).unwrap().to_le_bytes()).unwrap();
        encoder.write_all(names).unwrap();
        let stream = encoder.finish().unwrap();
        [&u16::try_from(stream.len()).unwrap().to_le_bytes()[..], &stream].concat()
    }

    fn decode(tail: &[u8]) -> (Option<Agents>, usize) {
        let payload = Bytes::copy_from_slice(tail);
        let mut body = Reader::new(&payload);
        (Agents::decode(&payload, &mut body), body.len())
    }

    fn names(agents: &Agents) -> Vec<String> {
        Agents::split(&agents.text()).collect()
    }

    /// VMSG-27
    #[test]
    fn names_are_read_in_both_wrappers() {
        let zlib = Agents::new([&b"a/1"[..], b"b;\\c", b""]).unwrap();
        assert_eq!(decode(zlib.as_bytes()), (Some(zlib.clone()), 0));
        assert_eq!(names(&zlib), ["a/1", "b;\\c", ""]);
        let text = br"LimeWire/5\;x;y\z";
        let (gzipped, rest_len) = decode(&[&gzip(text.len(), text)[..], b"rest"].concat());
        assert_eq!(
            (names(&gzipped.unwrap()), rest_len),
            (vec![r"LimeWire/5;x".to_owned(), r"y\z".to_owned()], 4)
        );
    }

    /// VMSG-27
    #[test]
    fn what_is_neither_is_left_alone() {
        let zlib = Agents::new([&b"a/1"[..]]).unwrap().raw;
        let broken: [&[u8]; 6] = [
            b"",
            b"\x01\x00\x1f\x8b",
            b"no stream",
            &zlib[..zlib.len() - 1],
            &[&zlib[..], b"x"].concat(),
            &gzip(3, b"ab"),
        ];
        for tail in broken {
            assert_eq!(decode(tail), (None, tail.len()));
        }
    }

    /// VMSG-27
    #[test]
    fn names_at_the_limit_and_one_past_it() {
        // Numbers, so that the ratio does not matter.
        let digits: String = (0..5_000).map(|number| format!("{number};")).collect();
        let text = &digits.as_bytes()[..CRAWLER_AGENTS_INFLATED_LEN_MAX + 1];
        let deflate = |text: &[u8]| {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        };
        assert!(decode(&deflate(&text[1..])).0.is_some_and(|agents| agents.text() == text[1..]));
        assert!(decode(&deflate(text)).0.is_none());
        assert_eq!(Agents::new([text]), None);
    }
}
