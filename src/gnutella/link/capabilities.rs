use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::{Serialize, Serializer};

use super::head::Head;
use super::since;
use super::start_line::{Version, number};
use crate::base::limits::{HEAD_HOSTS_MAX, HEAD_ITEMS_MAX};
use crate::base::mutant::mutant;
use crate::gnutella::wire::Guid;

/// The content type without which a head belongs to another network (HAND-52).
pub(super) const PACKETS: &str = "application/x-gnutella-packets";

/// What the headers of a head say. What is absent, or cannot be read, is none: no header makes a
/// head unreadable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guid: Option<Guid>,
    /// Where the sender takes connections (HAND-40).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Where the sender sees the receiver (HAND-41).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<IpAddr>,
    /// An ultrapeer, a leaf, or a node of the old kind (HAND-23).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ultrapeer: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ultrapeer_needed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requeries: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_routing: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ultrapeer_query_routing: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynamic_querying: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_probes: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guess: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_message: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ggep: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pong_caching: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bye_packet: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crawler: Option<Version>,
    /// Connections to ultrapeers that the sender keeps, 1 to 1000 (HAND-29).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degree: Option<u16>,
    /// The TTL with which the sender accepts new queries (HAND-30).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_ttl: Option<u8>,
    /// The sender can inflate (HAND-37).
    #[serde(skip_serializing_if = "is_false")]
    pub accept_deflate: bool,
    /// All that the sender sends after its last head is one zlib stream (HAND-38).
    #[serde(skip_serializing_if = "is_false")]
    pub content_deflate: bool,
    /// The sender offers TLS, or takes it in answer to an offer (HAND-48, HAND-49).
    #[serde(skip_serializing_if = "is_false")]
    pub upgrade_tls: bool,
    /// The sender switches to TLS after its last head (HAND-49).
    #[serde(skip_serializing_if = "is_false")]
    pub connection_upgrade: bool,
    /// The sender belongs to a network that demands a password (HAND-53).
    #[serde(skip_serializing_if = "is_false")]
    pub challenge: bool,
    #[serde(rename = "try", skip_serializing_if = "Option::is_none")]
    pub try_hosts: Option<Vec<SocketAddr>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub try_ultrapeers: Option<Vec<SocketAddr>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peers: Option<Vec<SocketAddr>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves: Option<Vec<SocketAddr>>,
    /// When the sender started, in seconds since 1970 (HAND-55).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_since: Option<u64>,
    /// For how many seconds the sender has been running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime: Option<u64>,
    /// The language of the sender's user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The newest version of its program that the sender knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<Feature>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<Vec<String>>,
}

/// An item of X-Features, such as `browse/1.0` (HAND-46).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    pub name: String,
    pub version: Version,
}

impl Capabilities {
    /// Reads the headers that are known here; all others have no effect (HAND-16).
    pub(super) fn of(head: &Head) -> Self {
        let version = |name| head.value(name).and_then(Version::parse);
        let truth = |name| head.value(name).and_then(truth);
        let lists =
            |name, item: &str| head.items(name).any(|known| known.eq_ignore_ascii_case(item));
        Self {
            user_agent: head.value("User-Agent").map(str::to_owned),
            guid: head.value("GUID").and_then(|digits| Guid::from_hex(digits.as_bytes())),
            listen: ["Node", "Listen-IP", "X-My-Address"]
                .iter()
                .find_map(|name| own_address(head, name)),
            remote_ip: head.value("Remote-IP").and_then(|address| address.parse().ok()),
            ultrapeer: truth("X-Ultrapeer"),
            ultrapeer_needed: truth("X-Ultrapeer-Needed"),
            requeries: truth("X-Requeries"),
            query_routing: version("X-Query-Routing"),
            ultrapeer_query_routing: version("X-Ultrapeer-Query-Routing"),
            dynamic_querying: version("X-Dynamic-Querying"),
            ext_probes: version("X-Ext-Probes"),
            guess: version("X-Guess"),
            vendor_message: version("Vendor-Message"),
            ggep: version("GGEP"),
            pong_caching: version("Pong-Caching"),
            bye_packet: version("Bye-Packet"),
            crawler: version("Crawler"),
            degree: head.value("X-Degree").and_then(number).filter(|n| (1..=1000).contains(n)),
            max_ttl: head.value("X-Max-TTL").and_then(max_ttl),
            accept_deflate: lists("Accept-Encoding", "deflate"),
            content_deflate: head
                .value("Content-Encoding")
                .is_some_and(|coding| coding.eq_ignore_ascii_case("deflate")),
            upgrade_tls: lists("Upgrade", "TLS/1.0"),
            connection_upgrade: lists("Connection", "Upgrade"),
            challenge: ["X-Auth-Challenge", "FP-Auth-Challenge"]
                .iter()
                .any(|name| head.value(name).is_some()),
            try_hosts: addresses(head, "X-Try"),
            try_ultrapeers: addresses(head, "X-Try-Ultrapeers"),
            peers: addresses(head, "Peers"),
            leaves: addresses(head, "Leaves"),
            live_since: head.value("X-Live-Since").and_then(since::date),
            uptime: head.value("Uptime").and_then(since::duration),
            locale: head.value("X-Locale-Pref").map(str::to_owned),
            newest_version: head.value("X-Version").map(str::to_owned),
            features: list(head, "X-Features", HEAD_ITEMS_MAX, Feature::parse),
            accept: list(head, "Accept", HEAD_ITEMS_MAX, |item| Some(item.to_owned())),
        }
    }

