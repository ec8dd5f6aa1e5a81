use std::fmt;

use super::HeaderText;
use super::form::{after, number};
use crate::gnutella::wire::Guid;

/// What stands for a name that is not told: some servents take no GIV without one (GIV-03).
const NAMELESS: &str = "file";

/// `GIV index:GUID/name`, with which somebody who was pushed begins a connection (GIV-01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Giv {
    pub index: u32,
    /// Who connects.
    pub servent: Guid,
    /// May be empty. It decides nothing (GIV-02).
    pub name: HeaderText,
}

impl Giv {
    /// Reads the line, with or without its ends.
    pub fn parse(line: &str) -> Option<Self> {
        let (index, rest) = after(line, "GIV ")?.split_once(':')?;
        let (servent, name) = rest.split_once('/')?;
        let servent = Guid::from_hex(servent.as_bytes())?;
        let name = HeaderText::of(name.lines().next().unwrap_or_default());
        Some(Self { index: number(index)?, servent, name })
    }
}

/// With the two line feeds behind it.
impl fmt::Display for Giv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, servent, name } = self;
        let name = if name.as_str().is_empty() { NAMELESS } else { name.as_str() };
        write!(f, "GIV {index}:{servent}/{name}\n\n")
    }
}
