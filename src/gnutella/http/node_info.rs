use std::fmt;
use std::net::SocketAddr;

use super::alt_host::{read_hosts, write_hosts};
use super::form::{host, write_list};
use super::text::words;
use super::{AltHost, Form, PushLocation};
use crate::base::limits::{
    FEATURE_NAME_LEN_MAX, HEAD_ITEMS_MAX, LOCATION_PROXIES_MAX, LOCATION_PROXIES_TOLD_MAX,
};
use crate::gnutella::link::{Feature, Head, Version};
use crate::gnutella::wire::Guid;

/// Where a servent can be reached: `X-Node`, or by its older names (HTTP-25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeAddress(pub SocketAddr);

/// Who a servent is: `X-GUID` (HTTP-25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServentId(pub Guid);

/// How a servent behind a firewall can be reached: `X-FW-Node-Info` (PUSH-16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo(pub PushLocation);

/// Its push proxies alone: `X-Push-Proxy`, or by its older names (PUSH-17).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushProxies(pub Vec<AltHost>);

/// What a servent can do in transfers: `X-Features` (HTTP-26).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features(pub Vec<Feature>);

/// The program that wrote a head, by `User-Agent` or `Server`, made harmless (HTTP-27).
pub fn agent(head: &Head) -> Option<String> {
    let named = head.value("User-Agent").or_else(|| head.value("Server"))?;
    let agent = words(named);
    (!agent.is_empty()).then_some(agent)
}

impl Form for NodeAddress {
    const NAME: &'static str = "X-Node";

    /// Of several addresses the first counts.
    fn parse(value: &str) -> Option<Self> {
        value.split(',').find_map(host).map(Self)
    }

    fn of(head: &Head) -> Option<Self> {
        let names = [Self::NAME, "X-Node-IPv6", "X-Listen-IP", "Listen-IP"];
        names.iter().find_map(|name| head.value(name).and_then(Self::parse))
    }
}

impl Form for ServentId {
    const NAME: &'static str = "X-GUID";

    fn parse(value: &str) -> Option<Self> {
        Guid::from_hex(value.trim().as_bytes()).map(Self)
    }
}

impl Form for NodeInfo {
    const NAME: &'static str = "X-FW-Node-Info";

    fn parse(value: &str) -> Option<Self> {
        PushLocation::parse(value).map(Self)
    }
}

impl Form for PushProxies {
    const NAME: &'static str = "X-Push-Proxy";

    /// Nothing where there is none.
    fn parse(value: &str) -> Option<Self> {
        let items = value.split([',', ';']).map(str::trim).filter(|item| !item.is_empty());
        let proxies = read_hosts(items, "pptls", LOCATION_PROXIES_MAX);
        (!proxies.is_empty()).then_some(Self(proxies))
    }

    fn of(head: &Head) -> Option<Self> {
        let names = [Self::NAME, "X-Push-Proxies", "X-PushProxies"];
        names.iter().find_map(|name| head.value(name).and_then(Self::parse))
    }
}

impl Features {
    /// True where one has this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|feature| feature.name.eq_ignore_ascii_case(name))
    }
}

impl Form for Features {
    const NAME: &'static str = "X-Features";

    fn parse(value: &str) -> Option<Self> {
        let features = value.split(',').filter_map(feature);
        Some(Self(features.take(HEAD_ITEMS_MAX).collect()))
    }

    /// The header may be repeated.
    fn of(head: &Head) -> Option<Self> {
        let features: Vec<Feature> =
            head.items(Self::NAME).filter_map(feature).take(HEAD_ITEMS_MAX).collect();
        (!features.is_empty()).then_some(Self(features))
    }
}

fn feature(item: &str) -> Option<Feature> {
    let (name, version) = item.trim().split_once('/')?;
    let is_name = (1..=FEATURE_NAME_LEN_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_graphic());
    let version = Version::parse(version).filter(|_| is_name)?;
    Some(Feature { name: name.to_owned(), version })
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ServentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for NodeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for PushProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.0.get(..LOCATION_PROXIES_TOLD_MAX).unwrap_or(&self.0);
        write_hosts(f, told, "pptls", ",")
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, self.0.iter().take(HEAD_ITEMS_MAX), ", ")
    }
}
