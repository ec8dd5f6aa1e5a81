use crate::base::sig2dat::Sig2dat;
use crate::base::urn::Urn;
use crate::fasttrack::sought::Sought;
use crate::fasttrack::wire::Realm;

/// What users look for, as FastTrack asks for it; none where it cannot: a content that they name by a hash of
/// another network.
pub(super) fn sought(words: &str) -> Option<Sought> {
    if let Some(Sig2dat { hash, .. }) = Sig2dat::parse(words) {
        return Some(Sought::hash(&hash.0));
    }
    let mut urns = words.split_whitespace().filter_map(|word| Urn::parse(word.as_bytes()));
    if let Some(urn) = urns.next() {
        let known = urns.chain([urn]).find_map(|urn| urn.kzhash().copied());
        return known.map(|kzhash| Sought::hash(&kzhash.uuhash.0));
    }
    let is_shown = |c: char| if c.is_control() { ' ' } else { c };
    let words: String = words.chars().map(is_shown).collect();
    let words = words.trim();
    (!words.is_empty()).then(|| Sought::words(words, Realm::EVERYTHING))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::kazaa_hash::UuHash;

    #[test]
    fn words_are_asked_for_and_so_is_a_content_that_fasttrack_knows() {
        let words = |words| Some(Sought::words(words, Realm::EVERYTHING));
        assert_eq!(sought(" two\twords \n"), words("two words"));
        assert_eq!((sought(""), sought(" \0 ")), (None, None));
        let kzhash = format!("urn:kzhash:{}", "0a".repeat(36));
        let content = Some(Sought::hash(&[0x0a; 20]));
        assert_eq!(sought(&kzhash), content);
        let hash = UuHash([0x0a; 20]);
        let link = Sig2dat { hash, name: None, size: None }.to_string();
        assert_eq!(sought(&link), content);
        let sha1 = format!("urn:sha1:{}", "A".repeat(32));
        assert_eq!(sought(&format!("{sha1} name")), None);
        assert_eq!(sought(&format!("{sha1} {kzhash}")), content);
    }
}