    /// What the first and the last head of one side say together: the last one decides, and what it
    /// does not speak of stays as it was (HAND-68).
    #[must_use]
    pub(super) fn confirmed_by(self, last: Self) -> Self {
        Self {
            user_agent: last.user_agent.or(self.user_agent),
            guid: last.guid.or(self.guid),
            listen: last.listen.or(self.listen),
            remote_ip: last.remote_ip.or(self.remote_ip),
            // Who was admitted as a leaf stays one (HAND-66).
            ultrapeer: last
                .ultrapeer
                .filter(|&is| !is || mutant!(PromotesLeaves))
                .or(self.ultrapeer),
            ultrapeer_needed: last.ultrapeer_needed.or(self.ultrapeer_needed),
            requeries: last.requeries.or(self.requeries),
            query_routing: last.query_routing.or(self.query_routing),
            ultrapeer_query_routing: last.ultrapeer_query_routing.or(self.ultrapeer_query_routing),
            dynamic_querying: last.dynamic_querying.or(self.dynamic_querying),
            ext_probes: last.ext_probes.or(self.ext_probes),
            guess: last.guess.or(self.guess),
            vendor_message: last.vendor_message.or(self.vendor_message),
            ggep: last.ggep.or(self.ggep),
            pong_caching: last.pong_caching.or(self.pong_caching),
            bye_packet: last.bye_packet.or(self.bye_packet),
            crawler: self.crawler,
            degree: last.degree.or(self.degree),
            max_ttl: last.max_ttl.or(self.max_ttl),
            accept_deflate: last.accept_deflate || self.accept_deflate,
            content_deflate: last.content_deflate || self.content_deflate,
            upgrade_tls: last.upgrade_tls || self.upgrade_tls,
            connection_upgrade: last.connection_upgrade,
            challenge: self.challenge,
            try_hosts: last.try_hosts.or(self.try_hosts),
            try_ultrapeers: last.try_ultrapeers.or(self.try_ultrapeers),
            peers: last.peers.or(self.peers),
            leaves: last.leaves.or(self.leaves),
            live_since: last.live_since.or(self.live_since),
            uptime: last.uptime.or(self.uptime),
            locale: last.locale.or(self.locale),
            newest_version: last.newest_version.or(self.newest_version),
            features: last.features.or(self.features),
            // These ask for an answer, and a last head gets none.
            accept: self.accept,
        }
    }

    /// True for the head of another network, which is refused with 406 (HAND-52).
    pub fn is_of_another_network(&self) -> bool {
        let names_packets =
            |types: &Vec<String>| types.iter().any(|name| name.eq_ignore_ascii_case(PACKETS));
        !self.accept.as_ref().is_none_or(names_packets)
    }
}

impl Feature {
    fn parse(item: &str) -> Option<Self> {
        let (name, version) = item.split_once('/')?;
        let version = Version::parse(version)?;
        (!name.is_empty()).then(|| Self { name: name.to_owned(), version })
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.version)
    }
}

/// As `[name, major, minor]`.
impl Serialize for Feature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Version(major, minor) = self.version;
        (&self.name, major, minor).serialize(serializer)
    }
}

/// HAND-19.
fn truth(value: &str) -> Option<bool> {
    match value {
        _ if value.eq_ignore_ascii_case("true") => Some(true),
        _ if value.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn max_ttl(value: &str) -> Option<u8> {
    number(value).and_then(|ttl| u8::try_from(ttl).ok()).filter(|&ttl| ttl > 0)
}

/// The first readable address; a second one, of the other family, may follow it.
fn own_address(head: &Head, name: &str) -> Option<SocketAddr> {
    head.value(name)?.split(',').find_map(|item| item.trim().parse().ok())
}

/// A header that lists what `parse` reads; items that it cannot read are passed over. The header
/// may be there and the list empty (HAND-44).
fn list<T>(
    head: &Head,
    name: &str,
    count_max: usize,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<Vec<T>> {
    head.value(name)?;
    Some(head.items(name).filter_map(parse).take(count_max).collect())
}

/// HAND-43.
fn addresses(head: &Head, name: &str) -> Option<Vec<SocketAddr>> {
    list(head, name, HEAD_HOSTS_MAX, |item| item.parse().ok())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SIZE-15: what a head makes a link hold does not grow with the number of items.
    #[test]
    fn lists_are_taken_up_to_their_limits() {
        let listing = |name: &str, item: &str, count: usize| {
            let items = vec![item; count].join(",");
            Head::new("GNUTELLA CONNECT/0.6").with(name, items).capabilities()
        };
        for count in [HEAD_HOSTS_MAX - 1, HEAD_HOSTS_MAX, HEAD_HOSTS_MAX + 1] {
            let said = listing("X-Try", "203.0.113.1:6346", count);
            assert_eq!(said.try_hosts.unwrap().len(), count.min(HEAD_HOSTS_MAX));
        }
        for count in [HEAD_ITEMS_MAX - 1, HEAD_ITEMS_MAX, HEAD_ITEMS_MAX + 1] {
            let said = listing("X-Features", "browse/1.0", count);
            assert_eq!(said.features.unwrap().len(), count.min(HEAD_ITEMS_MAX));
        }
    }
}
