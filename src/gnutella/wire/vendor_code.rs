use std::fmt;

use serde::{Serialize, Serializer};

/// Four bytes that name a servent's maker, such as `GTKG`, `LIME` or `FILB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VendorCode(pub [u8; 4]);

impl VendorCode {
    /// Four NULs: the code of messages that belong to no maker.
    pub const NULL: Self = Self([0; 4]);
    /// Ours.
    pub const FILBERT: Self = Self(*b"FILB");
}

impl fmt::Display for VendorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NULL {
            return f.write_str("null");
        }
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// Programs see each byte as the character of that number, so that no code is lost (HIT-16).
impl Serialize for VendorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::NULL {
            return serializer.serialize_str("null");
        }
        serializer.serialize_str(&self.0.map(char::from).iter().collect::<String>())
    }
}
