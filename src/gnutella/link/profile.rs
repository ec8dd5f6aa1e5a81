use std::net::{IpAddr, SocketAddr};

use super::head::Head;
use super::refusal::{callable, joined};
use super::{Feature, Role, Version};
use crate::base::show::{WORDS_LEN_MAX, one_line};
use crate::gnutella::wire::Guid;

/// The program, in heads and in farewells.
pub(super) const USER_AGENT: &str = concat!("Filbert/", env!("CARGO_PKG_VERSION"));

/// The version of query tables that we speak (HAND-25).
pub(super) const QUERY_ROUTING: Version = Version(0, 2);

/// Connections to other ultrapeers that make a good ultrapeer: gtk-gnutella's leaves ask for 16,
/// LimeWire's for 15, and LimeWire itself has 32 (HAND-60).
const DEGREE: u16 = 32;

/// The highest degree that others believe (HAND-29).
const DEGREE_MAX: u16 = 1000;

/// The feature of marks in length words, which we do not take (LINK-19).
const MARKS: &str = "sflag";

/// The TTL with which others may send us their queries. Leaves of LimeWire ask for less than 5.
const MAX_TTL: u8 = 4;

/// What we say of ourselves in the heads of a handshake. Many links can share one.
///
/// It should promise only what the node keeps: whoever announces vendor messages and sends no
/// MessagesSupported has its queries dropped (HAND-32). Always announced, whatever stands here, are
/// query routing, also between ultrapeers, dynamic queries, GGEP, pong caching, vendor messages and
/// Bye, that no query is repeated without need, and by ultrapeers extended probes.
///
/// Nothing in it can break a head: what does not fit one line, or would be read as something else,
/// is cut, corrected or left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub role: Role,
    /// The program, as others show it: `Filbert/0.1.0`, which is said too if this is empty. Only the
    /// first line, and 200 characters of it.
    pub user_agent: String,
    /// Our servent GUID, by which others see that two connections lead to one of us (HAND-42).
    pub guid: Option<Guid>,
    /// Where we take connections (HAND-40). Not said without a port and an address to call.
    pub listen: Option<SocketAddr>,
    /// Connections to ultrapeers that we keep, 1 to 1000. A leaf says it too (HAND-29, HAND-61).
    pub degree: u16,
    /// The TTL with which we accept queries, at least 1 (HAND-30).
    pub max_ttl: u8,
    /// We can inflate (HAND-37).
    pub accepts_deflate: bool,
    /// We deflate for whoever can inflate (HAND-38).
    pub sends_deflate: bool,
    /// We switch to TLS with whoever would (HAND-48). Not on a connection that is TLS already.
    pub upgrades_to_tls: bool,
    /// The version of GUESS that we answer (HAND-31).
    pub guess: Option<Version>,
    /// When the program started, as an RFC 822 date (HAND-55).
    pub live_since: Option<String>,
    /// What else we can do, such as `browse/1.0` (HAND-46). Names are printable ASCII without comma
    /// and slash; others are not said. Nor is `sflag`, for we take no marks (LINK-19). `tls` promises
    /// a port that takes TLS from its first byte on, which only the driver knows (HAND-48 is another
    /// matter).
    pub features: Vec<Feature>,
}

impl Profile {
    /// What Filbert says as long as nobody wants it otherwise. Leaves of gtk-gnutella and LimeWire
    /// take it for a good ultrapeer, and their ultrapeers for a good leaf (HAND-60, HAND-61).
    pub fn new(role: Role) -> Self {
        Self {
            role,
            user_agent: USER_AGENT.to_owned(),
            guid: None,
            listen: None,
            degree: DEGREE,
            max_ttl: MAX_TTL,
            accepts_deflate: true,
            sends_deflate: true,
            upgrades_to_tls: false,
            guess: None,
            live_since: None,
            features: Vec::new(),
        }
    }

    /// The head that opens a connection to `peer`.
    pub(super) fn request(&self, peer: IpAddr) -> Head {
        let head = self.introduce(Head::new("GNUTELLA CONNECT/0.6"), self.role, QUERY_ROUTING);
        self.describe(head, peer).with_if(self.upgrades_to_tls, "Upgrade", "TLS/1.0")
    }

    /// The front of a head that accepts: who we are, and what we can.
    pub(super) fn introduce(&self, head: Head, role: Role, query_routing: Version) -> Head {
        let is_ultrapeer = if role.is_ultrapeer() { "True" } else { "False" };
        head.with("User-Agent", self.program())
            .with("X-Ultrapeer", is_ultrapeer)
            .with("X-Query-Routing", query_routing.to_string())
            .with("X-Ultrapeer-Query-Routing", "0.1")
            .with("X-Dynamic-Querying", "0.1")
            .with_if(role.is_ultrapeer(), "X-Ext-Probes", "0.1")
            .with("X-Degree", self.degree.clamp(1, DEGREE_MAX).to_string())
            .with("X-Max-TTL", self.max_ttl.max(1).to_string())
            .with("X-Requeries", "False")
            .with("GGEP", "0.5")
            .with("Pong-Caching", "0.1")
            .with("Vendor-Message", "0.2")
            .with("Bye-Packet", "0.1")
            .with_if(self.accepts_deflate, "Accept-Encoding", "deflate")
    }

