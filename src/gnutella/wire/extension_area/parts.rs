use super::SEPARATOR;
use crate::base::error::Malformed;
use crate::base::mutant::mutant;
use crate::base::urn::Urn;
use crate::gnutella::wire::ggep::{self, Items};

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
    /// From a GGEP magic byte, where the block does not parse, to the first separator or NUL at or
    /// behind the extension that breaks it.
    Broken(&'a [u8], Malformed),
}

/// A walk over the extensions of an area.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    area: &'a [u8],
    offset: usize,
}

impl<'a> Parts<'a> {
    pub(super) const fn new(area: &'a [u8]) -> Self {
        Self { area, offset: 0 }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = (usize, Part<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.area.get(self.offset..)?;
        let separators = rest.iter().take_while(|&&byte| byte == SEPARATOR).count();
        let start = self.offset.saturating_add(separators);
        let rest = rest.get(separators..)?;
        let (part, len) = match rest.first()? {
            0 if mutant!(StopsAtNul) => (Part::Padding(rest.len()), rest.len()),
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
            // What was walked over is not walked over again, or a long area of magic bytes would
            // cost the square of its length.
            let after = until_end(items.rest());
            let len = items.offset().saturating_add(after.len());
            let len = if mutant!(StopsAtBrokenBlocks) { rest.len() } else { len };
            (Part::Broken(rest.get(..len).unwrap_or_default(), fault), len)
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

pub(super) fn is_of_known_namespace(text: &[u8]) -> bool {
    NAMESPACES.iter().any(|namespace| {
        text.split_at_checked(namespace.len())
            .is_some_and(|(head, _)| head.eq_ignore_ascii_case(namespace))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HUGE-23: each magic byte begins a block that runs into the same fault at the end.
    #[test]
    fn a_broken_block_is_walked_over_once() {
        let mut area = vec![0xc3];
        area.extend(b"\x01AB\x1c\xc3".repeat(10_000));
        area.push(0x10);
        assert_eq!(Parts::new(&area).count(), 1);
    }
}
