//! The areas in which queries and records of query hits carry URNs, GGEP, XML and free text.
//!
//! - [`ExtensionArea`] keeps the bytes; [`Parts`] walks them; [`AreaWriter`] makes them

mod parts;
mod shown;
mod writer;

use bytes::Bytes;

pub use parts::{Part, Parts};
pub use writer::AreaWriter;

use super::ggep::{self, Item, Items, Place, Value};
use crate::base::error::Faults;
use crate::base::reader::Expect;
use crate::base::urn::Urn;
use parts::is_of_known_namespace;

/// The byte between two extensions.
const SEPARATOR: u8 = 0x1c;

const BAD_URN: Expect = Expect::new("HUGE-17", "a URN of a known kind has no readable digest");
const NO_COLON: Expect = Expect::new("HUGE-16", "the letters urn stand without a colon");
const BAD_BLOCK: Expect = Expect::new("HUGE-23", "a GGEP block does not parse");

/// The area behind the text of a query or behind the name in a record of a query hit: URNs, GGEP
/// blocks, XML and free text, in any order, separated by 0x1c where they do not end by themselves.
///
/// The bytes are kept as they came; [`parts`](Self::parts) reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionArea {
    bytes: Bytes,
    place: Place,
}

impl ExtensionArea {
    /// Bytes that stand in `place`.
    pub const fn new(bytes: Bytes, place: Place) -> Self {
        Self { bytes, place }
    }

    /// The bytes as they came.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The extensions, each with its offset in the area.
    pub fn parts(&self) -> Parts<'_> {
        Parts::new(&self.bytes)
    }

    /// The URNs among them, whether written as text or as GGEP `H` or `u`.
    pub fn urns(&self) -> impl Iterator<Item = Urn> {
        let place = self.place;
        let in_blocks = self.items().filter_map(move |item| match item.value(place) {
            Ok(Value::Urn(urn) | Value::Hash(urn)) => Some(urn),
            Ok(Value::Text(text)) if item.id == b"u" => {
                Urn::parse(format!("urn:{text}").as_bytes())
            }
            _ => None,
        });
        let as_text = self.parts().filter_map(|(_, part)| match part {
            Part::Urn(urn) => Some(urn),
            _ => None,
        });
        as_text.chain(in_blocks)
    }

    /// The GGEP extensions among them.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let blocks = self.parts().filter_map(|(offset, part)| match part {
            Part::Ggep(block) => Some(Items::one_block(block, offset)),
            _ => None,
        });
        blocks.flat_map(|items| items.map_while(Result::ok))
    }

    /// The first GGEP extension of this id.
    pub fn find(&self, id: &str) -> Option<Item<'_>> {
        self.items().find(|item| item.id == id.as_bytes())
    }

    /// What the first GGEP extension of this id means, if it is there and readable.
    pub fn value(&self, id: &str) -> Option<Value> {
        self.find(id)?.value(self.place).ok()
    }

    /// Notes what is wrong; the area stands `start` bytes into its message.
    pub fn inspect(&self, start: usize, faults: &mut Faults) {
        for (offset, part) in self.parts() {
            let start = start.saturating_add(offset);
            match part {
                Part::Ggep(block) => {
                    ggep::inspect(Items::one_block(block, 0), self.place, start, faults);
                }
                Part::Broken(_, fault) => {
                    faults.push(BAD_BLOCK.broken_at(fault.offset.saturating_add(start)));
                }
                Part::Text(text) if is_of_known_namespace(text) => {
                    faults.push(BAD_URN.broken_at(start));
                }
                Part::Text(text) if text.eq_ignore_ascii_case(b"urn") => {
                    faults.push(NO_COLON.broken_at(start));
                }
                Part::Text(_)
                | Part::Urn(_)
                | Part::UrnRequest(_)
                | Part::Xml(_)
                | Part::Padding(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: &str = "urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";

    fn area(bytes: &[u8]) -> ExtensionArea {
        ExtensionArea::new(Bytes::copy_from_slice(bytes), Place::Query)
    }

    fn parts(bytes: &[u8]) -> String {
        serde_json::to_string(&area(bytes)).unwrap()
    }

    #[test]
    fn a_urn_needs_no_separator_before_a_block() {
        let bytes = [SHA1.as_bytes(), b"\xc3\x82NP\x40"].concat();
        let shown = parts(&bytes);
        assert_eq!(
            shown,
            format!(r#"[{{"urn":"{SHA1}"}},{{"ggep":[{{"id":"NP","value":true}}]}}]"#)
        );
    }

    #[test]
    fn a_request_for_urns_is_no_filter() {
        assert_eq!(parts(b"urn:\0"), r#"[{"urn_request":"urn:"},{"padding":1}]"#);
        assert_eq!(parts(b"\x1cURN:SHA1:\x1c"), r#"[{"urn_request":"urn:sha1:"}]"#);
        assert_eq!(area(b"urn:sha1").urns().count(), 0);
    }

    #[test]
    fn a_block_that_does_not_parse_is_kept_and_told() {
        let area = area(b"foo\x1c\xc3\x81A\x7f\xff\x1cbar");
        assert_eq!(
            serde_json::to_string(&area).unwrap(),
            r#"[{"text":"foo"},{"bytes":"c381417fff"},{"text":"bar"}]"#
        );
        let mut faults = Faults::new();
        area.inspect(10, &mut faults);
        assert_eq!(faults.as_slice()[0].offset, 10 + 4 + 4);
    }

    #[test]
    fn a_urn_without_a_readable_digest_is_text_and_a_fault() {
        let mut faults = Faults::new();
        area(b"urn:sha1:SHORT").inspect(0, &mut faults);
        assert_eq!(faults.as_slice()[0].rule.id(), "HUGE-17");
        assert_eq!(parts(b"urn:uuid:7"), r#"[{"text":"urn:uuid:7"}]"#);
    }
}
