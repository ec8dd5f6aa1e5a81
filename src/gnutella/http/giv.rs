use std::fmt;

use super::percent::Encoded;
use crate::gnutella::wire::Guid;

/// `GIV index:GUID/name`, with which somebody who was pushed begins a connection (GIV-01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Giv {
    pub index: u32,
    /// Who connects.
    pub servent: Guid,
    /// May be empty.
    pub name: String,
}

impl Giv {
    /// Reads the line, without its end.
    pub fn parse(_line: &str) -> Option<Self> {
        None
    }
}

/// Without the two line ends that follow it.
impl fmt::Display for Giv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, servent, name } = self;
        write!(f, "GIV {index}:{servent}/{}", Encoded(name.as_bytes()))
    }
}