    /// What is known only of some of us.
    pub(super) fn describe(&self, head: Head, peer: IpAddr) -> Head {
        let features = self.features.iter().filter(|feature| is_said(&feature.name));
        let features = joined(features.map(ToString::to_string), ", ");
        head.with_some("X-Guess", self.guess)
            .with_some("Listen-IP", self.listen.and_then(callable))
            .with("Remote-IP", peer.to_canonical().to_string())
            .with_some("GUID", self.guid)
            .with_some("X-Live-Since", self.started())
            .with_if(!features.is_empty(), "X-Features", features)
    }

    /// The program, as a line of a head can hold it.
    pub(super) fn program(&self) -> String {
        let program = one_line(&self.user_agent, WORDS_LEN_MAX);
        if program.is_empty() { USER_AGENT.to_owned() } else { program }
    }

    /// When the program started, as a line of a head can hold it.
    pub(super) fn started(&self) -> Option<String> {
        let date = one_line(self.live_since.as_deref()?, WORDS_LEN_MAX);
        (!date.is_empty()).then_some(date)
    }
}

/// Whether a feature of this name can stand in a list, and is none that promises marks.
fn is_said(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'/');
    !name.is_empty() && name.bytes().all(is_plain) && !name.eq_ignore_ascii_case(MARKS)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));

    /// HAND-22: a name of our own.
    #[test]
    fn the_program_is_named_with_its_version() {
        let head = Profile::new(Role::Leaf).request(PEER);
        let expected = format!("Filbert/{}", env!("CARGO_PKG_VERSION"));
        assert_eq!(head.value("User-Agent"), Some(expected.as_str()));
    }

    /// HAND-60, HAND-61: what gtk-gnutella's and LimeWire's preferences look at.
    #[test]
    fn others_take_us_for_a_good_ultrapeer_and_for_a_good_leaf() {
        for (role, mode) in [(Role::Ultrapeer, true), (Role::Leaf, false)] {
            let capabilities = Profile::new(role).request(PEER).capabilities();
            assert_eq!(capabilities.ultrapeer, Some(mode));
            assert!(capabilities.degree.is_some_and(|degree| degree >= 16));
            assert!(capabilities.max_ttl.is_some_and(|ttl| ttl < 5));
            assert!(capabilities.query_routing >= Some(Version(0, 1)));
            assert!(capabilities.ultrapeer_query_routing >= Some(Version(0, 1)));
            assert!(capabilities.dynamic_querying >= Some(Version(0, 1)));
            assert_eq!(capabilities.requeries, Some(false));
            assert!(capabilities.accept_deflate && capabilities.user_agent.is_some());
            assert!(capabilities.ggep.is_some() && capabilities.pong_caching.is_some());
            assert!(capabilities.vendor_message.is_some());
            assert_eq!(capabilities.remote_ip, Some(PEER));
        }
    }

    /// HAND-41: an IPv4 peer behind a dual-stack socket is told its IPv4 address.
    #[test]
    fn a_mapped_address_is_told_as_the_ipv4_address_that_it_is() {
        let mapped = IpAddr::V6(Ipv4Addr::new(203, 0, 113, 1).to_ipv6_mapped());
        let head = Profile::new(Role::Leaf).request(mapped);
        assert_eq!(head.value("Remote-IP"), Some("203.0.113.1"));
    }

    #[test]
    fn what_is_not_known_or_not_wanted_is_not_said() {
        let plain = Profile { accepts_deflate: false, ..Profile::new(Role::Leaf) };
        let said = plain.request(PEER);
        for name in ["Accept-Encoding", "Upgrade", "GUID", "Listen-IP", "X-Guess", "X-Features"] {
            assert_eq!(said.value(name), None, "{name}");
        }
        let full = Profile {
            guid: Some(Guid([0xab; 16])),
            listen: Some(SocketAddr::new(PEER, 6346)),
            upgrades_to_tls: true,
            guess: Some(Version(0, 1)),
            live_since: Some("Fri, 20 Nov 2026 15:53:34 +0000".to_owned()),
            features: vec![Feature { name: "browse".to_owned(), version: Version(1, 0) }],
            ..Profile::new(Role::Ultrapeer)
        };
        let said = full.request(PEER);
        assert_eq!(said.value("GUID"), Some("abababababababababababababababab"));
        assert_eq!(said.value("Listen-IP"), Some("203.0.113.1:6346"));
        assert_eq!(said.value("X-Guess"), Some("0.1"));
        assert_eq!(said.value("X-Features"), Some("browse/1.0"));
        assert_eq!(said.value("X-Live-Since"), full.live_since.as_deref());
        assert_eq!(said.value("Upgrade"), Some("TLS/1.0"));
    }
}
