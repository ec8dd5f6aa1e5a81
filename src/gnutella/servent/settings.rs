use std::net::SocketAddr;

use crate::gnutella::router::TtlRules;

/// How messages spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As today's overlay does it: query tables, dynamic queries, cached pongs.
    #[default]
    Overlay,
    /// As the first Gnutella did it, for the laboratory: queries and pings go to all neighbours.
    Flood,
}

/// What a [`Servent`](super::Servent) is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub mode: Mode,
    pub ttl: TtlRules,
    /// Where others can call us.
    pub listen: Option<SocketAddr>,
    /// The user says that they can (VMSG-58).
    pub is_vouched_for: bool,
    /// Hosts in private networks are as good as others. For laboratories.
    pub allow_private: bool,
    /// Our query table has `2^table_bits` slots, or more if our words need them.
    pub table_bits: u32,
    /// Pongs are asked for, so that hosts become known.
    pub asks_for_pongs: bool,
    /// How much work is done for neighbours: see [`Admission`](crate::gnutella::flow::Admission).
    pub work_per_second: u32,
    /// Datagrams can be sent and received.
    pub udp: bool,
    /// Hosts of IPv6 can be called, so that they are asked for.
    pub has_ipv6: bool,
    /// We are there to be asked for hosts, and say so (BOOT-22).
    pub is_host_cache: bool,
    /// Hits go and come by UDP where that is asked for (OOB-01, OOB-07).
    pub out_of_band: bool,
    /// Whether we tell neighbours what we can do and make use of what they can (VMSG-49).
    pub speaks_vendor: bool,
}
