use std::fmt;

use serde::{Serialize, Serializer};

use super::MessageId;
use super::body::Fields;
use super::parts::Sink;
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};

const MESSAGES_CUT: Expect = Expect::new("VMSG-06", "the list of messages ends early");
const CAPABILITIES_CUT: Expect = Expect::new("VMSG-07", "the list of capabilities ends early");
const WIDE_CUT: Expect = Expect::new("VMSG-08", "the list of wide capabilities ends early");

/// Which vendor messages the sender understands (VMSG-06).
///
/// ```text
/// 0  2  number of messages, little-endian
/// 2  8  id of each
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessagesSupported {
    /// At most 65,535; what is beyond that is not sent.
    pub messages: Vec<MessageId>,
}

/// What else the sender can do (VMSG-07, VMSG-08).
///
/// ```text
/// 0  2  number of capabilities, little-endian
/// 2  6  each: 4 name, 2 version, little-endian
/// n  2  number of wide capabilities, little-endian; the list may be missing
///    8  each: 4 name, 4 version, little-endian
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// At most 65,535; what is beyond that is not sent.
    pub capabilities: Vec<Capability<u16>>,
    /// Those whose version has more than 16 bits, once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wide: Option<Vec<Capability<u32>>>,
}

/// One thing that the sender can do, if the version is above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability<V> {
    pub name: [u8; 4],
    pub version: V,
}

impl MessagesSupported {
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = usize::from(body.u16_le(MESSAGES_CUT)?);
        let packed = body.take(count.saturating_mul(MessageId::LEN), MESSAGES_CUT)?;
        let (entries, _) = packed.as_chunks();
        Ok(Self { messages: entries.iter().map(|entry| MessageId::from_bytes(*entry)).collect() })
    }

    /// True if the sender understands this version of this message.
    pub fn contains(&self, id: MessageId) -> bool {
        self.messages.contains(&id)
    }
}

impl Capabilities {
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = usize::from(body.u16_le(CAPABILITIES_CUT)?);
        let packed = body.take(count.saturating_mul(6), CAPABILITIES_CUT)?;
        let (entries, _) = packed.as_chunks::<6>();
        let capabilities = entries.iter().map(|&[a, b, c, d, low, high]| Capability {
            name: [a, b, c, d],
            version: u16::from_le_bytes([low, high]),
        });
        Ok(Self { capabilities: capabilities.collect(), wide: read_wide(body) })
    }

    /// The version of a capability, the wide one where there are two; none where it is missing or
    /// withdrawn.
    pub fn version(&self, name: &[u8; 4]) -> Option<u32> {
        let wide = self.wide.iter().flatten().map(|entry| (entry.name, entry.version));
        let narrow = self.capabilities.iter().map(|entry| (entry.name, entry.version.into()));
        let (_, version) = wide.chain(narrow).find(|(other, _)| other == name)?;
        (version > 0).then_some(version)
    }
}

/// The second list. Where it is missing or cut, nothing is consumed.
fn read_wide(body: &mut Reader<'_>) -> Option<Vec<Capability<u32>>> {
    let mut reader = *body;
    let count = usize::from(reader.u16_le(WIDE_CUT).ok()?);
    let packed = reader.take(count.saturating_mul(8), WIDE_CUT).ok()?;
    *body = reader;
    let (entries, _) = packed.as_chunks::<8>();
    let wide = entries.iter().map(|&[a, b, c, d, version @ ..]| Capability {
        name: [a, b, c, d],
        version: u32::from_le_bytes(version),
    });
    Some(wide.collect())
}

/// Writes how many there are, and returns those that the number has room for.
fn put_count<'a, T>(out: &mut dyn Sink, list: &'a [T]) -> impl Iterator<Item = &'a T> + use<'a, T> {
    let count = u16::try_from(list.len()).unwrap_or(u16::MAX);
    out.put(&count.to_le_bytes());
    list.iter().take(count.into())
}

impl Fields for MessagesSupported {
    fn encode(&self, out: &mut dyn Sink) {
        for message in put_count(out, &self.messages) {
            out.put(&message.to_bytes());
        }
    }
}

