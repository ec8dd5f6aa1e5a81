use std::fmt;

/// The type word of a message: what it is in the low byte, how it travels in the high one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u16);

impl Kind {
    /// Set where a routing header stands in front of the payload.
    pub const UNICAST: u16 = 0x8000;
    /// Set where a message goes to all supernodes.
    pub const BROADCAST: u16 = 0xc000;

    /// The same without the bits that say how it travels.
    pub const fn inner(self) -> Self {
        Self(self.0 & !Self::BROADCAST)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x}", self.0)
    }
}
