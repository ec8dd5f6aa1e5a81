//! Internet addresses: which of them a stranger can have, and which are likely to be one person's.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};
use std::str::FromStr;

use thiserror::Error;

/// Bits of an address, where both kinds are written alike.
const ALL_LEN: u8 = 128;

/// Bits before those of an IPv4 address, where both kinds are written alike (`::ffff:a.b.c.d`).
const MAPPED_LEN: u8 = 96;

/// A block of neighbouring addresses: all those that begin alike.
///
/// The order puts IPv4 and IPv6 apart, and blocks that lie side by side one after the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// The first address, IPv4 ones mapped.
    first: [u8; 16],
    /// Bits that all of its addresses share, the mapping of IPv4 included.
    shared: u8,
}

/// A text that names no block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("neither an address nor address/bits")]
pub struct NoNetwork;

impl Network {
    /// The block of those that share `len` bits with `ip`; more than it has are as good as all.
    pub fn of(ip: IpAddr, len: u8) -> Self {
        let ip = ip.to_canonical();
        let (offset, len_max) = if ip.is_ipv4() { (MAPPED_LEN, 32) } else { (0, 128) };
        let shared = len.min(len_max).saturating_add(offset);
        let mask = u128::MAX.checked_shl(128_u32.saturating_sub(shared.into())).unwrap_or(0);
        let first = (u128::from_be_bytes(octets(ip)) & mask).to_be_bytes();
        Self { first, shared }
    }

    /// The smallest block that is given to somebody as a whole, as far as others can tell: 256
    /// addresses of IPv4, a /48 of IPv6. Whoever has one address in it may have them all.
    pub fn around(ip: IpAddr) -> Self {
        let len = if ip.to_canonical().is_ipv4() { 24 } else { 48 };
        Self::of(ip, len)
    }

    /// The block that is one host, as far as others can tell: one address of IPv4, a /64 of IPv6.
    pub fn host(ip: IpAddr) -> Self {
        Self::of(ip, if ip.to_canonical().is_ipv4() { 32 } else { 64 })
    }

    /// Whether the address lies in it.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.holds(&octets(ip))
    }

    /// Whether this address, as [`octets`] writes it, lies in it.
    pub fn holds(&self, octets: &[u8; 16]) -> bool {
        let differing = u128::from_be_bytes(*octets) ^ u128::from_be_bytes(self.first);
        differing.leading_zeros() >= u32::from(self.shared)
    }

    /// The first and the last address, as [`octets`] writes them.
    pub fn bounds(&self) -> ([u8; 16], [u8; 16]) {
        let rest = u128::MAX.checked_shr(self.shared.into()).unwrap_or(0);
        (self.first, (u128::from_be_bytes(self.first) | rest).to_be_bytes())
    }

    /// How many bits its addresses share.
    pub const fn len(&self) -> u8 {
        if self.is_ipv4() { self.shared.saturating_sub(MAPPED_LEN) } else { self.shared }
    }

    /// Whether it holds every address of its kind.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    const fn is_ipv4(&self) -> bool {
        let [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ..] = self.first else { return false };
        self.shared >= MAPPED_LEN
    }
}

/// An address in 16 bytes, IPv4 ones mapped, so that both kinds compare.
pub const fn octets(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// The address that [`octets`] wrote.
pub fn from_octets(octets: [u8; 16]) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from(octets)).to_canonical()
}

/// Whether strangers anywhere can have this address, by the registries of the IANA. Private, local,
/// multicast, documentation and reserved ones are out.
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => !is_in(ip, RESERVED),
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            let is_reserved = match first {
                // Teredo and other protocols; documentation.
                0x2001 => second < 0x0200 || second == 0x0db8,
                // IPv4 by detour.
                0x2002 => true,
                // Documentation.
                0x3fff => second < 0x1000,
                _ => false,
            };
            first & 0xe000 == 0x2000 && !is_reserved
        }
    }
}

/// Whether anybody at all, perhaps in a laboratory on one machine, can take a connection there:
/// not the addresses that stand for none, for all or for many.
pub fn is_unicast(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => !is_in(ip, NOBODY) && ip != NO_IPV4,
        IpAddr::V6(ip) => !ip.is_unspecified() && !ip.is_multicast(),
    }
}

