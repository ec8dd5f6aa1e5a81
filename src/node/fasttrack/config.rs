use std::net::SocketAddrV4;
use std::sync::Arc;

use crate::fasttrack::link::Profile;
use crate::fasttrack::peer::Settings;
use crate::fasttrack::wire::Bandwidth;
use crate::node::Earlier;
use crate::node::host_cache::HostCacheRules;
use crate::promotion::{Role, Thresholds};

/// Which role a node takes in FastTrack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolePolicy {
    /// An ordinary node that becomes a supernode when it has earned it, and where one is needed.
    Auto,
    /// Always this one.
    Always(Role),
}

impl RolePolicy {
    /// The word for it, in configurations and in what is told of the node.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always(Role::Leaf) => "ordinary",
            Self::Always(Role::Supernode) => "supernode",
        }
    }
}

/// What giFT says where its user says nothing.
const USUAL_BANDWIDTH: Bandwidth = Bandwidth(0x60);

/// What a node is told once of its part in FastTrack.
#[derive(Clone, Debug)]
pub struct Config {
    pub role: RolePolicy,
    /// Where others can call us, by TCP and by UDP, as far as we know; none where they cannot.
    pub listen: Option<SocketAddrV4>,
    /// What we are called (FTWIRE-11).
    pub user: Box<str>,
    /// How fast our line is upwards.
    pub bandwidth: Bandwidth,
    /// What we say in a hello.
    pub profile: Profile,
    /// Supernodes that are known.
    pub hosts: HostCacheRules,
    /// Who becomes a supernode, and how many children it has.
    pub thresholds: Arc<Thresholds>,
    /// What earlier runs have left behind about this node.
    pub earlier: Option<Earlier>,
    /// Sessions are sought; otherwise only commands make some.
    pub dials: bool,
}

impl Config {
    /// What a node does if nobody wants it otherwise.
    pub fn new(role: RolePolicy) -> Self {
        Self {
            role,
            listen: None,
            user: "filbert".into(),
            bandwidth: USUAL_BANDWIDTH,
            profile: Profile::default(),
            hosts: HostCacheRules::default(),
            thresholds: Arc::new(Thresholds::filbert()),
            earlier: None,
            dials: true,
        }
    }

    /// What the wing is told of it.
    pub(in crate::node) fn settings(&self, all: &crate::node::Config) -> Settings {
        Settings {
            listen: self.listen,
            user: self.user.clone(),
            bandwidth: self.bandwidth,
            allow_private: all.allow_private,
            udp: all.udp,
            work_per_second: all.work_per_second,
        }
    }
}
