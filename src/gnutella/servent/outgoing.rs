//! What leaves for neighbours: into the queues, and out of them.

use bytes::Bytes;

use super::{Output, Servent};
use crate::base::limits::COPIED_PAYLOAD_LEN_MAX;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::flow::{Class, Flow};
use crate::gnutella::wire::Frame;

impl Servent {
    /// The message that goes next to a neighbour whose link has room.
    pub fn transmit(&mut self, slot: Slot, now: Time) -> Option<Frame> {
        let frame = self.queues.pop(slot, now)?;
        let neighbour = self.neighbours.get_mut(slot)?;
        neighbour.traffic.count_sent(frame.wire_len());
        self.pinging.sent(slot, now);
        self.follow_flow(now);
        if self.keeps_nothing() && self.queues.total_len_bytes() == 0 {
            self.queues.rest();
        }
        Some(frame)
    }

    /// Lets a message of ours wait for a neighbour.
    pub(super) fn send(&mut self, slot: Slot, frame: Frame, now: Time) {
        let class = Class::of(&frame, true);
        self.push(slot, class, frame, None, now);
    }

    pub(super) fn send_all(&mut self, frames: impl IntoIterator<Item = (Slot, Frame)>, now: Time) {
        for (slot, frame) in frames {
            self.send(slot, frame, now);
        }
    }

    /// Lets a message wait for a neighbour; `source` is the one that sent it to us.
    pub(super) fn push(
        &mut self,
        slot: Slot,
        class: Class,
        frame: Frame,
        source: Option<Slot>,
        now: Time,
    ) {
        // A leaf passes nothing on: its ultrapeers would close the link for it (TTL-10).
        let is_leaf_there = self.neighbours.get(slot).is_some_and(|other| other.role.is_leaf());
        if source.is_some() && is_leaf_there && !mutant!(RoutesAsLeaf) {
            return;
        }
        let pushed = self.queues.push(slot, class, frame, source, now);
        self.lost.shed = self.lost.shed.saturating_add(u64::from(pushed.dropped));
        if pushed.ready {
            self.out.push_back(Output::Ready(slot));
        }
        if let Some(fault) = pushed.fault {
            self.blame(slot, fault.into());
        }
    }

    /// Tells neighbours that have become slow, or are so no longer, how many queries we want.
    pub(super) fn follow_flow(&mut self, now: Time) {
        while let Some((slot, flow)) = self.queues.poll_change() {
            let hops = match flow {
                Flow::Calm => u8::MAX,
                Flow::Congested => 0,
            };
            if let Some(frame) = self.announced.tell_hops_flow(slot, hops) {
                self.send(slot, frame, now);
            }
        }
    }
}

/// A message of somebody else that may wait here for long: a small one does not share the memory of what
/// it came in.
pub(super) fn kept(frame: &Frame) -> Frame {
    let mut frame = frame.clone();
    if frame.payload.len() <= COPIED_PAYLOAD_LEN_MAX {
        frame.payload = Bytes::copy_from_slice(&frame.payload);
    }
    frame
}
