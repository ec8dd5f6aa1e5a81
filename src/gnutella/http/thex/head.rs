//! The XML in front of the digests (THEX-03). Real servents write it by hand, and some not as XML wants it,
//! so that it is searched for what it has to say.

use super::super::form::number;
use crate::base::error::Malformed;
use crate::base::reader::Expect;

const SEGMENT: Expect = Expect::new("THEX-03", "a tree is not one of blocks of 1024 bytes");
const DIGEST: Expect = Expect::new("THEX-03", "a tree is not one of Tiger digests");
const ORDER: Expect = Expect::new("THEX-03", "a tree is not stored row by row");
const SIZE: Expect = Expect::new("THEX-03", "a tree does not tell the size of its file");

pub(super) const ALGORITHM: &str = "http://open-content.net/spec/digest/tiger";
pub(super) const BREADTH_FIRST: &str = "http://open-content.net/spec/thex/breadthfirst";
const DOCTYPE: &str = "http://open-content.net/spec/thex/thex.dtd";

/// What the XML says that others have to know.
#[derive(Debug)]
pub(super) struct TreeHead {
    pub(super) size: u64,
    /// The id of the record with the digests.
    pub(super) uri: Option<String>,
}

impl TreeHead {
    pub(super) fn read(xml: &[u8]) -> Result<Self, Malformed> {
        let xml = String::from_utf8_lossy(xml);
        let of = |element, name| attribute(&xml, element, name);
        let is = |element, name, value| of(element, name).is_none_or(|found| found.trim() == value);
        let size = of("file", "size").and_then(number).ok_or(SIZE.broken_at(0))?;
        if !is("file", "segmentsize", "1024") {
            return Err(SEGMENT.broken_at(0));
        }
        if !is("digest", "algorithm", ALGORITHM) || !is("digest", "outputsize", "24") {
            return Err(DIGEST.broken_at(0));
        }
        if !is("serializedtree", "type", BREADTH_FIRST) {
            return Err(ORDER.broken_at(0));
        }
        Ok(Self { size, uri: of("serializedtree", "uri").map(str::to_owned) })
    }
}

/// The XML that both gtk-gnutella and LimeWire read.
pub(super) fn xml(size: u64, depth: u8, uri: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
         <!DOCTYPE hashtree SYSTEM \"{DOCTYPE}\">\r\n\
         <hashtree>\r\n\
         <file size=\"{size}\" segmentsize=\"1024\"/>\r\n\
         <digest algorithm=\"{ALGORITHM}\" outputsize=\"24\"/>\r\n\
         <serializedtree depth=\"{depth}\" type=\"{BREADTH_FIRST}\" uri=\"{uri}\"/>\r\n\
         </hashtree>\r\n"
    )
}

/// The value of an attribute of the first element with this name, between quotes of either kind.
fn attribute<'a>(xml: &'a str, element: &str, name: &str) -> Option<&'a str> {
    let start = xml.match_indices('<').find_map(|(at, _)| {
        let rest = xml.get(at.saturating_add(1)..)?.strip_prefix(element)?;
        rest.starts_with(|first: char| first.is_ascii_whitespace()).then_some(rest)
    })?;
    let mut rest = start.split('>').next()?;
    loop {
        let (known, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, behind) = after.strip_prefix(quote)?.split_once(quote)?;
        if known.trim() == name {
            return Some(value);
        }
        rest = behind;
    }
}
