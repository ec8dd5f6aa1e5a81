//! Which addresses a node has to do with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use filbert::base::addresses::{Network, is_public};
use filbert::node::address_filter::{AddressFilter, Unusable};
use proptest::prelude::*;

/// The first and the last address of each block that no stranger has, and those before and after
/// it.
const RESERVED: &[(&str, &str, &str, &str)] = &[
    ("0.0.0.0", "0.255.255.255", "", "1.0.0.0"),
    ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
    ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
    ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
    ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
    ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
    ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
    ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
    ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
    ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
    ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
    ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
    ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
    ("224.0.0.0", "255.255.255.255", "223.255.255.255", ""),
    ("::", "1fff:ffff::", "", "2000::"),
    ("2001::", "2001:1ff:ffff::", "2000:ffff::", "2001:200::"),
    ("2001:db8::", "2001:db8:ffff::", "2001:db7:ffff::", "2001:db9::"),
    ("2002::", "2002:ffff::", "2001:ffff::", "2003::"),
    ("3fff::", "3fff:fff::", "3ffe:ffff::", "3fff:1000::"),
    ("4000::", "ffff:ffff::", "3fff:ffff::", ""),
];

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn host(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// PONG-07, HAND-75
#[test]
fn what_no_stranger_has_is_not_public() {
    for (first, last, before, after) in RESERVED {
        assert!(!is_public(ip(first)) && !is_public(ip(last)), "{first} to {last}");
        for public in [before, after] {
            assert!(public.is_empty() || is_public(ip(public)), "{public}");
        }
    }
    assert!(!is_public(ip("::ffff:10.0.0.1")) && is_public(ip("::ffff:81.2.3.4")));
}

#[test]
fn a_laboratory_may_use_private_addresses_and_nobody_those_of_nobody() {
    let (strict, lab) = (AddressFilter::new(false), AddressFilter::new(true));
    assert!(lab.allows_private() && !strict.allows_private());
    for private in ["10.0.0.1:1", "127.0.0.1:1", "203.0.113.1:1", "[::1]:1", "[fe80::1]:1"] {
        assert_eq!(strict.check(host(private)), Err(Unusable::Private), "{private}");
        assert_eq!(lab.check(host(private)), Ok(()), "{private}");
    }
    let nobody =
        ["0.0.0.0:1", "0.1.2.3:1", "224.0.0.1:1", "255.255.255.255:1", "[::]:1", "[ff02::1]:1"];
    for nobody in nobody.into_iter().chain(["127.0.0.0:1", "[::ffff:239.1.2.3]:1"]) {
        for filter in [&strict, &lab] {
            assert_eq!(filter.check(host(nobody)), Err(Unusable::NoHost), "{nobody}");
        }
    }
    assert_eq!(lab.check(host("81.2.3.4:0")), Err(Unusable::NoPort));
    assert_eq!(strict.check(host("81.2.3.4:6346")), Ok(()));
}

#[test]
fn we_are_not_somebody_else() {
    let mut filter = AddressFilter::new(false);
    filter.set_own(vec![host("81.2.3.4:6346"), host("[2a02:1::7]:6346")]);
    assert_eq!(filter.check(host("81.2.3.4:6346")), Err(Unusable::Own));
    assert_eq!(filter.check(host("[::ffff:81.2.3.4]:6346")), Err(Unusable::Own));
    assert_eq!(filter.check(host("[2a02:1::7]:6346")), Err(Unusable::Own));
    assert_eq!(filter.check(host("81.2.3.4:6347")), Ok(()), "another node behind the same router");
    assert_eq!(filter.check_ip(ip("81.2.3.4")), Ok(()));
}

#[test]
fn blocked_networks_are_refused_whatever_lies_in_them() {
    let mut filter = AddressFilter::new(false);
    let blocked =
        ["81.2.0.0/16", "81.2.3.0/24", "81.2.3.4", "95.0.0.0/8", "2a02:1::/32", "81.2.0.0/16"];
    filter.set_blocked(blocked.map(|network| network.parse().unwrap()).to_vec());
    for inside in ["81.2.0.0", "81.2.3.4", "81.2.255.255", "95.1.2.3", "2a02:1:ffff::1"] {
        assert_eq!(filter.check_ip(ip(inside)), Err(Unusable::Blocked), "{inside}");
    }
    for outside in ["81.1.255.255", "81.3.0.0", "94.255.255.255", "96.0.0.0", "2a02:2::1"] {
        assert_eq!(filter.check_ip(ip(outside)), Ok(()), "{outside}");
    }
    filter.set_blocked(Vec::new());
    assert_eq!(filter.check_ip(ip("81.2.3.4")), Ok(()));
}

proptest! {
    /// Searching among sorted networks finds what looking at each one finds.
    #[test]
    fn an_address_is_blocked_if_a_network_holds_it(
        networks in prop::collection::vec((any::<u32>(), 1..=32_u8), 0..20),
        probes in prop::collection::vec(any::<u32>(), 1..50),
    ) {
        // Few first bytes, so that networks lie in one another.
        let near = |bits: u32| IpAddr::V4(Ipv4Addr::from_bits(bits & 0x01ff_ffff | 0x5000_0000));
        let networks: Vec<_> =
            networks.iter().map(|(bits, len)| Network::of(near(*bits), *len)).collect();
        let mut filter = AddressFilter::new(false);
        filter.set_blocked(networks.clone());
        let edges = networks.iter().flat_map(|network| {
            let (first, last) = network.bounds();
            [first, last].map(filbert::base::addresses::from_octets)
        });
        for probe in probes.into_iter().map(near).chain(edges) {
            let is_held = networks.iter().any(|network| network.contains(probe));
            let verdict = filter.check_ip(probe);
            if is_public(probe) {
                prop_assert_eq!(verdict.is_err(), is_held, "{}", probe);
            }
        }
    }
}
