use std::collections::BTreeMap;
use std::net::SocketAddrV4;

use crate::base::by_slot::BySlot;
use crate::base::limits::PUSH_PROXY_ANSWER_EVERY_MS;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::vendor::{Body, MessageId, PushProxyAcknowledgement};
use crate::gnutella::wire::{Frame, Guid, Vendor};

/// For whom we take pushes: one servent for each leaf, and one leaf for each servent (VMSG-56).
#[derive(Clone, Debug, Default)]
pub struct Proxied {
    routes: BTreeMap<Guid, Slot>,
    leaves: BySlot<Leaf>,
}

#[derive(Clone, Copy, Debug)]
struct Leaf {
    servent: Guid,
    answered: Time,
}

impl Proxied {
    /// For nobody yet.
    pub const fn new() -> Self {
        Self { routes: BTreeMap::new(), leaves: BySlot::new() }
    }

    /// A leaf asks. The answer, if we agree: `ours` is where we can be reached, none if we cannot.
    ///
    /// Whoever has named another servent before, in the handshake or here, asks for somebody else's
    /// pushes; only the caller knows about the handshake.
    pub fn requested(
        &mut self,
        slot: Slot,
        servent: Guid,
        ours: Option<SocketAddrV4>,
        now: Time,
    ) -> Option<Frame> {
        let ours = ours.filter(|ours| ours.port() != 0 && servent != Guid::ZERO)?;
        match self.leaves.get(slot) {
            Some(leaf) if leaf.servent != servent => return None,
            Some(leaf) if now < leaf.answered.after_ms(PUSH_PROXY_ANSWER_EVERY_MS) => return None,
            None if self.routes.contains_key(&servent) && !mutant!(GivesPushesAway) => return None,
            _ => {}
        }
        self.routes.insert(servent, slot);
        self.leaves.insert(slot, Leaf { servent, answered: now });
        let answer = PushProxyAcknowledgement::Address { address: ours };
        let body = Body::PushProxyAcknowledgement(answer);
        Some(Vendor::new(MessageId::PUSH_PROXY_ACKNOWLEDGEMENT_V2, body).into_frame(servent))
    }

    /// A leaf needs us no longer (GTKG/21), or has gone.
    pub fn close(&mut self, slot: Slot) {
        if let Some(leaf) = self.leaves.remove(slot) {
            self.routes.remove(&leaf.servent);
        }
    }

    /// Whether this leaf has asked: then nobody can reach it.
    pub fn is_for(&self, slot: Slot) -> bool {
        self.leaves.get(slot).is_some()
    }

    /// The leaf to which a push for this servent goes.
    pub fn route(&self, servent: Guid) -> Option<Slot> {
        self.routes.get(&servent).copied()
    }
}
