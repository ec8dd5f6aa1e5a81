use crate::base::mutant::mutant;
use crate::gnutella::link::Head;

/// A version of HTTP that is spoken here. A higher minor version is as good as 1.1 (HTTP-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HttpVersion {
    Http10,
    Http11,
}

impl HttpVersion {
    /// Reads what stands behind `HTTP/`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once('.')?;
        let is_minor = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
        match (major, minor) {
            ("1", "0") => Some(Self::Http10),
            ("1", _) if is_minor => Some(Self::Http11),
            _ => None,
        }
    }

    /// Whether a connection stays open by what the header `Connection` says, or by itself (HTTP-14).
    pub(super) fn keeps_connection(self, head: &Head) -> bool {
        let says =
            |word: &str| head.items("Connection").any(|item| item.eq_ignore_ascii_case(word));
        match self {
            Self::Http11 => !says("close") || mutant!(StaysWhenAskedToClose),
            Self::Http10 => says("keep-alive") && !says("close"),
        }
    }
}