impl Fields for Capabilities {
    fn encode(&self, out: &mut dyn Sink) {
        for Capability { name, version } in put_count(out, &self.capabilities) {
            out.put(name);
            out.put(&version.to_le_bytes());
        }
        let Some(wide) = &self.wide else { return };
        for Capability { name, version } in put_count(out, wide) {
            out.put(name);
            out.put(&version.to_le_bytes());
        }
    }
}

impl fmt::Display for MessagesSupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} messages", self.messages.len())
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} capabilities:", self.capabilities.len())?;
        let mut narrow = self.capabilities.iter();
        narrow.try_for_each(|entry| write!(f, " {entry}"))?;
        let Some(wide) = &self.wide else { return Ok(()) };
        write!(f, ", {} wide:", wide.len())?;
        wide.iter().try_for_each(|entry| write!(f, " {entry}"))
    }
}

impl<V: fmt::Display> fmt::Display for Capability<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name.escape_ascii(), self.version)
    }
}

impl<V: Serialize> Serialize for Capability<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (String::from_utf8_lossy(&self.name), &self.version).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;

    fn capabilities(body: &[u8]) -> (Capabilities, usize) {
        let mut reader = Reader::new(body);
        let list = Capabilities::decode(&mut reader).unwrap();
        (list, reader.len())
    }

    /// VMSG-06
    #[test]
    fn a_list_of_messages_has_as_many_as_it_counts() {
        let body = b"\x02\x00BEAR\x04\x00\x01\x00\0\0\0\0\x0a\x00\x00\x00";
        let list = MessagesSupported::decode(&mut Reader::new(body)).unwrap();
        assert_eq!(list.messages, [MessageId::HOPS_FLOW, MessageId::CAPABILITIES_V0]);
        assert!(list.contains(MessageId::HOPS_FLOW) && !list.contains(MessageId::HEAD_PING_V1));
        for len in 0..body.len() {
            let fault = MessagesSupported::decode(&mut Reader::new(&body[..len])).unwrap_err();
            assert_eq!(fault.rule.id(), "VMSG-06");
        }
    }

    /// VMSG-07
    #[test]
    fn a_list_of_capabilities_has_as_many_as_it_counts() {
        let (list, rest_len) = capabilities(b"\x02\x00HSEP\x01\x00WHAT\x00\x00");
        assert_eq!((list.version(b"HSEP"), rest_len), (Some(1), 0));
        assert_eq!((list.version(b"WHAT"), list.version(b"TLS!")), (None, None));
        assert_eq!(list.to_string(), "2 capabilities: HSEP/1 WHAT/0");
        let cut = Capabilities::decode(&mut Reader::new(b"\x01\x00HSEP\x01")).unwrap_err();
        assert_eq!(cut.rule.id(), "VMSG-07");
    }

    /// VMSG-08
    #[test]
    fn a_second_list_has_wide_versions_unless_it_is_cut() {
        let body = b"\x01\x00IMPP\xff\xff\x01\x00IMPP\xff\xff\xff\x7f";
        let (list, rest_len) = capabilities(body);
        assert_eq!((list.version(b"IMPP"), rest_len), (Some(0x7fff_ffff), 0));
        assert_eq!(list.to_string(), "1 capabilities: IMPP/65535, 1 wide: IMPP/2147483647");
        let (list, rest_len) = capabilities(&body[..body.len() - 1]);
        assert_eq!((list.version(b"IMPP"), list.wide.is_none(), rest_len), (Some(0xffff), true, 9));
        assert_eq!(capabilities(b"\x00\x00\x00\x00").0.wide, Some(vec![]));
    }

    #[test]
    fn a_list_of_more_than_can_be_counted_is_shortened() {
        let list = MessagesSupported { messages: vec![MessageId::HOPS_FLOW; 0x1_0000] };
        let mut out = BytesMut::new();
        list.encode(&mut out);
        assert_eq!((&out[..2], out.len()), (&[0xff, 0xff][..], 2 + 0xffff * 8));
    }
}
