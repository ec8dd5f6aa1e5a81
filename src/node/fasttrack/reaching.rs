//! Whether others can call us, as far as FastTrack shows it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use super::RolePolicy;
use crate::base::addresses::is_public;
use crate::base::limits::REACH_ASKED_EVERY_MS;
use crate::base::time::Time;
use crate::fasttrack::http::Sender;
use crate::node::{Node, Output};
use crate::promotion::{Observation, Protocol, Role};

/// What somebody sends who looks for a supernode (FTUDP-02).
const LOOKS_FOR_SUPERNODE: u8 = 0x27;

/// What the network is called in heads.
const NETWORK: &str = "KaZaA";

impl Node {
    /// Who we are for those whom we ask for files, or who ask us (FTHTTP-03, FTHTTP-08); none where the node has no part in
    /// FastTrack. An address that strangers cannot have tells them nothing but how it is here.
    pub fn fasttrack_sender(&self) -> Option<Sender> {
        let fasttrack = self.fasttrack.as_deref()?;
        let (peer, settings) = (&fasttrack.peer, fasttrack.peer.settings());
        let address = match fasttrack.role {
            Role::Leaf => Some(peer.as_ordinary().address()),
            Role::Supernode => settings.listen,
        };
        let is_told = |ip: Ipv4Addr| {
            is_public(ip.into()) || self.filter.allows_private() && !ip.is_unspecified()
        };
        Some(Sender {
            network: Some(NETWORK.to_owned()),
            user: Some(settings.user.clone().into()),
            address: address.filter(|address| is_told(*address.ip())),
            supernode: peer.as_ordinary().supernode().map(|(_, supernode)| supernode),
        })
    }

    /// A child wants to know whether it can be called (FTSUPER-22).
    pub(super) fn try_child(&mut self, to: SocketAddrV4) {
        let to = SocketAddr::V4(to);
        if self.filter.check(to).is_ok() {
            self.out.push_back(Output::ConnectBack { to });
        }
    }

    /// Somebody has called: others reach us so, whatever they want.
    pub(in crate::node) fn note_reached_by_call(&mut self, from: IpAddr, now: Time) {
        let fasttrack = self.fasttrack.as_deref();
        let listens = fasttrack.is_some_and(|it| it.peer.settings().listen.is_some());
        if listens && self.is_outside(from) {
            let reached = Observation::Reached { protocol: Protocol::Tcp, from };
            self.observe_fasttrack(reached, now);
        }
    }

    /// Whoever sits in the same house proves nothing.
    fn is_outside(&self, from: IpAddr) -> bool {
        self.filter.allows_private() || is_public(from)
    }

    /// Somebody has sent a datagram that nobody was asked for: others reach us so.
    pub(super) fn note_reached_by_datagram(&mut self, from: IpAddr, bytes: &[u8], now: Time) {
        if bytes.first() == Some(&LOOKS_FOR_SUPERNODE) && self.is_outside(from) {
            let reached = Observation::Reached { protocol: Protocol::Udp, from };
            self.observe_fasttrack(reached, now);
        }
    }

    /// Asks our supernode to find out whether we can be called, where that matters (FTNODE-22).
    pub(super) fn ask_to_be_tried(&mut self, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        if fasttrack.try_due.is_none_or(|due| now < due) {
            return;
        }
        let may_rise = fasttrack.policy == RolePolicy::Auto && fasttrack.role == Role::Leaf;
        let is_asked = may_rise && fasttrack.peer.ask_to_be_tried(now);
        fasttrack.try_due = is_asked.then(|| now.after_ms(REACH_ASKED_EVERY_MS));
        self.drain_fasttrack(now);
    }
}
