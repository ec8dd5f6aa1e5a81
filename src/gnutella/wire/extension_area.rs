use std::fmt;
use std::str;

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::ggep::{self, Item, Items, Place, ShownItems, Value};
use crate::base::error::{Faults, Malformed};
use crate::base::reader::Expect;
use crate::base::show::Quoted;
use crate::base::urn::Urn;

/// The byte between two extensions.
const SEPARATOR: u8 = 0x1c;

const BAD_URN: Expect = Expect::new("HUGE-17", "a URN of a known kind has no readable digest");
const NO_COLON: Expect = Expect::new("HUGE-16", "the letters urn stand without a colon");
const BAD_BLOCK: Expect = Expect::new("HUGE-23", "a GGEP block does not parse");

/// Namespaces whose URNs we can read.
const NAMESPACES: [&[u8]; 10] = [
    b"urn:sha1:",
    b"urn:bitprint:",
    b"urn:ttroot:",
    b"urn:tree:tiger:",
    b"urn:tree:tiger/:",
    b"urn:ed2k:",
    b"urn:ed2khash:",
    b"urn:md5:",
    b"urn:btih:",
    b"urn:nms1:",
];

/// The area behind the text of a query or behind the name in a record of a query hit: URNs, GGEP
/// blocks, XML and free text, in any order, separated by 0x1c where they do not end by themselves.
///
/// The bytes are kept as they came; [`parts`](Self::parts) reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtensionArea {
    bytes: Bytes,
    place: Place,
}

/// One extension in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// The name of a file's content.
    Urn(Urn),
    /// `urn:` or `urn:sha1` and the like: please send names of that kind. Not a filter.
    UrnRequest(&'a [u8]),
    /// One whole GGEP block, its magic byte included.
    Ggep(&'a [u8]),
    /// XML, unread.
    Xml(&'a [u8]),
    /// Anything else up to the next separator or NUL.
    Text(&'a [u8]),
    /// This many NULs.
    Padding(usize),
    /// From a GGEP magic byte to the next separator or NUL, where the block does not parse.
    Broken(&'a [u8], Malformed),
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
        Parts { area: &self.bytes, offset: 0 }
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

/// A walk over the extensions of an area.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    area: &'a [u8],
    offset: usize,
}

impl<'a> Iterator for Parts<'a> {
    type Item = (usize, Part<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.area.get(self.offset..)?;
        let separators = rest.iter().take_while(|&&byte| byte == SEPARATOR).count();
        let start = self.offset.saturating_add(separators);
        let rest = rest.get(separators..)?;
        let (part, len) = match rest.first()? {
            0 => padding(rest),
            &ggep::MAGIC => block(rest),
            b'<' => xml_or_text(rest),
            b'u' | b'U' => urn_or_text(rest),
            _ => text(rest),
        };
        self.offset = start.saturating_add(len);
        Some((start, part))
    }
}

fn padding(rest: &[u8]) -> (Part<'_>, usize) {
    let len = rest.iter().take_while(|&&byte| byte == 0).count();
    (Part::Padding(len), len)
}

fn block(rest: &[u8]) -> (Part<'_>, usize) {
    let mut items = Items::one_block(rest, 0);
    match items.by_ref().find_map(Result::err) {
        None => {
            let len = rest.len().saturating_sub(items.rest().len());
            (Part::Ggep(rest.get(..len).unwrap_or_default()), len)
        }
        Some(fault) => {
            let broken = until_end(rest);
            (Part::Broken(broken, fault), broken.len())
        }
    }
}

fn xml_or_text(rest: &[u8]) -> (Part<'_>, usize) {
    let begins_tag = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'?' | b'!');
    if !rest.get(1).is_some_and(begins_tag) {
        return text(rest);
    }
    let xml = until_end(rest);
    (Part::Xml(xml), xml.len())
}

fn urn_or_text(rest: &[u8]) -> (Part<'_>, usize) {
    if let Some((urn, after)) = Urn::parse_prefix(rest)
        && after.first().is_none_or(|&byte| ends_urn(byte))
    {
        return (Part::Urn(urn), rest.len().saturating_sub(after.len()));
    }
    let len = rest.iter().position(|&byte| ends_urn(byte)).unwrap_or(rest.len());
    let token = rest.get(..len).unwrap_or_default();
    if is_request(token) {
        return (Part::UrnRequest(token), len);
    }
    text(rest)
}

fn text(rest: &[u8]) -> (Part<'_>, usize) {
    let text = until_end(rest);
    (Part::Text(text), text.len())
}

fn until_end(rest: &[u8]) -> &[u8] {
    rest.split(|&byte| byte == SEPARATOR || byte == 0).next().unwrap_or_default()
}

const fn ends_urn(byte: u8) -> bool {
    matches!(byte, SEPARATOR | 0 | ggep::MAGIC)
}

/// `urn:`, perhaps a namespace, perhaps a closing colon.
fn is_request(token: &[u8]) -> bool {
    let Some((prefix, namespace)) = token.split_at_checked(4) else { return false };
    let namespace = namespace.strip_suffix(b":").unwrap_or(namespace);
    prefix.eq_ignore_ascii_case(b"urn:")
        && namespace.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

fn is_of_known_namespace(text: &[u8]) -> bool {
    NAMESPACES.iter().any(|namespace| {
        text.split_at_checked(namespace.len())
            .is_some_and(|(head, _)| head.eq_ignore_ascii_case(namespace))
    })
}

impl Serialize for ExtensionArea {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.parts().map(|(_, part)| Shown { part, place: self.place }))
    }
}

struct Shown<'a> {
    part: Part<'a>,
    place: Place,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lossy = |bytes| String::from_utf8_lossy(bytes);
        let mut map = serializer.serialize_map(Some(1))?;
        match self.part {
            Part::Urn(urn) => map.serialize_entry("urn", &urn)?,
            Part::UrnRequest(text) => {
                map.serialize_entry("urn_request", &lossy(text).to_ascii_lowercase())?;
            }
            Part::Ggep(block) => {
                map.serialize_entry("ggep", &ShownItems { blocks: block, place: self.place })?;
            }
            Part::Xml(xml) => map.serialize_entry("xml", &lossy(xml))?,
            Part::Text(text) => map.serialize_entry("text", &lossy(text))?,
            Part::Padding(len) => map.serialize_entry("padding", &len)?,
            Part::Broken(bytes, _) => {
                map.serialize_entry("bytes", &data_encoding::HEXLOWER.encode(bytes))?;
            }
        }
        map.end()
    }
}

/// A short list of what is there: `urn:sha1:…, GGEP(SCP, QK)`.
impl fmt::Display for ExtensionArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        for (_, part) in self.parts() {
            f.write_str(before)?;
            match part {
                Part::Urn(urn) => write!(f, "{urn}")?,
                Part::UrnRequest(text) => write!(f, "wants {}", text.escape_ascii())?,
                Part::Ggep(block) => {
                    ggep::summarise(Items::one_block(block, 0).map_while(Result::ok), f)?;
                }
                Part::Xml(xml) => write!(f, "XML of {} bytes", xml.len())?,
                Part::Text(text) => write!(f, "{}", Quoted(text))?,
                Part::Padding(_) => continue,
                Part::Broken(bytes, _) => write!(f, "{} broken bytes", bytes.len())?,
            }
            before = ", ";
        }
        Ok(())
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
        assert_eq!(shown, format!(r#"[{{"urn":"{SHA1}"}},{{"ggep":[{{"id":"NP","value":true}}]}}]"#));
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
