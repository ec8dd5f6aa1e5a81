use std::net::{IpAddr, SocketAddr};

use crate::base::limits::{PUSH_PROXIES_MAX, PUSH_PROXY_WAIT_MS};
use crate::base::slots::{Slot, give_back_room, make_room};
use crate::base::time::Time;
use crate::gnutella::wire::vendor::{Body, MessageId, PushProxyAcknowledgement};
use crate::gnutella::wire::{Frame, Guid, Vendor};

/// Who takes pushes for us (LIME/21, LIME/22, GTKG/21).
#[derive(Clone, Debug, Default)]
pub struct PushProxies {
    /// Our GUID, which answers have to name.
    servent: Guid,
    asked: Vec<Asked>,
}

/// An ultrapeer that was asked.
#[derive(Clone, Copy, Debug)]
struct Asked {
    slot: Slot,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// It was asked then, and has not answered.
    Asked(Time),
    /// It takes pushes there.
    Agreed(IpAddr, u16),
}

impl Asked {
    /// Whether it need not be asked now.
    fn stands(&self, now: Time) -> bool {
        match self.state {
            State::Asked(when) => now < when.after_ms(PUSH_PROXY_WAIT_MS),
            State::Agreed(..) => true,
        }
    }
}

impl PushProxies {
    /// Nobody yet.
    pub const fn new() -> Self {
        Self { servent: Guid::ZERO, asked: Vec::new() }
    }

    /// Asks an ultrapeer that understands it, unless enough were asked or it was asked just now.
    /// `servent` is our GUID.
    pub fn ask(&mut self, slot: Slot, servent: Guid, now: Time) -> Option<Frame> {
        let before = self.asked.iter().find(|asked| asked.slot == slot);
        if before.is_some_and(|asked| asked.stands(now)) {
            return None;
        }
        self.close(slot);
        // Who never answered makes room for somebody else.
        self.asked.retain(|asked| asked.stands(now));
        if self.asked.len() >= PUSH_PROXIES_MAX {
            return None;
        }
        self.servent = servent;
        make_room(&mut self.asked);
        self.asked.push(Asked { slot, state: State::Asked(now) });
        // Version 1, which is answered in version 2: others ask no other way (VMSG-35).
        let request = Vendor::new(MessageId::PUSH_PROXY_REQUEST_V1, Body::PushProxyRequest);
        Some(request.into_frame(servent))
    }

    /// An ultrapeer agrees. False where nobody asked it, or for somebody else.
    ///
    /// Only the port is taken from what it says, and the address from the connection: else an
    /// ultrapeer could send all who want to reach us to somebody else (VMSG-55).
    pub fn acknowledged(
        &mut self,
        slot: Slot,
        peer: IpAddr,
        guid: Guid,
        answer: PushProxyAcknowledgement,
    ) -> bool {
        let port = match answer {
            PushProxyAcknowledgement::Port { port } => port,
            PushProxyAcknowledgement::Address { address } => address.port(),
        };
        let asked = self.asked.iter_mut().find(|asked| asked.slot == slot);
        let is_meant = guid == self.servent && port != 0;
        let Some(asked) = asked.filter(|_| is_meant) else { return false };
        asked.state = State::Agreed(peer.to_canonical(), port);
        true
    }

    /// We can be reached after all: tells all of them.
    pub fn cancel(&mut self, out: &mut Vec<(Slot, Frame)>) {
        for asked in std::mem::take(&mut self.asked) {
            let cancel = Vendor::new(MessageId::PUSH_PROXY_CANCEL, Body::PushProxyCancel);
            out.push((asked.slot, cancel.into_frame(Guid::ZERO)));
        }
    }

    /// A neighbour has gone.
    pub fn close(&mut self, slot: Slot) {
        self.asked.retain(|asked| asked.slot != slot);
        give_back_room(&mut self.asked);
    }

    /// Where others can leave pushes for us, for hits and for HTTP.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.asked.iter().filter_map(|asked| match asked.state {
            State::Asked(_) => None,
            State::Agreed(ip, port) => Some(SocketAddr::new(ip, port)),
        })
    }
}
