use std::net::SocketAddr;

use super::handshake::Us;
use super::head::Head;
use crate::base::error::Fault;
use crate::base::limits::{HEAD_LINE_LEN_MAX, TRY_HOSTS_MAX};
use crate::base::show::{WORDS_LEN_MAX, one_line};

/// Bytes of a list, which leave room for the longest name of a header in a line.
const LIST_LEN_MAX: usize = HEAD_LINE_LEN_MAX - 24;

/// Why a handshake does not lead to a connection, as the other side is told (HAND-57).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// From 201 to 999. Instead of any other one 503 is said: 200 would accept, and a code without
    /// three digits cannot be read.
    pub code: u16,
    /// One line for people. What stands behind the end of its first line is not said, nor what
    /// comes after 200 characters.
    pub reason: String,
    /// Ultrapeers that may have room: those of the first ten that can be called are told, where we
    /// have no room (HAND-45).
    pub try_ultrapeers: Vec<SocketAddr>,
}

impl Refusal {
    /// We are a leaf, and so is the other side.
    pub const SHIELDED_LEAF: u16 = 204;
    /// A head that nobody can read.
    pub const BAD_HEAD: u16 = 400;
    /// This needs a right that the other side does not have.
    pub const UNAUTHORISED: u16 = 401;
    /// Not with the likes of you.
    pub const FORBIDDEN: u16 = 403;
    /// Another protocol or network.
    pub const NOT_ACCEPTABLE: u16 = 406;
    /// Connected already, or the slot is kept for others.
    pub const CONFLICT: u16 = 409;
    /// Too many attempts.
    pub const TOO_MANY: u16 = 429;
    /// No room, or about to leave; others may have room.
    pub const NO_ROOM: u16 = 503;
    /// Banned.
    pub const BANNED: u16 = 550;
    /// The answer to a crawler (HAND-54).
    pub(super) const CRAWLER: u16 = 593;

    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), try_ultrapeers: Vec::new() }
    }

    /// No room here; these may have some.
    pub fn no_room(try_ultrapeers: Vec<SocketAddr>) -> Self {
        let reason = "No room left".to_owned();
        Self { code: Self::NO_ROOM, reason, try_ultrapeers }
    }

    /// The refusal that a fault of the other side deserves.
    pub(super) fn of(code: u16, fault: &Fault) -> Self {
        Self::new(code, fault.to_string())
    }

    /// The head that says so. Only what helps the other side is in it: gtk-gnutella and LimeWire
    /// keep their refusals as short.
    pub(super) fn head(&self, us: &Us) -> Head {
        let Us { profile, peer } = us;
        let is_ultrapeer = if profile.role.is_ultrapeer() { "True" } else { "False" };
        let offers = listed(self.try_ultrapeers.iter().take(TRY_HOSTS_MAX));
        let has_offers = said_code(self.code) == Self::NO_ROOM && !offers.is_empty();
        Head::new(status_line(self.code, &self.reason))
            .with("User-Agent", profile.program())
            .with("Remote-IP", peer.to_canonical().to_string())
            .with("X-Ultrapeer", is_ultrapeer)
            .with_if(has_offers, "X-Try-Ultrapeers", offers)
    }
}

/// The first line of an answer. It always has a reason, for LimeWire wants one (HAND-06), and
/// nothing that would end the line.
pub(super) fn status_line(code: u16, reason: &str) -> String {
    let code = said_code(code);
    match one_line(reason, WORDS_LEN_MAX).as_str() {
        "" => format!("GNUTELLA/0.6 {code} Refused"),
        reason => format!("GNUTELLA/0.6 {code} {reason}"),
    }
}

/// A code that others can read and that refuses (HAND-57).
fn said_code(code: u16) -> u16 {
    if (201..=999).contains(&code) { code } else { Refusal::NO_ROOM }
}

/// Hosts as a list for one header, as many as fit its line (HAND-43, SIZE-09).
pub(super) fn listed<'a>(hosts: impl IntoIterator<Item = &'a SocketAddr>) -> String {
    let hosts = hosts.into_iter().filter_map(|&host| callable(host));
    joined(hosts.map(|host| host.to_string()), ",")
}

/// The items that fit the line of one header, in their order (SIZE-09).
pub(super) fn joined(items: impl Iterator<Item = String>, separator: &str) -> String {
    let mut list = String::new();
    for item in items {
        let separator = if list.is_empty() { "" } else { separator };
        let lens = [list.len(), separator.len(), item.len()];
        if lens.into_iter().fold(0, usize::saturating_add) <= LIST_LEN_MAX {
            list.push_str(separator);
            list.push_str(&item);
        }
    }
    list
}

/// An address as others can read and call it, which is without the scope of an interface of ours;
/// none if nobody can.
pub(super) fn callable(host: SocketAddr) -> Option<SocketAddr> {
    let host = SocketAddr::new(host.ip().to_canonical(), host.port());
    (host.port() != 0 && !host.ip().is_unspecified()).then_some(host)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;

    use super::*;
    use crate::gnutella::link::{Profile, Role};

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));

    fn said(refusal: &Refusal) -> Head {
        let profile = Arc::new(Profile::new(Role::Ultrapeer));
        refusal.head(&Us { profile, peer: PEER })
    }

    /// HAND-45
    #[test]
    fn as_many_others_are_named_as_the_limit_allows() {
        let others = |count: u16| (0..count).map(|n| SocketAddr::new(PEER, 6000 + n)).collect();
        for (count, named) in [(0, None), (10, Some(10)), (11, Some(10))] {
            let head = said(&Refusal::no_room(others(count)));
            assert_eq!(head.capabilities().try_ultrapeers.map(|others| others.len()), named);
        }
    }

    /// SIZE-09: however long the addresses are.
    #[test]
    fn a_list_of_hosts_fits_its_line() {
        let longest: SocketAddr =
            "[2001:db80:1234:5678:9abc:def0:1234:5678]:65535".parse().unwrap();
        let list = listed(&[longest; 255]);
        let line_len = "X-Try-Ultrapeers: ".len() + list.len();
        assert!((900..=HEAD_LINE_LEN_MAX).contains(&line_len), "{line_len}");
        assert!(list.ends_with(":65535"));
    }

    /// HAND-06: and a reason that came from elsewhere cannot add headers.
    #[test]
    fn the_reason_is_one_line_that_is_never_empty() {
        for (reason, line) in [
            ("No room left", "GNUTELLA/0.6 503 No room left"),
            ("", "GNUTELLA/0.6 503 Refused"),
            ("one\r\nX-Ultrapeer: True", "GNUTELLA/0.6 503 one"),
            ("bell\x07 and escape\x1b[0m", "GNUTELLA/0.6 503 bell  and escape [0m"),
        ] {
            assert_eq!(said(&Refusal::new(503, reason)).start, line);
        }
    }
}