/// The same for those who know no others than of IPv4.
pub fn of_ipv4(address: SocketAddr) -> Option<SocketAddrV4> {
    match (address.ip().to_canonical(), address.port()) {
        (IpAddr::V4(ip), port) => Some(SocketAddrV4::new(ip, port)),
        (IpAddr::V6(_), _) => None,
    }
}

/// Whether a connection to it can be tried: by [`is_public`], or by [`is_unicast`] where private
/// addresses are wanted, and with a port.
pub fn is_callable(address: SocketAddr, allow_private: bool) -> bool {
    let ip = address.ip();
    address.port() != 0 && is_unicast(ip) && (allow_private || is_public(ip))
}

/// What stands for "no IPv4" in a pong (PONG-06).
pub const NO_IPV4: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 0);

/// Blocks of IPv4 that are no host: the unspecified, multicast, reserved and broadcast ones.
const NOBODY: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Blocks of IPv4 that no stranger has.
const RESERVED: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn is_in(ip: Ipv4Addr, blocks: &[(Ipv4Addr, u32)]) -> bool {
    let differs = |first: Ipv4Addr| ip.to_bits() ^ first.to_bits();
    blocks.iter().any(|&(first, len)| differs(first).leading_zeros() >= len)
}

/// Reads `203.0.113.0/24`, `2001:db8::/32`, or one address.
impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (ip, len) = text.split_once('/').map_or((text, None), |(ip, len)| (ip, Some(len)));
        let ip: IpAddr = ip.parse().map_err(|_| NoNetwork)?;
        let len_max = if ip.is_ipv4() { 32 } else { 128 };
        let len = len.map_or(Ok(len_max), |len| len.parse().map_err(|_| NoNetwork))?;
        if len > len_max { Err(NoNetwork) } else { Ok(Self::of(ip, len)) }
    }
}

/// As it is read; one address stands alone.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ip = from_octets(self.first);
        if self.shared == ALL_LEN { write!(f, "{ip}") } else { write!(f, "{ip}/{}", self.len()) }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_block_holds_what_begins_like_it() {
        for (block, inside, outside) in [
            ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
            ("203.0.113.7", "203.0.113.7", "203.0.113.6"),
            ("0.0.0.0/0", "255.255.255.255", "2001:db8::1"),
            ("128.0.0.0/1", "::ffff:128.0.0.1", "127.255.255.255"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("2001:db8::/48", "2001:db8:0:ffff::1", "2001:db8:1::"),
        ] {
            let block: Network = block.parse().unwrap();
            assert!(block.contains(ip(inside)) && !block.contains(ip(outside)), "{block}");
            let (first, last) = block.bounds();
            assert!((first..=last).contains(&octets(ip(inside))), "{block}");
            assert!(!(first..=last).contains(&octets(ip(outside))), "{block}");
        }
    }

    #[test]
    fn a_block_reads_as_it_was_written_and_nonsense_is_none() {
        for text in ["203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32", "203.0.113.7", "::/0", "::1"]
        {
            assert_eq!(text.parse::<Network>().map(|block| block.to_string()), Ok(text.into()));
        }
        assert_eq!("203.0.113.9/24".parse::<Network>().unwrap().to_string(), "203.0.113.0/24");
        for text in ["", "203.0.113.0/33", "203.0.113/24", "2001:db8::/129", "1.2.3.4/-1", "/8"] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork), "{text}");
        }
    }

    #[test]
    fn neighbours_share_a_24_or_a_48() {
        assert_eq!(Network::around(ip("203.0.113.9")).to_string(), "203.0.113.0/24");
        assert_eq!(Network::around(ip("::ffff:203.0.113.9")).to_string(), "203.0.113.0/24");
        assert_eq!(Network::around(ip("2001:db8:1:2::3")).to_string(), "2001:db8:1::/48");
    }

    #[test]
    fn addresses_survive_their_octets() {
        for text in ["203.0.113.9", "2001:db8::1", "0.0.0.0", "::1"] {
            assert_eq!(from_octets(octets(ip(text))), ip(text));
        }
    }
}
