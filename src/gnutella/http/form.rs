use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::gnutella::link::Head;

/// The port of a host in a list where none is written (ALTLOC-02).
const GNUTELLA_PORT: u16 = 6346;

/// What one header says. `Display` writes its value.
pub trait Form: fmt::Display + Sized {
    /// The name of the header.
    const NAME: &'static str;

    /// Reads a value; nothing where it says nothing that can be understood.
    fn parse(value: &str) -> Option<Self>;

    /// What a head says; of several headers the first counts.
    fn of(head: &Head) -> Option<Self> {
        head.value(Self::NAME).and_then(Self::parse)
    }
}

/// Decimal digits and nothing else, blanks around them aside.
pub(super) fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// `text` without `prefix`, whose case has no meaning.
pub(super) fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// What stands behind `name=` in a list whose items are separated by commas or semicolons.
pub(super) fn parameter<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    list.split([',', ';']).find_map(|item| {
        let (known, value) = item.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// `address:port`; a port that is missing is that of Gnutella, and port 0 is none.
pub(super) fn host(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    let address = match text.parse::<SocketAddr>() {
        Ok(address) => address,
        Err(_) => {
            let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
            SocketAddr::new(bare.unwrap_or(text).parse::<IpAddr>().ok()?, GNUTELLA_PORT)
        }
    };
    (address.port() > 0).then_some(plain(address))
}

/// Without the scope of an address, which means something to one machine only.
pub(super) fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port())
}

/// Writes a list with something between its items.
pub(super) fn write_list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    between: &str,
) -> fmt::Result {
    let mut before = "";
    for item in items {
        write!(f, "{before}{item}")?;
        before = between;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_by_its_whole_name() {
        let list = "ID=ab; max position=3;position = 2, Length=x=y;ETA";
        assert_eq!(parameter(list, "position"), Some("2"));
        assert_eq!(parameter(list, "length"), Some("x=y"));
        assert_eq!(parameter(list, "eta"), None);
    }

    #[test]
    fn a_host_has_a_port_or_that_of_gnutella() {
        let hosts = [
            ("1.2.3.4:5", Some("1.2.3.4:5")),
            (" 1.2.3.4 ", Some("1.2.3.4:6346")),
            ("[2001:db8::1]:5", Some("[2001:db8::1]:5")),
            ("[2001:db8::1]", Some("[2001:db8::1]:6346")),
            ("2001:db8::1", Some("[2001:db8::1]:6346")),
            ("1.2.3.4:0", None),
            ("1.2.3.4:65536", None),
            ("example.net:5", None),
            ("", None),
        ];
        for (text, expected) in hosts {
            assert_eq!(host(text).map(|host| host.to_string()).as_deref(), expected, "{text}");
        }
    }
}
