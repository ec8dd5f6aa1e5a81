use std::fmt;
use std::net::SocketAddr;

use super::{AltHost, Form, PushLocation};
use crate::gnutella::link::{Feature, Head};

/// Where a servent can be reached: `X-Node`, or by its older names (HTTP-25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeAddress(pub SocketAddr);

/// How a servent behind a firewall can be reached: `X-FW-Node-Info` (PUSH-17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo(pub PushLocation);

/// Its push proxies alone: `X-Push-Proxy`, or by its older names (PUSH-18).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushProxies(pub Vec<AltHost>);

/// What a servent can do in transfers: `X-Features` (HTTP-26).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features(pub Vec<Feature>);

impl NodeAddress {
    /// What a head says, under whichever name.
    pub fn of(_head: &Head) -> Option<Self> {
        None
    }
}

impl PushProxies {
    /// What a head says, under whichever name.
    pub fn of(_head: &Head) -> Option<Self> {
        None
    }
}

impl Features {
    /// The features of a head.
    pub fn of(_head: &Head) -> Self {
        Self::default()
    }

    /// True where one has this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|feature| feature.name.eq_ignore_ascii_case(name))
    }
}

impl Form for NodeInfo {
    const NAME: &'static str = "X-FW-Node-Info";

    fn parse(value: &str) -> Option<Self> {
        PushLocation::parse(value).map(Self)
    }
}

impl fmt::Display for NodeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
