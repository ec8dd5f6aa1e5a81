use std::net::SocketAddr;
use std::sync::Arc;

use super::RolePolicy;
use super::fasttrack;
use super::kept::Earlier;
use crate::base::limits::WORK_PER_SECOND;
use crate::gnutella::router::TtlRules;
use crate::gnutella::servent::{Mode, Settings};
use crate::gnutella::wire::Guid;
use crate::node::host_cache::HostCacheRules;
use crate::promotion::Thresholds;

/// What a [`Node`](super::Node) is told once, when it is made.
#[derive(Clone, Debug)]
pub struct Config {
    pub role: RolePolicy,
    /// Our servent GUID; a random one if none is given.
    pub guid: Option<Guid>,
    /// Where others can call us, as far as we know.
    pub listen: Option<SocketAddr>,
    /// The user says that they can (VMSG-58).
    pub is_vouched_for: bool,
    /// That address is a guess, and neighbours know better (HAND-81).
    pub learns_address: bool,
    /// The program, as others show it; `Filbert/0.1.0` if this is empty.
    pub user_agent: String,
    /// When the program started, as an RFC 822 date.
    pub live_since: Option<String>,
    /// What earlier runs have left behind about this node.
    pub earlier: Option<Earlier>,
    /// Hosts in private networks are as good as others.
    pub allow_private: bool,
    pub hosts: HostCacheRules,
    /// Who becomes an ultrapeer, and how many neighbours each has.
    pub thresholds: Arc<Thresholds>,
    pub mode: Mode,
    pub ttl: TtlRules,
    /// Our query table has `2^table_bits` slots, or more if our words need them.
    pub table_bits: u32,
    /// Datagrams can be sent and received.
    pub udp: bool,
    /// Hosts of IPv6 can be called, so that they are asked for.
    pub has_ipv6: bool,
    /// Whoever asks for hosts by UDP is told that this node is there for that (BOOT-22).
    pub is_host_cache: bool,
    /// Hits go by UDP to those who ask for that, and come that way for our own searches once we are known
    /// to be reached by UDP.
    pub out_of_band: bool,
    /// Neighbours are told what we can do, and asked for what they can.
    pub speaks_vendor: bool,
    /// Pongs are asked for, so that more hosts become known.
    pub asks_for_pongs: bool,
    /// Connections are sought; otherwise only commands make some.
    pub dials: bool,
    /// Microseconds of work a second that are done for neighbours.
    pub work_per_second: u32,
    /// The node's part in FastTrack, if it has one.
    pub fasttrack: Option<Box<fasttrack::Config>>,
}

impl Config {
    /// What a node of today's overlay does if nobody wants it otherwise.
    pub fn new(role: RolePolicy) -> Self {
        Self {
            role,
            guid: None,
            listen: None,
            is_vouched_for: false,
            learns_address: false,
            user_agent: String::new(),
            live_since: None,
            earlier: None,
            allow_private: false,
            hosts: HostCacheRules::default(),
            thresholds: Arc::new(Thresholds::filbert()),
            mode: Mode::Overlay,
            ttl: TtlRules::default(),
            table_bits: TABLE_BITS,
            udp: true,
            has_ipv6: false,
            is_host_cache: false,
            out_of_band: true,
            speaks_vendor: true,
            asks_for_pongs: true,
            dials: true,
            work_per_second: WORK_PER_SECOND,
            fasttrack: None,
        }
    }

    /// What the wing is told of it.
    pub(super) const fn settings(&self) -> Settings {
        Settings {
            mode: self.mode,
            ttl: self.ttl,
            listen: self.listen,
            is_vouched_for: self.is_vouched_for,
            allow_private: self.allow_private,
            table_bits: self.table_bits,
            asks_for_pongs: self.asks_for_pongs,
            work_per_second: self.work_per_second,
            udp: self.udp,
            has_ipv6: self.has_ipv6,
            is_host_cache: self.is_host_cache,
            out_of_band: self.udp && self.out_of_band,
            speaks_vendor: self.speaks_vendor,
        }
    }
}

/// How the program shows itself to others.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) user_agent: String,
    pub(super) live_since: Option<String>,
}

impl Program {
    /// What the configuration says of it; none if that is nothing.
    pub(super) fn of(config: Config) -> Option<Box<Self>> {
        let Config { user_agent, live_since, .. } = config;
        let says_something = !user_agent.is_empty() || live_since.is_some();
        says_something.then(|| Box::new(Self { user_agent, live_since }))
    }
}

/// 65,536 slots, as most leaves of today send.
const TABLE_BITS: u32 = 16;
