use std::fmt;
use std::net::SocketAddr;

use super::form::{after, host, write_list};

/// A host, and whether it takes TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AltHost {
    pub address: SocketAddr,
    pub tls: bool,
}

impl AltHost {
    /// A host of which nothing more is known.
    pub const fn new(address: SocketAddr) -> Self {
        Self { address, tls: false }
    }
}

/// Reads a list of hosts, in front of which may stand which of them take TLS: `tls=8`, a bit each, the
/// most significant first (ALTLOC-03). A bit that stands for something unreadable makes all that follow
/// it uncertain.
pub(super) fn read_hosts<'a>(
    items: impl Iterator<Item = &'a str>,
    tls_name: &str,
    max: usize,
) -> Vec<AltHost> {
    let (mut hosts, mut bits) = (Vec::new(), None);
    for item in items {
        if hosts.len() >= max {
            break;
        }
        let said = after(item, tls_name).and_then(|rest| rest.trim_start().strip_prefix('='));
        if let (true, Some(digits)) = (hosts.is_empty(), said) {
            bits = bits.or(Some(digits.trim()));
            continue;
        }
        match host(item) {
            Some(address) => {
                let tls = bits.is_some_and(|digits| is_set(digits, hosts.len()));
                hosts.push(AltHost { address, tls });
            }
            None => bits = Some(""),
        }
    }
    hosts
}

fn is_set(digits: &str, number: usize) -> bool {
    let digit = digits.as_bytes().get(number / 4).and_then(|byte| char::from(*byte).to_digit(16));
    let bit = 8_u32 >> (number % 4);
    digit.is_some_and(|digit| digit & bit != 0)
}

/// Writes such a list.
pub(super) fn write_hosts(
    f: &mut fmt::Formatter<'_>,
    hosts: &[AltHost],
    tls_name: &str,
    between: &str,
) -> fmt::Result {
    if hosts.iter().any(|host| host.tls) {
        write!(f, "{tls_name}=")?;
        for four in hosts.chunks(4) {
            let bits = (0..4).map(|bit| (8_u32 >> bit, four.get(bit).is_some_and(|host| host.tls)));
            let digit =
                bits.fold(0, |digit, (bit, is_set)| if is_set { digit | bit } else { digit });
            write!(f, "{digit:X}")?;
        }
        f.write_str(between)?;
    }
    write_list(f, hosts.iter().map(|host| host.address), between)
}
