use crate::base::urn::Urn;
use crate::fasttrack::sought::Sought;
use crate::fasttrack::wire::Realm;

/// What users look for, as FastTrack asks for it; none where it cannot: a content that they name by a hash of
/// another network.
pub(super) fn sought(words: &str) -> Option<Sought> {
    let is_urn = |word: &str| Urn::parse(word.as_bytes()).is_some();
    if words.split_whitespace().any(is_urn) {
        return None;
    }
    let is_shown = |c: char| if c.is_control() { ' ' } else { c };
    let words: String = words.chars().map(is_shown).collect();
    let words = words.trim();
    (!words.is_empty()).then(|| Sought::words(words, Realm::EVERYTHING))
}
