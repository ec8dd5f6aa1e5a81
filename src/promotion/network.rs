use std::net::IpAddr;

/// The /24 or /48 of an address as a number: who has one address of it may have them all.
///
/// `base::addresses::Network` says the same in twice the bytes, and here one is kept for each
/// neighbour.
pub(super) fn key(ip: IpAddr) -> u64 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => u64::from(ip.to_bits() >> 8),
        IpAddr::V6(ip) => u64::try_from(ip.to_bits() >> 80).unwrap_or(u64::MAX) | 1 << 63,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_has_one_key_and_two_have_two() {
        let key = |ip: &str| key(ip.parse().unwrap());
        assert_eq!(key("203.0.113.1"), key("203.0.113.255"));
        assert_eq!(key("203.0.113.1"), key("::ffff:203.0.113.2"));
        assert_ne!(key("203.0.113.1"), key("203.0.114.1"));
        assert_eq!(key("2001:db8:1::1"), key("2001:db8:1:ffff::"));
        assert_ne!(key("2001:db8:1::1"), key("2001:db8:2::1"));
        assert_ne!(key("0.0.1.1"), key("0:0:1::1"));
    }
}
