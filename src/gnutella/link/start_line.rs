use std::fmt;

use serde::{Serialize, Serializer};

use crate::base::error::Malformed;
use crate::base::reader::Expect;

const UNKNOWN: Expect = Expect::new("HAND-04", "the first line is not one of Gnutella");

/// The first line of the head of a handshake, understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartLine {
    /// `GNUTELLA CONNECT/0.6` (HAND-02).
    Request { version: Version },
    /// `GNUTELLA/0.6 200 OK` (HAND-03), or `GNUTELLA OK` of version 0.4 (HAND-59).
    Answer { version: Version, code: u16 },
}

impl StartLine {
    /// The code of an answer that accepts; all others refuse.
    pub const ACCEPTED: u16 = 200;

    /// Reads a first line without its end. Higher versions than 0.6 are accepted (HAND-05), and so
    /// is an answer without a reason (HAND-06).
    pub fn parse(line: &str) -> Result<Self, Malformed> {
        if let Some(version) = line.strip_prefix("GNUTELLA CONNECT/") {
            let version = Version::parse(version).ok_or(UNKNOWN.broken_at(0))?;
            return Ok(Self::Request { version });
        }
        if line == "GNUTELLA OK" {
            return Ok(Self::Answer { version: Version(0, 4), code: Self::ACCEPTED });
        }
        Self::answer(line).ok_or(UNKNOWN.broken_at(0))
    }

    fn answer(line: &str) -> Option<Self> {
        let (version, status) = line.strip_prefix("GNUTELLA/")?.split_once(' ')?;
        let code = status.split(' ').next()?;
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
        let code = code.parse().ok().filter(|_| is_code)?;
        Some(Self::Answer { version: Version::parse(version)?, code })
    }
}

/// A version such as 0.6: two numbers, of which the second is no fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16);

impl Version {
    /// Reads `major.minor` and nothing else (HAND-20).
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self(capped(major)?, capped(minor)?))
    }
}

/// Decimal digits alone: no sign, no blank.
pub(super) fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The same, for numbers of which only the order matters: the largest stands for all that are larger.
fn capped(text: &str) -> Option<u16> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u16::MAX))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor) = self;
        write!(f, "{major}.{minor}")
    }
}

/// As a list of two numbers.
impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0, self.1).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V06: Version = Version(0, 6);

    /// HAND-02, HAND-03, HAND-05, HAND-06, HAND-59.
    #[test]
    fn the_lines_of_gnutella_are_told_apart() {
        let answer = |version, code| Ok(StartLine::Answer { version, code });
        assert_eq!(
            StartLine::parse("GNUTELLA CONNECT/0.7"),
            Ok(StartLine::Request { version: Version(0, 7) })
        );
        assert_eq!(StartLine::parse("GNUTELLA/0.6 200 OK"), answer(V06, 200));
        assert_eq!(StartLine::parse("GNUTELLA/0.6 503 No room at all"), answer(V06, 503));
        assert_eq!(StartLine::parse("GNUTELLA/0.6 403"), answer(V06, 403));
        assert_eq!(StartLine::parse("GNUTELLA OK"), answer(Version(0, 4), 200));
        let far = Ok(StartLine::Request { version: Version(u16::MAX, 6) });
        assert_eq!(StartLine::parse("GNUTELLA CONNECT/99999.6"), far);
    }

    /// HAND-04.
    #[test]
    fn any_other_line_is_refused() {
        for line in [
            "",
            "GNUTELLA",
            "GNUTELLA CONNECT/",
            "GNUTELLA CONNECT/6",
            "GNUTELLA CONNECT/0.6 ",
            "GNUTELLA CONNECT/0.6 please",
            "gnutella connect/0.6",
            "GNUTELLA/0.6",
            "GNUTELLA/0.6 20 OK",
            "GNUTELLA/0.6 +20 OK",
            "GNUTELLA/0.6 2000 OK",
            "GNUTELLA/0.6  200 OK",
            "GNUTELLA/x 200 OK",
            "GET / HTTP/1.1",
        ] {
            assert_eq!(StartLine::parse(line).unwrap_err().rule.id(), "HAND-04", "{line:?}");
        }
    }
}
