//! Whether others can call a node: it asks its supernode, which tries.

use std::net::SocketAddrV4;

use super::{Output, Peer};
use crate::base::addresses::Network;
use crate::base::limits::{FASTTRACK_TRIES_MAX, FASTTRACK_TRY_EVERY_MS};
use crate::base::seldom::Seldom;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::strangers::may_be_called;
use crate::fasttrack::wire::{Datagram, Message};

/// How often one host is tried (FTSUPER-22).
const TRY: Seldom =
    Seldom { times: 1, every_ms: FASTTRACK_TRY_EVERY_MS, total: FASTTRACK_TRIES_MAX };

impl Peer {
    /// Asks our supernode to find out whether others can call us (FTNODE-22). False where there is none, or
    /// where nobody could.
    pub fn ask_to_be_tried(&mut self, now: Time) -> bool {
        let (Some((slot, _)), Some(address)) = (self.ordinary.supernode(), self.settings.listen)
        else {
            return false;
        };
        self.send(slot, Message::UdpTestRequest { address }.to_frame(), now);
        true
    }

    /// Asks these supernodes by UDP whether they have room (FTNODE-23):
    /// [`Output::Answered`] says what they answer.
    pub fn look_at(&mut self, supernodes: &[SocketAddrV4], now: Time) {
        self.ordinary.look_at(supernodes, now);
        self.settle(now);
    }

    /// Whether a supernode may be called now, as far as it was called before (FTNODE-24).
    pub fn may_call(&self, supernode: SocketAddrV4, now: Time) -> bool {
        !self.ordinary.rests(supernode, now)
    }

    /// A supernode is called which [`Output::Dial`] did not name.
    pub fn note_called(&mut self, supernode: SocketAddrV4, now: Time) {
        self.ordinary.note_called(supernode, now);
    }

    /// A child wants to know it (FTSUPER-22): by TCP that is for the caller to try, by UDP it is asked as
    /// others would.
    pub(super) fn try_child(&mut self, slot: Slot, now: Time) {
        let (Some(session), Some(supernode)) = (self.sessions.get(slot), &self.supernode) else {
            return;
        };
        let Some((_, shown)) = supernode.child(slot) else { return };
        let (ip, port) = (*session.address.ip(), shown.port());
        let to = SocketAddrV4::new(ip, port);
        if !may_be_called(to, self.settings.allow_private) {
            return;
        }
        if !self.tries.allow(TRY, Network::host(ip.into()), now) {
            return;
        }
        if self.settings.udp {
            let bytes = Datagram::Ping { least: super::LEAST, network: super::NETWORK }.to_bytes();
            self.out.push_back(Output::Datagram { to, bytes });
        }
        self.out.push_back(Output::Try { to });
    }
}
