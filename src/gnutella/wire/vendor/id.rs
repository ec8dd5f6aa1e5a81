use std::fmt;

use serde::Serialize;

use crate::gnutella::wire::VendorCode;

/// Names a vendor message: who defined it, which one it is, and how it is laid out (VMSG-01).
///
/// ```text
/// 0  4  vendor
/// 4  2  selector, little-endian
/// 6  2  version, little-endian
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct MessageId {
    pub vendor: VendorCode,
    pub selector: u16,
    pub version: u16,
}

impl MessageId {
    /// Bytes that it takes on the wire.
    pub const LEN: usize = 8;

    /// The message with this selector and version of this vendor.
    pub const fn new(vendor: VendorCode, selector: u16, version: u16) -> Self {
        Self { vendor, selector, version }
    }

    /// Any eight bytes name a message, though perhaps one that nobody knows.
    pub const fn from_bytes([a, b, c, d, e, f, g, h]: [u8; Self::LEN]) -> Self {
        let vendor = VendorCode([a, b, c, d]);
        Self::new(vendor, u16::from_le_bytes([e, f]), u16::from_le_bytes([g, h]))
    }

    /// As it stands on the wire.
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let VendorCode([a, b, c, d]) = self.vendor;
        let ([e, f], [g, h]) = (self.selector.to_le_bytes(), self.version.to_le_bytes());
        [a, b, c, d, e, f, g, h]
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}v{}", self.vendor, self.selector, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VMSG-02, VMSG-03
    #[test]
    fn an_id_is_read_and_written_and_shown() {
        let bytes = *b"BEAR\x0c\x00\x01\x02";
        let id = MessageId::from_bytes(bytes);
        assert_eq!(id, MessageId::new(VendorCode(*b"BEAR"), 12, 0x0201));
        assert_eq!((id.to_bytes(), id.to_string().as_str()), (bytes, "BEAR/12v513"));
        assert_eq!(MessageId::CAPABILITIES_V0.to_string(), "null/10v0");
        let shown = serde_json::to_string(&MessageId::MESSAGES_SUPPORTED).unwrap();
        assert_eq!(shown, r#"{"vendor":"null","selector":0,"version":0}"#);
    }
}
