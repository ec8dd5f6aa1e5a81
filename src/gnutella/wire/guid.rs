use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use serde::{Serialize, Serializer};

/// Sixteen bytes that name a descriptor (then also called MUID) or a servent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// The all-zero GUID, which real vendor messages carry.
    pub const ZERO: Self = Self([0; 16]);

    /// A name for a message or a servent: random, and marked as one of today (FRAME-13).
    pub fn random(rng: &mut ChaCha8Rng) -> Self {
        let mut bytes: [u8; 16] = rng.random();
        let [.., eighth, _, _, _, _, _, _, last] = &mut bytes;
        (*eighth, *last) = (0xff, 0x00);
        Self(bytes)
    }

    /// Reads 32 hexadecimal digits of either case.
    pub fn from_hex(digits: &[u8]) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(digits).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The address to which an out-of-band query wants its hits: bytes 0 to 3, and the port in
    /// bytes 13 and 14, little-endian (QUERY-25).
    pub const fn out_of_band_address(self) -> SocketAddrV4 {
        let [a, b, c, d, _, _, _, _, _, _, _, _, _, low, high, _] = self.0;
        SocketAddrV4::new(Ipv4Addr::new(a, b, c, d), u16::from_le_bytes([low, high]))
    }

    /// The same GUID with such an address in it.
    #[must_use]
    pub const fn with_out_of_band_address(mut self, address: SocketAddrV4) -> Self {
        let [a, b, c, d] = address.ip().octets();
        let [low, high] = address.port().to_le_bytes();
        let [ga, gb, gc, gd, .., glow, ghigh, _] = &mut self.0;
        (*ga, *gb, *gc, *gd, *glow, *ghigh) = (a, b, c, d, low, high);
        self
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guid({self})")
    }
}

impl Serialize for Guid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
