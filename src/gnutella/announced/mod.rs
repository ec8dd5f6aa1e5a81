//! What neighbours say they can do after the handshake, and what we say.
//!
//! Whoever announces vendor messages in the handshake says within its first messages which ones it
//! understands (VMSG-49), and may say more, later and again (VMSG-50). Here all that is one set of
//! bits for each neighbour, and what the neighbour told last about the queries that it wants
//! (VMSG-09).

#![deny(clippy::arithmetic_side_effects)]

mod abilities;

pub use abilities::Abilities;

use crate::base::by_slot::BySlot;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::gnutella::wire::vendor::{Body, HopsFlow, MessageId};
use crate::gnutella::wire::{Frame, Guid, Vendor};

/// In a HopsFlow: all queries are wanted.
const ALL_HOPS: u8 = u8::MAX;

/// What the neighbours said of themselves.
#[derive(Clone, Debug, Default)]
pub struct Announced {
    neighbours: BySlot<Neighbour>,
}

#[derive(Clone, Copy, Debug)]
struct Neighbour {
    abilities: Abilities,
    /// It wants queries with fewer hops than this.
    wants_below: u8,
    /// We told it that we want queries with fewer hops than this.
    told_below: u8,
}

impl Announced {
    /// No neighbour yet.
    pub const fn new() -> Self {
        Self { neighbours: BySlot::new() }
    }

    /// A neighbour has come, and has said nothing yet.
    pub fn open(&mut self, slot: Slot) {
        let abilities = Abilities::default();
        let silent = Neighbour { abilities, wants_below: ALL_HOPS, told_below: ALL_HOPS };
        self.neighbours.insert(slot, silent);
    }

    /// A neighbour has gone.
    pub fn close(&mut self, slot: Slot) {
        self.neighbours.remove(slot);
    }

    /// Takes in a vendor message if it is one of those that this room reads: MessagesSupported,
    /// Capabilities and HopsFlow. True if so.
    pub fn receive(&mut self, slot: Slot, message: &Vendor) -> bool {
        let Some(neighbour) = self.neighbours.get_mut(slot) else { return false };
        let known = neighbour.abilities;
        match &message.body {
            Body::MessagesSupported(list) => neighbour.abilities = known.with_messages(list),
            Body::Capabilities(list) => neighbour.abilities = known.with_capabilities(list),
            Body::HopsFlow(flow) => neighbour.wants_below = flow.hops,
            _ => return false,
        }
        true
    }

    /// What a neighbour can do, as far as it has said.
    pub fn abilities(&self, slot: Slot) -> Abilities {
        self.neighbours.get(slot).map_or(Abilities::default(), |said| said.abilities)
    }

    /// Whether a neighbour wants a query that reaches it with so many hops (VMSG-09).
    pub fn wants_query(&self, slot: Slot, hops: u8) -> bool {
        self.neighbours
            .get(slot)
            .is_none_or(|said| hops < said.wants_below || said.wants_below == ALL_HOPS)
            || mutant!(HearsNoHopsFlow)
    }

    /// A HopsFlow that tells a neighbour to send queries with fewer hops than this only; none where
    /// it would not understand, or was told so already.
    pub fn tell_hops_flow(&mut self, slot: Slot, hops: u8) -> Option<Frame> {
        let neighbour = self.neighbours.get_mut(slot)?;
        if !neighbour.abilities.contain(Abilities::HOPS_FLOW) || neighbour.told_below == hops {
            return None;
        }
        neighbour.told_below = hops;
        let flow = Vendor::new(MessageId::HOPS_FLOW, Body::HopsFlow(HopsFlow { hops }));
        Some(flow.into_frame(Guid::ZERO))
    }
}
