use bytes::Bytes;
use serde::{Serialize, Serializer};

use super::parts::Sink;
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::gnutella::wire::ggep::{Item, Place, Value};

const BAD_LIST: Expect = Expect::new("VMSG-41", "a list of the HEAD pong is not of its length");

/// A list in a HEAD pong of version 1, packed (VMSG-41).
///
/// ```text
/// 0  2  length of what follows, big-endian
/// 2  n  entries
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    kind: ListKind,
    packed: Bytes,
}

/// What a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// As GGEP R: first and last byte, 4 bytes each, big-endian.
    Ranges,
    /// As GGEP P: firewalled servents with their push proxies.
    PushLocations,
    /// As GGEP A: IPv4 addresses and ports, 6 bytes each.
    Alternates,
}

impl List {
    /// A list of bytes that are of its form and not too many for its length.
    pub fn new(kind: ListKind, packed: Bytes) -> Option<Self> {
        let list = Self { kind, packed };
        let has_form = list.packed.is_empty() || list.value().is_some();
        (has_form && u16::try_from(list.packed.len()).is_ok()).then_some(list)
    }

    pub(super) fn decode(
        kind: ListKind,
        payload: &Bytes,
        body: &mut Reader<'_>,
    ) -> Result<Self, Malformed> {
        let start = body.offset();
        let len = body.u16_be(BAD_LIST)?;
        let packed = payload.slice_ref(body.take(len.into(), BAD_LIST)?);
        Self::new(kind, packed).ok_or(BAD_LIST.broken_at(start))
    }

    pub(super) fn encode(&self, out: &mut dyn Sink) {
        let len = u16::try_from(self.packed.len()).unwrap_or(u16::MAX);
        out.put(&len.to_be_bytes());
        out.put(&self.packed);
    }

    /// What is in it, as the GGEP extension of the same form would say; none where it is empty.
    pub fn value(&self) -> Option<Value> {
        let id: &[u8] = match self.kind {
            ListKind::Ranges => b"R",
            ListKind::PushLocations => b"P",
            ListKind::Alternates => b"A",
        };
        if self.packed.is_empty() {
            return None;
        }
        let item = Item { id, cobs: false, deflate: false, raw: &self.packed, start: 0, offset: 0 };
        item.value(Place::HeadPong).ok()
    }
}

impl Serialize for List {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value() {
            Some(value) => value.serialize(serializer),
            None => serializer.collect_seq([(); 0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(kind: ListKind, packed: &'static [u8]) -> Option<List> {
        List::new(kind, Bytes::from_static(packed))
    }

    /// VMSG-41
    #[test]
    fn a_list_is_a_whole_number_of_entries() {
        let address = b"\x01\x02\x03\x04\xca\x18";
        let alternates = list(ListKind::Alternates, address).unwrap();
        assert_eq!(serde_json::to_string(&alternates).unwrap(), r#"["1.2.3.4:6346"]"#);
        assert_eq!(list(ListKind::Alternates, &address[..5]), None);
        assert_eq!(list(ListKind::Ranges, address), None);
        assert_eq!(list(ListKind::PushLocations, address), None);
        let empty = list(ListKind::Ranges, b"").unwrap();
        assert_eq!((empty.value(), serde_json::to_string(&empty).unwrap()), (None, "[]".into()));
    }

    #[test]
    fn a_list_has_room_for_65535_bytes() {
        let zeros = |len| List::new(ListKind::Alternates, vec![0; len].into());
        assert!(zeros(10_922 * 6).is_some() && zeros(10_923 * 6).is_none());
    }
}
