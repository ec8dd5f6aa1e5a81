use std::borrow::Cow;

use bytes::Bytes;

use crate::base::urn::Urn;
use crate::gnutella::wire::ggep::Place;
use crate::gnutella::wire::{AreaWriter, ExtensionArea};

/// The text of a query that has no words (QUERY-17).
const NO_WORDS: &str = "\\";

/// What one of our searches is for: words, and perhaps one content (QUERY-31).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sought<'a> {
    words: Cow<'a, str>,
    sha1: Option<[u8; 20]>,
}

impl<'a> Sought<'a> {
    /// Reads what the user has typed: a word that is a URN with a SHA-1 names the content, and the others
    /// are words. Where there are several such URNs, the first one counts.
    pub(super) fn parse(typed: &'a str) -> Self {
        let sha1 = |word: &str| Urn::parse(word.as_bytes())?.sha1().copied();
        let Some(content) = typed.split_whitespace().find_map(sha1) else {
            return Self { words: Cow::Borrowed(typed), sha1: None };
        };
        let others = typed.split_whitespace().filter(|word| sha1(word).is_none());
        let words: Vec<&str> = others.collect();
        Self { words: Cow::Owned(words.join(" ")), sha1: Some(content) }
    }

    /// As a query has it. A NUL would end it.
    pub(super) fn text(&self) -> Bytes {
        let is_bare = self.sha1.is_some() && self.words.trim().is_empty();
        let words = if is_bare { NO_WORDS } else { &self.words };
        Bytes::copy_from_slice(words.replace('\0', " ").as_bytes())
    }

    /// What follows the text: the content, then a block of GGEP.
    pub(super) fn extensions(&self, block: &[u8]) -> ExtensionArea {
        let mut writer = AreaWriter::new();
        if let Some(sha1) = self.sha1 {
            writer.put_urn(&Urn::Sha1(sha1));
        }
        writer.put_block(block);
        writer.finish(Place::Query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URN: &str = "urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";

    fn shown(typed: &str) -> (String, String) {
        let sought = Sought::parse(typed);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&sought.text()), text(sought.extensions(b"").as_bytes()))
    }

    /// QUERY-31
    #[test]
    fn a_urn_among_the_words_is_the_content_that_is_looked_for() {
        let wanted = ("two words".to_owned(), URN.to_owned());
        assert_eq!(shown(&format!("two {URN} words")), wanted);
        assert_eq!(shown(&format!("two words {}", URN.to_lowercase())), wanted);
        let root = "LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ";
        let bitprint = format!("urn:bitprint:{}.{root} two words", &URN[9..]);
        assert_eq!(shown(&bitprint), wanted);
    }

    /// QUERY-17
    #[test]
    fn a_content_alone_is_looked_for_with_a_backslash() {
        assert_eq!(shown(URN), ("\\".to_owned(), URN.to_owned()));
    }

    /// QUERY-31
    #[test]
    fn words_without_a_content_stay_as_they_were_typed() {
        for typed in ["two  words", "urn:sha1:short", "urn:md5:d41d8cd98f00b204e9800998ecf8427e"] {
            assert_eq!(shown(typed), (typed.to_owned(), String::new()));
        }
    }
}
