//! Where others can call us, as far as nobody has told us for certain.

use std::net::{IpAddr, SocketAddr};

use super::{Event, Node};
use crate::base::addresses::{Network, is_public};

/// What neighbours say of our address, until two of them agree (HAND-81).
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    rumour: Option<(IpAddr, Network)>,
}

impl Whereabouts {
    /// Somebody sees us under this address. True once it is to be believed; `known` already is.
    fn hear(
        &mut self,
        ip: IpAddr,
        told_by: IpAddr,
        known: Option<IpAddr>,
        one_suffices: bool,
    ) -> bool {
        if is_public(ip) != is_public(told_by) || ip.is_unspecified() {
            return false;
        }
        if known == Some(ip) {
            self.rumour = None;
            return false;
        }
        let teller = Network::around(told_by);
        let is_confirmed = self.rumour.is_some_and(|(heard, by)| heard == ip && by != teller);
        if is_confirmed || one_suffices && !is_public(ip) {
            self.rumour = None;
            return true;
        }
        if self.rumour.is_none_or(|(heard, _)| heard != ip) {
            self.rumour = Some((ip, teller));
        }
        false
    }
}

impl Node {
    /// A neighbour says under which address it sees us.
    pub(super) fn hear_address(&mut self, ip: IpAddr, told_by: IpAddr) {
        let (ip, told_by) = (ip.to_canonical(), told_by.to_canonical());
        let Some(known) = self.servent.settings().listen else { return };
        let one_suffices = self.filter.allows_private();
        let Some(whereabouts) = self.whereabouts.as_deref_mut() else { return };
        if whereabouts.hear(ip, told_by, Some(known.ip()), one_suffices) {
            self.move_to(SocketAddr::new(ip, known.port()));
        }
    }

    /// A router says where we can be called, or the user's program knows it in another way (HAND-82).
    pub(super) fn listen_at(&mut self, address: SocketAddr) {
        let address = SocketAddr::new(address.ip().to_canonical(), address.port());
        if self.servent.settings().listen != Some(address) {
            self.move_to(address);
        }
    }

    fn move_to(&mut self, address: SocketAddr) {
        self.servent.listens_at(address);
        self.fasttrack_moves_to(address.ip());
        self.set_own_addresses();
        self.tell(Event::Moved { address });
    }
}
