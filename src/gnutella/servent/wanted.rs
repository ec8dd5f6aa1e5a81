//! What a search of ours asks for, as a query says it.

use bytes::{Bytes, BytesMut};

use crate::base::limits::QUERY_FORWARDED_LEN_MAX;
use crate::base::urn::Urn;
use crate::gnutella::wire::ggep::{Oversize, Place, Value, Writer};
use crate::gnutella::wire::{AreaWriter, ExtensionArea, Query, QueryFlags};

/// Bytes of GGEP SO beside other extensions, with which a query takes hits by UDP (QUERY-27).
const SECURE_LEN: usize = 5;

/// Words and contents that are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    text: String,
    urns: Vec<Urn>,
    is_for_new: bool,
}

impl Wanted {
    /// What a user has written: words, and URNs among them.
    pub(super) fn of(words: &str) -> Self {
        let (mut text, mut urns) = (words.replace('\0', " "), Vec::new());
        if words.split_whitespace().any(|word| Urn::parse(word.as_bytes()).is_some()) {
            let words: Vec<&str> = words.split_whitespace().collect();
            urns = words.iter().filter_map(|word| Urn::parse(word.as_bytes())).collect();
            let others = words.into_iter().filter(|word| Urn::parse(word.as_bytes()).is_none());
            text = others.collect::<Vec<_>>().join(" ");
        }
        let is_for_new = urns.is_empty() && text.trim().eq_ignore_ascii_case(Query::WHATS_NEW);
        if is_for_new {
            text = Query::WHATS_NEW.to_owned();
        }
        Self { text, urns, is_for_new }
    }

    /// Whether it asks for what is new.
    pub(super) const fn is_for_new(&self) -> bool {
        self.is_for_new
    }

    /// The payload of a query for it. `takes_hits` says whether hits may come by UDP; nobody would pass on
    /// what gets too long by it.
    pub(super) fn to_payload(&self, flags: QueryFlags, takes_hits: bool) -> Bytes {
        let plain = self.encode(flags, false);
        if takes_hits && plain.len().saturating_add(SECURE_LEN) <= QUERY_FORWARDED_LEN_MAX {
            return self.encode(flags.with_out_of_band(), true);
        }
        plain
    }

    fn encode(&self, flags: QueryFlags, takes_hits: bool) -> Bytes {
        let mut payload = BytesMut::new();
        let text = Bytes::copy_from_slice(self.text.as_bytes());
        Query { flags, text, extensions: self.extensions(takes_hits) }.encode(&mut payload);
        payload.freeze()
    }

    fn extensions(&self, takes_hits: bool) -> ExtensionArea {
        let mut area = AreaWriter::new();
        for urn in &self.urns {
            // What stands for the content alone is understood by more programs than both together.
            area.put_urn(&urn.sha1().map_or(*urn, |sha1| Urn::Sha1(*sha1)));
        }
        let mut writer = Writer::new();
        let mut put = |id, value| {
            // None of these is ever too long.
            let _: Result<&mut Writer, Oversize> = writer.put_value(id, Place::Query, &value);
        };
        if self.is_for_new {
            put("WH", Value::Number(1));
        }
        // Whoever has a part of a content that we know is a source of it (GGEP-64).
        if !self.urns.is_empty() {
            put("PR", Value::Mark);
        }
        if takes_hits {
            put("SO", Value::Mark);
        }
        area.put_block(&writer.finish());
        area.finish(Place::Query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URN: &str = "urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";

    fn shown(words: &str, takes_hits: bool) -> String {
        let payload = Wanted::of(words).to_payload(QueryFlags::marked(), takes_hits);
        payload.escape_ascii().to_string()
    }

    /// QUERY-27
    #[test]
    fn words_stay_as_they_are() {
        assert_eq!(shown("winter  night", false), r"\x80\x00winter  night\x00");
        assert_eq!(shown("winter\0night", true), r"\x84\x00winter night\x00\xc3\x82SO@");
    }

    /// QUERY-17, GGEP-64
    #[test]
    fn contents_stand_behind_the_words() {
        let asked = format!(r"\x80\x00night\x00{URN}\x1c\xc3\x82PR@");
        assert_eq!(shown(&format!("{URN} night"), false), asked);
        let bitprint = URN.replace("sha1", "bitprint") + ".LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ";
        assert_eq!(shown(&bitprint, false), format!(r"\x80\x00\x00{URN}\x1c\xc3\x82PR@"));
    }

    /// QUERY-19
    #[test]
    fn what_is_new_is_asked_for_twice() {
        let asked = r"\x80\x00WhatIsNewXOXO\x00\xc3\x82WHA\x01";
        assert_eq!(shown(" whatisnewxoxo ", false), asked);
        assert!(!Wanted::of("whatisnewxoxo today").is_for_new());
    }

    /// QUERY-20
    #[test]
    fn hits_by_udp_are_asked_for_as_long_as_that_has_room() {
        let len = |text_len: usize| {
            Wanted::of(&"a".repeat(text_len)).to_payload(QueryFlags::marked(), true).len()
        };
        let most = QUERY_FORWARDED_LEN_MAX - 3 - SECURE_LEN;
        assert_eq!((len(most), len(most + 1)), (QUERY_FORWARDED_LEN_MAX, most + 1 + 3));
    }
}
