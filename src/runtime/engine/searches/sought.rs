use std::borrow::Cow;

use crate::base::magnet::Magnet;
use crate::base::sig2dat::Sig2dat;
use crate::base::urn::Urn;
use crate::control::desk::Refusal;

/// Bytes of the words of a search. More would not be passed on by anybody.
pub(in crate::runtime::engine) const WORDS_LEN_MAX: usize = 253;

/// Whether only FastTrack could know what is sought: a content that is named by its hash there.
pub(in crate::runtime::engine) fn is_of_fasttrack_alone(words: &str) -> bool {
    let is_urn = || Urn::parse(words.trim().as_bytes()).is_some_and(|urn| urn.kzhash().is_some());
    Sig2dat::parse(words).is_some() || is_urn()
}

/// What is to be looked for: words, a URN among them, or what a magnet link names (MAGNET-08).
pub(in crate::runtime::engine) fn sought(words: &str) -> Result<Cow<'_, str>, Refusal> {
    let is_link = words.trim().get(..7).is_some_and(|start| start.eq_ignore_ascii_case("magnet:"));
    if !is_link {
        return Ok(Cow::Borrowed(words));
    }
    let magnets = Magnet::parse(words).unwrap_or_default();
    let named = magnets.first().and_then(named);
    let nothing =
        "this magnet link names neither a content nor words; search for words of its name";
    named.map(Cow::Owned).ok_or_else(|| Refusal::Invalid(nothing.to_owned()))
}

/// A content by its SHA-1, which all know, and by such words as fit beside it, which lead to it (QUERY-34); else by
/// another name of it; else words.
fn named(magnet: &Magnet) -> Option<String> {
    let name = || magnet.name.as_ref().map(|name| name.as_str().to_owned());
    let words = magnet.keywords.clone().or_else(name);
    let urn = || magnet.urns.first().map(ToString::to_string);
    let Some(sha1) = magnet.sha1().map(Urn::Sha1) else { return urn().or(words) };
    let words = words.unwrap_or_default();
    let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| leads_somewhere(word));
    Some(words.fold(sha1.to_string(), |text, word| {
        let len = text.len().saturating_add(1).saturating_add(word.len());
        if len > WORDS_LEN_MAX { text } else { text + " " + word }
    }))
}

/// Shorter words say nothing to the tables of gtk-gnutella.
const fn leads_somewhere(word: &str) -> bool {
    word.len() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    const URN: &str = "urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";

    const BITPRINT: &str = "urn:bitprint:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB.\
                            LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ";

    /// MAGNET-08, QUERY-34
    #[test]
    fn a_link_is_looked_for_by_its_content_and_else_by_its_words() {
        for (link, wanted) in [
            ("slow river", "slow river"),
            (URN, URN),
            (&format!(" Magnet:?dn=a+b&xt={URN}"), URN),
            (&format!("magnet:?dn=slow_river+-+07.ogg&xt={URN}"), &format!("{URN} slow river ogg")),
            (&format!("magnet:?dn=x.ogg&kt=calm+sea&xt={URN}"), &format!("{URN} calm sea")),
            (&format!("magnet:?xt={BITPRINT}"), URN),
            ("magnet:?kt=slow+river&dn=x.ogg", "slow river"),
            ("magnet:?dn=slow%20river.ogg", "slow river.ogg"),
        ] {
            assert_eq!(sought(link).unwrap(), wanted);
        }
        for link in ["magnet:", "magnet:?", "magnet:?tr=http://a/", "magnet:?xs=http://a.example/"]
        {
            assert!(matches!(sought(link), Err(Refusal::Invalid(_))), "{link}");
        }
    }

    /// QUERY-34: at the limit and one past it.
    #[test]
    fn so_many_words_of_a_name_fit_beside_the_content() {
        let room = WORDS_LEN_MAX - URN.len() - " river ".len();
        for (len, fits) in [(room, true), (room + 1, false)] {
            let long = "x".repeat(len);
            let link = format!("magnet:?dn={long}+river&xt={URN}");
            let words = if fits { format!("{URN} {long} river") } else { format!("{URN} {long}") };
            assert_eq!(sought(&link).unwrap(), words);
        }
        let link = format!("magnet:?dn={}+river&xt={URN}", "x".repeat(WORDS_LEN_MAX - URN.len()));
        assert_eq!(sought(&link).unwrap(), format!("{URN} river"));
    }
}
