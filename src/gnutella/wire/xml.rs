use std::borrow::Cow;

use super::inflate::{Wrapper, inflate_wrapped};
use crate::base::error::Malformed;
use crate::base::limits::XML_INFLATED_LEN_MAX;
use crate::base::reader::Expect;

const BROKEN: Expect = Expect::new("HIT-23", "the XML does not inflate");
const TOO_LONG: Expect = Expect::new("HIT-23", "the XML inflates to too much");

/// The XML block at the end of a query hit, as it was sent (HIT-22, HIT-23).
///
/// ```text
/// perhaps a form in braces: {}, {plaintext}, {deflate}, {gzip}
/// text, or a zlib or gzip stream of it
/// NUL
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Xml<'a>(pub &'a [u8]);

impl<'a> Xml<'a> {
    /// The text without braces and NUL.
    pub fn text(self) -> Result<Cow<'a, [u8]>, Malformed> {
        let (form, body) = self.split();
        let wrapper = match form.to_ascii_lowercase().as_slice() {
            b"{deflate}" => Wrapper::Zlib,
            b"{gzip}" => Wrapper::Gzip,
            _ => return Ok(Cow::Borrowed(body)),
        };
        let text = inflate_wrapped(wrapper, body, XML_INFLATED_LEN_MAX, BROKEN, TOO_LONG);
        text.map(Cow::Owned).map_err(|fault| fault.moved_by(form.len()))
    }

    /// Braces and text, for programs; nothing where there is nothing.
    pub(super) fn shown(self) -> Option<String> {
        let (form, _) = self.split();
        let text = self.text().unwrap_or_default();
        let whole = [form, &text].concat();
        (!whole.is_empty()).then(|| String::from_utf8_lossy(&whole).into_owned())
    }

    /// The form in braces, and what follows it up to the NUL at the end.
    fn split(self) -> (&'a [u8], &'a [u8]) {
        let whole = self.0.strip_suffix(b"\0").unwrap_or(self.0);
        if whole.first() != Some(&b'{') {
            return (b"", whole);
        }
        let form_len =
            whole.iter().position(|&byte| byte == b'}').map_or(0, |end| end.saturating_add(1));
        whole.split_at_checked(form_len).unwrap_or((b"", whole))
    }
}
