use std::fmt;

/// The type word of a message: what it is in the low byte, how it travels in the high one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u16);

impl Kind {
    pub const NODE_LIST: Self = Self(0x00);
    pub const TABLE: Self = Self(0x01);
    pub const NODE_INFO: Self = Self(0x02);
    pub const SEND_SHARES: Self = Self(0x03);
    pub const UNSHARE: Self = Self(0x05);
    pub const SEARCH: Self = Self(0x06);
    pub const RESULTS: Self = Self(0x07);
    pub const SEARCH_END: Self = Self(0x08);
    pub const NETWORK_STATS: Self = Self(0x09);
    pub const FORWARDED_SEARCH: Self = Self(0x0a);
    pub const PUSH: Self = Self(0x0d);
    pub const UDP_TEST: Self = Self(0x15);
    pub const UDP_REACHED: Self = Self(0x16);
    pub const UDP_MISSED: Self = Self(0x17);
    pub const NETWORK_NAME: Self = Self(0x1d);
    pub const CONFIG_REVISION: Self = Self(0x1e);
    pub const NETWORK_CONFIG: Self = Self(0x1f);
    pub const RANDOM_FILES_REQUEST: Self = Self(0x20);
    pub const RANDOM_FILES: Self = Self(0x21);
    pub const SHARE: Self = Self(0x22);
    pub const GREETING_NUMBER: Self = Self(0x23);
    pub const BROADCAST_STATS: Self = Self(0x24);
    pub const VERSION: Self = Self(0x26);
    pub const EXTERNAL_IP: Self = Self(0x2c);

    /// Set where a routing header stands in front of the payload.
    pub const UNICAST: u16 = 0x8000;
    /// Set where a message goes to all supernodes.
    pub const BROADCAST: u16 = 0xc000;

    /// The same without the bits that say how it travels.
    pub const fn inner(self) -> Self {
        Self(self.0 & !Self::BROADCAST)
    }

    /// Whether it goes to one supernode, with a routing header.
    pub const fn is_unicast(self) -> bool {
        self.0 & Self::BROADCAST == Self::UNICAST
    }

    /// Whether it goes to all supernodes, with a routing header.
    pub const fn is_broadcast(self) -> bool {
        self.0 & Self::BROADCAST == Self::BROADCAST
    }

    /// The same, going to one supernode.
    pub(super) const fn unicast(self) -> Self {
        Self(self.inner().0 | Self::UNICAST)
    }

    /// The same, going to all supernodes.
    pub(super) const fn broadcast(self) -> Self {
        Self(self.inner().0 | Self::BROADCAST)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x}", self.0)
    }
}
