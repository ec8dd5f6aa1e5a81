//! Where somebody is called, or answered, because a stranger says so (FTSAFE-11).

use std::net::SocketAddrV4;

use crate::base::addresses::is_callable;
use crate::base::limits::{CALLED_PORT_MIN, FASTTRACK_PUSHED_PORT_LOW};

/// Whether it may be a node of FastTrack that anybody can call.
pub fn may_be_called(address: SocketAddrV4, allow_private: bool) -> bool {
    is_port_of_nodes(address.port()) && is_callable(address.into(), allow_private)
}

/// Whether nodes of FastTrack are called at this port: below are services that never speak it.
pub const fn is_port_of_nodes(port: u16) -> bool {
    port >= CALLED_PORT_MIN || port == FASTTRACK_PUSHED_PORT_LOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_the_ports_of_other_services() {
        let ports = [(0, false), (25, false), (79, false), (80, true), (81, false)];
        for (port, is_one) in ports.into_iter().chain([(1_023, false), (1_024, true)]) {
            assert_eq!(is_port_of_nodes(port), is_one, "{port}");
        }
        let may =
            |address: &str, allow_private| may_be_called(address.parse().unwrap(), allow_private);
        assert!(may("81.2.3.4:1214", false) && !may("81.2.3.4:25", true));
        assert!(may("10.2.3.4:1214", true) && !may("10.2.3.4:1214", false));
    }
}
