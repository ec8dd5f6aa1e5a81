use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use crate::base::addresses::is_public;

/// An address of nobody (RFC 5737): the way to it is the way to everybody.
const ANYBODY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Our address of IPv4 as the Internet would see it without routers that change it.
pub(super) fn outward() -> Option<Ipv4Addr> {
    towards(ANYBODY)
}

/// Our address of IPv4 as `other` sees it, as far as the system knows a way there. Nothing is sent.
pub(super) fn towards(other: Ipv4Addr) -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // The port does not matter, but some port it must be.
    socket.connect((other, 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(ip) if !ip.is_unspecified() => Some(ip),
        _ => None,
    }
}

/// The same of IPv6 (RFC 3849).
const ANYBODY6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

/// Whether hosts of IPv6 can be called, as far as the system knows: there is a way to them, from an address
/// that they could answer. Nothing is sent.
pub(super) fn has_ipv6() -> bool {
    let towards = || {
        let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).ok()?;
        socket.connect((ANYBODY6, 9)).ok()?;
        socket.local_addr().ok()
    };
    towards().is_some_and(|own| is_public(own.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_sees_us_on_loopback() {
        assert_eq!(towards(Ipv4Addr::LOCALHOST), Some(Ipv4Addr::LOCALHOST));
    }
}
