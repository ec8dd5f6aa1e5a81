use std::net::SocketAddr;

use super::handshake::Us;
use super::head::Head;
use crate::base::error::Fault;
use crate::base::limits::{HEAD_LINE_LEN_MAX, TRY_HOSTS_MAX};

/// Characters of a reason. They are for people.
const REASON_LEN_MAX: usize = 200;

/// Bytes of a list of hosts, which leave room for the longest name of a header in a line.
const LIST_LEN_MAX: usize = HEAD_LINE_LEN_MAX - 24;

/// Why a handshake does not lead to a connection, as the other side is told (HAND-57).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: u16,
    /// One line for people. What stands behind the end of its first line is not said.
    pub reason: String,
    /// Ultrapeers that may have room: the first ten are told, where we have none (HAND-45).
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
        let has_offers = self.code == Self::NO_ROOM && !offers.is_empty();
        Head::new(status_line(self.code, &self.reason))
            .with("User-Agent", profile.user_agent.as_str())
            .with("Remote-IP", peer.to_canonical().to_string())
            .with("X-Ultrapeer", is_ultrapeer)
            .with_if(has_offers, "X-Try-Ultrapeers", offers)
    }
}

/// The first line of an answer. It always has a reason, for LimeWire wants one (HAND-06), and
/// nothing that would end the line.
pub(super) fn status_line(code: u16, reason: &str) -> String {
    let reason: String =
        reason.lines().next().unwrap_or_default().chars().take(REASON_LEN_MAX).collect();
    let reason = reason.replace(char::is_control, " ");
    match reason.trim() {
        "" => format!("GNUTELLA/0.6 {code:03} Refused"),
        reason => format!("GNUTELLA/0.6 {code:03} {reason}"),
    }
}

/// Hosts as a list for one header, as many as fit its line (HAND-43, SIZE-09).
pub(super) fn listed<'a>(hosts: impl IntoIterator<Item = &'a SocketAddr>) -> String {
    let mut list = String::new();
    for host in hosts {
        let item = host.to_string();
        if list.len().saturating_add(item.len()) > LIST_LEN_MAX {
            break;
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&item);
    }
    list
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
