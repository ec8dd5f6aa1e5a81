use bytes::Bytes;

use super::{ExtensionArea, Part, SEPARATOR};
use crate::base::urn::Urn;
use crate::gnutella::wire::ggep::Place;

/// Makes an area, with separators where they are needed (HUGE-01). Put GGEP last (HUGE-04).
#[derive(Clone, Debug, Default)]
pub struct AreaWriter {
    bytes: Vec<u8>,
    after_padding: bool,
}

impl AreaWriter {
    /// An empty area.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), after_padding: false }
    }

    /// Adds a URN in its normal form.
    pub fn put_urn(&mut self, urn: &Urn) -> &mut Self {
        self.put(urn.to_string().as_bytes())
    }

    /// Adds a whole GGEP block; an empty one leaves no trace.
    pub fn put_block(&mut self, block: &[u8]) -> &mut Self {
        if block.is_empty() { self } else { self.put(block) }
    }

    /// Adds a part as it was read, a URN and a request for URNs in their normal forms.
    pub fn put_part(&mut self, part: &Part<'_>) -> &mut Self {
        match part {
            Part::Urn(urn) => self.put_urn(urn),
            Part::UrnRequest(request) => self.put(&request.to_ascii_lowercase()),
            Part::Ggep(bytes) | Part::Xml(bytes) | Part::Text(bytes) | Part::Broken(bytes, _) => {
                self.put(bytes)
            }
            Part::Padding(len) => {
                self.bytes.resize(self.bytes.len().saturating_add(*len), 0);
                self.after_padding = true;
                self
            }
        }
    }

    /// The finished area.
    pub fn finish(self, place: Place) -> ExtensionArea {
        ExtensionArea::new(Bytes::from(self.bytes), place)
    }

    fn put(&mut self, part: &[u8]) -> &mut Self {
        if !self.bytes.is_empty() && !self.after_padding {
            self.bytes.push(SEPARATOR);
        }
        self.after_padding = false;
        self.bytes.extend_from_slice(part);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HUGE-01, HUGE-22
    #[test]
    fn parts_are_separated_unless_a_nul_does_it() {
        let area = b"\x1cURN:SHA1:plsthipqgsszts5fjupakuzwugyqypfb\xc3\x82NP\x40\0foo\x1c\x1cbar";
        let area = ExtensionArea::new(Bytes::from_static(area), Place::Query);
        let mut writer = AreaWriter::new();
        for (_, part) in area.parts() {
            writer.put_part(&part);
        }
        let expected = b"urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB\x1c\xc3\x82NP\x40\0foo\x1cbar";
        assert_eq!(writer.finish(Place::Query).as_bytes()[..], expected[..]);
    }
}
