use std::net::SocketAddrV4;

use bytes::{Bytes, BytesMut};
use serde::{Serialize, Serializer};

use super::CrawlerPing;
use super::parts::{Sink, address, put_address};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};

const CUT: Expect = Expect::new("VMSG-25", "the entries of the crawler pong end early");

/// Neighbours of one kind in a crawler pong, packed as they came (VMSG-25).
///
/// ```text
/// 4  IPv4 address
/// 2  port, little-endian
/// 2  minutes connected, little-endian, with feature 0x01
/// 2  letters of the language, with feature 0x02
/// 4  number of replies, little-endian, with feature 0x20
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    features: u8,
    packed: Bytes,
}

/// One neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub address: SocketAddrV4,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show_language")]
    pub language: Option<[u8; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replies: Option<u32>,
}

impl Entries {
    /// Packs at most 255 neighbours. What the features want and an entry lacks is written as zero.
    pub fn new(features: u8, entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut packed = BytesMut::new();
        for entry in entries.into_iter().take(u8::MAX.into()) {
            entry.encode(features, &mut packed);
        }
        Self { features, packed: packed.freeze() }
    }

    pub(super) fn decode(
        features: u8,
        count: u8,
        payload: &Bytes,
        body: &mut Reader<'_>,
    ) -> Result<Self, Malformed> {
        let len = usize::from(count).saturating_mul(entry_len(features));
        Ok(Self { features, packed: payload.slice_ref(body.take(len, CUT)?) })
    }

    /// The neighbours, one by one.
    pub fn iter(&self) -> impl Iterator<Item = Entry> {
        let mut reader = Reader::new(&self.packed);
        std::iter::from_fn(move || Entry::decode(self.features, &mut reader).ok())
    }

    /// How many there are.
    pub fn count(&self) -> u8 {
        let count = self.packed.len().checked_div(entry_len(self.features));
        count.and_then(|count| u8::try_from(count).ok()).unwrap_or(u8::MAX)
    }

    pub(super) const fn packed(&self) -> &Bytes {
        &self.packed
    }
}

impl Entry {
    fn decode(features: u8, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let has = |feature: u8| features & feature != 0;
        Ok(Self {
            address: address(reader, CUT)?,
            minutes: has(CrawlerPing::MINUTES).then(|| reader.u16_le(CUT)).transpose()?,
            language: has(CrawlerPing::LANGUAGE).then(|| reader.array(CUT)).transpose()?,
            replies: has(CrawlerPing::REPLIES).then(|| reader.u32_le(CUT)).transpose()?,
        })
    }

    fn encode(&self, features: u8, out: &mut dyn Sink) {
        put_address(out, self.address);
        if features & CrawlerPing::MINUTES != 0 {
            out.put(&self.minutes.unwrap_or_default().to_le_bytes());
        }
        if features & CrawlerPing::LANGUAGE != 0 {
            out.put(&self.language.unwrap_or_default());
        }
        if features & CrawlerPing::REPLIES != 0 {
            out.put(&self.replies.unwrap_or_default().to_le_bytes());
        }
    }
}

/// Bytes of one entry: 6 to 14.
const fn entry_len(features: u8) -> usize {
    let mut len = 6_usize;
    if features & CrawlerPing::MINUTES != 0 {
        len = len.saturating_add(2);
    }
    if features & CrawlerPing::LANGUAGE != 0 {
        len = len.saturating_add(2);
    }
    if features & CrawlerPing::REPLIES != 0 {
        len = len.saturating_add(4);
    }
    len
}

impl Serialize for Entries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

fn show_language<S: Serializer>(language: &Option<[u8; 2]>, s: S) -> Result<S::Ok, S::Error> {
    crate::base::show::text(language.unwrap_or_default(), s)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            address: "1.2.3.4:6346".parse().unwrap(),
            minutes: Some(90),
            language: Some(*b"en"),
            replies: Some(7),
        }
    }

    /// VMSG-25
    #[test]
    fn an_entry_has_what_the_features_say() {
        let all = CrawlerPing::MINUTES | CrawlerPing::LANGUAGE | CrawlerPing::REPLIES;
        let (entries, plain) = (Entries::new(all, [entry()]), Entries::new(0, [entry(); 2]));
        assert_eq!(entries.packed()[..], *b"\x01\x02\x03\x04\xca\x18\x5a\x00en\x07\0\0\0");
        assert_eq!(entries.iter().collect::<Vec<_>>(), [entry()]);
        assert_eq!(plain.packed().len(), 12);
        let bare = Entry { minutes: None, language: None, replies: None, ..entry() };
        assert_eq!((plain.iter().collect::<Vec<_>>(), plain.count()), (vec![bare; 2], 2));
        let shown = serde_json::to_string(&entries).unwrap();
        let expected = r#"[{"address":"1.2.3.4:6346","minutes":90,"language":"en","replies":7}]"#;
        assert_eq!(shown, expected);
    }

    #[test]
    fn no_more_entries_are_packed_than_can_be_counted() {
        assert_eq!(Entries::new(0, [entry(); 256]).packed().len(), 255 * 6);
    }

    /// VMSG-25
    #[test]
    fn entries_that_are_cut_are_refused() {
        let payload = Bytes::from_static(&[0; 16]);
        let decode = |count| {
            Entries::decode(CrawlerPing::MINUTES, count, &payload, &mut Reader::new(&payload))
        };
        assert_eq!(decode(2).unwrap().count(), 2);
        assert_eq!(decode(3).unwrap_err().rule.id(), "VMSG-25");
    }
}
