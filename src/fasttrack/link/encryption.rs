use std::fmt;

/// What the bytes of a session are enciphered with, as far as that needs no mixing function
/// (FTCIPHER-03). Each has two numbers, which give the same (FTCIPHER-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encryption {
    /// The bytes of the pad as they are: 0x00 and 0x01.
    Straight,
    /// The bytes of the pad through a table: 0x08 and 0x09.
    Shuffled,
}

impl Encryption {
    /// All that we have.
    pub const ALL: [Self; 2] = [Self::Straight, Self::Shuffled];

    /// What this number stands for, if we have it.
    pub const fn of(number: u32) -> Option<Self> {
        match number {
            0x00 | 0x01 => Some(Self::Straight),
            0x08 | 0x09 => Some(Self::Shuffled),
            _ => None,
        }
    }

    /// The number that we say: the one that names every step.
    pub const fn number(self) -> u32 {
        match self {
            Self::Straight => 0x01,
            Self::Shuffled => 0x09,
        }
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x}", self.number())
    }
}
