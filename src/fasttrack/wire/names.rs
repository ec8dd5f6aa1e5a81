use std::borrow::Cow;

use crate::base::limits::FASTTRACK_USER_LEN_MAX;

/// What a user is called whose name is not known.
const UNKNOWN: &str = "unknown";

/// A user name as a node may send it (FTWIRE-11): printable ASCII without blank and @, all else as `_`,
/// 31 bytes at most, and not empty.
pub fn harmless_user(name: &[u8]) -> Cow<'_, str> {
    match harmless(name) {
        name if name.is_empty() => Cow::Borrowed(UNKNOWN),
        name => name,
    }
}

/// The same of the name of a network, which may be empty.
pub fn harmless_network(name: &[u8]) -> Cow<'_, str> {
    harmless(name)
}

fn harmless(name: &[u8]) -> Cow<'_, str> {
    let name = name.get(..FASTTRACK_USER_LEN_MAX).unwrap_or(name);
    let is_harmless = |byte: &u8| byte.is_ascii_graphic() && *byte != b'@';
    match std::str::from_utf8(name) {
        Ok(text) if name.iter().all(is_harmless) => Cow::Borrowed(text),
        _ => {
            let shown = |byte: &u8| if is_harmless(byte) { char::from(*byte) } else { '_' };
            Cow::Owned(name.iter().map(shown).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FTWIRE-11
    #[test]
    fn a_name_that_is_sent_on_has_nothing_in_it_that_could_do_harm() {
        assert_eq!(harmless_user(b"giftuser"), "giftuser");
        assert_eq!(harmless_user(b"a b@c\x01\x02\0\xe9"), "a_b_c____");
        assert_eq!(harmless_user(b""), "unknown");
        assert_eq!(harmless_network(b""), "");
        assert_eq!(harmless_network(b"KaZaA\r\n"), "KaZaA__");
    }

    /// FTWIRE-11: 31 bytes, and not one more.
    #[test]
    fn a_name_is_cut_at_its_limit() {
        let long = [b'a'; FASTTRACK_USER_LEN_MAX + 1];
        let at = &long[..FASTTRACK_USER_LEN_MAX];
        assert_eq!(harmless_user(at).as_bytes(), at);
        assert_eq!(harmless_user(&long).as_bytes(), at);
    }
}
